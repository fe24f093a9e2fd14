"""Raw SQL changes no issued invoice, validated entry, number, payment or bank line: each guard of the database, one by one.

For each trigger of these rooms: a statement that only this one refuses, tried as the application role (as the owner
where the role's rights refuse it first); then the same statement with this trigger alone disabled, which passes. So no
case is refused for another reason, and a new trigger without a case fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from entrepairs.billing.credit_notes import CREDIT_APPROVAL, credit_invoice
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.payments import record_transfer
from entrepairs.embedded.postgres import EmbeddedPostgres, Role
from entrepairs.kernel.money import Money
from entrepairs.ledger.hand import Written, write_by_hand
from entrepairs.ledger.posting import Posting
from entrepairs.ledger.years import close_through
from entrepairs.settings.decisions import vote
from tests.factories.billing import OFFICE, a_draft_invoice, later
from tests.factories.nodding import Nodding
from tests.throwaway import TEMPLATE

LINK = "INSERT INTO line_settlement (line_id, settlement_id, by_itself, created_at) SELECT {line}, {b}, false, now()"
LATER = "2027-05-01 12:00+02"


@dataclass(frozen=True)
class Case:
    """What is tried. `rights`: the application role may not at all, so the owner tries."""

    trigger: str
    statements: tuple[str, ...]
    rights: bool = False


def case(trigger: str, *statements: str, rights: bool = False) -> Case:
    return Case(trigger, statements, rights)


CASES = [
    case("accounting_year_frozen", "UPDATE accounting_year SET closed_through = NULL"),
    case(
        "accounting_year_follows",
        """INSERT INTO accounting_year (year, first_day, last_day, opening_reserved)
        VALUES (2031, '2031-01-01', '2031-12-31', false)""",
    ),
    case("bank_statement_written_once", "UPDATE bank_statement SET closing = 0"),
    case("billed_service_issued", "DELETE FROM billed_service"),
    case("dunning_letter_written_once", "UPDATE dunning_letter SET words = 'autre chose'"),
    case("dunning_pause_closed_once", "UPDATE dunning_pause SET closed_on = NULL, closed_by = NULL"),
    case("dunning_pause_kept", "DELETE FROM dunning_pause"),
    case(
        "entry_balanced",
        """INSERT INTO entry (journal_code, fiscal_year, entry_date, piece_ref, piece_date, label, state, dedup_key, created_at)
        VALUES ('OD', 2027, '2027-04-02', 'X', '2027-04-02', 'X', 'draft', 'x', now())""",
    ),
    case(
        "entry_numbered",
        "UPDATE entry_line SET counted_on = '2027-04-02' WHERE counted_on IS NULL",
        f"UPDATE entry SET state = 'validated', number = 77, validated_at = '{LATER}' WHERE state = 'draft'",
    ),
    case("entry_validated", "UPDATE entry SET label = 'autre' WHERE state = 'validated'"),
    case("entry_line_balanced", "UPDATE entry_line SET debit = debit + 1 WHERE counted_on IS NULL AND debit > 0"),
    case("entry_line_frozen", "UPDATE entry_line SET account_code = '10688' WHERE counted_on IS NULL AND debit > 0"),
    case(
        "entry_line_lettered", "UPDATE entry_line SET lettering_id = NULL WHERE lettering_id IS NOT NULL AND debit > 0"
    ),
    case("entry_line_validated", "UPDATE entry_line SET label = 'autre' WHERE counted_on IS NOT NULL"),
    case("interest_decision_written_once", "DELETE FROM interest_decision"),
    case(
        "invoice_credit_approval",
        "INSERT INTO number_series (series, year, next) VALUES ('AV', 2027, 2)",
        """UPDATE invoice SET state = 'issued', number = 'AV2027-00001', issue_date = '2027-04-02', due_date = '2027-04-02'
        WHERE kind = 'credit_note'""",
    ),
    case(
        "invoice_attachment_issued",
        """INSERT INTO invoice_attachment (ref, invoice_id, file_id, kind, name, added_at, added_by)
        SELECT 'PIE-1', {invoice}, min(id), 'PJA', 'a.pdf', now(), 'x' FROM stored_file""",
    ),
    case(
        "invoice_numbered",
        """UPDATE invoice SET state = 'issued', number = 'AV2027-00001', issue_date = '2027-04-02', due_date = '2027-04-02',
        approved_by = 'somebody else' WHERE kind = 'credit_note'""",
    ),
    case("invoice_issued", "UPDATE invoice SET net = net + 1, gross = gross + 1 WHERE state = 'issued'"),
    case("invoice_event_insert_only", "UPDATE invoice_event SET reason_text = 'autre'", rights=True),
    case("invoice_file_frozen", "UPDATE invoice_file SET checked_at = now()"),
    case("invoice_line_issued", "UPDATE invoice_line SET net = net + 1 WHERE invoice_id = {invoice}"),
    case("late_cancellation_frozen", "UPDATE late_cancellation SET cents = cents - 1"),
    case("ledger_account_frozen", "UPDATE ledger_account SET frozen = false WHERE frozen"),
    case("line_axis_validated", "DELETE FROM line_axis"),
    case("line_settlement_bounded", LINK.replace("{line}", "{taken}")),
    case("line_settlement_not_payout", LINK.replace("{line}", "{paid_out}")),
    case("line_settlement_written_once", "DELETE FROM line_settlement"),
    case("number_series_borne", "UPDATE number_series SET next = next + 1 WHERE series = 'FA'"),
    case("number_series_borne", "UPDATE number_series SET next = next + 7 WHERE series = 'FA'"),
    case("number_series_borne", "INSERT INTO number_series (series, year, next) VALUES ('FA', 2026, 3)"),
    case("number_series_continuous", "UPDATE number_series SET next = next - 1 WHERE series = 'FA'"),
    case(
        "number_series_continuous",
        "INSERT INTO number_series (series, year, next) VALUES ('OM', 2026, 1)",
        "UPDATE number_series SET next = next + 2 WHERE series = 'OM' AND year = 2026",
    ),
    case("reminder_written_once", "UPDATE reminder SET balance = 1"),
    case("settlement_frozen", "UPDATE settlement SET cents = 1", rights=True),
    case("statement_line_said", "UPDATE statement_line SET cents = 1"),
    case("statement_line_written_once", "DELETE FROM statement_line WHERE id = {free}"),
    case("stripe_booking_kept", "UPDATE stripe_booking SET cents = cents + 1"),
    case("stripe_dispute_kept", "UPDATE stripe_dispute SET cents = cents + 1"),
    case("stripe_movement_kept", "UPDATE stripe_movement SET cents = cents + 1, net = net + 1"),
    case("stripe_payout_kept", "DELETE FROM stripe_payout"),
    case("stripe_payout_line", "UPDATE stripe_payout SET line_id = {taken}"),
    case("stripe_refund_approval", "UPDATE stripe_refund SET state = 'asked' WHERE state = 'waiting'"),
    case("stripe_refund_kept", "UPDATE stripe_refund SET reason = 'autre'"),
    case("transmission_frozen", "DELETE FROM transmission"),
    case("vat_line_issued", "UPDATE vat_line SET base = base + 1 WHERE invoice_id = {invoice}"),
]
EMPTIED = (
    *("accounting_year", "bank_statement", "billed_service", "dunning_letter", "dunning_pause", "entry", "entry_line"),
    *(
        "interest_decision",
        "invoice",
        "invoice_event",
        "invoice_file",
        "invoice_line",
        "late_cancellation",
        "line_axis",
    ),
    *(
        "line_settlement",
        "number_series",
        "reminder",
        "settlement",
        "statement_line",
        "stripe_booking",
        "stripe_dispute",
    ),
    *("stripe_movement", "stripe_payout", "stripe_refund", "transmission", "vat_line", "invoice_attachment"),
)
TABLES = frozenset(
    {*EMPTIED, "ledger_account", "lettering", "journal", "books_form", "checkout_payment", "stripe_event"}
)
"""Of billing, online payments, statements, dunning, transmission and the ledger."""
WRITTEN_ONCE = ("settlement", "invoice_event")
"""The application role itself may neither change nor take away."""


@dataclass(frozen=True)
class Held:
    """One connection that may take any role, in a transaction of its own; ids by name."""

    connection: psycopg.Connection[Any]
    ids: dict[str, int]
    tables: dict[str, str]
    """Table by trigger."""

    def attempt(self, one: Case, role: Role, *off: str) -> str:
        """What becomes of it with these triggers disabled: the name of what refused it, or nothing. Nothing stays."""
        done = ""
        try:
            with self.connection.transaction(force_rollback=True):
                for name in off:
                    self.run(f"ALTER TABLE {self.tables[name]} DISABLE TRIGGER {name}")
                self.run(f"SET LOCAL ROLE {role}")
                for statement in one.statements:
                    touched = self.run(statement.format(**self.ids))
                    assert touched or statement.startswith("TRUNCATE"), f"{statement} touches nothing"
                self.run("SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.Error as refusal:
            done = refusal.diag.constraint_name or refusal.diag.message_primary or type(refusal).__name__
        return done

    def run(self, statement: str) -> int:
        return self.connection.execute(sql.SQL(statement)).rowcount  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def held(cluster: EmbeddedPostgres, worker_name: str) -> Iterator[Held]:
    """A database with one row at least in each table that is guarded."""
    name = f"guards_{worker_name}"
    cluster.clone_database(TEMPLATE, name)
    engine = create_engine(cluster.url(name, Role.APP))
    with Session(engine) as session:
        ids = _written(session)
        session.commit()
    engine.dispose()
    with cluster.connect(name, Role.ADMIN) as connection:
        for statement in _rows().format(**ids).split(";\n"):
            connection.execute(statement)  # type: ignore[arg-type]
        lines = connection.execute("SELECT id FROM statement_line ORDER BY id").fetchall()
        ids |= dict(zip(("taken", "paid_out", "free"), (row[0] for row in lines), strict=True))
        found = connection.execute("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        held = Held(connection, ids, dict(found.fetchall()))
        connection.commit()
        yield held
        connection.rollback()
    cluster.drop_database(name)


def _written(session: Session) -> dict[str, int]:
    """By the use cases: an invoice issued and paid twice over, a credit note that waits, a draft entry, a closed month."""
    clock, day = later(), date(2027, 1, 1)
    invoice = issue_invoice(session, a_draft_invoice(session).ref, clock=clock, actor=OFFICE, checker=Nodding())
    paid = [
        record_transfer(
            session,
            invoice.ref,
            Money(cents),
            clock.today(),
            reference=str(cents),
            keep_surplus=True,
            clock=clock,
            actor=OFFICE,
        )
        for cents in (invoice.gross, 100)
    ]
    vote(session, CREDIT_APPROVAL, 100_00, since=day, voted_on=day, source="CA", clock=clock)
    credit_invoice(session, invoice.ref, reason="Erreur", clock=clock, actor=OFFICE)
    lines = [Posting("512", debit=Money(500)), Posting("754", credit=Money(500))]
    write_by_hand(session, Written("BQ", clock.today(), "DON", "Don", lines), actor=OFFICE, clock=clock)
    close_through(session, date(2027, 2, 28), actor=OFFICE, clock=clock)
    ids = {"invoice": invoice.id, "partner": invoice.partner_id, "a": paid[0].id, "b": paid[1].id}
    service = invoice.lines[0].service
    assert service is not None
    return ids | {"demand": service.session.demand_id, "gross": invoice.gross}


def _rows() -> str:
    """The rest, as its tables want it."""
    stripe = "'r', now(), now()"
    return f"""
INSERT INTO ledger_account (code, label, auxiliary, frozen) VALUES ('10688', 'Fonds impartageables', false, true);
INSERT INTO bank_statement (ref, format, account, number, opened_on, closed_on, imported_at, imported_by)
    VALUES ('REL-1', 'camt053', 'FR76', '1', '2027-04-01', '2027-04-30', now(), 'x');
INSERT INTO statement_line (ref, statement_id, position, booked_on, cents, label, reference, counterparty, counterparty_iban,
    end_to_end, reversal, charge, fingerprint)
    SELECT 'LIG-' || n, s.id, n, '2027-04-02', {{gross}}, '', '', '', '', '', false, false, n FROM bank_statement s,
    generate_series(1, 3) n;
INSERT INTO line_settlement (line_id, settlement_id, by_itself, created_at)
    SELECT min(id), {{a}}, false, now() FROM statement_line;
INSERT INTO checkout_payment (ref, invoice_id, idempotency_key, state, cents, offered, failure, created_at, updated_at)
    VALUES ('CHK-1', {{invoice}}, 'k', 'paid', 100, 'card', '', now(), now());
INSERT INTO stripe_refund (ref, payment_id, origin, state, cents, reason, idempotency_key, failure, asked_on, prepared_by,
    prepared_label, created_at, updated_at)
    SELECT 'RMB-1', id, 'office', 'waiting', 20000, 'Trop', 'k2', '', '2027-04-02', 'x', {stripe} FROM checkout_payment;
INSERT INTO stripe_dispute (ref, payment_id, dispute_id, state, cents, reason, created_at, updated_at)
    SELECT 'LIT-1', id, 'd', 'opened', 100, {stripe} FROM checkout_payment;
INSERT INTO stripe_payout (ref, payout_id, state, cents, arrives_on, failure, receipts, received_on, received_by, line_id,
    created_at, updated_at)
    SELECT 'VST-1', 'p', 'paid', {{gross}}, '2027-04-02', '', 1, '2027-04-02', 'x', min(id) + 1, now(), now()
    FROM statement_line;
INSERT INTO stripe_movement (txn_id, type, source_id, cents, fee, net, moved_at) VALUES ('t', 'charge', '', 100, 5, 95, now());
INSERT INTO stripe_booking (txn_id, subject, cents, fee, moved_at, booked_at) VALUES ('t', 'CHK-1', 100, 5, now(), now());
INSERT INTO dunning_letter (ref, partner_id, step, sent_on, sent_at, sent_by, by_itself, address, words, seller, buyer)
    VALUES ('LET-1', {{partner}}, 'reminder', '2027-04-02', now(), 'x', false, 'a@b.invalid', '', '{{{{}}}}', '{{{{}}}}');
INSERT INTO reminder (invoice_id, step, letter_id, taken_on, due_on, balance, interest, indemnity, note, taken_by, created_at)
    SELECT {{invoice}}, 'reminder', id, '2027-04-02', '2027-04-02', 100, 0, 0, '', 'x', now() FROM dunning_letter;
INSERT INTO interest_decision (ref, invoice_id, outcome, days, interest, indemnity, reason, decided_on, decided_by, created_at)
    VALUES ('INT-1', {{invoice}}, 'waived', '[2027-04-02,2027-04-03)', 1, 0, 'Geste', '2027-04-02', 'x', now());
INSERT INTO dunning_pause (ref, invoice_id, kind, reason, opened_on, opened_by, closed_on, closed_by, closed_why)
    VALUES ('PAU-1', {{invoice}}, 'dispute', 'x', '2027-04-02', 'x', '2027-04-02', 'x', 'x');
INSERT INTO transmission (ref, invoice_id, channel, copy, created_at, looks, note)
    VALUES ('ENV-1', {{invoice}}, 'email', false, now(), 0, '');
INSERT INTO invoice_event (ref, invoice_id, code, at, recorded_at, source, reason_text, payload, dedup_key)
    VALUES ('EVT-1', {{invoice}}, 200, now(), now(), 'house', '', '{{{{}}}}', 'k');
INSERT INTO invoice_file (invoice_id, pdf_id, xml_id, checked_at)
    SELECT {{invoice}}, min(id), min(id), now() FROM stored_file;
INSERT INTO late_cancellation (ref, demand_id, cancelled_on, first_day, sessions, notice_days, percent, base, cents, vat_regime,
    waived_why, created_at) VALUES ('ANN-1', {{demand}}, '2027-01-18', '2027-01-21', 1, 7, 50, 100, 50, 'standard', '', now())"""


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.trigger)
def test_each_guard_alone_refuses_what_it_is_for(held: Held, one: Case) -> None:
    role, trigger = Role.OWNER if one.rights else Role.APP, f"trg_{one.trigger}"
    assert held.attempt(one, role), f"{trigger} lets it through"
    assert held.attempt(one, role, trigger) == "", "another guard refuses it: the case proves nothing of this one"


def emptying(table: str) -> Case:
    return Case(
        f"{table}_no_truncate" if table == "invoice_event" else f"{table}_truncate", (f"TRUNCATE {table} CASCADE",)
    )


@pytest.mark.parametrize("table", EMPTIED)
def test_nothing_is_emptied(held: Held, table: str) -> None:
    one = emptying(table)
    others = [name for name in held.tables if name.endswith("truncate") and name != f"trg_{one.trigger}"]
    assert "permission denied" in held.attempt(one, Role.APP)
    assert held.attempt(one, Role.OWNER, *others), "not even by the owner"
    assert held.attempt(one, Role.OWNER, *others, f"trg_{one.trigger}") == ""


@pytest.mark.parametrize("table", WRITTEN_ONCE)
@pytest.mark.parametrize("verb", ["UPDATE {} SET ref = 'x'", "DELETE FROM {}"])
def test_the_application_role_may_only_add(held: Held, table: str, verb: str) -> None:
    assert "permission denied" in held.attempt(Case("", (verb.format(table),)), Role.APP)


def test_every_guard_of_these_rooms_has_its_case(held: Held) -> None:
    guarded = {name for name, table in held.tables.items() if table in TABLES}
    assert guarded == {f"trg_{one.trigger}" for one in [*CASES, *(emptying(table) for table in EMPTIED)]}
