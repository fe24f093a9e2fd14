"""What stands behind the address of a route in the demo's story: how to find references, by endpoint."""

from typing import Any, Final

from entrepairs.identity.models import TokenPurpose
from tests.web.objects_of_invoices import OF_INVOICES

Row = dict[str, Any]

# --- where a reference comes from ------------------------------------------------------------------------------
# Each query gives the values of the address by their names, the `owner` (a structure, a peer) and a `state`.

DEMANDS = "SELECT ref, partner_id AS owner, state FROM demand WHERE state <> 'draft' ORDER BY id DESC"
DRAFTS = "SELECT ref, partner_id AS owner, step AS state FROM demand WHERE state = 'draft' ORDER BY id DESC"
DEMANDS_AND_PEOPLE = """SELECT d.ref, o.ref AS offer_ref, d.partner_id AS owner, o.state
    FROM offer o JOIN demand d ON d.id = o.demand_id ORDER BY o.id DESC"""
SESSIONS = """SELECT s.ref, d.partner_id AS owner, s.state FROM demand_session s JOIN demand d ON d.id = s.demand_id
    WHERE d.state NOT IN ('draft', 'refused') ORDER BY s.id DESC"""
LIVED_SESSIONS = """SELECT s.ref, d.partner_id AS owner, coalesce(sd.answer, 'unanswered') AS state
    FROM demand_session s JOIN demand d ON d.id = s.demand_id LEFT JOIN service_done sd ON sd.session_id = s.id
    WHERE s.id IN (SELECT session_id FROM report WHERE state <> 'draft') ORDER BY (sd.id IS NULL) DESC, s.id DESC"""
INVOICES = (
    """SELECT ref, partner_id AS owner, state || kind AS state FROM invoice WHERE state = 'issued' ORDER BY id DESC"""
)
ANY_INVOICES = "SELECT ref, partner_id AS owner, state || kind AS state FROM invoice ORDER BY state DESC, id DESC"
SITES = "SELECT ref, partner_id AS owner, 'x' AS state FROM site WHERE archived_at IS NULL ORDER BY id"
WELCOMERS = """SELECT s.ref, r.id AS number, s.partner_id AS owner, 'x' AS state
    FROM referent r JOIN site s ON s.id = r.site_id WHERE r.until IS NULL ORDER BY r.id"""
PARTNERS = "SELECT ref, id AS owner, kind AS state FROM partner WHERE archived_at IS NULL ORDER BY id"
MEMBERS = """SELECT a.ref, m.partner_id AS owner, m.role AS state FROM partner_member m
    JOIN account a ON a.id = m.account_id
    WHERE (SELECT count(DISTINCT partner_id) FROM partner_member WHERE account_id = a.id) = 1 ORDER BY m.id"""
PEERS = "SELECT ref, id AS owner, employment AS state FROM peer ORDER BY id"
QUALIFICATIONS = """SELECT p.ref, q.id AS number, p.id AS owner, q.kind AS state
    FROM qualification q JOIN peer p ON p.id = q.peer_id WHERE q.file_id IS NOT NULL ORDER BY q.id"""
ANY_QUALIFICATIONS = QUALIFICATIONS.replace("WHERE q.file_id IS NOT NULL", "").replace("BY q.id", "BY q.id DESC")
OWN_QUALIFICATIONS = QUALIFICATIONS.replace("p.ref, ", "")
OWN_ANY_QUALIFICATIONS = ANY_QUALIFICATIONS.replace("p.ref, ", "")
ABSENCES = "SELECT id AS number, peer_id AS owner, 'x' AS state FROM absence ORDER BY id DESC"
AVOIDED = "SELECT id AS number, peer_id AS owner, 'x' AS state FROM exclusion ORDER BY id DESC"
NOT_TOGETHER = "SELECT id AS number, peer_id AS owner, 'x' AS state FROM refused_colleague ORDER BY id DESC"
WITH_PROFESSIONAL = """SELECT d.ref, s.ref AS session_ref, d.partner_id AS owner, s.state FROM demand_session s
    JOIN demand d ON d.id = s.demand_id WHERE d.facilitation = 'peer_and_professional' AND s.state = 'planned' ORDER BY s.id DESC"""
COURSES = """SELECT p.ref, l.id AS number, p.id AS owner, l.kind AS state FROM learning l JOIN peer p ON p.id = l.peer_id
    ORDER BY l.id DESC"""
AT_SCHOOL = """SELECT p.ref, t.id AS number, p.id AS owner, 'x' AS state FROM training_days t JOIN peer p ON p.id = t.peer_id
    ORDER BY t.id DESC"""
MAILS = "SELECT ref, 0 AS owner, state FROM message ORDER BY id DESC"
PRICES = "SELECT code, 0 AS owner, kind AS state FROM offering ORDER BY position"
OFFERS = "SELECT ref, peer_id AS owner, state FROM offer ORDER BY (state = 'sent') DESC, id DESC"
OTHER_TIMES = """SELECT t.ref, d.partner_id AS owner, t.state FROM other_time t JOIN offer o ON o.id = t.offer_id
    JOIN demand d ON d.id = o.demand_id ORDER BY (o.state = 'sent') DESC, (t.state = 'asked') DESC, t.id DESC"""
PAYMENTS = """SELECT i.ref, s.ref AS payment_ref, i.partner_id AS owner, s.kind AS state FROM settlement s
    JOIN invoice i ON i.id = s.invoice_id WHERE s.kind IN ('transfer', 'refund') ORDER BY s.id DESC"""
PAPERS = """SELECT q.ref, v.number, d.partner_id AS owner, v.state FROM acceptance a JOIN quote_version v ON v.id = a.version_id
    JOIN quote q ON q.id = v.quote_id JOIN demand d ON d.id = q.demand_id WHERE a.paper_file_id IS NOT NULL ORDER BY a.id DESC"""
NEEDS = """SELECT ref, partner_id AS owner, state FROM demand WHERE kind = 'emergency' AND state <> 'draft'
    ORDER BY id DESC"""
HELD = "SELECT ref, peer_id AS owner, state FROM offer WHERE state = 'accepted' ORDER BY id DESC"
ASSIGNMENTS = "SELECT ref, peer_id AS owner, state FROM assignment ORDER BY id DESC"
ORDERED = """SELECT a.ref, a.peer_id AS owner, a.state FROM assignment a JOIN mission_order m ON m.assignment_id = a.id
    WHERE m.file_id IS NOT NULL ORDER BY a.id DESC"""
REPORTS = """SELECT a.ref, s.ref AS session_ref, a.peer_id AS owner, coalesce(r.state, 'none') AS state
    FROM booking b JOIN assignment a ON a.id = b.assignment_id JOIN demand_session s ON s.id = b.session_id
    LEFT JOIN report r ON r.session_id = s.id AND r.assignment_id = a.id
    WHERE b.active AND upper(s.during) < (SELECT at FROM demo_clock) ORDER BY (r.id IS NULL) DESC, s.id DESC"""
BOOKED = """SELECT s.ref, b.id AS number, d.partner_id AS owner, s.state FROM booking b
    JOIN assignment a ON a.id = b.assignment_id JOIN demand_session s ON s.id = b.session_id
    JOIN demand d ON d.id = s.demand_id WHERE b.active ORDER BY s.id DESC"""
ACCOUNTS = "SELECT ref, id AS owner, 'x' AS state FROM account ORDER BY id"

AGREEMENTS = """SELECT ref, 'convention' AS kind, partner_id AS owner, state FROM agreement
    ORDER BY (state = 'draft'), (file_id IS NULL), id DESC"""
SENT_AGREEMENTS = AGREEMENTS.replace("ORDER BY", "WHERE state <> 'draft' ORDER BY")
PRINTED_AGREEMENTS = AGREEMENTS.replace("ORDER BY", "WHERE file_id IS NOT NULL AND state <> 'draft' ORDER BY")
YEARLY_AGREEMENTS = AGREEMENTS.replace(
    "ORDER BY", "WHERE yearly_engagement AND state IN ('active', 'expiring') ORDER BY"
)
DEPOSITABLE = """SELECT ref, partner_id AS owner, state FROM demand
    WHERE state IN ('confirmed', 'staffed', 'running') AND financed_by = '' ORDER BY id DESC"""
CANCELLATIONS = """SELECT c.ref, d.partner_id AS owner, CASE WHEN c.waived_at IS NULL THEN 'due' ELSE 'waived' END AS state
    FROM late_cancellation c JOIN demand d ON d.id = c.demand_id ORDER BY c.id DESC"""
DRAFT_AGREEMENTS = AGREEMENTS.replace("ORDER BY", "WHERE state = 'draft' ORDER BY")
QUOTES = """SELECT q.ref, v.number, d.partner_id AS owner, v.state FROM quote_version v JOIN quote q ON q.id = v.quote_id
    JOIN demand d ON d.id = q.demand_id WHERE v.state <> 'draft' ORDER BY (v.file_id IS NULL), v.id DESC"""
QUOTED = """SELECT d.ref, d.partner_id AS owner, v.state FROM quote_version v JOIN quote q ON q.id = v.quote_id
    JOIN demand d ON d.id = q.demand_id WHERE v.state <> 'draft' ORDER BY v.id DESC"""
ON_PAPER = QUOTED.replace("v.state <> 'draft'", "v.state <> 'draft' AND d.state <> 'draft'").replace(
    "ORDER BY", "ORDER BY (v.state = 'sent' AND d.state = 'quoted') DESC,"
)
QUOTE_DRAFTS = QUOTED.replace("v.state <> 'draft'", "v.state = 'draft'")
ENGAGED = """SELECT d.ref, d.partner_id AS owner, d.state FROM demand d JOIN partner p ON p.id = d.partner_id
    WHERE p.requires_engagement AND d.state NOT IN ('draft', 'awaiting_approval')
    ORDER BY (d.state = 'awaiting_engagement') DESC, d.id DESC"""
USERS = """SELECT a.ref, 0 AS owner, max(r.role) AS state FROM account a JOIN office_role r ON r.account_id = a.id
    GROUP BY a.id, a.ref ORDER BY a.id"""
STUDIES = "SELECT ref, 0 AS owner, 'x' AS state FROM coverage_study ORDER BY id DESC"
PLANS = """SELECT ref, 0 AS owner, CASE WHEN concluded_at IS NULL THEN 'searched' ELSE 'ready' END AS state FROM plan
    ORDER BY concluded_at NULLS LAST"""
MONTHS = "SELECT ref, 0 AS owner, state FROM run WHERE kind = 'billing.bill_month' ORDER BY id DESC"
STATEMENTS = "SELECT ref, 0 AS owner, 'x' AS state FROM bank_statement ORDER BY id DESC"
STATEMENT_LINES = "SELECT ref, 0 AS owner, 'x' AS state FROM statement_line WHERE cents > 0 ORDER BY id DESC"
TASKS = "SELECT id AS number, 0 AS owner, kind || state AS state FROM outbox ORDER BY id DESC"

ENTRIES = """SELECT fiscal_year AS year, number, 0 AS owner, journal_code AS state FROM entry
    WHERE state = 'validated' ORDER BY (written_by IS NOT NULL AND journal_code <> 'AN') DESC, id DESC"""
LEDGER_DRAFTS = """SELECT substr(dedup_key, 6) AS ref, 0 AS owner, 'x' AS state FROM entry
    WHERE state = 'draft' AND dedup_key LIKE 'hand:%' ORDER BY id DESC"""
THIRD_PARTIES = """SELECT DISTINCT account_code AS code, aux_code AS aux, 0 AS owner, 'x' AS state FROM entry_line
    WHERE account_code = '411' AND lettering_id IS NULL AND NOT carried AND counted_on IS NOT NULL"""
LETTERINGS = "SELECT id AS number, 0 AS owner, 'x' AS state FROM lettering ORDER BY id DESC"
LEDGER_ACCOUNTS = "SELECT DISTINCT account_code AS code, 0 AS owner, 'x' AS state FROM entry_line"
EXERCISES = "SELECT year AS number, 0 AS owner, 'x' AS state FROM accounting_year WHERE closed_at IS NULL ORDER BY year"

OBJECTS: Final[dict[str, str]] = {
    "demo.enter": ACCOUNTS,
    # the association
    "office.resend_mail": MAILS,
    **dict.fromkeys(("office.entry", "office.reverse_entry"), ENTRIES),
    **dict.fromkeys(("office.edit_entry", "office.discard_entry"), LEDGER_DRAFTS),
    **dict.fromkeys(("office.third_party", "office.letter"), THIRD_PARTIES),
    "office.undo_lettering": LETTERINGS,
    "office.account_lines": LEDGER_ACCOUNTS,
    "office.change_exercise": EXERCISES,
    **dict.fromkeys(("office.fec_file", "office.accountant_file", "office.close_year"), EXERCISES),
    **dict.fromkeys(
        (
            *(
                "office.demand",
                "office.cancel_page",
                "office.cancel_demand",
                "office.matching",
                *("office.matching_records", "office.wider", "office.look_farther"),
                "office.finance_demand",
                "office.put_under_grant",
            ),
            *("office.propose", "office.qualify_demand", "office.refuse_page", "office.refuse_demand"),
        ),
        DEMANDS,
    ),
    "office.take_back": DEMANDS_AND_PEOPLE,
    **dict.fromkeys(("office.reverse_form", "office.reverse_payment"), PAYMENTS),
    **dict.fromkeys(
        ("office.move_form", "office.move_payment", "office.online_refund_form", "office.ask_online_refund"), INVOICES
    ),
    "office.accept_on_paper": ON_PAPER,
    **dict.fromkeys(("office.quote_scan", "partners.quote_scan"), PAPERS),
    "office.discard_agreement": DRAFT_AGREEMENTS,
    "office.record_yearly_engagement": YEARLY_AGREEMENTS,
    **dict.fromkeys(("office.deposit_form", "office.draft_deposit"), DEPOSITABLE),
    **dict.fromkeys(("office.waive_form", "office.waive_cancellation"), CANCELLATIONS),
    **dict.fromkeys(("office.ask_for_time", "office.thank_for_time", "office.time_agreed"), OTHER_TIMES),
    **dict.fromkeys(
        (
            *("office.peer", "office.invite_peer", "office.edit_peer", "office.add_qualification"),
            *("office.add_clearance", "office.add_learning", "office.add_training"),
        ),
        PEERS,
    ),
    "office.drop_learning": COURSES,
    "office.drop_training": AT_SCHOOL,
    "office.peer_evidence": QUALIFICATIONS,
    "office.drop_qualification": ANY_QUALIFICATIONS,
    **dict.fromkeys(
        (
            *("office.bill", "office.issue_bill", "office.approve_bill", "office.delete_bill"),
            *("office.deposit_bill", "office.credit_bill", "office.record_payment", "office.record_money_back"),
        ),
        ANY_INVOICES,
    ),
    **dict.fromkeys(
        (
            "office.credit_form",
            "office.payment_form",
            "office.refund_form",
            "office.bill_pdf",
            "office.bill_xml",
            "office.bill_ubl",
            *("office.send_bill_again", "office.ask_for_news", "office.recipient_form", "office.mend_recipient"),
            *("office.piece_form", "office.add_piece"),
        ),
        INVOICES,
    ),
    **dict.fromkeys(("office.site", "office.welcome", "office.name_welcomer", "office.edit_site"), SITES),
    "office.end_welcomer": WELCOMERS,
    **dict.fromkeys(
        (
            *("office.partner", "office.invite_to_partner", "office.edit_sheet", "office.new_site"),
            *("office.draft_bill", "office.channel_form", "office.set_channel"),
        ),
        PARTNERS,
    ),
    **dict.fromkeys(("office.mission_session", "office.settle", "office.confirm_by_phone"), LIVED_SESSIONS),
    "office.was_absent": BOOKED,
    **dict.fromkeys(("office.move_page", "office.move_session"), SESSIONS),
    **dict.fromkeys(("office.price", "office.vote"), PRICES),
    **dict.fromkeys(("office.agreement", "office.terminate_agreement"), AGREEMENTS),
    **dict.fromkeys(("office.edit_agreement", "office.send_agreement", "office.sign_agreement"), DRAFT_AGREEMENTS),
    "office.agreement_pdf": PRINTED_AGREEMENTS,
    **dict.fromkeys(("office.engagement",), ENGAGED),
    **dict.fromkeys(("office.quote", "office.write_quote"), DEMANDS),
    "office.quote_pdf": QUOTES,
    "office.quote_preview": QUOTE_DRAFTS,
    **dict.fromkeys(("office.user", "office.save_user", "office.close_user", "office.reopen_user"), USERS),
    "office.retry_task": TASKS,
    **dict.fromkeys(("office.plan", "office.plan_progress", "office.stop_plan", "office.send_plan"), PLANS),
    **dict.fromkeys(("office.month_progress", "office.stop_billing"), MONTHS),
    **OF_INVOICES,
    "office.bank_statement": STATEMENTS,
    "office.decide_line": STATEMENT_LINES,
    "office.fairness_person": PEERS,
    "office.fairness_study": STUDIES,
    # the structures
    "partners.agreement": SENT_AGREEMENTS,
    "partners.agreement_pdf": PRINTED_AGREEMENTS,
    **dict.fromkeys(
        (
            *("partners.quote", "partners.quote_pdf", "partners.accept_quote"),
            "partners.refuse_quote",
            "partners.forward_quote",
        ),
        QUOTES,
    ),
    "partners.demand_quote": QUOTED,
    **dict.fromkeys(("partners.need", "partners.need_news"), NEEDS),
    **dict.fromkeys(("partners.agree_to_other_time", "partners.keep_own_time"), OTHER_TIMES),
    "partners.engagement": ENGAGED,
    **dict.fromkeys(
        (
            *("partners.demand", "partners.agree", "partners.cancel_page", "partners.cancel_demand"),
            *("partners.repeat_demand", "partners.send_back", "partners.confirm_services_of"),
        ),
        DEMANDS,
    ),
    **dict.fromkeys(
        (
            *("partners.dates_step", "partners.drop_draft", "partners.place_step", "partners.people_step"),
            *("partners.review_step", "partners.send_demand"),
        ),
        DRAFTS,
    ),
    **dict.fromkeys(("partners.member", "partners.remove"), MEMBERS),
    **dict.fromkeys(
        (
            *("partners.invoice", "partners.payment_status", "partners.payment_news", "partners.pay_invoice"),
            *("partners.invoice_pdf", "partners.invoice_xml"),
        ),
        INVOICES,
    ),
    **dict.fromkeys(("partners.site", "partners.welcome", "partners.name_welcomer", "partners.edit_site"), SITES),
    "partners.end_welcomer": WELCOMERS,
    **dict.fromkeys(
        ("partners.service", "partners.dispute_service", "partners.correct_service", "partners.confirm_service"),
        LIVED_SESSIONS,
    ),
    # the peers
    "peers.give_back_absence": ABSENCES,
    "peers.give_evidence": OWN_ANY_QUALIFICATIONS,
    "peers.evidence": OWN_QUALIFICATIONS,
    "peers.lift_place": AVOIDED,
    "peers.accept_a_colleague": NOT_TOGETHER,
    "partners.confirm_professional": WITH_PROFESSIONAL,
    **dict.fromkeys(("peers.mission", "peers.next_report"), ASSIGNMENTS),
    "peers.mission_order": ORDERED,
    **dict.fromkeys(
        (
            *("peers.report", "peers.send_report", "peers.not_there"),
            *("peers.say_on_site", "peers.say_back_home", "peers.take_back_on_site"),
        ),
        REPORTS,
    ),
    **dict.fromkeys(
        (
            *("peers.offer", "peers.decline", "peers.accept", "peers.seen"),
            *("peers.other_time", "peers.suggest_other_time"),
        ),
        OFFERS,
    ),
    "peers.hand_over": HELD,
}

MORE: Final = (
    """UPDATE demand SET state = 'draft', step = 'people' WHERE id IN (
        SELECT DISTINCT ON (partner_id) id FROM demand WHERE state IN ('submitted', 'qualified', 'quoted')
        ORDER BY partner_id, id DESC LIMIT 2)""",
    """UPDATE demand SET state = 'awaiting_approval', signatory_id = (SELECT account_id FROM partner_member m
        WHERE m.partner_id = demand.partner_id AND m.role = 'signatory' LIMIT 1)
        WHERE id = (SELECT max(d.id) FROM demand d JOIN partner_member m ON m.partner_id = d.partner_id
        WHERE d.state IN ('refused', 'cancelled') AND d.requester_id IS NOT NULL AND m.role = 'signatory')""",
    "UPDATE partner SET requires_engagement = true WHERE payer_kind <> 'none'",
    """UPDATE demand SET kind = 'emergency' WHERE id = (SELECT min(d.id) FROM demand d WHERE d.state = 'completed'
        AND d.partner_id <> (SELECT max(e.partner_id) FROM demand e WHERE e.kind = 'emergency'))""",
    """INSERT INTO other_time (ref, offer_id, state, weekday, starts, suggested_at, asked_at, answered_by)
        SELECT 'HOR-' || substr(o.ref, 5), o.id, CASE rank() OVER (PARTITION BY o.demand_id ORDER BY o.id)
            WHEN 1 THEN 'asked' ELSE 'suggested' END, 0, '10:00', o.sent_at, o.sent_at, ''
        FROM offer o WHERE o.state = 'sent' OR o.id IN (SELECT max(x.id) FROM offer x JOIN demand d ON d.id = x.demand_id
            WHERE d.state NOT IN ('draft', 'awaiting_approval') GROUP BY d.partner_id)""",
)

LATE_AND_YEARLY: Final = (
    """INSERT INTO late_cancellation (ref, demand_id, cancelled_on, first_day, sessions, notice_days, percent, base, cents,
        vat_regime, waived_why, created_at)
        SELECT 'ANN-' || substr(d.ref, 5), d.id, '2027-01-08', '2027-01-12', 2, 7, 50, 60000, 30000, o.vat_regime, '', now()
        FROM demand d JOIN offering o ON o.id = d.offering_id JOIN partner p ON p.id = d.partner_id
        WHERE d.state = 'cancelled' AND p.payer_kind <> 'none' ON CONFLICT DO NOTHING""",
    """INSERT INTO agreement (ref, number, partner_id, title, valid, record_access, payment_days, end_of_month, grouping,
        yearly_engagement, procurement_basis, partner_signatory, partner_signatory_function, state, signed_on, created_at)
        SELECT 'CNV-' || substr(p.ref, 5), 'CV2027-9' || p.id, p.id, 'Un engagement par an', '[2027-01-01,2028-01-01)', 'none',
        50, false, 'month', true, '', 'Hélène Essai', '', 'active', '2027-01-01', now()
        FROM partner p WHERE p.payer_kind LIKE 'public%'""",
)
"""What the story has not: a cancellation to bill in several structures, agreements with a number a year."""

SIGNED_ON_PAPER: Final = """INSERT INTO acceptance
    (version_id, name, function, statement, at, ip, user_agent, sha256, paper_file_id, signed_on, recorded_by)
    SELECT DISTINCT ON (d.partner_id) v.id, 'Hélène Essai', 'Directrice', 'Bon pour accord', now(), '', '', :sha256, :id,
        v.issued_on, 'Claire'
    FROM quote_version v JOIN quote q ON q.id = v.quote_id JOIN demand d ON d.id = q.demand_id
    WHERE v.state IN ('refused', 'expired', 'superseded')
    AND NOT EXISTS (SELECT 1 FROM acceptance a WHERE a.version_id = v.id) ORDER BY d.partner_id, v.id DESC LIMIT 2"""

TOKENS: Final[dict[str, tuple[TokenPurpose, str]]] = {
    **dict.fromkeys(
        ("public.handover", "public.make_room", "public.keep_seat"),
        (
            TokenPurpose.HANDOVER,
            """SELECT h.ref, p.account_id AS account FROM handover h JOIN assignment a ON a.id = h.assignment_id
                JOIN peer p ON p.id = a.peer_id ORDER BY (h.state = 'asked') DESC, h.id""",
        ),
    ),
    **dict.fromkeys(
        (
            *("public.offer", "public.decline_offer", "public.accept_offer", "public.offer_seen"),
            *("public.other_time", "public.suggest_other_time"),
        ),
        (
            TokenPurpose.OFFER,
            """SELECT o.ref, p.account_id AS account FROM offer o JOIN peer p ON p.id = o.peer_id
            ORDER BY (o.state = 'sent') DESC, o.id DESC""",
        ),
    ),
    **dict.fromkeys(
        (
            *("public.service", "public.dispute_service", "public.correct_service", "public.confirm_all_services"),
            "public.confirm_service",
        ),
        (
            TokenPurpose.SERVICE,
            f"""SELECT x.ref, (SELECT account_id FROM partner_member m WHERE m.partner_id = x.owner LIMIT 1) AS account
            FROM ({LIVED_SESSIONS}) x""",
        ),
    ),
    **dict.fromkeys(
        ("public.quote", "public.accept_quote", "public.refuse_quote", "public.quote_pdf"),
        (
            TokenPurpose.QUOTE,
            f"""SELECT x.ref || '/' || x.number AS ref,
            (SELECT account_id FROM partner_member m WHERE m.partner_id = x.owner AND m.role = 'signatory' LIMIT 1) AS account
            FROM ({QUOTES}) x ORDER BY (x.state = 'sent') DESC""",
        ),
    ),
    **dict.fromkeys(
        ("public.approval", "public.approve", "public.return_for_change"),
        (
            TokenPurpose.APPROVAL,
            "SELECT ref, signatory_id AS account FROM demand WHERE state = 'awaiting_approval' ORDER BY id DESC",
        ),
    ),
    **dict.fromkeys(
        ("public.time_asked", "public.agree_to_other_time", "public.keep_own_time"),
        (
            TokenPurpose.OTHER_TIME,
            """SELECT t.ref, d.requester_id AS account FROM other_time t JOIN offer o ON o.id = t.offer_id
            JOIN demand d ON d.id = o.demand_id WHERE d.requester_id IS NOT NULL
            ORDER BY (o.state = 'sent') DESC, (t.state = 'asked') DESC""",
        ),
    ),
    **dict.fromkeys(
        ("public.show_link", "public.use_link"),
        (TokenPurpose.LOGIN, "SELECT ref, id AS account FROM account WHERE disabled_at IS NULL ORDER BY id"),
    ),
    "public.choose_password": (
        TokenPurpose.SET_PASSWORD,
        "SELECT ref, id AS account FROM account WHERE disabled_at IS NULL ORDER BY id",
    ),
}
"""Purpose of the link, and what it speaks of."""

OTHER_VALUES: Final[dict[str, Row]] = {
    "public.approval_done": {"answer": "oui"},
    "public.service_noted": {"answer": "discussion"},
    "public.time_answered": {"answer": "non"},
    "public.close_my_session": {"number": 987654321},
    "office.decision": {"address": "cooperative-contribution-rate"},
    "office.vote_decision": {"address": "cooperative-contribution-rate"},
}
