"""The team read from PostgreSQL: the same rules, in a number of queries that does not grow with the team."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.catalogue.models import OfferingKind
from entrepairs.demands.diary import hold_seat
from entrepairs.demands.models import Demand
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict
from entrepairs.matching.looking import VOLUNTEER_WEEK, Look, limits_on, look, record_of, weights_on
from entrepairs.network.models import Learning, PairWish, Peer, RefusedColleague, TrainingDays
from entrepairs.network.rhythm import declare_absence, take_pause
from entrepairs.network.wishes import choose_themes, exclude_place
from entrepairs.settings.decisions import vote
from entrepairs.supervision.due import BLOCKS, EVERY_HOURS
from tests.factories.catalogue import a_wrap_group, an_offering
from tests.factories.demands import a_confirmed_demand
from tests.factories.dispatch import a_certified_peer, a_firm_wrap_group
from tests.factories.network import a_site
from tests.factories.supervision import a_support

ACTOR = Actor.SYSTEM
QUERIES = 25


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
    look(session, demand.ref, clock=clock)  # what is decided is read once by transaction
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


def test_what_protects_people_and_what_they_choose_is_read_too(session: Session, clock: FixedClock) -> None:
    demand = a_firm_wrap_group(session)
    fits = a_certified_peer(session)
    in_training = a_certified_peer(session)
    session.add(TrainingDays(peer=in_training, days=Range(date(2027, 2, 1), date(2027, 2, 6))))
    alone = a_certified_peer(session, pair_wish=PairWish.REFUSED)
    monthly = a_certified_peer(session, monthly_max_hours=3)
    late = a_certified_peer(session, joined_on=date(2026, 1, 1), waits_for_supervision=True)
    before = a_firm_wrap_group(session, first_day=date(2027, 1, 12))
    hold_seat(session, before, late.id, actor=ACTOR, clock=clock)
    vote(session, EVERY_HOURS, 3, since=date(2027, 1, 1), voted_on=date(2027, 1, 1), source="AG", clock=clock)
    session.flush()
    found = look(session, demand.ref, clock=clock)
    assert {each.candidate.id for each in found.answer.possible} == {
        fits.id,
        late.id,
    }  # due on 19 January, not yet late
    assert reason(found, in_training) == "training"
    assert {reason(found, peer) for peer in (alone, monthly)} == {"choices"}
    clock.advance(timedelta(days=9))
    assert reason(look(session, demand.ref, clock=clock), late) == "choices"
    session.add(a_support(late, date(2027, 1, 19)))
    session.flush()
    assert reason(look(session, demand.ref, clock=clock), late) is None


def test_the_houses_figures_give_way_to_a_vote(session: Session, clock: FixedClock) -> None:
    since = date(2027, 1, 1)
    assert limits_on(session, since).volunteer_week_hours == 12
    vote(session, VOLUNTEER_WEEK, 6, since=since, voted_on=since, source="AG", clock=clock)
    vote(session, BLOCKS, True, since=since, voted_on=since, source="AG", clock=clock)
    assert limits_on(session, since).volunteer_week_hours == 6
    assert limits_on(session, since).supervision_blocks
    assert not limits_on(session, date(2026, 12, 31)).supervision_blocks


def test_two_of_whom_one_refused_the_other_are_kept_apart_both_ways(session: Session, clock: FixedClock) -> None:
    demand = a_firm_wrap_group(session)
    one, two, three = (a_certified_peer(session) for _ in range(3))
    session.add(RefusedColleague(peer_id=one.id, other_id=two.id))
    session.flush()
    (pair,) = look(session, demand.ref, clock=clock).pairs
    assert set(pair.refs) in ({one.ref, three.ref}, {two.ref, three.ref})
    three.left_on = clock.today()
    session.flush()
    found = look(session, demand.ref, clock=clock)
    assert (reason(found, one), reason(found, two)) == ("choices", "choices")
    few = look(session, demand.ref, clock=clock, peer_refs=[one.ref, two.ref])
    assert len(few.answer.possible) == 2  # a proposal already on the page is not refused for it
    three.left_on = None
    session.flush()
    hold_seat(session, demand, one.id, actor=ACTOR, clock=clock)
    found = look(session, demand.ref, clock=clock)
    assert (reason(found, two), reason(found, three)) == ("choices", None)


def test_one_seat_may_be_a_learners_beside_somebody_qualified(session: Session, clock: FixedClock) -> None:
    demand = a_firm_wrap_group(session, offering=a_wrap_group(session, learner_seat=True))
    learner, other = a_certified_peer(session, qualifications=()), a_certified_peer(session, qualifications=())
    lead = a_certified_peer(session)
    for peer in (learner, other):
        session.add(Learning(peer=peer, kind="wrap_facilitator", valid=Range(date(2026, 9, 1), date(2027, 9, 1))))
    session.flush()
    found = look(session, demand.ref, clock=clock)
    (pair,) = found.pairs
    assert lead.ref in pair.refs
    hold_seat(session, demand, learner.id, actor=ACTOR, clock=clock)
    found = look(session, demand.ref, clock=clock)
    assert (reason(found, other), reason(found, lead)) == ("qualification", None)
    assert reason(found, learner) == "already_comes"


def test_an_emergency_held_is_known_as_one(session: Session, clock: FixedClock) -> None:
    emergency = an_offering(session, kind=OfferingKind.EMERGENCY)
    site = a_site(session)
    called = a_confirmed_demand(session, site.partner, site, emergency, first_day=date(2027, 1, 20), start=time(17))
    peer = a_certified_peer(session)
    hold_seat(session, called, peer.id, actor=ACTOR, clock=clock)
    assert reason(look(session, a_firm_wrap_group(session).ref, clock=clock), peer) == "call_out_rest"


def test_the_weights_are_those_voted(session: Session, clock: FixedClock) -> None:
    since = date(2027, 1, 1)
    value = {"fairness": 10, "continuity": 10, "travel": 70, "wishes": 10}
    vote(session, "matching.weights", value, since=since, voted_on=since, source="AG", clock=clock)
    assert weights_on(session, clock.today()).travel == 70
    assert weights_on(session, date(2026, 12, 31)).travel == 20
