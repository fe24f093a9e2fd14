"""Entering and leaving, as a browser does it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.extensions import limiter
from entrepairs.identity import passwords, tokens
from entrepairs.identity.accounts import create_account, disable_account, find_account, grant_office_role
from entrepairs.identity.models import Account, OfficeRoleKind, TokenPurpose, WebSession
from entrepairs.kernel.errors import Conflict, InvalidInput

PASSWORD = "une phrase facile à retenir"


@pytest.fixture
def claire(session: Session, clock) -> Account:
    account = create_account(
        session, email="Claire@exemple.invalid", name="Claire", password=PASSWORD, actor=Actor.SYSTEM, clock=clock
    )
    grant_office_role(session, account, OfficeRoleKind.ADMIN, actor=Actor.SYSTEM, clock=clock)
    session.commit()
    return account


def log_in(client, email: str = "claire@exemple.invalid", password: str = PASSWORD, **query: str):
    return client.post("/connexion", query_string=query, data={"email": email, "password": password})


def test_a_password_opens_the_door_and_a_logout_closes_it_on_the_server(client, claire, session) -> None:
    assert log_in(client).status_code == 303
    assert client.get("/a/courriers").status_code == 200
    with client.session_transaction() as cookie:
        stolen = dict(cookie)
    client.post("/deconnexion")
    with client.session_transaction() as cookie:
        cookie.update(stolen)
    assert client.get("/a/courriers").status_code == 303


def test_unknown_and_wrong_read_the_same(client, claire) -> None:
    wrong = log_in(client, password="une autre phrase bien longue")
    unknown = log_in(client, email="personne@exemple.invalid")
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace("claire@", "personne@") == unknown.text or "ne vont pas ensemble" in unknown.text


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch, app: Flask) -> Iterator[None]:
    """Tries are counted, from nothing."""
    limiter.reset()
    monkeypatch.setattr(limiter, "enabled", True)
    yield
    limiter.reset()


@pytest.mark.usefixtures("limited", "claire")
def test_who_tries_passwords_is_stopped_and_the_rest_of_the_hospital_is_not(client) -> None:
    monique = [log_in(client, email="monique@exemple.invalid", password="x").status_code for _ in range(11)]
    assert monique == [*[422] * 10, 429]
    for _ in range(12):
        assert log_in(client).status_code == 303, "the same connection, another address"
        client.post("/deconnexion")


@pytest.mark.usefixtures("limited", "claire")
def test_links_are_counted_by_the_address_they_are_asked_for(client) -> None:
    asked = [client.post("/connexion/lien", data={"email": " Claire@exemple.test "}).status_code for _ in range(6)]
    assert asked == [*[303] * 5, 429]
    assert client.post("/connexion/lien", data={"email": "paul@exemple.test"}).status_code == 303


def test_disabling_an_account_ends_its_sessions_at_once(client, claire, session, clock) -> None:
    log_in(client)
    disable_account(session, claire.ref, actor=Actor.SYSTEM, clock=clock)
    session.commit()
    assert client.get("/a/courriers").status_code == 303
    assert log_in(client).status_code == 422


def test_a_mail_link_logs_in_by_a_button_once(client, claire, session) -> None:
    secret = tokens.mint(session, TokenPurpose.LOGIN, claire.ref, days=1, account_id=claire.id)
    session.commit()
    for _ in range(3):
        assert client.get(f"/connexion/lien/{secret}").status_code == 200
    assert session.scalars(select(WebSession)).all() == [], "opening the link logs nobody in"
    assert client.post(f"/connexion/lien/{secret}").status_code == 303
    assert client.post(f"/connexion/lien/{secret}").status_code == 409


def test_a_link_of_one_purpose_opens_nothing_else(client, claire, session) -> None:
    secret = tokens.mint(session, TokenPurpose.LOGIN, claire.ref, days=1, account_id=claire.id)
    session.commit()
    assert client.get(f"/mot-de-passe/{secret}").status_code == 404


def test_a_password_is_chosen_behind_an_invitation(client, claire, session) -> None:
    secret = tokens.mint(session, TokenPurpose.SET_PASSWORD, claire.ref, days=14, account_id=claire.id)
    session.commit()
    short = client.post(f"/mot-de-passe/{secret}", data={"password": "court"})
    assert short.status_code == 422
    assert "14 signes" in short.text
    assert client.post(f"/mot-de-passe/{secret}", data={"password": "le chat dort sur le toit"}).status_code == 303
    assert client.get("/a/courriers").status_code == 200


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("/a/courriers", True),
        ("//ailleurs.invalid/a", False),
        ("https://ailleurs.invalid/", False),
        ("/\\ailleurs.invalid", False),
        ("javascript:alert(1)", False),
    ],
)
def test_login_goes_back_to_our_pages_only(client, claire, target: str, kept: bool) -> None:
    location = log_in(client, next=target).headers["Location"]
    assert (location == target) is kept


def test_another_door_is_not_found_and_a_missing_right_is_told(client, session, clock) -> None:
    reader = create_account(
        session, email="r@exemple.invalid", name="R", password=PASSWORD, actor=Actor.SYSTEM, clock=clock
    )
    grant_office_role(session, reader, OfficeRoleKind.AUDITOR, actor=Actor.SYSTEM, clock=clock)
    session.commit()
    log_in(client, email="r@exemple.invalid")
    assert client.get("/s/").status_code == 404
    assert client.post("/a/courriers/MSG-2346-789A/renvoyer").status_code == 403


def test_an_address_is_one_account_whatever_its_case(session, claire, clock) -> None:
    assert find_account(session, " CLAIRE@exemple.invalid ") is claire
    with pytest.raises(Conflict):
        create_account(session, email="claire@EXEMPLE.invalid", name="X", actor=Actor.SYSTEM, clock=clock)


@pytest.mark.parametrize("weak", ["court", "motdepasse2027!!!", "Password12345678", "azertyazerty1234"])
def test_weak_passwords_are_refused(weak: str) -> None:
    with pytest.raises(InvalidInput):
        passwords.ensure_acceptable(weak)


def test_long_unicode_passwords_are_welcome() -> None:
    password = "l’été où nous avons traversé le Verdon à pied 🌿" * 2
    assert passwords.verify(passwords.hash_password(password), password)
