"""What invoices take of an agreement's ceiling: what is asked for, once discounts and credit notes are off."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from entrepairs.billing.models import BilledService, Invoice, InvoiceLine, InvoiceState, LateCancellation
from entrepairs.contracting.considering import forgo_on_draw
from entrepairs.contracting.models import Agreement, AgreementDraw
from entrepairs.demands.models import DemandSession
from entrepairs.kernel.money import Money
from entrepairs.missions.models import ServiceDone


def invoiced_under(session: Session, agreement: Agreement) -> Money:
    """Services and late cancellations on living invoices, drafts too, under an agreement; what was credited is off."""
    asked = InvoiceLine.net - _credited()
    late = session.scalar(
        select(func.coalesce(func.sum(asked), 0))
        .join(BilledService, BilledService.line_id == InvoiceLine.id)
        .join(LateCancellation, LateCancellation.id == BilledService.cancellation_id)
        .where(LateCancellation.agreement_id == agreement.id, BilledService.released_at.is_(None))
    )
    net = session.scalar(
        select(func.coalesce(func.sum(asked), 0))
        .join(BilledService, BilledService.line_id == InvoiceLine.id)
        .join(ServiceDone, ServiceDone.id == BilledService.service_id)
        .join(DemandSession, DemandSession.id == ServiceDone.session_id)
        .join(AgreementDraw, AgreementDraw.demand_id == DemandSession.demand_id)
        .where(
            AgreementDraw.agreement_id == agreement.id,
            AgreementDraw.released_at.is_(None),
            BilledService.released_at.is_(None),
        )
    )
    return Money(int(net or 0) + int(late or 0))


def give_room_back(session: Session, lines: Iterable[InvoiceLine]) -> None:
    """Tell the agreements what issued invoices and credit notes no longer ask for; `lines` are of the invoices.

    A discount given, a part credited: the demands they bill take that much less of their ceiling.
    """
    demands = set()
    for line in lines:
        if line.service is not None:
            demands.add(line.service.session.demand_id)
        elif line.cancellation is not None:
            demands.add(line.cancellation.demand_id)
    forgone = _forgone(session, demands) if demands else {}
    for demand_id in sorted(demands):  # in one order: two issuers never wait for each other
        forgo_on_draw(session, demand_id, forgone.get(demand_id, Money(0)))


def _forgone(session: Session, demand_ids: Collection[int]) -> Mapping[int, Money]:
    """By demand: discounts and credit notes on what stands on issued invoices, without VAT."""
    demand_id = func.coalesce(DemandSession.demand_id, LateCancellation.demand_id)
    rows = session.execute(
        select(demand_id, func.sum(InvoiceLine.discount + InvoiceLine.shared + _credited()))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .join(BilledService, BilledService.line_id == InvoiceLine.id)
        .outerjoin(ServiceDone, ServiceDone.id == BilledService.service_id)
        .outerjoin(DemandSession, DemandSession.id == ServiceDone.session_id)
        .outerjoin(LateCancellation, LateCancellation.id == BilledService.cancellation_id)
        .where(demand_id.in_(demand_ids), BilledService.released_at.is_(None), Invoice.state == InvoiceState.ISSUED)
        .group_by(demand_id)
    )
    return {each: Money(int(cents)) for each, cents in rows}


def _credited() -> ColumnElement[int]:
    """SQL: what issued credit notes took back of a line."""
    note_line, note = aliased(InvoiceLine), aliased(Invoice)
    taken = (
        select(func.coalesce(func.sum(note_line.net), 0))
        .join(note, note.id == note_line.invoice_id)
        .where(note_line.credited_id == InvoiceLine.id, note.state == InvoiceState.ISSUED)
    )
    return taken.correlate(InvoiceLine).scalar_subquery()
