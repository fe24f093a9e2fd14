"""What stands behind the addresses of drafts of invoices, of late payments and of grants."""

from typing import Final

from tests.web.objects_of_late_payments import LATE_PAYMENTS

_DRAFTS: Final = """SELECT ref, partner_id AS owner, state || kind AS state FROM invoice
    WHERE state = 'draft' AND kind = 'invoice' ORDER BY id DESC"""
_FILES: Final = """SELECT i.ref, a.ref AS attachment_ref, i.partner_id AS owner, i.state
    FROM invoice_attachment a JOIN invoice i ON i.id = a.invoice_id ORDER BY a.id DESC"""

_GRANTS: Final = "SELECT ref, 0 AS owner, state FROM grant_funding ORDER BY id DESC"
_FINANCED: Final = """SELECT g.ref, d.ref AS demand_ref, 0 AS owner, g.state FROM financed_demand f
    JOIN grant_funding g ON g.id = f.grant_id JOIN demand d ON d.id = f.demand_id
    ORDER BY (g.state = 'running') DESC, f.id DESC"""

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
    **dict.fromkeys(
        (
            *("office.grant", "office.notify_grant", "office.receive_grant", "office.report_grant"),
            *("office.close_grant", "office.grant_sheet", "office.count_demand"),
        ),
        _GRANTS,
    ),
    "office.drop_demand": _FINANCED,
    "partners.invoice_attachment": _FILES.replace("ORDER", "WHERE i.state = 'issued' ORDER"),
}
"""Queries by endpoint."""
