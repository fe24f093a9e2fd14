"""Layouts, policy and error pages on an app of their own: no database, no context processor."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask, abort, flash, render_template, render_template_string, session
from flask.testing import FlaskClient
from flask_babel import Babel
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined

from entrepairs.kernel.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound, Unavailable
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.paths import resource
from entrepairs.web.public.styleguide import render_guide
from entrepairs.web.shell import AccountCard, DemoBanner, NavItem, init_shell

NAV = [NavItem("home", "Home", "house"), NavItem("demands", "Requests", "inbox")]
PAGE = """{% extends "layouts/LAYOUT.html" %}
{% block title %}Requests{% endblock %}
{% block content %}<h1>Requests</h1>{% endblock %}"""
ERRORS: dict[str, DomainError] = {
    "absent": NotFound("absent", N_("We do not find it.")),
    "refused": NotAllowed("refused", N_("Not you.")),
    "late": Conflict("late", N_("Worth %(sum)s on %(day)s."), sum=Money(1200), day=date(2027, 1, 1)),
    "wrong": InvalidInput("wrong", N_("A number is missing."), field="siret"),
    "away": Unavailable("away", N_("No answer.")),
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    app = Flask("shell", template_folder=str(resource("templates")), static_folder=None)
    app.config.update(
        SECRET_KEY="test",
        STATIC_DIR=str(tmp_path_factory.mktemp("static")),
        STRIPE_CHECKOUT_ORIGIN="https://checkout.example",
    )
    app.jinja_env.undefined = StrictUndefined
    Babel(app, default_locale="fr", default_translation_directories=str(Path("absent").absolute()))
    CSRFProtect(app)
    init_shell(app)
    _routes(app)
    return app


def _routes(app: Flask) -> None:
    def page(layout: str = "partners") -> str:
        flash("It is noted.", "success")
        account = AccountCard("Nadège Blanc", "EPSM", [NavItem("home", "My account", "person")], "out")
        demo = DemoBanner(date(2027, 1, 11), "Nadège", "/accounts")
        return render_template_string(PAGE.replace("LAYOUT", layout), nav=NAV, account=account, demo=demo)

    def fail(name: str) -> str:
        if name in ERRORS:
            raise ERRORS[name]
        if name == "signed":
            session["_user_id"] = "1"
            return "ok"
        if name == "bug":
            raise ZeroDivisionError
        return abort(int(name))

    app.add_url_rule("/s/", "home", page)
    app.add_url_rule("/s/demandes", "demands", page)
    app.add_url_rule("/s/demandes/<layout>", "one", page)
    app.add_url_rule("/fail/<name>", "fail", fail)
    app.add_url_rule("/styleguide", "guide", render_guide)
    app.add_url_rule(
        "/accessibilite",
        "public.accessibility",
        lambda: render_template("public/accessibility.html", association=None),
    )
    app.add_url_rule("/out", "out", lambda: "out", methods=["POST"])
    app.add_url_rule("/demo", "demo.advance", lambda: "moved", methods=["POST"])


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        yield client


@pytest.mark.parametrize("layout", ["public", "partners", "peers", "office", "token"])
def test_every_layout_has_its_landmarks_and_title(client: FlaskClient, layout: str) -> None:
    text = client.get(f"/s/demandes/{layout}").text
    assert re.search(r"<title>Requests( – \w+)? – Entrepairs</title>", text)
    assert text.count("<h1") == text.count("<main") == 1
    assert '<html lang="fr">' in text
    assert 'href="#main"' in text
    assert 'role="status"' in text


def test_the_section_lit_is_the_longest_that_fits(client: FlaskClient) -> None:
    lit = re.compile(r'<a href="([^"]+)" aria-current="page">')
    assert set(lit.findall(client.get("/s/").text)) == {"/s/"}
    assert set(lit.findall(client.get("/s/demandes/partners").text)) == {"/s/demandes"}


def test_the_demo_banner_moves_time_by_posting_only(client: FlaskClient) -> None:
    text = client.get("/s/").text
    assert text.count('method="post" action="/demo"') == 2
    assert text.count('name="csrf_token"') >= 3


def test_the_policy_allows_our_scripts_stripe_and_nothing_inline(client: FlaskClient) -> None:
    answer = client.get("/s/")
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce is not None
    assert f'nonce="{nonce[1]}"' in answer.text
    assert "unsafe" not in policy
    assert "form-action 'self' https://checkout.example;" in policy
    assert "frame-ancestors 'none'" in policy
    assert client.get("/s/").headers["Content-Security-Policy"] != policy


def test_signed_in_pages_leave_no_copy(client: FlaskClient) -> None:
    client.get("/fail/signed")
    answer = client.get("/s/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_https_is_remembered_on_https_only(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/s/").headers
    assert "Strict-Transport-Security" in client.get("/s/", base_url="https://localhost").headers


@pytest.mark.parametrize(
    ("name", "status"), [("absent", 404), ("refused", 403), ("late", 409), ("wrong", 422), ("away", 503)]
)
def test_a_refusal_becomes_its_status_and_says_its_sentence(client: FlaskClient, name: str, status: int) -> None:
    answer = client.get(f"/fail/{name}", headers={"X-Request-Id": "proxy-12345"})
    assert answer.status_code == status
    assert answer.headers["X-Request-Id"] == "proxy-12345"
    assert "proxy-12345" in answer.text
    assert "%(" not in answer.text


def test_a_refusal_writes_money_and_dates_as_on_a_page(client: FlaskClient) -> None:
    body = client.get("/fail/late", headers={"Accept": "application/json"}).json
    assert body is not None
    assert body["error"]["code"] == "late"
    assert body["error"]["message"].replace("\u00a0", " ") == "Worth 12,00 € on vendredi 1er janvier 2027."


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 418, 422, 429, 500, 503])
def test_every_http_refusal_has_its_page(client: FlaskClient, status: int) -> None:
    answer = client.get(f"/fail/{status}")
    assert answer.status_code == status
    assert answer.text.count("<h1") == 1
    assert answer.headers["X-Request-Id"] in answer.text


def test_the_wrong_method_says_which_are_allowed(client: FlaskClient) -> None:
    answer = client.get("/out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_an_odd_request_id_is_replaced(client: FlaskClient) -> None:
    odd = "<script>alert(1)</script>"
    assert client.get("/s/", headers={"X-Request-Id": odd}).headers["X-Request-Id"] != odd


def test_a_bug_gets_the_page_even_when_every_context_processor_fails(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> dict[str, object]:
        msg = "the database is down"
        raise ConnectionError(msg)

    monkeypatch.setitem(app.template_context_processors, None, [broken])
    answer = app.test_client().get("/fail/bug")
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


def test_a_bug_gets_a_plain_page_even_without_templates(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_name: str) -> None:
        msg = "the disk is gone"
        raise OSError(msg)

    monkeypatch.setattr(app.jinja_env, "get_template", broken)
    answer = app.test_client().get("/fail/bug")
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in answer.text


@pytest.mark.parametrize("address", ["/styleguide", "/accessibilite"])
def test_pages_of_the_shell_render_with_strict_undefined(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1


def test_ids_of_the_guide_are_unique_and_described_ones_exist(client: FlaskClient) -> None:
    text = client.get("/styleguide").text
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    for described in re.findall(r'aria-describedby="([^"]+)"', text):
        assert set(described.split()) <= set(ids)
