"""The end of a demand: carried out, answered for, and invoiced to the last session, or paid by a grant.

A demand stays open on the partner's page as long as something of it is to come. It closes when the invoice that takes
its last services is issued; what nobody is invoiced for closes with the daily round.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.billing.drafting import billables_of, unbilled
from entrepairs.billing.models import BilledService, Invoice, InvoiceLine, InvoiceState
from entrepairs.demands.models import Demand, DemandSession
from entrepairs.demands.scopes import lock_demand
from entrepairs.demands.states import DEMAND_TRANSITIONS, DemandEvent, DemandState
from entrepairs.kernel.clock import Clock
from entrepairs.missions.models import ServiceAnswer, ServiceDone

_BATCH: Final = 200


def close_demands_of(session: Session, subject_ref: str, payload: Mapping[str, Any], *, clock: Clock) -> int:
    """Effect of `billing.close_demands`: the demands that this invoice was the last of; how many closed."""
    refs = session.scalars(
        select(Demand.ref)
        .join(DemandSession, DemandSession.demand_id == Demand.id)
        .join(ServiceDone, ServiceDone.session_id == DemandSession.id)
        .join(InvoiceLine, InvoiceLine.service_id == ServiceDone.id)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.ref == subject_ref, Demand.state == DemandState.COMPLETED)
        .distinct()
        .order_by(Demand.ref)
    ).all()
    return _close(session, refs, clock)


def close_settled_demands(session: Session, *, clock: Clock) -> int:
    """The daily round: demands carried out whose every service is invoiced, or that nobody is invoiced for."""
    awaited = (
        select(ServiceDone.id)
        .join(DemandSession, DemandSession.id == ServiceDone.session_id)
        .where(
            DemandSession.demand_id == Demand.id,
            Demand.financed_by == "",
            ServiceDone.minutes > 0,
            ~select(BilledService.id)
            .where(BilledService.service_id == ServiceDone.id, BilledService.released_at.is_(None))
            .exists(),
        )
    )
    refs = session.scalars(
        select(Demand.ref)
        .where(Demand.state == DemandState.COMPLETED, ~awaited.exists())
        .order_by(Demand.ref)
        .limit(_BATCH)
    ).all()
    return _close(session, refs, clock)


def _close(session: Session, refs: Iterable[str], clock: Clock) -> int:
    closed = 0
    for ref in refs:
        demand = lock_demand(session, ref)
        if demand.state is DemandState.COMPLETED and _is_settled(session, demand):
            move(session, demand, DEMAND_TRANSITIONS, DemandEvent.CLOSE, actor=Actor.SYSTEM, clock=clock)
            closed += 1
    session.flush()
    return closed


def _is_settled(session: Session, demand: Demand) -> bool:
    """No discussion open, nothing on a draft, nothing left to invoice."""
    of_demand = select(ServiceDone.id).join(ServiceDone.session).where(DemandSession.demand_id == demand.id)
    disputed = of_demand.where(ServiceDone.answer == ServiceAnswer.DISPUTED)
    drafted = (
        select(InvoiceLine.id)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(InvoiceLine.service_id.in_(of_demand), Invoice.state == InvoiceState.DRAFT)
    )
    if session.scalar(select(disputed.exists() | drafted.exists())):
        return False
    return not billables_of(session, session.scalars(unbilled(demand_refs=[demand.ref])).unique())
