"""What the association owes its peers: dates, never content."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.demands.diary import hold_seat
from entrepairs.identity.models import OfficeRoleKind
from entrepairs.identity.sessions import open_session
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import InvalidInput
from entrepairs.network.models import Peer
from entrepairs.settings.decisions import vote
from entrepairs.supervision.due import EVERY_DAYS, EVERY_HOURS, due_dates
from entrepairs.supervision.holding import record_support
from entrepairs.supervision.models import Support, SupportKind
from entrepairs.supervision.queries import days_to_propose, standings
from tests.factories.dispatch import a_certified_peer, a_firm_wrap_group
from tests.factories.identity import an_office_account
from tests.factories.supervision import a_support

ACTOR = Actor("CPT-TEST-COOR", "Claire, coordination")
TODAY = date(2027, 1, 11)
FIRST = date(2027, 1, 14)


def a_working_peer(session: Session, **given: Any) -> Peer:
    """Eight Thursdays from 14 January, 2 h each."""
    peer = a_certified_peer(session, **given)
    hold_seat(session, a_firm_wrap_group(session, first_day=FIRST), peer.id, actor=ACTOR, clock=FixedClock())
    return peer


def due(session: Session, peer: Peer) -> date | None:
    return due_dates(session, select(Peer.id), on=TODAY).get(peer.id)


def voted(session: Session, key: str, value: int) -> None:
    vote(session, key, value, since=date(2026, 1, 1), voted_on=date(2026, 1, 1), source="AG", clock=FixedClock())


def test_a_quarter_after_the_first_mission_something_is_owed(session: Session) -> None:
    peer, idle = a_working_peer(session), a_certified_peer(session)
    assert due(session, peer) == FIRST + timedelta(days=92)
    assert due(session, idle) is None
    voted(session, EVERY_DAYS, 31)
    assert due(session, peer) == FIRST + timedelta(days=31)


def test_a_support_starts_the_count_again_from_the_next_mission(session: Session) -> None:
    peer = a_working_peer(session)
    session.add(a_support(peer, FIRST))
    session.flush()
    assert due(session, peer) == FIRST + timedelta(days=7 + 92)
    session.add(a_support(peer, FIRST + timedelta(weeks=7)))
    session.flush()
    assert due(session, peer) is None


@pytest.mark.parametrize(("hours", "weeks"), [(2, 0), (4, 1), (5, 2), (16, 7)])
def test_hours_worked_bring_it_nearer(session: Session, hours: int, weeks: int) -> None:
    voted(session, EVERY_HOURS, hours)
    assert due(session, a_working_peer(session)) == FIRST + timedelta(weeks=weeks)


def test_hours_not_reached_leave_the_days(session: Session) -> None:
    voted(session, EVERY_HOURS, 17)
    assert due(session, a_working_peer(session)) == FIRST + timedelta(days=92)
    voted_nothing = date(2025, 1, 1)
    assert due_dates(session, select(Peer.id), on=voted_nothing) != {}


def test_who_was_there_is_written_once_and_nothing_else_is(session: Session, clock: FixedClock) -> None:
    one, two = a_certified_peer(session), a_certified_peer(session)
    refs, kind = [one.ref, two.ref], SupportKind.PRACTICE_GROUP
    assert record_support(session, refs, kind, TODAY, clock=clock, actor=ACTOR) == 2
    assert record_support(session, refs, kind, TODAY, clock=clock, actor=ACTOR) == 0
    columns = {column.key for column in inspect(Support).columns}
    assert columns == {"id", "peer_id", "kind", "held_on", "recorded_by", "recorded_at"}
    for wrong, code in ((([], TODAY), "nobody_there"), ((refs, TODAY + timedelta(days=1)), "held_later")):
        with pytest.raises(InvalidInput) as refusal:
            record_support(session, wrong[0], kind, wrong[1], clock=clock, actor=ACTOR)
        assert refusal.value.code == code


def test_those_we_are_late_with_come_first_with_days_to_propose(session: Session) -> None:
    late, soon = a_working_peer(session), a_working_peer(session)
    session.add(a_support(soon, FIRST))
    session.flush()
    day = FIRST + timedelta(days=93)
    found = standings(session, today=day)
    assert [(one.peer.id, one.late, one.soon) for one in found] == [(late.id, True, False), (soon.id, False, True)]
    assert not standings(session, today=day - timedelta(days=1))[0].late
    assert days_to_propose(date(2027, 5, 4)) == [date(2027, 5, 7), date(2027, 5, 10), date(2027, 5, 11)]


@pytest.fixture
def office(client: FlaskClient, session: Session, app: Flask, clock: FixedClock) -> Iterator[FlaskClient]:
    before = app.config.get("CLOCK")
    app.config["CLOCK"] = clock
    secret = open_session(session, an_office_account(session, OfficeRoleKind.COORDINATOR), user_agent="test")
    session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    yield client
    app.config["CLOCK"] = before


def test_the_office_reads_what_it_owes_and_notes_what_took_place(
    office: FlaskClient, session: Session, clock: FixedClock
) -> None:
    peer = a_working_peer(session)
    session.commit()
    clock.advance(timedelta(days=120))
    page = office.get("/a/supervision").text
    assert "Nous devons une supervision à une personne." in page
    assert "nous sommes en retard" in page
    assert "Nous devons une supervision" in office.get("/a/").text
    there = {"kind": "supervision", "held_on": clock.today().isoformat(), "people": [peer.ref]}
    assert office.post("/a/supervision", data=there | {"people": []}).status_code == 422
    assert office.post("/a/supervision", data=there).status_code == 303
    assert "Toutes les personnes qui travaillent ont été soutenues à temps." in office.get("/a/supervision").text


def test_a_large_team_is_listed_by_what_is_nearest_and_searched_by_name(
    office: FlaskClient, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrepairs.web.office.supervision.SHOWN", 2)
    late = a_working_peer(session)
    others = [a_certified_peer(session, first_name=name, last_name="Été") for name in ("Aïcha", "Bruno", "Zoé")]
    session.commit()
    clock.advance(timedelta(days=120))
    page = office.get("/a/supervision").text
    shown = [peer.ref in page for peer in (late, *others)]
    assert shown == [True, True, False, False]
    assert "Et 2 autres personnes" in page
    page = office.get("/a/supervision?q=ZOE").text
    assert [peer.ref in page for peer in (late, *others)] == [False, False, False, True]
    assert "Zoé" not in office.get("/a/supervision?q=personne").text
    refused = office.post("/a/supervision", data={"kind": "supervision", "held_on": "", "people": [others[2].ref]})
    assert refused.status_code == 422
    assert re.search(rf'value="{others[2].ref}" checked', refused.text), "what was ticked stays"
