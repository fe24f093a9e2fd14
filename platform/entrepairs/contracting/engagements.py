"""The public buyer's commitment number: without it, a buyer who requires one can't be invoiced, so nothing is scheduled."""

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.contracting import rules
from entrepairs.contracting.models import Engagement
from entrepairs.contracting.queries import engagement_of
from entrepairs.demands.confirming import confirm
from entrepairs.demands.models import Demand
from entrepairs.demands.scopes import OFFICE, Scope, lock_demand
from entrepairs.demands.states import DemandEvent, DemandState
from entrepairs.kernel.clock import Clock


def record_engagement(
    session: Session,
    demand_ref: str,
    number: str,
    *,
    service_code: str | None = None,
    scope: Scope = OFFICE,
    actor: Actor,
    clock: Clock,
) -> Demand:
    """Note (or correct) the engagement number of a demand; one that waited for it becomes firm.

    Raises NotFound, InvalidInput("engagement_number").
    """
    demand = lock_demand(session, demand_ref, scope)
    note_engagement(session, demand, number, service_code=service_code, actor=actor, clock=clock)
    if demand.state is DemandState.AWAITING_ENGAGEMENT:
        confirm(session, demand, DemandEvent.RECORD_ENGAGEMENT, actor=actor, clock=clock)
    return demand


def note_engagement(
    session: Session, demand: Demand, number: str, *, service_code: str | None, actor: Actor, clock: Clock
) -> None:
    """Write the number on a locked demand, without moving it."""
    tidy = rules.ensure_engagement(number)
    row = engagement_of(session, demand.id)
    if row is None:
        row = Engagement(demand_id=demand.id)
        session.add(row)
    row.number, row.service_code = tidy, (service_code or "").strip() or None
    row.recorded_at, row.recorded_by = clock.now(), actor.label
    session.flush()
    record(session, "engagement.record", "demand", demand.ref, actor=actor, clock=clock, number=tidy)
