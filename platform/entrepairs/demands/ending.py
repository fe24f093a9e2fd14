"""What a demand leaves behind when it ends early: holds let go, sessions dropped, seats released, higher rooms told."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.demands.diary import end_assignment, lock_seats, move_seat
from entrepairs.demands.models import Assignment, Demand
from entrepairs.demands.scheduling import mark_session, period_of
from entrepairs.demands.states import (
    DEMAND_TRANSITIONS,
    AssignmentEvent,
    AssignmentState,
    DemandEvent,
    SeatEvent,
    SeatState,
    SessionEvent,
    SessionState,
)
from entrepairs.kernel.clock import Clock
from entrepairs.network.models import Peer
from entrepairs.outbox.adding import add


def drop_what_is_planned(session: Session, demand: Demand, *, actor: Actor, clock: Clock) -> Sequence[Assignment]:
    """Let go of everything still to come of a locked demand that has just ended; gives the holds that ended.

    A session that has begun stays: it will be reported and billed. Contracting gives back what it had drawn, through
    the outbox; dispatch's own job withdraws the offers still open.
    """
    seats = lock_seats(session, demand)
    live = session.scalars(
        select(Assignment)
        .where(Assignment.demand_id == demand.id, Assignment.state == AssignmentState.CONFIRMED)
        .order_by(Assignment.peer_id)
    ).all()
    session.execute(
        select(Peer.id).where(Peer.id.in_([one.peer_id for one in live])).order_by(Peer.id).with_for_update()
    )
    for assignment in live:
        end_assignment(session, assignment, AssignmentEvent.CANCEL, actor=actor, clock=clock)
    for row in demand.sessions:
        if row.state is SessionState.PLANNED and period_of(row).start > clock.now():
            mark_session(session, row, SessionEvent.CANCEL, actor=actor, clock=clock)
    for seat in seats:
        if seat.state is not SeatState.RELEASED:
            move_seat(session, demand, seat, SeatEvent.RELEASE, actor=actor, clock=clock)
    session.flush()
    give_back(session, demand, clock)
    return live


def give_back(session: Session, demand: Demand, clock: Clock) -> None:
    """Contracting gives back what an ended demand had drawn and won't use; dispatch finds its idle offers by itself."""
    add(
        session,
        "contracting.release_demand",
        subject_kind="demand",
        subject_ref=demand.ref,
        due_at=clock.now(),
        dedup=f"contracting.release:{demand.ref}",
    )


def give_up(session: Session, demand: Demand, *, actor: Actor, clock: Clock) -> None:
    """Nobody was found in time: the locked demand ends unfilled. Raises TransitionRefused."""
    move(session, demand, DEMAND_TRANSITIONS, DemandEvent.GIVE_UP, actor=actor, clock=clock)
    drop_what_is_planned(session, demand, actor=actor, clock=clock)
