"""Who holds which seat, and when. Rows are locked in one order everywhere (demand, seats by id, peers by id);
the exclusion constraint `ex_booking_peer_during` is the last line."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from psycopg.errors import ExclusionViolation
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.db import locked
from entrepairs.demands.models import Assignment, Booking, Demand, DemandSession, Seat
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.scopes import lock_demand
from entrepairs.demands.states import (
    ASSIGNMENT_TRANSITIONS,
    DEMAND_TRANSITIONS,
    OFFERABLE,
    SEAT_TRANSITIONS,
    AssignmentEvent,
    AssignmentState,
    DemandEvent,
    DemandState,
    SeatEvent,
    SeatState,
    SessionState,
)
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import Period
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import new_reference
from entrepairs.network.models import Peer

FREE: Final = (SeatState.OPEN, SeatState.OFFERED)
TAKEN: Final = (SeatState.HELD, SeatState.CONFIRMED)


def lock_seats(session: Session, demand: Demand) -> Sequence[Seat]:
    """The seats of a locked demand, locked by id."""
    return session.scalars(
        select(Seat)
        .where(Seat.demand_id == demand.id)
        .order_by(Seat.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def move_seat(session: Session, demand: Demand, seat: Seat, event: SeatEvent, *, actor: Actor, clock: Clock) -> None:
    """Move a seat; it is named after its demand in the trail."""
    ref = f"{demand.ref}/{seat.number}"
    move(session, seat, SEAT_TRANSITIONS, event, actor=actor, clock=clock, subject_ref=ref)


def offer_seats(session: Session, demand: Demand, *, actor: Actor, clock: Clock) -> None:
    """An offer leaves for a locked demand: its free seats are « offered ». Raises TransitionRefused."""
    move(session, demand, DEMAND_TRANSITIONS, DemandEvent.OFFER, actor=actor, clock=clock)
    for seat in lock_seats(session, demand):
        if seat.state is SeatState.OPEN:
            move_seat(session, demand, seat, SeatEvent.OFFER, actor=actor, clock=clock)
    session.flush()


def free_offered_seats(session: Session, demand: Demand, *, actor: Actor, clock: Clock) -> None:
    """No offer is open any more: the seats of a locked demand that were offered are open again."""
    for seat in lock_seats(session, demand):
        if seat.state is SeatState.OFFERED:
            move_seat(session, demand, seat, SeatEvent.FREE, actor=actor, clock=clock)
    session.flush()


def hold_seat(session: Session, demand: Demand | str, peer_id: int, *, actor: Actor, clock: Clock) -> Assignment:
    """Give the peer the first free seat and book every planned session to come; the first one wins.

    The demand's row is locked, so peers who answer in the same instant are served in turn. `demand`: a reference, or
    the row already locked by the caller. Moves the seat to held (confirmed once the demand is complete) and the demand
    to staffed when no seat is free. Raises NotFound, Conflict("not_open"), Conflict("seat_taken"),
    Conflict("already_holds"), Conflict("busy"), Conflict("nothing_to_come").
    """
    row = lock_demand(session, demand if isinstance(demand, str) else demand.ref)
    if row.state not in OFFERABLE:
        raise _no_longer_open(row)
    seats = lock_seats(session, row)
    seat = next((one for one in seats if one.state in FREE), None)
    if seat is None:
        raise Conflict("seat_taken", N_("A colleague has just answered. Thank you for your answer."))
    if locked(session, select(Peer).where(Peer.id == peer_id)) is None:
        raise NotFound("peer", N_("This person is not in the team."))
    _ensure_new_hold(session, row, peer_id)
    assignment = _book(session, row, seat, peer_id, clock)
    move_seat(session, row, seat, SeatEvent.HOLD, actor=actor, clock=clock)
    if all(one.state in TAKEN for one in seats if one.state is not SeatState.RELEASED):
        _complete(session, row, seats, actor=actor, clock=clock)
    session.flush()
    return assignment


def _no_longer_open(demand: Demand) -> Conflict:
    if demand.state in {DemandState.STAFFED, DemandState.COMPLETED, DemandState.CLOSED}:
        return Conflict("seat_taken", N_("A colleague has just answered. Thank you for your answer."))
    return Conflict("not_open", N_("This demand no longer needs anybody. Thank you for your answer."))


def _ensure_new_hold(session: Session, demand: Demand, peer_id: int) -> None:
    held = session.scalar(
        select(Assignment.id).where(
            Assignment.demand_id == demand.id,
            Assignment.peer_id == peer_id,
            Assignment.state == AssignmentState.CONFIRMED,
        )
    )
    if held is not None:
        raise Conflict("already_holds", N_("It is noted already: this one is yours."))


def _book(session: Session, demand: Demand, seat: Seat, peer_id: int, clock: Clock) -> Assignment:
    now = clock.now()
    coming = session.scalars(
        select(DemandSession)
        .where(DemandSession.demand_id == demand.id, DemandSession.state == SessionState.PLANNED)
        .order_by(DemandSession.number)
    ).all()
    coming = [one for one in coming if period_of(one).end > now]
    if not coming:
        raise Conflict("nothing_to_come", N_("The sessions of this demand are over. Thank you for your answer."))
    assignment = Assignment(
        ref=new_reference("AFF"),
        demand_id=demand.id,
        seat_id=seat.id,
        peer_id=peer_id,
        state=AssignmentState.CONFIRMED,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(assignment)
            session.flush()
            session.add_all(
                Booking(assignment_id=assignment.id, session_id=one.id, peer_id=peer_id, during=one.during, active=True)
                for one in coming
            )
    except IntegrityError as error:
        if isinstance(error.orig, ExclusionViolation):
            raise Conflict(
                "busy", N_("You are already taken at one of these hours: we look together for another way.")
            ) from error
        raise
    return assignment


def _complete(session: Session, demand: Demand, seats: Sequence[Seat], *, actor: Actor, clock: Clock) -> None:
    for seat in seats:
        if seat.state is SeatState.HELD:
            move_seat(session, demand, seat, SeatEvent.CONFIRM, actor=actor, clock=clock)
    move(session, demand, DEMAND_TRANSITIONS, DemandEvent.FILL, actor=actor, clock=clock)


def release_assignment(
    session: Session, assignment: Assignment, event: AssignmentEvent, *, actor: Actor, clock: Clock
) -> None:
    """A hold ends (WITHDRAW, CANCEL, REPLACE): its sessions to come are let go and the seat is open again.

    No reason is asked or kept. Raises TransitionRefused.
    """
    demand = lock_demand(session, assignment.demand.ref)
    seats = lock_seats(session, demand)
    locked(session, select(Peer).where(Peer.id == assignment.peer_id))
    session.refresh(assignment)
    end_assignment(session, assignment, event, actor=actor, clock=clock)
    seat = next(one for one in seats if one.id == assignment.seat_id)
    if seat.state in TAKEN:
        move_seat(session, demand, seat, SeatEvent.FREE, actor=actor, clock=clock)
    if demand.state in {DemandState.STAFFED, DemandState.RUNNING}:
        move(session, demand, DEMAND_TRANSITIONS, DemandEvent.REOPEN, actor=actor, clock=clock)
    session.flush()


def end_assignment(
    session: Session, assignment: Assignment, event: AssignmentEvent, *, actor: Actor, clock: Clock
) -> None:
    """Move the hold and let go of its sessions that have not begun. Rows are locked by the caller."""
    move(session, assignment, ASSIGNMENT_TRANSITIONS, event, actor=actor, clock=clock)
    assignment.ended_at = clock.now()
    if event is not AssignmentEvent.FINISH:
        for booking in assignment.bookings:
            if booking.active and period_of(booking).start > clock.now():
                booking.active = False
    session.flush()


def busy_periods(session: Session, peer_ids: Iterable[int], between: Period) -> Mapping[int, list[Period]]:
    """The periods already held by each peer that touch `between`, in order; a free peer has an empty list."""
    wanted = list(peer_ids)
    found: dict[int, list[Period]] = {peer_id: [] for peer_id in wanted}
    rows = session.scalars(
        select(Booking)
        .where(
            Booking.peer_id.in_(wanted),
            Booking.active,
            Booking.during.overlaps(Range(between.start, between.end)),
        )
        .order_by(Booking.during)
    )
    for row in rows:
        found[row.peer_id].append(period_of(row))
    return found


def live_assignments(session: Session, demand_id: int) -> Sequence[Assignment]:
    """Who comes: the holds of a demand in force or done, by seat."""
    return session.scalars(
        select(Assignment)
        .join(Assignment.seat)
        .where(
            Assignment.demand_id == demand_id,
            Assignment.state.in_((AssignmentState.CONFIRMED, AssignmentState.DONE)),
        )
        .order_by(Seat.number, Assignment.id)
    ).all()
