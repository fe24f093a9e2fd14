"""An invoice of the database as the pure values that the XML and the page are made from."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from entrepairs.billing import parties
from entrepairs.billing.einvoice import mentions
from entrepairs.billing.einvoice.mentions import Category, Note, NoteCode, Treatment
from entrepairs.billing.einvoice.model import (
    Allowance,
    Attachment,
    DocumentType,
    EInvoice,
    InvoiceLine,
    Preceding,
    VatBreakdown,
)
from entrepairs.billing.models import Invoice, InvoiceKind, VatLine
from entrepairs.billing.models import InvoiceLine as Line
from entrepairs.billing.rules import UNIT_CODES
from entrepairs.kernel.errors import Conflict
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money

REASON = "reason"
"""Key of `invoice.notes` for why a credit note exists (not a coded note)."""
FICTIONAL = "Données fictives"
TYPES: Final = {
    InvoiceKind.INVOICE: DocumentType.INVOICE,
    InvoiceKind.DEPOSIT: DocumentType.DEPOSIT,
    InvoiceKind.CREDIT_NOTE: DocumentType.CREDIT_NOTE,
}


def einvoice_of(invoice: Invoice) -> EInvoice:
    """The document as values. Raises Conflict("not_numbered") while it has no number and dates.

    VAT treatments come from the frozen breakdown, so that the same row gives the same bytes for ever.
    """
    if invoice.number is None or invoice.issue_date is None or invoice.due_date is None:
        raise Conflict("not_numbered", N_("This invoice is a draft: it has no number yet."))
    treatments = {row.regime: treatment(row) for row in invoice.vat_lines}
    outside_vat = any(one.category is Category.OUT_OF_SCOPE for one in treatments.values())
    return EInvoice(
        type=TYPES[invoice.kind],
        number=invoice.number,
        issued_on=invoice.issue_date,
        due_on=invoice.due_date,
        first_day=invoice.period_start,
        last_day=invoice.period_end,
        seller=parties.party(invoice.seller, without_vat_number=outside_vat),
        buyer=parties.party(invoice.buyer, without_vat_number=outside_vat),
        lines=tuple(_line(line, treatments[line.vat_regime]) for line in invoice.lines),
        notes=tuple(Note(NoteCode(code), text) for code, text in invoice.notes.items() if code != REASON),
        iban=invoice.seller["iban"],
        bic=invoice.seller["bic"],
        public=parties.public_routing(invoice.buyer),
        service_code=invoice.service_code,
        engagement=invoice.engagement,
        agreement_number=invoice.agreement_number,
        delivery=parties.delivery(invoice.buyer),
        preceding=_preceding(invoice.corrected),
        vat_rows=tuple(
            VatBreakdown(treatments[row.regime], Money(row.base), Money(row.vat)) for row in invoice.vat_lines
        ),
        vat_on_debits=invoice.seller["vat_on_debits"],
        reason=invoice.notes.get(REASON, ""),
        notice=FICTIONAL if invoice.seller["fictional"] else None,
        project=invoice.project,
        allowances=tuple(_allowances(invoice, treatments)),
        attachments=tuple(
            Attachment(str(at), one.kind, one.name, one.file.media, one.file.content)
            for at, one in enumerate(invoice.attachments, start=1)
        ),
        deposits=() if invoice.kind is InvoiceKind.CREDIT_NOTE else _deposits(invoice),
    )


def treatment(row: VatLine) -> Treatment:
    """The VAT treatment that a row of the breakdown froze."""
    known = mentions.treatment(row.regime, standard_rate=row.rate)
    return replace(
        known, category=Category(row.category), rate=row.rate, text=row.reason or known.text, vatex=row.vatex
    )


def _line(line: Line, treated: Treatment) -> InvoiceLine:
    return InvoiceLine(
        label=line.label,
        quantity=line.quantity,
        unit_price=Money(line.unit_cents),
        treatment=treated,
        unit=line.unit,
        unit_code=UNIT_CODES.get(line.unit, "C62"),
        first_day=line.session_date,
        last_day=line.session_date,
        discount=Money(line.discount or 0),  # none yet on a row that was not written
        discount_reason=line.discount_reason or "",
        discount_code=line.discount_code,
        deducts=line.deducts_id is not None,
    )


def _allowances(invoice: Invoice, treatments: Mapping[str, Treatment]) -> Iterator[Allowance]:
    """The discount on the whole, a row by VAT treatment: the shares of its lines."""
    sums: dict[str, int] = {}
    for line in invoice.lines:
        sums[line.vat_regime] = sums.get(line.vat_regime, 0) + (line.shared or 0)
    for regime, cents in sums.items():
        if cents:
            yield Allowance(Money(cents), treatments[regime], invoice.discount_reason, invoice.discount_code)


def _deposits(invoice: Invoice) -> tuple[Preceding, ...]:
    """The deposit invoices that its lines take off, each once."""
    found = (_preceding(line.deducts.invoice) for line in invoice.lines if line.deducts is not None)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _preceding(corrected: Invoice | None) -> Preceding | None:
    if corrected is None or corrected.number is None or corrected.issue_date is None:
        return None
    return Preceding(corrected.number, corrected.issue_date)
