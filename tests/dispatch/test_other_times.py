"""« Je propose un autre horaire », from the peer's word to the structure's answer, on real PostgreSQL."""

import threading
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.demands.diary import hold_seat
from entrepairs.demands.models import Booking, Demand
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.scopes import OFFICE, Scope
from entrepairs.demands.states import DemandState
from entrepairs.dispatch import mails, other_times, time_mails
from entrepairs.dispatch.answering import accept_offer, decline_offer
from entrepairs.dispatch.ending import expire_offer
from entrepairs.dispatch.models import Offer, OfferState, OtherTime, OtherTimeState
from entrepairs.dispatch.slots import Slot
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.dates import paris
from entrepairs.kernel.errors import Conflict, DomainError
from entrepairs.messages.models import Message
from entrepairs.network.models import Availability, Peer
from entrepairs.outbox.models import OutboxItem
from tests.factories.dispatch import OFFICE_ACTOR, a_certified_peer, a_firm_wrap_group, offers_to
from tests.factories.identity import an_office_account
from tests.factories.missions import PEER_ACTOR, PlainLinks
from tests.factories.network import a_member, a_partner

TUESDAY = Slot(time(10), weekday=1)
SECONDS = timedelta(seconds=1)


@pytest.fixture
def group(session: Session) -> Demand:
    """Eight Thursdays, 14 h to 16 h, asked by a member of a clinic."""
    an_office_account(session)
    return a_group(session)


def a_group(session: Session) -> Demand:
    partner = a_partner(session)
    demand = a_firm_wrap_group(session, partner=partner)
    demand.requester_id = a_member(session, partner).id
    session.flush()
    session.refresh(demand)
    return demand


def suggest(session: Session, offer: Offer, clock: FixedClock, slot: Slot = TUESDAY) -> OtherTime:
    return other_times.suggest_time(session, offer.ref, slot, peer_id=offer.peer_id, actor=PEER_ACTOR, clock=clock)


def ask(session: Session, row: OtherTime, clock: FixedClock) -> OtherTime:
    return other_times.ask_structure(session, row.ref, actor=OFFICE_ACTOR, clock=clock)


def agree(session: Session, row: OtherTime, clock: FixedClock, **kw: Any) -> OtherTime:
    return other_times.agree_to_time(session, row.ref, **({"actor": OFFICE_ACTOR, "clock": clock} | kw))


def refused(work: Any) -> str:
    with pytest.raises(DomainError) as refusal:
        work()
    return refusal.value.code


def walls(demand: Demand) -> set[tuple[int, time]]:
    return {(paris(period_of(row).start).weekday(), paris(period_of(row).start).time()) for row in demand.sessions}


def letters(session: Session, kind: str) -> list[str]:
    return list(session.scalars(select(Message.subject_ref).where(Message.kind == kind).order_by(Message.id)))


def letter(session: Session, kind: str) -> Message:
    return session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id.desc())).first()  # type: ignore[return-value]


THURSDAYS, TUESDAYS = {(3, time(14))}, {(1, time(10))}


def test_the_structure_agrees_the_sessions_move_and_the_offer_goes_on_at_the_new_time(
    session: Session, group: Demand, clock: FixedClock
) -> None:
    (offer,) = offers_to(session, group, [a_certified_peer(session)])
    row = suggest(session, offer, clock)
    assert (row.state, offer.state, walls(group)) == (OtherTimeState.SUGGESTED, OfferState.SENT, THURSDAYS)
    assert letters(session, "dispatch.other_time_suggested") == [group.ref]
    ask(session, row, clock)
    assert (row.state, walls(group)) == (OtherTimeState.ASKED, THURSDAYS)
    assert letter(session, "dispatch.other_time_asked").to_ref == group.requester.ref
    agree(session, row, clock, scope=Scope(group.partner_id))
    assert (row.state, offer.state, walls(group)) == (OtherTimeState.AGREED, OfferState.SENT, TUESDAYS)
    assert group.state is DemandState.STAFFING
    assert letters(session, "dispatch.other_time_agreed") == [row.ref]
    accepted = accept_offer(session, offer.ref, actor=PEER_ACTOR, clock=clock)
    assert accepted.assignment is not None
    assert {booking.during for booking in accepted.assignment.bookings} == {one.during for one in group.sessions}


def test_the_structure_keeps_its_time_and_it_costs_nothing(session: Session, group: Demand, clock: FixedClock) -> None:
    (offer,) = offers_to(session, group, [a_certified_peer(session)])
    row = ask(session, suggest(session, offer, clock), clock)
    before = offer.deadline
    other_times.keep_time(session, row.ref, scope=Scope(group.partner_id), actor=OFFICE_ACTOR, clock=clock)
    assert (row.state, offer.state, offer.deadline, walls(group)) == (
        OtherTimeState.KEPT,
        OfferState.SENT,
        before,
        THURSDAYS,
    )
    assert letters(session, "dispatch.other_time_kept") == [row.ref]
    suggest(session, offer, clock, Slot(time(9), weekday=2))  # another one may still be suggested


def test_the_office_may_thank_without_asking(session: Session, group: Demand, clock: FixedClock) -> None:
    (offer,) = offers_to(session, group, [a_certified_peer(session)])
    row = suggest(session, offer, clock)
    other_times.thank_peer(session, row.ref, actor=OFFICE_ACTOR, clock=clock)
    assert (row.state, offer.state) == (OtherTimeState.THANKED, OfferState.SENT)
    assert letters(session, "dispatch.other_time_kept") == [row.ref]
    assert letters(session, "dispatch.other_time_asked") == []


def test_until_the_structure_is_asked_the_latest_word_replaces_the_first(
    session: Session, group: Demand, clock: FixedClock
) -> None:
    (offer,) = offers_to(session, group, [a_certified_peer(session)])
    first = suggest(session, offer, clock)
    again = suggest(session, offer, clock, Slot(time(9), weekday=0))
    assert (again.id, again.weekday) == (first.id, 0)
    ask(session, again, clock)
    assert refused(lambda: suggest(session, offer, clock)) == "time_asked"


def test_a_time_that_does_not_fit_who_suggests_it_is_said_at_once(
    session: Session, group: Demand, clock: FixedClock
) -> None:
    peer = a_certified_peer(session)
    (offer,) = offers_to(session, group, [peer])
    session.query(Availability).filter_by(peer_id=peer.id, weekday=1).delete()
    assert refused(lambda: suggest(session, offer, clock)) == "time_does_not_fit"
    assert [slot.weekday for slot, _ in other_times.slots_that_fit(session, offer, clock=clock)] == [0, 2, 4]
    assert session.scalar(select(func.count(OtherTime.id))) == 0


def test_every_rule_is_checked_again_when_the_structure_agrees(
    session: Session, group: Demand, clock: FixedClock
) -> None:
    peer = a_certified_peer(session)
    (offer,) = offers_to(session, group, [peer])
    row = ask(session, suggest(session, offer, clock), clock)
    elsewhere = a_firm_wrap_group(session, first_day=date(2027, 1, 26), start=time(9))
    hold_seat(session, elsewhere, peer.id, actor=PEER_ACTOR, clock=clock)
    assert refused(lambda: agree(session, row, clock)) == "time_does_not_fit"
    assert (row.state, walls(group)) == (OtherTimeState.ASKED, THURSDAYS)


def test_who_comes_already_follows_when_free_and_stops_the_move_when_not(
    session: Session, group: Demand, clock: FixedClock
) -> None:
    held, asked = a_certified_peer(session), a_certified_peer(session)
    first, offer = offers_to(session, group, [held, asked])
    accept_offer(session, first.ref, actor=PEER_ACTOR, clock=clock)
    row = suggest(session, offer, clock)
    elsewhere = a_firm_wrap_group(session, first_day=date(2027, 1, 26), start=time(9))
    other = hold_seat(session, elsewhere, held.id, actor=PEER_ACTOR, clock=clock)
    assert refused(lambda: ask(session, row, clock)) == "colleague_busy"
    for booking in other.bookings:
        booking.active = False
    session.flush()
    agree(session, ask(session, row, clock), clock)
    mine = select(Booking.during).where(Booking.peer_id == held.id, Booking.active)
    assert set(session.scalars(mine)) == {one.during for one in group.sessions}
    moves = session.scalars(select(OutboxItem.subject_ref).where(OutboxItem.kind == "missions.sessions_moved")).all()
    assert moves == [min(group.sessions, key=lambda one: period_of(one).start).ref], "one order each, not eight"


def test_the_other_peers_asked_are_told_and_who_can_no_longer_come_is_let_go(
    session: Session, group: Demand, clock: FixedClock
) -> None:
    stays, leaves = a_certified_peer(session), a_certified_peer(session)
    session.query(Availability).filter_by(peer_id=leaves.id, weekday=1).delete()
    offer, other, gone = offers_to(session, group, [a_certified_peer(session), stays, leaves])
    agree(session, ask(session, suggest(session, offer, clock), clock), clock)
    assert (offer.state, other.state, gone.state) == (OfferState.SENT, OfferState.SENT, OfferState.WITHDRAWN)
    assert letters(session, "dispatch.offer_moved") == [other.ref, gone.ref]


def test_nothing_moves_once_somebody_holds_the_last_seat(session: Session, group: Demand, clock: FixedClock) -> None:
    one, two, late = (a_certified_peer(session) for _ in range(3))
    first, second, offer = offers_to(session, group, [one, two, late])
    row = ask(session, suggest(session, offer, clock), clock)
    for each in (first, second):
        accept_offer(session, each.ref, actor=PEER_ACTOR, clock=clock)
    assert refused(lambda: agree(session, row, clock)) == "time_closed"
    assert refused(lambda: suggest(session, offer, clock)) == "seat_taken"
    assert walls(group) == THURSDAYS
    assert mails is not None


@pytest.mark.parametrize("answer", ["yes", "no", "late"])
def test_an_offer_that_is_over_closes_what_was_suggested(
    session: Session, group: Demand, clock: FixedClock, answer: str
) -> None:
    (offer,) = offers_to(session, group, [a_certified_peer(session)])
    row = suggest(session, offer, clock)
    if answer == "yes":
        accept_offer(session, offer.ref, actor=PEER_ACTOR, clock=clock)
    elif answer == "no":
        decline_offer(session, offer.ref, actor=PEER_ACTOR, clock=clock)
    else:
        clock.at = offer.deadline + SECONDS
    assert refused(lambda: ask(session, row, clock)) == "time_closed"
    assert refused(lambda: agree(session, row, clock)) == "time_closed"
    assert walls(group) == THURSDAYS


def test_asking_the_structure_leaves_the_peer_the_time_it_takes(
    session: Session, group: Demand, clock: FixedClock
) -> None:
    (offer,) = offers_to(session, group, [a_certified_peer(session)], deadline=clock.now() + timedelta(hours=3))
    before = offer.deadline
    row = ask(session, suggest(session, offer, clock), clock)
    assert offer.deadline > before
    expire_offer(session, offer.ref, {}, clock=FixedClock(before + SECONDS))
    assert offer.state is OfferState.SENT
    agree(session, row, FixedClock(before + SECONDS))
    assert offer.deadline <= min(period_of(one).start for one in group.sessions)
    expire_offer(session, offer.ref, {}, clock=FixedClock(offer.deadline))
    assert offer.state is OfferState.EXPIRED


def test_only_the_sessions_still_planned_move(session: Session, group: Demand, clock: FixedClock) -> None:
    first, second = a_certified_peer(session), a_certified_peer(session)
    (one,) = offers_to(session, group, [first])
    accept_offer(session, one.ref, actor=PEER_ACTOR, clock=clock)
    begun = period_of(group.sessions[0])
    clock.at = begun.end + timedelta(hours=1)
    (offer,) = offers_to(session, group, [second], clock=clock)
    agree(session, ask(session, suggest(session, offer, clock), clock), clock)
    assert period_of(group.sessions[0]) == begun
    assert {paris(period_of(row).start).weekday() for row in group.sessions[1:]} == {1}


def test_a_structure_answers_for_its_own_demands_only(session: Session, group: Demand, clock: FixedClock) -> None:
    (offer,) = offers_to(session, group, [a_certified_peer(session)])
    row = ask(session, suggest(session, offer, clock), clock)
    stranger = Scope(a_partner(session).id)
    assert refused(lambda: agree(session, row, clock, scope=stranger)) == "offer"
    assert refused(lambda: suggest(session, offer, clock)) == "time_asked"
    other = a_certified_peer(session)
    absent = lambda: other_times.suggest_time(  # noqa: E731
        session, offer.ref, TUESDAY, peer_id=other.id, actor=PEER_ACTOR, clock=clock
    )
    assert refused(absent) == "offer"


def test_a_demand_opened_for_a_caller_is_agreed_on_the_telephone(
    session: Session, group: Demand, clock: FixedClock
) -> None:
    group.requester_id = None
    session.flush()
    session.refresh(group)
    (offer,) = offers_to(session, group, [a_certified_peer(session)])
    row = suggest(session, offer, clock)
    assert refused(lambda: ask(session, row, clock)) == "nobody_to_ask"
    agree(session, row, clock, scope=OFFICE)
    assert walls(group) == TUESDAYS


def test_the_letters_name_nobody_to_the_structure_and_say_both_times(
    session: Session, group: Demand, clock: FixedClock
) -> None:
    peer = a_certified_peer(session)
    (offer,) = offers_to(session, group, [peer])
    row = ask(session, suggest(session, offer, clock), clock)
    links = PlainLinks()
    asked = time_mails.other_time_asked(session, letter(session, "dispatch.other_time_asked"), links, clock=clock)
    assert asked is not None
    assert peer.first_name not in str(asked)
    assert [label.msgid for label, _ in asked.details] == ["What", "Asked for", "Another time"]
    office = letter(session, "dispatch.other_time_suggested")
    assert time_mails.other_time_suggested(session, office, links, clock=clock) is not None
    agree(session, row, clock)
    assert (
        time_mails.other_time_asked(session, letter(session, "dispatch.other_time_asked"), links, clock=clock) is None
    )
    agreed = time_mails.other_time_agreed(session, letter(session, "dispatch.other_time_agreed"), links, clock=clock)
    assert agreed is not None
    decline_offer(session, offer.ref, actor=PEER_ACTOR, clock=clock)
    agreed = time_mails.other_time_agreed(session, letter(session, "dispatch.other_time_agreed"), links, clock=clock)
    assert agreed is None


@pytest.mark.race
def test_the_structure_agrees_as_a_peer_takes_the_seat_and_only_one_of_the_two_is_done(fresh_database: Any) -> None:
    clock = FixedClock()
    with fresh_database.session() as setup:
        group = a_group(setup)
        held, fast, slow = (a_certified_peer(setup) for _ in range(3))
        first, quick, offer = offers_to(setup, group, [held, fast, slow])
        accept_offer(setup, first.ref, actor=PEER_ACTOR, clock=clock)
        row = ask(setup, suggest(setup, offer, clock), clock)
        refs = {"quick": quick.ref, "time": row.ref, "demand": group.ref}
        setup.commit()
    barrier, ends = threading.Barrier(2), []

    def run(work: Any) -> None:
        with fresh_database.session() as own:
            barrier.wait()
            try:
                work(own)
                own.commit()
                ends.append("done")
            except Conflict as refusal:
                own.rollback()
                ends.append(refusal.code)

    works = (
        lambda own: other_times.agree_to_time(own, refs["time"], actor=OFFICE_ACTOR, clock=clock),
        lambda own: accept_offer(own, refs["quick"], actor=PEER_ACTOR, clock=clock),
    )
    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with fresh_database.session() as look:
        demand = look.scalars(select(Demand).where(Demand.ref == refs["demand"])).one()
        for booking in look.scalars(select(Booking).where(Booking.active)):
            assert booking.during == booking.session.during
        if demand.state is DemandState.STAFFED and walls(demand) == THURSDAYS:
            assert sorted(ends) == ["done", "time_closed"]  # the seat went first
        else:
            assert sorted(ends) == ["done", "done"]  # the time moved first, and the quick one said yes to it
            assert walls(demand) == TUESDAYS
        assert look.scalar(select(func.count(Peer.id))) == 3
