"""A demand becomes firm: its seats open and offers may leave. Contracting calls this, with the event that made it firm."""

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.audit.recording import record
from entrepairs.demands.models import Demand, Seat
from entrepairs.demands.scopes import lock_demand
from entrepairs.demands.states import DEMAND_TRANSITIONS, DemandEvent, DemandState, SeatState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_


def confirm(session: Session, demand: Demand, event: DemandEvent, *, actor: Actor, clock: Clock) -> None:
    """Move a locked demand by DRAW, ACCEPT or RECORD_ENGAGEMENT to confirmed, and open its seats.

    Raises TransitionRefused.
    """
    move(session, demand, DEMAND_TRANSITIONS, event, actor=actor, clock=clock)
    if demand.state is DemandState.CONFIRMED:
        demand.confirmed_at = clock.now()
        open_seats(session, demand)


def open_seats(session: Session, demand: Demand) -> None:
    """One seat by peer the facilitation needs; those that exist are kept."""
    known = {seat.number for seat in demand.seats}
    for number in range(1, demand.facilitation.seats + 1):
        if number not in known:
            session.add(Seat(demand_id=demand.id, number=number, state=SeatState.OPEN))
    session.flush()
    session.expire(demand, ["seats"])


def confirm_financed(session: Session, ref: str, *, financed_by: str, actor: Actor, clock: Clock) -> Demand:
    """The office makes firm a demand that nobody is invoiced for, saying who finances it.

    Raises NotFound, InvalidInput("financed_by_missing"), TransitionRefused.
    """
    demand = lock_demand(session, ref)
    if not financed_by.strip():
        raise InvalidInput("financed_by_missing", N_("Who finances it? A grant, the association…"), field="financed_by")
    demand.financed_by = financed_by.strip()
    confirm(session, demand, DemandEvent.DRAW, actor=actor, clock=clock)
    record(session, "demand.confirm_financed", "demand", ref, actor=actor, clock=clock)
    return demand
