"""A form sent too late: the token or the session is no longer good, what was typed is."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.cooperative.models import Grant
from entrepairs.identity import accounts
from entrepairs.identity.models import OfficeRoleKind
from entrepairs.kernel.clock import FixedClock
from entrepairs.web import unsent
from tests.factories.identity import an_office_account
from tests.web.office_browser import enter, standing_clock, text_of

__all__ = ["standing_clock"]

OURS = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "pommes de terre au four"
PURPOSE = "Un groupe WRAP à l’hôpital d’Été 🙂"
GRANT = {
    "funder": "ARS PACA",
    "purpose": PURPOSE,
    "amount": "12 000",
    "first": "2027-02-01",
    "last": "2027-12-31",
    "report_due_on": "2028-03-31",
}


@pytest.fixture(autouse=True)
def tokens_checked(app: Flask, standing_clock: None) -> None:
    app.config["WTF_CSRF_ENABLED"] = True


def form_of(page: str, action: str) -> dict[str, str]:
    """The hidden and typed values of the form posted to `action`."""
    from lxml.html import fromstring

    forms = fromstring(page).xpath("//main//form")
    return dict(next(form for form in forms if (form.get("action") or "").split("?")[0] == action).form_values())


def grants(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(select(Grant.purpose)))


@pytest.fixture
def claire(session: Session) -> Any:
    account = an_office_account(session, OfficeRoleKind.ADMIN, name="Claire Essai")
    accounts.set_password(session, account, PASSWORD, clock=FixedClock())
    session.commit()
    return account


def test_a_session_that_ended_asks_to_log_in_then_sends_what_was_typed(client, session, claire):
    late = client.post("/a/subventions", data=GRANT, headers=OURS)
    assert late.status_code == 401
    assert "rien n'est perdu" in text_of(late)
    login = form_of(late.text, "/connexion")

    wrong = client.post("/connexion", data=login | {"email": claire.email, "password": "non"}, headers=OURS)
    assert wrong.status_code == 422
    login = form_of(wrong.text, "/connexion")

    back = client.post("/connexion", data=login | {"email": claire.email, "password": PASSWORD}, headers=OURS)
    assert back.status_code == 200
    assert "Vous êtes connecté·e : Claire Essai" in text_of(back)
    assert PURPOSE in back.text
    assert grants(session) == []
    sent = client.post("/a/subventions", data=form_of(back.text, "/a/subventions"), headers=OURS)
    assert sent.status_code == 303
    assert grants(session) == [PURPOSE]


def test_a_token_too_old_gives_the_page_back_with_what_was_typed(client, session, claire):
    enter(client, session, claire)
    late = client.post("/a/subventions", data=GRANT | {"csrf_token": "of yesterday"}, headers=OURS)
    assert late.status_code == 400
    assert client.post("/a/subventions", data=form_of(late.text, "/a/subventions")).status_code == 303
    assert grants(session) == [PURPOSE]


def test_logged_in_from_another_tab_one_goes_on_where_one_was(client, session, claire):
    late = client.post("/a/subventions", data=GRANT, headers=OURS)
    waits = form_of(late.text, "/connexion/reprise")
    still_out = client.post("/connexion/reprise", data=waits, headers=OURS)
    assert still_out.status_code == 401
    client.post("/deconnexion", headers=OURS)  # the other tab's login makes another token
    enter(client, session, claire)
    back = client.post("/connexion/reprise", data=waits | {"csrf_token": "of before"}, headers=OURS)
    assert PURPOSE in back.text


def test_a_foreign_page_makes_nobody_send_what_they_did_not_write(client, session, claire):
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://ailleurs.test"}
    logged_out = client.post("/a/subventions", data=GRANT, headers=foreign)
    assert PURPOSE not in logged_out.text
    enter(client, session, claire)
    logged_in = client.post("/a/subventions", data=GRANT, headers=foreign)
    assert logged_in.status_code == 400
    assert PURPOSE not in logged_in.text
    with client.application.app_context():
        assert unsent.unpack("forged.by.hand") is None


def test_a_password_is_never_given_back(client, session, claire):
    late = client.post("/connexion", data={"email": claire.email, "password": PASSWORD}, headers=OURS)
    assert late.status_code == 400
    assert PASSWORD not in late.text
    enter(client, session, claire)
    asked = client.post("/compte/mot-de-passe", data={"current": PASSWORD, "password": PASSWORD + "!"}, headers=OURS)
    assert asked.status_code == 303
    assert PASSWORD not in asked.text


def test_over_https_a_browser_that_tells_no_referrer_is_heard(client: FlaskClient, session, claire):
    """The pages opened from a mail once said « no-referrer », and every answer from them was refused."""
    page = client.get("/connexion", base_url="https://localhost")
    token = form_of(page.text, "/connexion")
    answer = client.post(
        "/connexion", base_url="https://localhost", data=token | {"email": claire.email, "password": PASSWORD}
    )
    assert answer.status_code == 303
    assert 'content="no-referrer"' not in client.get("/c/inconnu").text
    assert session.scalar(select(func.count(Grant.id))) == 0


def test_a_refusal_shows_what_was_typed_and_the_way_back(client, session, claire):
    enter(client, session, claire)
    client.application.config["WTF_CSRF_ENABLED"] = False
    told = {"name": "Quelqu’un d’autre", "reason": "Deux lignes\nde texte"}
    headers = OURS | {"Referer": "http://localhost/a/utilisateurs?page=2"}
    refused = client.post("/a/utilisateurs/ACC-2222-2222", data=told, headers=headers)
    assert refused.status_code == 404
    assert told["name"] in refused.text
    assert 'href="/a/utilisateurs?page=2"' in refused.text
    elsewhere = client.post("/a/utilisateurs/ACC-2222-2222", data=told, headers={"Referer": "https://ailleurs.test/"})
    assert told["name"] not in elsewhere.text
    assert "ailleurs" not in elsewhere.text


def test_a_link_that_opens_nothing_more_leads_to_the_login(client):
    assert 'href="/connexion/lien"' in client.get("/connexion/lien/inconnu").text


def test_who_is_logged_in_is_not_asked_to_log_in(client, session, claire):
    enter(client, session, claire)
    assert client.get("/connexion?next=/compte").location == "/compte"
