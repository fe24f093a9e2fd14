"""Credit notes (avoirs): the only correction of an issued invoice, whole or by lines (EN 16931 type 381)."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.billing import parties
from entrepairs.billing.drafting import write_totals
from entrepairs.billing.einvoice.checker import Checker
from entrepairs.billing.einvoices import REASON, treatment
from entrepairs.billing.issuing import finish_issue
from entrepairs.billing.models import (
    BilledService,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceState,
    Settlement,
    SettlementKind,
    VatLine,
)
from entrepairs.db import locked
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import new_reference
from entrepairs.kernel.text_checks import ensure_no_identity


def credit_invoice(
    session: Session,
    ref: str,
    *,
    reason: str,
    positions: Collection[int] | None = None,
    bill_again: bool = True,
    clock: Clock,
    actor: Actor,
    checker: Checker | None = None,
) -> Invoice:
    """Issue a credit note for a whole invoice, or for the lines at `positions`; returns the credit note.

    The sale is reversed in the ledger and the balance falls by as much. With `bill_again` the services of the credited
    lines are to be billed once more. Raises NotFound, Conflict("not_creditable", "credited_already"),
    InvalidInput("reason_missing", "no_lines_chosen"), and what issuing raises.
    """
    invoice = locked(session, select(Invoice).where(Invoice.ref == ref))
    if invoice is None:
        raise NotFound("invoice", N_("This invoice does not exist."))
    if invoice.state is not InvoiceState.ISSUED or invoice.kind is not InvoiceKind.INVOICE:
        raise Conflict("not_creditable", N_("Only an issued invoice can be credited."))
    if not reason.strip():
        raise InvalidInput("reason_missing", N_("Say why, in a few words: it is printed."), field="reason")
    ensure_no_identity(reason, field="reason")
    chosen = _chosen(session, invoice, positions)
    note = _draft_note(session, invoice, chosen, reason.strip(), clock)
    finish_issue(session, note, clock=clock, actor=actor, checker=checker)
    session.add(
        Settlement(
            ref=new_reference("REG"),
            invoice=invoice,
            kind=SettlementKind.CREDIT_NOTE,
            cents=note.gross,
            received_on=clock.today(),
            reference=note.number or "",
            credit_note_id=note.id,
            dedup_key=f"credit:{note.ref}",
            created_at=clock.now(),
            recorded_by=actor.label,
        )
    )
    if bill_again:
        _release(session, chosen, clock)
    session.flush()
    return note


def creditable_lines(session: Session, invoice: Invoice) -> list[InvoiceLine]:
    """The lines that no credit note has taken back yet."""
    ids = [line.id for line in invoice.lines]
    taken = set(session.scalars(select(InvoiceLine.credited_id).where(InvoiceLine.credited_id.in_(ids))))
    return [line for line in invoice.lines if line.id not in taken]


def _chosen(session: Session, invoice: Invoice, positions: Collection[int] | None) -> list[InvoiceLine]:
    left = creditable_lines(session, invoice)
    if not left:
        raise Conflict("credited_already", N_("This invoice is already credited in full."))
    if positions is None:
        return left
    chosen = [line for line in left if line.position in positions]
    if not chosen or len(chosen) != len(set(positions)):
        raise InvalidInput("no_lines_chosen", N_("Choose lines that are not credited yet."), field="positions")
    return chosen


def _draft_note(session: Session, invoice: Invoice, chosen: list[InvoiceLine], reason: str, clock: Clock) -> Invoice:
    note = Invoice(
        ref=new_reference("AVR"),
        kind=InvoiceKind.CREDIT_NOTE,
        state=InvoiceState.DRAFT,
        partner=invoice.partner,
        corrected=invoice,
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        seller=parties.seller_snapshot(session, clock),
        buyer=invoice.buyer,
        notes={REASON: reason},
        service_code=invoice.service_code,
        engagement=invoice.engagement,
        agreement_number=invoice.agreement_number,
        created_at=clock.now(),
    )
    note.lines = [_copy(line, position) for position, line in enumerate(chosen, start=1)]
    # The treatments of the invoice, not today's: a rate may have changed since.
    write_totals(note, {row.regime: treatment(row) for row in invoice.vat_lines})
    _lose_no_cent(session, note, invoice)
    session.add(note)
    session.flush()
    return note


def _lose_no_cent(session: Session, note: Invoice, invoice: Invoice) -> None:
    """Credited in parts, each part's VAT is rounded: the last part takes what is left, so that the parts make the whole.

    A cent of difference on a row is within what BR-CO-17 and BR-S-09 allow.
    """
    sold = {row.regime: row for row in invoice.vat_lines}
    for row in note.vat_lines:
        base, vat = session.execute(
            select(func.coalesce(func.sum(VatLine.base), 0), func.coalesce(func.sum(VatLine.vat), 0))
            .join(Invoice, Invoice.id == VatLine.invoice_id)
            .where(Invoice.corrected_id == invoice.id, VatLine.regime == row.regime)
        ).one()
        left = sold[row.regime].vat - int(vat)
        row.vat = left if int(base) + row.base == sold[row.regime].base else min(row.vat, left)
    note.vat = sum(row.vat for row in note.vat_lines)
    note.gross = note.net + note.vat


def _copy(line: InvoiceLine, position: int) -> InvoiceLine:
    return InvoiceLine(
        position=position,
        label=line.label,
        quantity=line.quantity,
        unit=line.unit,
        unit_cents=line.unit_cents,
        net=line.net,
        vat_regime=line.vat_regime,
        vat_category=line.vat_category,
        vat_rate=line.vat_rate,
        service_id=line.service_id,
        session_date=line.session_date,
        axes=line.axes,
        credited_id=line.id,
    )


def _release(session: Session, lines: list[InvoiceLine], clock: Clock) -> None:
    ids = [line.id for line in lines]
    held = select(BilledService).where(BilledService.line_id.in_(ids), BilledService.released_at.is_(None))
    for billed in session.scalars(held):
        billed.released_at = clock.now()
