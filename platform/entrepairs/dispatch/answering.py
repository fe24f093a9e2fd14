"""A peer answers. Yes: the first one holds the seat. No: no reason, no trace beyond the answer itself."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.demands.diary import FREE, hold_seat, lock_seats
from entrepairs.demands.models import Assignment, Demand, Seat
from entrepairs.demands.states import OFFERABLE, DemandState
from entrepairs.dispatch.cards import offered_periods
from entrepairs.dispatch.ending import end_offer, look_further, supersede_others
from entrepairs.dispatch.handovers import take_over
from entrepairs.dispatch.holding import find_offer, hold_rows
from entrepairs.dispatch.models import Offer, OfferEvent, OfferState
from entrepairs.dispatch.rules import TAKEN, closed, sessions_mark
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.errors import Conflict
from entrepairs.kernel.i18n import N_
from entrepairs.matching.looking import limits_on, look, record_of
from entrepairs.matching.notice import short_notice
from entrepairs.outbox.adding import add


def accept_offer(
    session: Session, ref: str, *, peer_id: int | None = None, read: str = "", actor: Actor, clock: Clock
) -> Offer:
    """Say yes: hold the first free seat, after every hard rule is checked again. Saying it twice is saying it once.

    Demand, seats and peer are locked first, so of sixteen who answer in one instant the seats go to the first and the
    others read a sentence. Where somebody agreed to hand their place over, the yes takes it: both move, or nothing
    does. The yes is explicit and dated (Cass. soc.: an agreement lifts the notice of L3123-31).
    `peer_id` narrows to one peer's offers; `read` is the mark of the times on the page one answers from. Raises
    NotFound, Conflict("seat_taken", "offer_expired", "offer_withdrawn", "offer_declined", "offer_moved",
    "no_longer_fits", "not_open", "nothing_to_come", "busy").
    """
    find_offer(session, ref, peer_id=peer_id)
    offer, demand, seats = hold_rows(session, ref)
    if offer.state is OfferState.ACCEPTED:
        return offer
    if offer.handover is not None and offer.state is OfferState.SENT and clock.now() < offer.deadline:
        _ensure_as_read(demand, read)
        take_over(session, offer.handover, actor=actor, clock=clock)
        session.refresh(demand)
        seats = lock_seats(session, demand)
    _ensure_open(offer, demand, seats, clock)
    _ensure_as_read(demand, read)
    short = _ensure_still_fits(session, offer, demand, clock)
    assignment = hold_seat(session, demand, offer.peer_id, actor=actor, clock=clock)
    end_offer(session, offer, OfferEvent.ACCEPT, actor=actor, clock=clock)
    offer.answered_at, offer.assignment_id = clock.now(), assignment.id
    offer.short_notice_agreed_at = clock.now() if short else None
    session.flush()
    if not any(seat.state in FREE for seat in seats):
        supersede_others(session, demand, clock=clock)
    _issue_order(session, assignment, clock)
    record(
        session, "offer.accept", "offer", offer.ref, actor=actor, clock=clock, demand=demand.ref, hold=assignment.ref
    )
    return offer


def _ensure_open(offer: Offer, demand: Demand, seats: Sequence[Seat], clock: Clock) -> None:
    if offer.state is not OfferState.SENT:
        raise closed(offer.state)
    if demand.state not in OFFERABLE and demand.state is not DemandState.STAFFED:
        raise closed(OfferState.WITHDRAWN)
    if not any(seat.state in FREE for seat in seats):
        raise Conflict("seat_taken", TAKEN)
    if clock.now() >= offer.deadline:
        raise closed(OfferState.EXPIRED)


def _ensure_as_read(demand: Demand, read: str) -> None:
    if read and read != sessions_mark(offered_periods(demand)):
        raise Conflict(
            "offer_moved",
            N_("The time of this proposal has changed since you opened it. Here it is now: nothing is accepted yet."),
        )


def _ensure_still_fits(session: Session, offer: Offer, demand: Demand, clock: Clock) -> bool:
    """Every rule again; gives whether the yes is an express agreement to a short notice."""
    answer = look(session, demand.ref, clock=clock, peer_refs=[offer.peer.ref]).answer
    found = record_of(answer, offer.peer.ref)
    if found is None or not found.possible:
        raise Conflict(
            "no_longer_fits",
            N_(
                "With your hours, your other missions and your choices as they are now, this one no longer fits. Call us."
            ),
        )
    candidate = answer.possible[0].candidate
    return short_notice(answer.ask, candidate, limits_on(session, paris_day(answer.ask.span.start)))


def _issue_order(session: Session, assignment: Assignment, clock: Clock) -> None:
    add(
        session,
        "missions.issue_order",
        subject_kind="assignment",
        subject_ref=assignment.ref,
        due_at=clock.now(),
        dedup=f"missions.issue_order:{assignment.ref}",
    )


def decline_offer(session: Session, ref: str, *, peer_id: int | None = None, actor: Actor, clock: Clock) -> Offer:
    """Say no: no reason is asked, nothing is counted. Saying it twice, or after the end, changes nothing.

    Raises NotFound, Conflict("offer_accepted") to who said yes: `relays.give_back` is the way.
    """
    find_offer(session, ref, peer_id=peer_id)
    offer, demand, _seats = hold_rows(session, ref)
    if offer.state is OfferState.ACCEPTED:
        raise closed(OfferState.ACCEPTED)
    if offer.state is not OfferState.SENT:
        return offer
    end_offer(session, offer, OfferEvent.DECLINE, actor=actor, clock=clock)
    offer.answered_at = clock.now()
    look_further(session, demand, offer, clock=clock)
    return offer


def mark_seen(session: Session, ref: str, *, peer_id: int | None = None, clock: Clock) -> None:
    """The page was really opened: the first time counts. Raises NotFound."""
    offer = find_offer(session, ref, peer_id=peer_id)
    if offer.seen_at is None and offer.state is OfferState.SENT:
        offer.seen_at = clock.now()
        session.flush()
