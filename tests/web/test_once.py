"""A form counts once: the same key, then the same page opened again, then two at the same instant."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from entrepairs.cooperative.models import Grant
from entrepairs.documents.models import StoredFile
from entrepairs.identity.models import OfficeRoleKind, SentForm
from entrepairs.identity.sent_forms import forget_sent_forms
from entrepairs.kernel.clock import FixedClock
from entrepairs.network.models import Absence
from entrepairs.network.vocabulary import QUALIFICATIONS
from entrepairs.paths import resource
from entrepairs.web.once import EXEMPT
from tests.factories.identity import an_office_account
from tests.factories.network import a_peer
from tests.web.office_browser import enter, standing_clock

__all__ = ["standing_clock"]

GRANT = {
    "funder": "ARS PACA",
    "purpose": "Groupes WRAP 2027",
    "amount": "12 000",
    "first": "2027-02-01",
    "last": "2027-12-31",
    "report_due_on": "2028-03-31",
}


@pytest.fixture
def office(client: FlaskClient, session: Session) -> FlaskClient:
    enter(client, session, an_office_account(session, OfficeRoleKind.ADMIN))
    return client


def key_on(client: FlaskClient, address: str) -> str:
    keys = re.findall(r'name="form_key" value="([^"]+)"', client.get(address).text)
    return next(key for key in keys if key.startswith("c."))


def grants(session: Session) -> int:
    session.expire_all()
    return session.scalar(select(func.count(Grant.id))) or 0


def test_a_form_sent_twice_makes_one_thing_and_gives_the_same_answer(office, session):
    key = key_on(office, "/a/subventions/nouvelle")
    first, second = (office.post("/a/subventions", data=GRANT | {"form_key": key}) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert grants(session) == 1
    assert "rien n'a été ajouté" in office.get(second.location).text.replace("’", "'")


def test_going_back_to_a_page_made_anew_and_sending_the_same_again_makes_one_thing(office, session):
    answers = [
        office.post("/a/subventions", data=GRANT | {"form_key": key_on(office, "/a/subventions/nouvelle")})
        for _ in range(2)
    ]
    assert answers[0].location == answers[1].location
    assert grants(session) == 1


def test_something_else_typed_is_something_else_even_from_the_same_page(office, session):
    key = key_on(office, "/a/subventions/nouvelle")
    for purpose in ("Groupes WRAP 2027", "Formations 2027"):
        assert office.post("/a/subventions", data=GRANT | {"form_key": key, "purpose": purpose}).status_code == 303
    assert grants(session) == 2


def test_the_same_again_after_something_else_or_later_is_meant(office, session):
    def send(**changed: str) -> None:
        key = key_on(office, "/a/subventions/nouvelle")
        office.post("/a/subventions", data=GRANT | {"form_key": key} | changed)

    send()
    send(purpose="Formations 2027")
    send()
    assert grants(session) == 3
    session.execute(update(SentForm).values(at=SentForm.at - timedelta(minutes=11)))
    session.commit()
    send()
    assert grants(session) == 4


def test_a_refused_form_is_corrected_and_sent_with_the_same_key(office, session):
    key = key_on(office, "/a/subventions/nouvelle")
    assert office.post("/a/subventions", data=GRANT | {"form_key": key, "amount": "beaucoup"}).status_code == 422
    assert session.scalar(select(func.count(SentForm.id))) == 0
    assert office.post("/a/subventions", data=GRANT | {"form_key": key}).status_code == 303
    assert grants(session) == 1


def test_the_key_of_another_person_or_another_page_says_nothing(app_on_session, session):
    sent = []
    for _ in range(2):
        client = app_on_session.test_client()
        enter(client, session, an_office_account(session, OfficeRoleKind.ADMIN))
        sent.append(client.post("/a/subventions", data=GRANT | {"form_key": "c.the-same-key"}))
    assert sent[0].location != sent[1].location
    assert grants(session) == 2


def test_files_count_by_their_content(office, session):
    peer = a_peer(session)
    session.commit()

    kind = next(iter(QUALIFICATIONS))

    def give(content: bytes) -> int:
        file = (BytesIO(b"%PDF-1.7 " + content), "diplome.pdf")
        data = {"form_key": "c.one", "kind": kind, "since": "2026-01-01", "file": file}
        return office.post(f"/a/equipe/{peer.ref}/qualifications", data=data).status_code

    # The third reaches the view, which refuses the same qualification over the same days.
    assert [give(b"one"), give(b"one"), give(b"two")] == [303, 303, 422]
    assert session.scalar(select(func.count(StoredFile.id))) == 1


def test_nothing_of_what_was_typed_is_kept_in_clear(office, session):
    office.post("/a/subventions", data=GRANT | {"form_key": "c.one"})
    row = session.scalars(select(SentForm)).one()
    assert len(row.digest) == len(row.twin or "") == 64
    assert row.location is not None
    assert row.location.startswith("/a/subventions/")


def test_old_rows_are_forgotten(office, session):
    office.post("/a/subventions", data=GRANT | {"form_key": "c.one"})
    assert forget_sent_forms(session, clock=FixedClock()) == 0
    session.execute(update(SentForm).values(at=SentForm.at - timedelta(days=31)))
    assert forget_sent_forms(session, clock=FixedClock()) == 1


# --- at the same instant, on real connections ----------------------------------------------------------------


@pytest.fixture
def real_app(fresh_database) -> Iterator[Flask]:
    """The application on a database where every commit is real."""
    from entrepairs.app import create_app
    from entrepairs.extensions import db

    made = create_app(
        {
            "ENV": "test",
            "DATABASE_URL": fresh_database.url,
            "REDIS_URL": "unix:///nowhere/valkey.sock",
            "SMTP_URL": "smtp://127.0.0.1:9",
            "RATELIMIT_STORAGE_URI": "memory://",
            "CLOCK": FixedClock(),
        }
    )
    yield made
    with made.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.mark.race
def test_eight_clicks_in_the_same_instant_are_one(real_app, fresh_database):
    with fresh_database.session() as setup:
        account = an_office_account(setup, OfficeRoleKind.ADMIN)
        browsers = [real_app.test_client() for _ in range(8)]
        for browser in browsers:
            enter(browser, setup, account)
    barrier, answers = threading.Barrier(len(browsers)), []

    def click(browser: FlaskClient) -> None:
        barrier.wait()
        answer = browser.post("/a/subventions", data=GRANT | {"form_key": "c.one"})
        answers.append((answer.status_code, answer.location))

    threads = [threading.Thread(target=click, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 8
    assert {status for status, _ in answers} == {303}
    assert len({location for _, location in answers}) == 1
    with fresh_database.session() as look:
        assert grants(look) == 1


# --- nothing forgotten ---------------------------------------------------------------------------------------


def test_every_form_of_the_templates_carries_its_keys():
    bare = []
    for path in sorted(resource("templates").rglob("*.html")):
        written = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        for found in re.finditer(r"<form\b[^>]*method=\"post\"[^>]*>(.{0,80})", written, re.DOTALL):
            if "form_guard(" not in found[1]:
                bare.append(f"{path.name}: {found[0][:80]}")
    assert bare == []


def test_what_is_exempt_exists_and_says_why(app):
    assert set(EXEMPT) <= set(app.view_functions) | {"demo.enter"}
    assert all(len(why) > 10 for why in EXEMPT.values())


def test_an_absence_sent_twice_is_one(client, session):
    peer = a_peer(session)
    assert peer.account is not None
    enter(client, session, peer.account)
    data = {"form_key": "c.one", "first": "2027-02-01", "last": "2027-02-05"}
    for _ in range(2):
        assert client.post("/p/absences", data=data).status_code == 303
    assert session.scalar(select(func.count(Absence.id))) == 1
