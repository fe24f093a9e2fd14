"""Demands follow the calendar: they start with their first session and are complete when nothing is left to come."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.demands.diary import end_assignment, live_assignments
from entrepairs.demands.ending import give_back, give_up
from entrepairs.demands.models import Demand, DemandSession
from entrepairs.demands.scheduling import mark_session, period_of
from entrepairs.demands.scopes import lock_demand
from entrepairs.demands.states import (
    DEMAND_TRANSITIONS,
    AssignmentEvent,
    AssignmentState,
    DemandEvent,
    DemandState,
    SessionEvent,
    SessionState,
)
from entrepairs.kernel.clock import Clock

FOLLOWED = (DemandState.CONFIRMED, DemandState.STAFFING, DemandState.STAFFED, DemandState.RUNNING)


def advance_demands(session: Session, *, clock: Clock) -> int:
    """Move every demand the calendar has caught up with; gives how many were looked at. Safe to run again.

    A session over that nobody held is marked missed; one that was held waits for its report, which missions marks.
    A demand whose sessions all went by without anybody ends unfilled.
    """
    begun = (
        select(Demand.ref)
        .join(DemandSession, DemandSession.demand_id == Demand.id)
        .where(Demand.state.in_(FOLLOWED), func.lower(DemandSession.during) <= clock.now())
        .distinct()
        .order_by(Demand.ref)
    )
    refs = session.scalars(begun).all()
    for ref in refs:
        advance_demand(session, ref, clock=clock)
    return len(refs)


def advance_demand(session: Session, ref: str, *, clock: Clock) -> Demand:
    """Move one demand to where the calendar says. Missions calls it too, after marking a session done."""
    demand, actor = lock_demand(session, ref), Actor.SYSTEM
    if demand.state not in FOLLOWED:
        return demand
    _miss_what_nobody_held(session, demand, clock)
    held = any(booking.active for row in demand.sessions for booking in row.bookings)
    begun = any(period_of(row).start <= clock.now() for row in demand.sessions)
    left = any(row.state is SessionState.PLANNED for row in demand.sessions)
    if not held and not left and demand.state in {DemandState.CONFIRMED, DemandState.STAFFING}:
        give_up(session, demand, actor=actor, clock=clock)
    elif held and begun and demand.state in {DemandState.STAFFED, DemandState.STAFFING}:
        move(session, demand, DEMAND_TRANSITIONS, DemandEvent.START, actor=actor, clock=clock)
    if demand.state is DemandState.RUNNING and not left:
        _complete(session, demand, clock)
    session.flush()
    return demand


def _miss_what_nobody_held(session: Session, demand: Demand, clock: Clock) -> None:
    for row in demand.sessions:
        over = row.state is SessionState.PLANNED and period_of(row).end <= clock.now()
        if over and not any(booking.active for booking in row.bookings):
            mark_session(session, row, SessionEvent.MISS, actor=Actor.SYSTEM, clock=clock)


def _complete(session: Session, demand: Demand, clock: Clock) -> None:
    move(session, demand, DEMAND_TRANSITIONS, DemandEvent.COMPLETE, actor=Actor.SYSTEM, clock=clock)
    for assignment in live_assignments(session, demand.id):
        if assignment.state is AssignmentState.CONFIRMED:
            end_assignment(session, assignment, AssignmentEvent.FINISH, actor=Actor.SYSTEM, clock=clock)
    give_back(session, demand, clock)
