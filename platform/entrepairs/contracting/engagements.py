"""The public buyer's commitment number: without it, a buyer who requires one can't be invoiced, so nothing is scheduled."""

from typing import Final

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.contracting import rules
from entrepairs.contracting.models import Engagement
from entrepairs.contracting.queries import engagement_of
from entrepairs.demands.confirming import confirm
from entrepairs.demands.models import Demand
from entrepairs.demands.scopes import OFFICE, Scope, lock_demand
from entrepairs.demands.states import DemandEvent, DemandState, SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict
from entrepairs.kernel.i18n import N_

ENDED: Final = frozenset({DemandState.CLOSED, DemandState.CANCELLED, DemandState.UNFILLED, DemandState.REFUSED})
"""Invoiced or dropped: a number given now reaches the sessions that were held, if any."""


def takes_number(demand: Demand) -> bool:
    """Whether a number may still be given: the demand lives, or some of its sessions were held.

    Also once invoiced: a buyer may refuse an invoice for its number; it is credited and billed again with another.
    """
    held = (SessionState.PLANNED, SessionState.DONE)
    return demand.state not in ENDED or any(row.state in held for row in demand.sessions)


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

    `service_code` None leaves the known one; an empty text takes it away. Raises NotFound,
    InvalidInput("engagement_number", "service_code"), Conflict("demand_over").
    """
    demand = lock_demand(session, demand_ref, scope)
    if not takes_number(demand):
        raise Conflict("demand_over", N_("This demand is over: there is no number to give any more."))
    note_engagement(session, demand, number, service_code=service_code, actor=actor, clock=clock)
    if demand.state is DemandState.AWAITING_ENGAGEMENT:
        confirm(session, demand, DemandEvent.RECORD_ENGAGEMENT, actor=actor, clock=clock)
    return demand


def note_engagement(
    session: Session, demand: Demand, number: str, *, service_code: str | None, actor: Actor, clock: Clock
) -> None:
    """Write the number on a locked demand, without moving it."""
    tidy, code = rules.ensure_engagement(number), rules.ensure_service_code(service_code)
    row = engagement_of(session, demand.id)
    if row is None:
        row = Engagement(demand_id=demand.id)
        session.add(row)
    row.number = tidy
    if service_code is not None:  # None: not asked, what is known stays
        row.service_code = code
    row.recorded_at, row.recorded_by = clock.now(), actor.label
    session.flush()
    record(session, "engagement.record", "demand", demand.ref, actor=actor, clock=clock, number=tidy)
