"""The invoices of a structure, for its accountant's spreadsheet."""

from collections.abc import Iterable, Mapping
from typing import Final

from entrepairs.billing.postings import issued
from entrepairs.billing.queries import InvoiceView
from entrepairs.billing.sheets import amount_cell, day_cell, sheet, text_cell
from entrepairs.kernel.money import Money

COLUMNS: Final = (
    *("Numéro", "Nature", "Émise le", "À payer avant le", "Du", "Au", "Montant HT", "TVA", "Montant TTC"),
    *("Reste à payer", "Numéro d'engagement", "Code service", "Convention", "Corrige", "Dépôt Chorus Pro"),
)
_KINDS: Final = {"invoice": "facture", "deposit": "acompte", "credit_note": "avoir"}


def invoices_csv(views: Iterable[InvoiceView], deposits: Mapping[int, str]) -> bytes:
    """One line by issued invoice or credit note, which is negative; `deposits`: number at Chorus Pro by invoice id."""
    return sheet(COLUMNS, (_row(view, deposits.get(view.invoice.id, "")) for view in views))


def _row(view: InvoiceView, deposit: str) -> tuple[str, ...]:
    invoice, sign = view.invoice, -1 if view.is_credit_note else 1
    number, day = issued(invoice)
    sums = (invoice.net, invoice.gross - invoice.net, invoice.gross)
    return (
        number,
        _KINDS[invoice.kind.value],
        day_cell(day),
        day_cell(invoice.due_date),
        day_cell(invoice.period_start),
        day_cell(invoice.period_end),
        *(amount_cell(Money(sign * cents)) for cents in sums),
        amount_cell(Money(0) if view.is_credit_note else view.balance),
        text_cell(invoice.engagement),
        text_cell(invoice.service_code),
        text_cell(invoice.agreement_number),
        invoice.corrected.number or "" if invoice.corrected else "",
        text_cell(deposit),
    )
