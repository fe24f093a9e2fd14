"""Days in training, a course under way, with whom one does not wish to come: written, shown to whom they belong."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.models import AuditEntry
from entrepairs.identity.models import Account
from entrepairs.identity.sessions import open_session
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.network.learning import (
    learning_of,
    record_learning,
    record_training_days,
    remove_learning,
    remove_training_days,
)
from entrepairs.network.models import PairWish, Peer
from entrepairs.network.wishes import accept_colleague, find_colleagues, own_refusals, refuse_colleague
from tests.factories.identity import an_office_account
from tests.factories.network import a_peer

ACTOR = Actor("CPT-TEST-COOR", "Claire, coordination")
BY = {"clock": FixedClock(), "actor": ACTOR}
Enter = Callable[[Account], FlaskClient]


def test_days_in_training_that_touch_are_joined(session: Session) -> None:
    peer = a_peer(session)
    for first, last in (((1, 4), (1, 8)), ((1, 11), (1, 15)), ((1, 9), (1, 10))):
        record_training_days(session, peer.ref, date(2027, *first), date(2027, *last), **BY)  # type: ignore[arg-type]
    _courses, (days,) = learning_of(session, peer.id)
    assert (days.days.lower, days.days.upper) == (date(2027, 1, 4), date(2027, 1, 16))
    remove_training_days(session, peer.ref, days.id, **BY)  # type: ignore[arg-type]
    assert learning_of(session, peer.id) == ([], [])
    with pytest.raises(InvalidInput):
        record_training_days(session, peer.ref, date(2027, 1, 8), date(2027, 1, 4), **BY)  # type: ignore[arg-type]


def test_a_course_is_written_once_over_its_days(session: Session) -> None:
    peer, kind = a_peer(session), "msp_degree"
    row = record_learning(session, peer.ref, kind, date(2027, 1, 4), date(2027, 12, 31), **BY)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        record_learning(session, peer.ref, kind, date(2027, 12, 31), date(2028, 1, 31), **BY)  # type: ignore[arg-type]
    record_learning(session, peer.ref, kind, date(2028, 1, 1), date(2028, 1, 31), **BY)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        record_learning(session, peer.ref, "magic", date(2027, 1, 4), date(2027, 2, 1), **BY)  # type: ignore[arg-type]
    other = a_peer(session)
    with pytest.raises(NotFound):
        remove_learning(session, other.ref, row.id, **BY)  # type: ignore[arg-type]


def test_a_colleague_refused_is_written_once_without_trace_and_lifted_by_the_same_person(session: Session) -> None:
    peer, other = a_peer(session), a_peer(session, first_name="Éloïse", last_name="Martin")
    for _ in range(2):
        refuse_colleague(session, peer.ref, other.ref)
    (row,) = own_refusals(session, peer.id)
    assert own_refusals(session, other.id) == []
    assert session.scalars(select(AuditEntry)).all() == []
    with pytest.raises(NotFound):
        accept_colleague(session, other.ref, row.id)
    with pytest.raises(InvalidInput):
        refuse_colleague(session, peer.ref, peer.ref)
    assert find_colleagues(session, peer.id, "eloise") == []
    accept_colleague(session, peer.ref, row.id)
    assert [one.id for one in find_colleagues(session, peer.id, "eloise")] == [other.id]
    assert find_colleagues(session, peer.id, "el") == ()


@pytest.fixture
def enter(client: FlaskClient, session: Session, app: Flask, clock: FixedClock) -> Iterator[Enter]:
    before = app.config.get("CLOCK")
    app.config["CLOCK"] = clock

    def logged_in(account: Account) -> FlaskClient:
        secret = open_session(session, account, user_agent="test")
        session.commit()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = secret, True
        return client

    yield logged_in
    app.config["CLOCK"] = before


def test_a_peer_sets_rhythm_and_company_alone(enter: Enter, session: Session) -> None:
    peer, other = a_peer(session), a_peer(session, first_name="Éloïse", last_name="Martin")
    browser = enter(peer.account)
    assert "Je garde les jours fériés libres" in browser.get("/p/profil").text
    typed = {
        "wording": peer.wording,
        "commune": "13001 Marseille",
        "radius_km": "40",
        "wished_hours": "35",
        "weekly_max_hours": "20",
        "outside_hours": "",
        "asks_missions": "yes",
        "languages": ["fr"],
        "monthly_max_hours": "30",
        "waits_for_supervision": "y",
        "pair_wish": "preferred",
    }
    assert browser.post("/p/profil", data=typed).status_code == 303
    session.expire_all()
    assert (peer.monthly_max_hours, peer.rests_on_holidays, peer.waits_for_supervision) == (30, False, True)
    assert peer.pair_wish is PairWish.PREFERRED
    assert browser.post("/p/profil", data=typed | {"monthly_max_hours": "0"}).status_code == 422
    assert "Éloïse M." in browser.get("/p/collegues?q=éloï").text
    assert browser.post("/p/collegues", data={"colleague": other.ref}).status_code == 303
    assert "Une personne, connue de vous" in browser.get("/p/moi").text
    (row,) = own_refusals(session, peer.id)
    assert browser.post(f"/p/collegues/{row.id}/retirer").status_code == 303
    assert own_refusals(session, peer.id) == []


def test_the_office_writes_what_somebody_learns_and_never_sees_whom_they_avoid(enter: Enter, session: Session) -> None:
    peer, other = a_peer(session, monthly_max_hours=133), a_peer(session)
    refuse_colleague(session, peer.ref, other.ref)
    office = enter(an_office_account(session))
    path = f"/a/equipe/{peer.ref}"
    days = {"training_first": "2027-02-01", "training_last": "2027-02-05"}
    course = {"learned": "msp_degree", "starts": "2027-01-04", "ends": "2027-12-17"}
    assert office.post(f"{path}/jours-de-formation", data=days).status_code == 303
    assert office.post(f"{path}/apprentissages", data=course).status_code == 303
    assert office.post(f"{path}/apprentissages", data=course).status_code == 422
    assert office.post(f"{path}/jours-de-formation", data=days | {"training_last": "2027-01-01"}).status_code == 422
    page = office.get(path).text
    assert "En formation" in page
    assert other.short_name not in page
    assert "133 h" not in page.replace("\u00a0", " ")
    session.expire_all()
    (learned,), (training,) = learning_of(session, peer.id)
    assert office.post(f"{path}/apprentissages/{learned.id}/retirer").status_code == 303
    assert office.post(f"{path}/jours-de-formation/{training.id}/retirer").status_code == 303
    assert learning_of(session, peer.id) == ([], [])
    person = session.get_one(Peer, peer.id)
    bond = {"first_name": "Sam", "last_name": "Essai", "employment": "employee", "joined_on": "2026-03-01"}
    assert office.post(f"{path}/modifier", data=bond | {"full_time": "y"}).status_code == 303
    session.expire_all()
    assert person.full_time
