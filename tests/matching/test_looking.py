"""The team read from PostgreSQL: the same rules, in a number of queries that does not grow with the team."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.demands.diary import hold_seat
from entrepairs.demands.models import Demand
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict
from entrepairs.matching.looking import Look, look, record_of, weights_on
from entrepairs.network.models import Peer
from entrepairs.network.rhythm import declare_absence, take_pause
from entrepairs.network.wishes import choose_themes, exclude_place
from entrepairs.settings.decisions import vote
from tests.factories.catalogue import an_offering
from tests.factories.demands import a_confirmed_demand
from tests.factories.dispatch import a_certified_peer, a_firm_wrap_group
from tests.factories.network import a_site

ACTOR = Actor.SYSTEM
QUERIES = 19


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """The statements sent meanwhile."""
    seen: list[str] = []
    connection = session.connection()

    def note(conn, cursor, statement, *_rest):  # type: ignore[no-untyped-def]
        seen.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(connection, "before_cursor_execute", note)


def reason(found: Look, peer: Peer) -> str | None:
    record = record_of(found.answer, peer.ref)
    assert record is not None
    return record.reasons[0].code if record.reasons else None


def test_everybody_is_read_with_every_term(session: Session, clock: FixedClock) -> None:
    demand = a_firm_wrap_group(session)
    fits, other = a_certified_peer(session), a_certified_peer(session)
    crowd = {
        "qualification": a_certified_peer(session, qualifications=()),
        "usual_hours": a_certified_peer(session, week=False),
        "team": a_certified_peer(session, left_on=date(2027, 2, 1)),
    }
    personal = {name: a_certified_peer(session) for name in ("site", "partner", "absence", "pause")}
    personal["papers"] = a_certified_peer(session, cleared=False)
    personal["radius"] = a_certified_peer(session, commune="06088", radius_km=30)
    personal["own maximum"] = a_certified_peer(session, weekly_max_hours=1)
    assert demand.site is not None
    exclude_place(session, personal["site"].ref, site_ref=demand.site.ref)
    exclude_place(session, personal["partner"].ref, partner_ref=demand.partner.ref)
    declare_absence(session, personal["absence"].ref, date(2027, 2, 4), date(2027, 2, 4), clock=clock)
    take_pause(session, personal["pause"].ref, back_on=date(2027, 1, 12), clock=clock)
    found = look(session, demand.ref, clock=clock)
    assert {each.candidate.id for each in found.answer.possible} == {fits.id, other.id}
    assert {name: reason(found, peer) for name, peer in crowd.items()} == {name: name for name in crowd}
    assert {reason(found, peer) for peer in personal.values()} == {"choices"}
    assert len({str(record_of(found.answer, peer.ref).reasons) for peer in personal.values()}) == 1  # type: ignore[union-attr]
    assert [pair.refs for pair in found.pairs] in ([(fits.ref, other.ref)], [(other.ref, fits.ref)])


def test_the_queries_do_not_grow_with_the_team(session: Session, clock: FixedClock) -> None:
    demand = a_firm_wrap_group(session)
    for _ in range(3):
        a_certified_peer(session)
    session.expire_all()
    with counted(session) as few:
        look(session, demand.ref, clock=clock)
    for _ in range(20):
        a_certified_peer(session)
    session.expire_all()
    with counted(session) as many:
        look(session, demand.ref, clock=clock)
    assert len(few) == len(many) <= QUERIES


def test_a_mission_held_prevents_another_with_the_journey_between(session: Session, clock: FixedClock) -> None:
    demand = a_firm_wrap_group(session)
    peer = a_certified_peer(session)
    elsewhere = a_site(session, commune="13001")
    other = a_confirmed_demand(session, elsewhere.partner, elsewhere, an_offering(session), first_day=date(2027, 2, 4))
    hold_seat(session, other, peer.id, actor=ACTOR, clock=clock)
    assert reason(look(session, demand.ref, clock=clock), peer) == "taken"


def test_who_comes_already_is_said_and_who_led_a_group_here_is_known(session: Session, clock: FixedClock) -> None:
    demand = a_firm_wrap_group(session)
    one, two = a_certified_peer(session), a_certified_peer(session)
    hold_seat(session, demand, one.id, actor=ACTOR, clock=clock)
    hold_seat(session, demand, two.id, actor=ACTOR, clock=clock)
    assert demand.site is not None
    later = a_firm_wrap_group(session, partner=demand.partner, site=demand.site, first_day=date(2027, 1, 22))
    found = look(session, later.ref, clock=clock)
    assert [(pair.groups, pair.parts[1].points > 0) for pair in found.pairs] == [(1, True)]
    assert {reason(look(session, demand.ref, clock=clock), peer) for peer in (one, two)} == {"already_comes"}


def test_themes_are_read_only_as_an_order(session: Session, clock: FixedClock) -> None:
    demand: Demand = a_firm_wrap_group(session)
    demand.themes = ["street"]
    peer, other = a_certified_peer(session), a_certified_peer(session)
    choose_themes(session, other.ref, ["street"])
    session.flush()
    possible = look(session, demand.ref, clock=clock).answer.possible
    assert [each.candidate.id for each in possible] == [other.id, peer.id]


def test_a_demand_whose_sessions_are_over_has_nobody_to_look_for(session: Session) -> None:
    demand = a_firm_wrap_group(session)
    late = FixedClock()
    late.advance(timedelta(days=100))
    with pytest.raises(Conflict) as refusal:
        look(session, demand.ref, clock=late)
    assert refusal.value.code == "nothing_to_come"


def test_the_weights_are_those_voted(session: Session, clock: FixedClock) -> None:
    since = date(2027, 1, 1)
    value = {"fairness": 10, "continuity": 10, "travel": 70, "wishes": 10}
    vote(session, "matching.weights", value, since=since, voted_on=since, source="AG", clock=clock)
    assert weights_on(session, clock.today()).travel == 70
    assert weights_on(session, date(2026, 12, 31)).travel == 20
