"""What is accepted may be asked to move: proposed where it gains, put to who holds it, changed by two yeses only."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.demands.diary import hold_seat
from entrepairs.demands.models import Assignment, Demand
from entrepairs.demands.states import AssignmentState, DemandState
from entrepairs.dispatch.answering import accept_offer, decline_offer
from entrepairs.dispatch.ending import withdraw_idle_offers
from entrepairs.dispatch.handovers import OVER, end_handover, keep_seat, make_room, not_to_ask
from entrepairs.dispatch.models import Handover, HandoverState, Offer, OfferState
from entrepairs.dispatch.plans import apply_plan, go_on_with_plan
from entrepairs.dispatch.queries import open_offers_of
from entrepairs.dispatch.relays import give_back
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.messages.models import Message
from entrepairs.network.models import Peer
from entrepairs.outbox.models import OutboxItem
from entrepairs.planning.models import Plan, PlanHours
from entrepairs.planning.moving import movable
from entrepairs.planning.states import Outcome, ProposalState
from tests.factories.dispatch import OFFICE_ACTOR, a_certified_peer, a_firm_wrap_group
from tests.factories.missions import PEER_ACTOR
from tests.factories.network import a_peer
from tests.factories.plans import MONTH, do_effects, planned, workshop

Ask = Callable[[], Handover]


def held(session: Session, clock: FixedClock, demand: Demand, peer: Peer) -> Assignment:
    """A seat somebody has accepted."""
    return hold_seat(session, demand, peer.id, actor=OFFICE_ACTOR, clock=clock)


def holders(session: Session, demand: Demand) -> list[int]:
    """Who comes."""
    query = select(Assignment.peer_id).where(Assignment.demand_id == demand.id)
    return list(session.scalars(query.where(Assignment.state == AssignmentState.CONFIRMED)))


def letters(session: Session) -> list[str]:
    """The kinds of the letters queued, in order."""
    return list(session.scalars(select(Message.kind).order_by(Message.id)))


def do_endings(session: Session, clock: FixedClock) -> None:
    """What is due of the questions and of the plans that wait for them, as the worker does."""
    for kind, act in ((OVER, end_handover), ("dispatch.go_on_with_plan", go_on_with_plan)):
        due = select(OutboxItem).where(OutboxItem.kind == kind, OutboxItem.due_at <= clock.now())
        for item in session.scalars(due).all():
            act(session, item.subject_ref, item.payload, clock=clock)
    do_effects(session, clock)


@pytest.fixture
def talk(session: Session) -> Demand:
    return workshop(session)


@pytest.fixture
def busy(session: Session) -> Peer:
    """Who holds the talk, and wishes no hours."""
    return a_peer(session, wished_hours=0)


@pytest.fixture
def idle(session: Session) -> Peer:
    """Who has nothing, and wishes much."""
    return a_peer(session, wished_hours=35)


@pytest.fixture
def hold(session: Session, clock: FixedClock, talk: Demand, busy: Peer) -> Assignment:
    return held(session, clock, talk, busy)


@pytest.fixture
def plan(session: Session, clock: FixedClock, hold: Assignment, idle: Peer) -> Plan:
    return planned(session, clock, movable_refs=[hold.ref])


@pytest.fixture
def asked(session: Session, clock: FixedClock, plan: Plan) -> Handover:
    apply_plan(session, plan.ref, actor=OFFICE_ACTOR, clock=clock)
    do_effects(session, clock)
    return session.scalars(select(Handover)).one()


# --- the plan --------------------------------------------------------------------------------------------------


def test_a_move_that_gains_is_shown_beside_today(session, clock, plan, hold, busy, idle) -> None:
    [line] = plan.demands
    assert (line.outcome, line.held, line.missing, line.found) == (Outcome.MOVED, True, 1, 1)
    [move] = line.proposals
    assert (move.replaces_id, move.peer_id, move.state) == (hold.id, idle.id, ProposalState.PROPOSED)
    assert move.gain["minutes"] >= 180
    hours = {row.peer_id: row for row in session.scalars(select(PlanHours))}
    assert hours[busy.id].minutes_after < hours[busy.id].minutes_before
    assert hours[idle.id].minutes_after > hours[idle.id].minutes_before == 0
    assert plan.found["best"] <= plan.found["bound"]


def test_who_would_gain_nothing_by_a_move_is_not_asked(session, clock, talk) -> None:
    one, _other = a_peer(session), a_peer(session)
    plan = planned(session, clock, movable_refs=[held(session, clock, talk, one).ref])
    assert [(line.outcome, line.proposals) for line in plan.demands] == [(Outcome.KEPT, [])]


def test_only_what_is_complete_to_come_and_beyond_the_notice_may_move(session, clock, talk, hold, busy) -> None:
    soon = workshop(session, first_day=clock.today() + timedelta(days=8))
    held(session, clock, soon, busy)
    found = movable(session, clock.today(), MONTH[1], clock=clock)
    assert [one.id for one in found] == [hold.id]
    assert not movable(session, clock.today(), MONTH[1], clock=clock, skip=[hold.id])
    with pytest.raises(InvalidInput) as refusal:
        planned(session, clock, movable_refs=[hold.ref, "AFF-2222-2222"])
    assert refusal.value.code == "not_movable"


def test_somebody_is_freed_for_what_nobody_else_can_take(session, clock) -> None:
    group, talk = a_firm_wrap_group(session), workshop(session)
    one, other = a_certified_peer(session, wished_hours=20), a_certified_peer(session, wished_hours=20)
    third = a_peer(session, wished_hours=20)
    hold = held(session, clock, talk, one)
    plan = planned(session, clock, movable_refs=[hold.ref])
    found = {line.demand_id: line for line in plan.demands}
    assert [move.peer_id for move in found[talk.id].proposals] == [third.id]
    assert found[talk.id].proposals[0].gain["serves"] == [group.ref]
    assert {each.peer_id for each in found[group.id].proposals} == {one.id, other.id}
    apply_plan(session, plan.ref, actor=OFFICE_ACTOR, clock=clock)
    do_effects(session, clock)
    states = {each.peer_id: each.state for each in found[group.id].proposals}
    assert states == {one.id: ProposalState.PROPOSED, other.id: ProposalState.SENT}, "the one waits for their answer"
    make_room(session, session.scalars(select(Handover.ref)).one(), actor=PEER_ACTOR, clock=clock)
    accept_offer(session, offer_to(session, talk, third).ref, actor=PEER_ACTOR, clock=clock)
    do_endings(session, clock)
    assert {each.state for each in found[group.id].proposals} == {ProposalState.SENT}
    assert {offer_to(session, group, peer).state for peer in (one, other)} == {OfferState.SENT}


def offer_to(session: Session, demand: Demand, peer: Peer) -> Offer:
    """Their only offer for it."""
    return session.scalars(select(Offer).where(Offer.demand_id == demand.id, Offer.peer_id == peer.id)).one()


def test_when_they_keep_it_what_waited_for_them_is_let_go(session, clock) -> None:
    group, talk = a_firm_wrap_group(session), workshop(session)
    one, _other = a_certified_peer(session, wished_hours=20), a_certified_peer(session, wished_hours=20)
    a_peer(session, wished_hours=20)
    plan = planned(session, clock, movable_refs=[held(session, clock, talk, one).ref])
    apply_plan(session, plan.ref, actor=OFFICE_ACTOR, clock=clock)
    do_effects(session, clock)
    keep_seat(session, session.scalars(select(Handover.ref)).one(), actor=PEER_ACTOR, clock=clock)
    do_endings(session, clock)
    line = next(line for line in plan.demands if line.demand_id == group.id)
    assert {each.peer_id: each.state for each in line.proposals}[one.id] is ProposalState.GONE
    assert holders(session, talk) == [one.id]


# --- the question ----------------------------------------------------------------------------------------------


def test_applying_asks_who_holds_the_seat_and_changes_nothing(session, asked, talk, busy) -> None:
    assert (asked.state, holders(session, talk), talk.state) == (HandoverState.ASKED, [busy.id], DemandState.STAFFED)
    assert letters(session) == ["dispatch.handover_asked"]
    assert not session.scalars(select(Offer)).all(), "the other person is asked after their yes only"


def test_a_yes_asks_the_other_person_and_the_seat_stays_until_theirs(session, clock, asked, talk, busy, idle) -> None:
    for _ in range(2):
        make_room(session, asked.ref, actor=PEER_ACTOR, clock=clock)
    offer = session.scalars(select(Offer)).one()
    assert (offer.peer_id, offer.handover_id, offer.needed) == (idle.id, asked.id, True)
    assert holders(session, talk) == [busy.id]
    assert withdraw_idle_offers(session, clock=clock) == 0
    assert [one.id for one in open_offers_of(session, idle.id, clock=clock)] == [offer.id]


def test_two_yeses_change_the_seat_and_nobody_is_missing_in_between(session, clock, asked, hold, talk, idle) -> None:
    make_room(session, asked.ref, actor=PEER_ACTOR, clock=clock)
    accept_offer(session, session.scalars(select(Offer.ref)).one(), actor=PEER_ACTOR, clock=clock)
    assert (asked.state, hold.state) == (HandoverState.DONE, AssignmentState.REPLACED)
    assert (holders(session, talk), talk.state) == ([idle.id], DemandState.STAFFED)
    assert letters(session)[-1] == "dispatch.handover_done"
    do_endings(session, clock)
    with pytest.raises(Conflict) as refusal:
        keep_seat(session, asked.ref, actor=PEER_ACTOR, clock=clock)
    assert refusal.value.code == "handover_done"


def test_keeping_is_the_end_of_it_and_is_not_asked_again(session, clock, asked, hold, talk, busy) -> None:
    for _ in range(2):
        keep_seat(session, asked.ref, actor=PEER_ACTOR, clock=clock)
    assert (asked.state, holders(session, talk)) == (HandoverState.KEPT, [busy.id])
    assert hold.id in not_to_ask(session)
    with pytest.raises(Conflict):
        make_room(session, asked.ref, actor=PEER_ACTOR, clock=clock)


def test_without_an_answer_they_keep_it(session, clock, asked, talk, busy) -> None:
    end_handover(session, asked.ref, {}, clock=clock)
    assert asked.state is HandoverState.ASKED, "there is still time"
    clock.at = asked.deadline
    do_endings(session, clock)
    assert (asked.state, holders(session, talk)) == (HandoverState.KEPT, [busy.id])


def test_they_may_change_their_mind_until_the_other_person_came(session, clock, asked, talk, busy) -> None:
    make_room(session, asked.ref, actor=PEER_ACTOR, clock=clock)
    keep_seat(session, asked.ref, actor=PEER_ACTOR, clock=clock)
    offer = session.scalars(select(Offer)).one()
    assert (offer.state, asked.state, holders(session, talk)) == (OfferState.WITHDRAWN, HandoverState.KEPT, [busy.id])
    with pytest.raises(Conflict):
        accept_offer(session, offer.ref, actor=PEER_ACTOR, clock=clock)


def test_when_the_other_person_does_not_come_they_are_told_that_they_keep_it(session, clock, asked, talk, busy) -> None:
    make_room(session, asked.ref, actor=PEER_ACTOR, clock=clock)
    decline_offer(session, session.scalars(select(Offer.ref)).one(), actor=PEER_ACTOR, clock=clock)
    do_endings(session, clock)
    assert (asked.state, holders(session, talk)) == (HandoverState.LAPSED, [busy.id])
    assert letters(session)[-1] == "dispatch.handover_lapsed"


def test_who_agreed_and_withdraws_leaves_a_free_seat_the_other_may_take(
    session, clock, asked, hold, talk, idle
) -> None:
    make_room(session, asked.ref, actor=PEER_ACTOR, clock=clock)
    give_back(session, hold.ref, peer_id=hold.peer_id, actor=PEER_ACTOR, clock=clock)
    accept_offer(session, session.scalars(select(Offer.ref)).one(), actor=PEER_ACTOR, clock=clock)
    assert (holders(session, talk), talk.state) == ([idle.id], DemandState.STAFFED)


def test_a_newcomer_who_no_longer_fits_is_refused_and_the_seat_stays(session, clock, asked, talk, busy, idle) -> None:
    make_room(session, asked.ref, actor=PEER_ACTOR, clock=clock)
    idle.radius_km = 1
    idle.left_on = clock.today() + timedelta(days=1)
    session.flush()
    ref = session.scalars(select(Offer.ref)).one()
    with pytest.raises(Conflict), session.begin_nested():
        accept_offer(session, ref, actor=PEER_ACTOR, clock=clock)
    session.expire_all()
    assert (asked.state, holders(session, talk)) == (HandoverState.AGREED, [busy.id])


def test_a_move_no_longer_possible_is_left_and_nobody_is_told(session, clock, plan, hold) -> None:
    give_back(session, hold.ref, peer_id=hold.peer_id, actor=PEER_ACTOR, clock=clock)
    told = len(letters(session))
    apply_plan(session, plan.ref, actor=OFFICE_ACTOR, clock=clock)
    do_effects(session, clock)
    assert plan.demands[0].proposals[0].state is ProposalState.GONE
    assert len(letters(session)) == told
