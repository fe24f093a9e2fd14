"""How an invoice is told on a page, to both doors: its chip, its status sentence, its files."""

import io
from typing import Final

from flask import send_file
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from entrepairs.billing.einvoice.model import AttachmentKind
from entrepairs.billing.models import Invoice, InvoiceKind, SettlementKind
from entrepairs.billing.queries import InvoiceView
from entrepairs.billing.states import ShownState
from entrepairs.documents.storing import read_file
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.web import filters

CHIPS: Final = {
    ShownState.DRAFT: ("prop", N_("draft")),
    ShownState.ISSUED: ("todo", N_("to be paid")),
    ShownState.PART_PAID: ("todo", N_("paid in part")),
    ShownState.PAID: ("ok", N_("paid")),
    ShownState.LATE: ("no", N_("late")),
    ShownState.CREDITED: ("done", N_("credited")),
    ShownState.DISPUTED: ("no", N_("disputed")),
    ShownState.BANK_DISPUTED: ("no", N_("contested by the bank")),
}
"""Tone and word of each state shown."""

DISCOUNTS: Final = {
    "95": N_("a discount"),
    "100": N_("an exceptional discount"),
    "64": N_("agreed with the structure"),
    "102": N_("a commitment over time"),
    "105": N_("the volume of the year"),
    "65": N_("after an incident"),
}
"""Why a discount is given, by the codes of `drafts.rules.REASONS`."""

ATTACHMENTS: Final = {
    AttachmentKind.BANK_DETAILS: N_("bank details"),
    AttachmentKind.READABLE: N_("readable copy"),
    AttachmentKind.SUPPORTING: N_("proof of what was done (attendance sheet, statement)"),
    AttachmentKind.ORDER: N_("purchase order"),
    AttachmentKind.DELIVERY_NOTE: N_("delivery note"),
    AttachmentKind.DEPOSITS: N_("statement of deposits"),
    AttachmentKind.ANNEX: N_("another document"),
}
"""What an attached file is."""

SETTLEMENTS: Final = {
    SettlementKind.TRANSFER: N_("Bank transfer"),
    SettlementKind.STRIPE: N_("Online payment"),
    SettlementKind.CREDIT_NOTE: N_("Credit note"),
    SettlementKind.REFUND: N_("Money given back"),
    SettlementKind.REVERSAL: N_("Recorded by mistake, undone"),
    SettlementKind.MOVED_OUT: N_("Surplus moved to another invoice"),
    SettlementKind.MOVED_IN: N_("Surplus of another invoice"),
    SettlementKind.STRIPE_REFUND: N_("Given back online"),
    SettlementKind.STRIPE_REFUND_FAILED: N_("Given back online, not taken by the bank"),
    SettlementKind.DISPUTED: N_("Online payment taken back by the payer's bank"),
    SettlementKind.DISPUTE_WON: N_("Online payment returned by the payer's bank"),
}


def invoice_chip(view: InvoiceView) -> tuple[str, str]:
    """Tone and translated word."""
    if view.is_credit_note:
        return ("todo", _("to approve")) if view.invoice.number is None else ("done", _("credit note"))
    tone, word = CHIPS[view.shown]
    return tone, _(word)


def invoice_title(invoice: Invoice) -> str:
    """« Facture FA2027-00042 », « Avoir AV2027-00001 », « Brouillon de facture »."""
    if invoice.number is None:
        drafts = {InvoiceKind.CREDIT_NOTE: _("Draft credit note"), InvoiceKind.DEPOSIT: _("Draft of deposit invoice")}
        return str(drafts.get(invoice.kind, _("Draft invoice")))
    if invoice.corrected_id is not None:
        return str(_("Credit note %(number)s", number=invoice.number))
    if invoice.kind is InvoiceKind.DEPOSIT:
        return str(_("Deposit invoice %(number)s", number=invoice.number))
    return str(_("Invoice %(number)s", number=invoice.number))


def invoice_status(view: InvoiceView) -> str:
    """One sentence on where it stands."""
    due = view.invoice.due_date
    day = filters.plain_date(due) if due else ""
    left = filters.money(view.balance)
    if view.is_credit_note and view.invoice.corrected is not None:
        return str(_("It corrects the invoice %(number)s.", number=view.invoice.corrected.number))
    sentences = {
        ShownState.DRAFT: lambda: _("Not issued yet: it can still change."),
        ShownState.ISSUED: lambda: _("To be paid by %(day)s.", day=day),
        ShownState.PART_PAID: lambda: _("%(left)s remain to be paid by %(day)s.", left=left, day=day),
        ShownState.PAID: lambda: _("Paid. Thank you."),
        ShownState.LATE: lambda: _("%(left)s were due on %(day)s.", left=left, day=day),
        ShownState.CREDITED: lambda: _("Cancelled by a credit note: nothing is owed."),
        ShownState.BANK_DISPUTED: lambda: _("The payer's bank took %(left)s back and has not decided yet.", left=left),
        ShownState.DISPUTED: lambda: _("A session of this invoice is being discussed."),
    }
    return str(sentences[view.shown]())


def invoice_download(session: Session, invoice: Invoice, kind: str) -> Response:
    """The exact issued bytes, as an attachment. Raises NotFound while the PDF is being drawn."""
    if invoice.file is None:
        raise NotFound("file", N_("The PDF is being prepared: reload the page in a moment."))
    stored = invoice.file.pdf if kind == "pdf" else invoice.file.xml
    return attached(read_file(session, stored.id), stored.media, f"{invoice.number}.{kind}")


def attached(content: bytes, media: str, name: str) -> Response:
    """Bytes to save as a file; never kept by a cache."""
    answer = send_file(io.BytesIO(content), mimetype=media, as_attachment=True, download_name=name, max_age=0)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
