"""Every route of the platform, for everyone, on the demo's story: nothing breaks, nothing leaks, reading changes nothing.

The list of routes is the application's own: a new route is tried without anybody thinking of it, and one whose
address holds a reference fails until `OBJECTS` says where a reference comes from.
"""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from entrepairs.identity.permissions import Permission
from tests.conftest import Proof
from tests.web.conftest import picture
from tests.web.routes_and_objects import (
    AUDIENCES,
    OBJECTS,
    Route,
    Target,
    World,
    all_routes,
    without_object,
)

ROUTES = all_routes()
ASKED = [pytest.param(route, id=f"{route.endpoint}-{route.method}") for route in ROUTES]
WRITTEN = [pytest.param(route, id=route.endpoint) for route in ROUTES if route.method == "POST"]
UNSIGNED = {"public.stripe_webhook"}
"""POST without our token on purpose: Stripe signs them."""


def test_every_route_with_a_reference_has_an_object() -> None:
    missing = without_object(ROUTES)
    assert not missing, f"say in OBJECTS (tests/web/objects_of_routes.py) what is behind: {', '.join(missing)}"
    known = {route.endpoint for route in ROUTES}
    assert not OBJECTS.keys() - known, f"OBJECTS names routes that are gone: {sorted(OBJECTS.keys() - known)}"


@pytest.mark.parametrize("route", ASKED)
def test_a_route_answers_everyone_and_tells_nothing_of_others(route: Route, lasting_world: World, proof: Proof) -> None:
    world = lasting_world
    for audience in _concerned(route, proof):
        browser = world.browser(audience, route)
        with world.taken_back():
            _try(route, audience, browser, world)


def _try(route: Route, audience: str, browser: FlaskClient, world: World) -> None:
    own = _ask(browser, route, world.target(route, Target.OWN), world)
    _headers_are_there(own, signed_in=audience != "anonymous" and route.endpoint != "public.logout")
    _answer_is_allowed(route, audience, own)
    if not route.has_object:
        return
    absent = _ask(browser, route, world.target(route, Target.ABSENT), world)
    _headers_are_there(absent, signed_in=audience != "anonymous")
    for target, answer in _closed_doors(browser, route, audience, world, own):
        assert answer.status_code == absent.status_code, f"{audience}: {target} is told apart from absent"
        if target is not Target.MIXED and audience != "anonymous":
            assert _masked(answer) == _masked(absent), f"{audience}: {target} reads unlike absent"
    if own.status_code < HTTPStatus.BAD_REQUEST and audience != "anonymous" and route.method == "GET":
        assert absent.status_code == HTTPStatus.NOT_FOUND, f"{audience}: an absent object must not be found"


def _concerned(route: Route, proof: Proof) -> list[str]:
    """Everybody; of the association's four roles, one who may and one who may not, behind its own door only.

    Reduced: of those whose door it is not, one is drawn; anonymous, and who the door is for, always come.
    """
    office = [name for name, one in AUDIENCES.items() if one.office]
    if route.door not in {"", "a"}:
        office = ["coordinator"]
    elif isinstance(route.access, Permission):
        may = [name for name in office if route.access in AUDIENCES[name].held]
        office = [names[len(route.endpoint) % len(names)] for names in (may, sorted(set(office) - set(may))) if names]
    found = [name for name, one in AUDIENCES.items() if not one.office or name in office]
    its_own = {"s": {"partner", "stranger"}, "p": {"peer"}, "a": set(office)}.get(route.door, {"partner"})
    others = [name for name in found if name not in its_own | {"anonymous"}]
    drawn = others if proof.full else [proof.random(route.endpoint, route.method).choice(others)]
    return [name for name in found if name not in others or name in drawn]


@pytest.mark.parametrize("route", WRITTEN)
def test_a_form_without_its_token_is_refused(route: Route, lasting_world: World, guarded_app: Flask) -> None:
    if route.endpoint in UNSIGNED:
        return
    with lasting_world.taken_back():
        address = lasting_world.target(route, Target.OWN)
    answer = guarded_app.test_client().post(address, data={})
    assert answer.status_code == HTTPStatus.BAD_REQUEST, answer.status


@pytest.mark.long
def test_reading_everything_leaves_the_database_as_it_was(committed_world: World, committed_engine: Engine) -> None:
    asked = [
        (committed_world.browser(audience, route), method, committed_world.target(route, Target.OWN))
        for route in ROUTES
        if route.method == "GET"
        for audience, method in (
            ("anonymous", "HEAD"),
            ({"s": "partner", "p": "peer", "a": "admin"}.get(route.door, "partner"), "GET"),
        )
    ]
    before = picture(committed_engine)
    for browser, method, address in asked:
        browser.open(address, method=method).close()
    assert picture(committed_engine) == before


def _closed_doors(
    browser: FlaskClient, route: Route, audience: str, world: World, own: TestResponse
) -> Iterator[tuple[Target, TestResponse]]:
    """What must read like nothing at all: for a stranger, the very object of the other structure."""
    if audience == "stranger" and route.door == "s":
        yield Target.OWN, own
    elif audience != "stranger" and world.has(route, Target.FOREIGN):
        yield Target.FOREIGN, _ask(browser, route, world.target(route, Target.FOREIGN), world)
    if world.has(route, Target.MIXED) and audience != "stranger":
        yield Target.MIXED, _ask(browser, route, world.target(route, Target.MIXED), world)


# --- how answers are judged ----------------------------------------------------------------------------------


def _ask(browser: FlaskClient, route: Route, address: str, world: World) -> TestResponse:
    """The answer; an error nobody foresaw passes through and fails the test with its trace.

    Reading writes no row: not even one taken back.
    """
    before = world.rows_written() if route.method == "GET" else {}
    answer = browser.open(address, method=route.method, data={} if route.method == "POST" else None)
    unforeseen = answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR and route.endpoint != "health.readyz"
    assert not unforeseen, f"{route.method} {address}: {answer.status}"
    if route.method == "GET":
        assert world.rows_written() == before, f"{address} was only read"
    return answer


def _answer_is_allowed(route: Route, audience: str, answer: TestResponse) -> None:
    said = f"{audience}: {route.method} {answer.request.path} → {answer.status}"
    if not isinstance(route.access, Permission):
        if audience == "anonymous" and route.method == "GET" and route.endpoint != "health.readyz":
            assert answer.status_code in {200, 303}, said
        return
    if audience == "anonymous":
        assert answer.status_code == HTTPStatus.SEE_OTHER, said
        assert answer.location.startswith("/connexion"), said
    elif audience == "stranger" and route.has_object and route.door == "s":
        assert answer.status_code == HTTPStatus.NOT_FOUND, said
    elif route.access in AUDIENCES[audience].held:
        assert answer.status_code in (
            {200, 303} if route.method == "GET" else _TAKEN | ({404} if not route.has_object else set())
        ), said
    elif AUDIENCES[audience].enters(route.access):
        assert answer.status_code == HTTPStatus.FORBIDDEN, said
    else:
        assert answer.status_code == HTTPStatus.NOT_FOUND, said


_TAKEN = {200, 204, 303, 400, 409, 422}
"""An empty form is answered: taken, refused with a sentence, or out of time; never lost."""


def _headers_are_there(answer: TestResponse, *, signed_in: bool) -> None:
    headers = answer.headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Request-Id"]
    if signed_in:
        assert "no-store" in headers["Cache-Control"], answer.request.path
    if answer.mimetype == "text/html" and answer.status_code == HTTPStatus.OK:
        assert answer.text.count("<h1") == 1, f"one h1: {answer.request.path}"
        assert 'lang="fr"' in answer.text


_CHANGING = re.compile(
    r"[A-Z]{2,4}-[2-9A-Z]{4}-[2-9A-Z]{4}|nonce-?=?[\"']?[\w-]{20,}|csrf[^>]{0,80}value=\"[^\"]+\"|\b[0-9a-f]{8,32}\b"
)


def _masked(answer: TestResponse) -> Any:
    """The body without what differs at each request: references, nonce, form token, request id."""
    text = _CHANGING.sub("·", answer.get_data(as_text=True))
    return text.replace(answer.headers["X-Request-Id"], "·"), answer.mimetype
