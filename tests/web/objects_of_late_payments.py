"""What stands behind the pages of late payments: kept beside `objects_of_routes`, which is as long as one can read."""

from typing import Final

OWED = """SELECT i.ref, i.partner_id AS owner, coalesce((SELECT max(step) FROM reminder r WHERE r.invoice_id = i.id),
    (SELECT max(kind) FROM dunning_pause p WHERE p.invoice_id = i.id), '') AS state FROM invoice i WHERE i.state = 'issued' AND
    i.kind <> 'credit_note' AND gross > (SELECT coalesce(sum(cents), 0) FROM settlement WHERE invoice_id = i.id) ORDER BY 3, i.id"""
PAUSED = """SELECT i.ref, p.ref AS pause_ref, i.partner_id AS owner, p.kind AS state FROM dunning_pause p
    JOIN invoice i ON i.id = p.invoice_id WHERE p.closed_on IS NULL ORDER BY p.id"""
IN_ARREARS = """SELECT p.ref, p.id AS owner, p.kind AS state FROM partner p WHERE p.id IN (SELECT i.partner_id FROM invoice i
    JOIN reminder r ON r.invoice_id = i.id) ORDER BY p.id"""
DUNNING_PAPERS = (
    "SELECT ref, partner_id AS owner, step AS state FROM dunning_letter WHERE step <> 'friendly' ORDER BY id DESC"
)

LATE_PAYMENTS: Final = {
    **dict.fromkeys(("office.arrears", "office.arrears_pdf", "office.arrears_sheet"), IN_ARREARS),
    "office.dunning_letter_pdf": DUNNING_PAPERS,
    **dict.fromkeys(
        (
            *("office.follow_up", "office.tell_promise", "office.tell_dispute", "office.ask_interest"),
            *("office.give_up_interest", "office.choose_route"),
        ),
        OWED,
    ),
    "office.end_pause": PAUSED,
}
"""The question by endpoint."""
