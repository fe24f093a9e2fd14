"""What stands behind the addresses of drafts of invoices and of late payments."""

from typing import Final

from tests.web.objects_of_late_payments import LATE_PAYMENTS

_DRAFTS: Final = """SELECT ref, partner_id AS owner, state || kind AS state FROM invoice
    WHERE state = 'draft' AND kind = 'invoice' ORDER BY id DESC"""
_FILES: Final = """SELECT i.ref, a.ref AS attachment_ref, i.partner_id AS owner, i.state
    FROM invoice_attachment a JOIN invoice i ON i.id = a.invoice_id ORDER BY a.id DESC"""

OF_INVOICES: Final = {
    **LATE_PAYMENTS,
    **dict.fromkeys(
        (
            *("office.discount_form", "office.give_discount", "office.drop_discount"),
            *("office.attachment_form", "office.attach_file"),
        ),
        _DRAFTS,
    ),
    **dict.fromkeys(("office.attachment", "office.detach"), _FILES),
    "partners.invoice_attachment": _FILES.replace("ORDER", "WHERE i.state = 'issued' ORDER"),
}
"""Queries by endpoint."""
