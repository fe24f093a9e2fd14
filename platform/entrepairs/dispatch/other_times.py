"""« Je propose un autre horaire »: a peer suggests, the office asks the structure or thanks, the structure answers.

Nothing moves before the structure has said yes; the offer stays open as it was, and no answer weighs on the peer. Rows
are locked in the one order (demand, seats, peers, offers); the other time itself comes last.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.audit.recording import record
from entrepairs.db import locked
from entrepairs.demands.diary import live_assignments
from entrepairs.demands.models import Demand, DemandSession
from entrepairs.demands.scheduling import period_of, shift_sessions
from entrepairs.demands.scopes import OFFICE, Scope
from entrepairs.demands.states import OFFERABLE, AssignmentState, SessionState
from entrepairs.dispatch import time_mails
from entrepairs.dispatch.ending import end_offer, expiry_key
from entrepairs.dispatch.holding import find_offer, hold_rows, open_offers
from entrepairs.dispatch.mails import tell_offices, tell_peer
from entrepairs.dispatch.models import (
    LIVE_TIMES,
    OTHER_TIME_TRANSITIONS,
    Offer,
    OfferEvent,
    OfferState,
    OtherTime,
    OtherTimeEvent,
    OtherTimeState,
)
from entrepairs.dispatch.rules import closed, default_deadline
from entrepairs.dispatch.slots import Slot, moved, nearby, slot_of
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import Period, paris_day
from entrepairs.kernel.errors import Conflict, DomainError, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import new_reference
from entrepairs.matching.explaining import reasons_against
from entrepairs.matching.gathering import gather_ask, gather_pool
from entrepairs.matching.looking import limits_on, look, record_of
from entrepairs.matching.values import Ask, Candidate
from entrepairs.outbox.adding import add


def suggest_time(
    session: Session, offer_ref: str, slot: Slot, *, peer_id: int | None = None, actor: Actor, clock: Clock
) -> OtherTime:
    """A peer suggests another time for an open offer; until the structure is asked, the latest word replaces the first.

    Raises NotFound, Conflict("time_asked", "no_rhythm", "time_does_not_fit", and as an answer that comes late),
    InvalidInput as `slots.moved`.
    """
    find_offer(session, offer_ref, peer_id=peer_id)
    offer, demand, _seats = hold_rows(session, offer_ref)
    _read_again(session, demand)
    _ensure_open(offer, demand, clock)
    there = there_at(demand, slot, clock)
    if not _fits(session, demand, offer.peer.ref, there, clock):
        raise Conflict(
            "time_does_not_fit",
            N_(
                "With your hours, your other missions and your choices, this time does not fit either. Try another one."
            ),
        )
    row = live_time(session, offer)
    if row is not None and row.state is OtherTimeState.ASKED:
        raise Conflict("time_asked", N_("We are already asking the structure about the time you suggested."))
    if row is None:
        row = OtherTime(ref=new_reference("HOR"), offer_id=offer.id, state=OtherTimeState.SUGGESTED)
        session.add(row)
    row.day, row.weekday, row.starts, row.suggested_at = slot.day, slot.weekday, slot.starts, clock.now()
    session.flush()
    record(session, "other_time.suggest", "other_time", row.ref, actor=actor, clock=clock, offer=offer.ref)
    tell_offices(session, "dispatch.other_time_suggested", demand, since=row.ref, clock=clock)
    return row


def ask_structure(session: Session, ref: str, *, actor: Actor, clock: Clock) -> OtherTime:
    """Ask the structure by a letter; the peer keeps the time to answer it takes.

    Raises NotFound, TransitionRefused, Conflict("time_closed", "time_does_not_fit", "colleague_busy",
    "nobody_to_ask").
    """
    row, offer, demand = _hold(session, ref, OFFICE, clock)
    there = _ensure_everybody_fits(session, row, offer, demand, clock)
    requester = demand.requester
    if requester is None or requester.disabled_at is not None:
        raise Conflict("nobody_to_ask", N_("Nobody of this structure can be written to: call them, then note it here."))
    move(session, row, OTHER_TIME_TRANSITIONS, OtherTimeEvent.ASK, actor=actor, clock=clock)
    row.asked_at = clock.now()
    first = min(there[0].start, *(period_of(one).start for one in to_move(demand, clock.now())))
    _give_until(session, offer, max(offer.deadline, default_deadline(clock.now(), first)))
    time_mails.ask_requester(session, row, requester, clock=clock)
    return row


def thank_peer(session: Session, ref: str, *, actor: Actor, clock: Clock) -> OtherTime:
    """Not this time: the peer is thanked, and the offer stays as it was. Raises NotFound, TransitionRefused."""
    row, _offer, _demand = _hold(session, ref, OFFICE, clock)
    _answer(session, row, OtherTimeEvent.THANK, actor=actor, clock=clock)
    time_mails.tell_suggester(session, "dispatch.other_time_kept", row, clock=clock)
    return row


def keep_time(session: Session, ref: str, *, scope: Scope = OFFICE, actor: Actor, clock: Clock) -> OtherTime:
    """« Non, gardons le nôtre »: nothing moves, the peer is told kindly.

    Raises NotFound, TransitionRefused, Conflict("time_closed").
    """
    row, _offer, _demand = _hold(session, ref, scope, clock)
    _answer(session, row, OtherTimeEvent.KEEP, actor=actor, clock=clock)
    time_mails.tell_suggester(session, "dispatch.other_time_kept", row, clock=clock)
    return row


def agree_to_time(session: Session, ref: str, *, scope: Scope = OFFICE, actor: Actor, clock: Clock) -> OtherTime:
    """« Ce créneau nous convient »: the sessions still planned move, and the offer goes on at the new time.

    Every rule is checked again for who suggested and for who comes already. The other open offers of the demand speak
    of another time now: each of those peers is told, and an offer that no longer fits is closed. The office may agree
    in the name of a structure it has on the telephone. Raises NotFound, TransitionRefused, Conflict("time_closed",
    "time_does_not_fit", "colleague_busy", "busy").
    """
    row, offer, demand = _hold(session, ref, scope, clock)
    there = _ensure_everybody_fits(session, row, offer, demand, clock)
    shift_sessions(session, dict(zip(to_move(demand, clock.now()), there, strict=True)), actor=actor, clock=clock)
    _answer(session, row, OtherTimeEvent.AGREE, actor=actor, clock=clock)
    _give_until(session, offer, _time_to_answer(offer, there, clock, at_least=True))
    record(session, "other_time.agree", "other_time", row.ref, actor=actor, clock=clock, demand=demand.ref)
    time_mails.tell_suggester(session, "dispatch.other_time_agreed", row, clock=clock)
    _tell_the_others(session, offer, demand, there, clock)
    return row


def live_time(session: Session, offer: Offer) -> OtherTime | None:
    """The other time of an offer nobody has answered yet."""
    return session.scalars(
        select(OtherTime).where(OtherTime.offer_id == offer.id, OtherTime.state.in_(LIVE_TIMES))
    ).one_or_none()


def to_move(demand: Demand, now: datetime) -> list[DemandSession]:
    """The sessions that would move: planned and not begun, in order."""
    planned = (row for row in demand.sessions if row.state is SessionState.PLANNED and period_of(row).start > now)
    return sorted(planned, key=lambda row: period_of(row).start)


def stands_at(demand: Demand, now: datetime) -> Slot | None:
    """The slot of the sessions still to move; None when they can't be moved in one go."""
    return slot_of([period_of(row) for row in to_move(demand, now)])


def there_at(demand: Demand, slot: Slot, clock: Clock) -> tuple[Period, ...]:
    """Where each session still to move would go. Raises as `slots.moved`."""
    periods = [period_of(row) for row in to_move(demand, clock.now())]
    return moved(periods, slot, now=clock.now(), skip_holidays=demand.skip_holidays)


def slots_that_fit(session: Session, offer: Offer, *, clock: Clock) -> list[tuple[Slot, tuple[Period, ...]]]:
    """A few other times near the one proposed that fit for this peer, with where the sessions would go."""
    stands = stands_at(offer.demand, clock.now())
    found = []
    for slot in nearby(stands, today=clock.today()) if stands else ():
        try:
            there = there_at(offer.demand, slot, clock)
        except DomainError:  # a holiday, the past: simply not offered to choose from
            continue
        if _fits(session, offer.demand, offer.peer.ref, there, clock):
            found.append((slot, there))
    return found


def slot_suggested(row: OtherTime) -> Slot:
    """The slot of the row, as a value."""
    return Slot(row.starts, day=row.day, weekday=row.weekday)


def _ensure_open(offer: Offer, demand: Demand, clock: Clock) -> None:
    if offer.state is not OfferState.SENT:
        raise closed(offer.state)
    if demand.state not in OFFERABLE:
        raise closed(OfferState.WITHDRAWN)
    if clock.now() >= offer.deadline:
        raise closed(OfferState.EXPIRED)


def _hold(session: Session, ref: str, scope: Scope, clock: Clock) -> tuple[OtherTime, Offer, Demand]:
    """Lock what another time touches. Raises NotFound, Conflict("time_closed") when its offer is over."""
    offer_ref = session.scalar(
        scope.narrow(select(Demand))
        .join(Offer, Offer.demand_id == Demand.id)
        .join(OtherTime, OtherTime.offer_id == Offer.id)
        .where(OtherTime.ref == ref)
        .with_only_columns(Offer.ref)
    )
    offer, demand, _seats = hold_rows(session, offer_ref or "")
    row = locked(session, select(OtherTime).where(OtherTime.ref == ref))
    if row is None:
        raise NotFound("other_time", N_("This page does not exist, or is not for you."))
    _read_again(session, demand)
    try:
        _ensure_open(offer, demand, clock)
    except Conflict as over:
        raise Conflict(
            "time_closed", N_("Somebody has been found meanwhile, or the time to answer is over: nothing changes.")
        ) from over
    return row, offer, demand


def _read_again(session: Session, demand: Demand) -> None:
    """The sessions of a demand that is locked now, as they stand now."""
    session.scalars(
        select(DemandSession).where(DemandSession.demand_id == demand.id).execution_options(populate_existing=True)
    ).all()


def _answer(session: Session, row: OtherTime, event: OtherTimeEvent, *, actor: Actor, clock: Clock) -> None:
    move(session, row, OTHER_TIME_TRANSITIONS, event, actor=actor, clock=clock)
    row.answered_at, row.answered_by = clock.now(), actor.label[:160]
    session.flush()


def _ensure_everybody_fits(
    session: Session, row: OtherTime, offer: Offer, demand: Demand, clock: Clock
) -> tuple[Period, ...]:
    """The new periods, once every rule has been checked at that time. No reason is told of anybody."""
    there = there_at(demand, slot_suggested(row), clock)
    if not _fits(session, demand, offer.peer.ref, there, clock):
        raise Conflict("time_does_not_fit", N_("This time no longer fits for who suggested it. Nothing has changed."))
    if not _holders_fit(session, demand, there, clock):
        raise Conflict("colleague_busy", N_("Somebody who comes already can't at that time. Nothing has changed."))
    return there


def _fits(session: Session, demand: Demand, peer_ref: str, there: tuple[Period, ...], clock: Clock) -> bool:
    answer = look(session, demand.ref, clock=clock, peer_refs=[peer_ref], periods=there).answer
    found = record_of(answer, peer_ref)
    return found is not None and found.possible


def _holders_fit(session: Session, demand: Demand, there: tuple[Period, ...], clock: Clock) -> bool:
    """Whether nothing new stands in the way of who holds a seat: what they hold here moves along."""
    held = [row.peer.ref for row in live_assignments(session, demand.id) if row.state is AssignmentState.CONFIRMED]
    if not held:
        return True
    now_at = tuple(period_of(row) for row in to_move(demand, clock.now()))
    asks = [gather_ask(session, demand.ref, clock=clock, periods=at) for at in (now_at, there)]
    before, after = (
        {one.id: _codes_against(session, ask, one, now_at) for one in gather_pool(session, ask, held)} for ask in asks
    )
    return all(after[peer_id] <= before.get(peer_id, frozenset()) for peer_id in after)


def _codes_against(session: Session, ask: Ask, holder: Candidate, here: Sequence[Period]) -> frozenset[str]:
    elsewhere = tuple(work for work in holder.bookings if work.period not in here)
    anew = replace(ask, holders=tuple(each for each in ask.holders if each != holder.id), free_seats=ask.free_seats + 1)
    limits = limits_on(session, paris_day(ask.span.start))
    return frozenset(reason.code for reason in reasons_against(anew, replace(holder, bookings=elsewhere), limits))


def _time_to_answer(offer: Offer, there: Sequence[Period], clock: Clock, *, at_least: bool) -> datetime:
    """Until when one may answer at the new time: never after it has begun; `at_least`: with days to do so."""
    due = default_deadline(clock.now(), there[0].start)
    if at_least:
        return max(offer.deadline, due) if offer.deadline <= there[0].start else due
    return min(offer.deadline, due) if offer.deadline > there[0].start else offer.deadline


def _give_until(session: Session, offer: Offer, until: datetime) -> None:
    """Give an offer another deadline; the earlier expiry finds nothing to do, or nothing any more."""
    if until == offer.deadline:
        return
    offer.deadline = until
    add(
        session,
        "dispatch.expire_offer",
        subject_kind="offer",
        subject_ref=offer.ref,
        due_at=until,
        dedup=f"{expiry_key(offer)}:{until:%Y%m%d%H%M}",
    )


def _tell_the_others(session: Session, offer: Offer, demand: Demand, there: Sequence[Period], clock: Clock) -> None:
    for other in open_offers(session, demand):
        if other.id == offer.id:
            continue
        if _fits(session, demand, other.peer.ref, tuple(there), clock):
            _give_until(session, other, _time_to_answer(other, there, clock, at_least=False))
        else:
            end_offer(session, other, OfferEvent.WITHDRAW, actor=Actor.SYSTEM, clock=clock)
        tell_peer(session, "dispatch.offer_moved", other, clock=clock)
