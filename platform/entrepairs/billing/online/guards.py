"""What the database itself refuses: changing what Stripe told, or letting money leave without its second person."""

from typing import Final

from entrepairs.triggers import before_row, never_emptied

_MONEY: Final = """
CREATE OR REPLACE FUNCTION guard_stripe_money() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept text[] := ARRAY['id', 'ref', 'payment_id', 'cents', 'reason', 'origin', 'idempotency_key', 'prepared_by',
        'asked_on', 'dispute_id', 'payout_id', 'created_at', 'txn_id', 'type', 'source_id', 'fee', 'net', 'moved_at',
        'subject', 'booked_at'];
    name text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'what moved through Stripe is never taken away'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stripe_money_kept';
    END IF;
    FOREACH name IN ARRAY kept LOOP
        IF TG_TABLE_NAME = 'stripe_dispute' AND name = 'reason' THEN
            CONTINUE;
        END IF;
        IF to_jsonb(NEW) -> name IS DISTINCT FROM to_jsonb(OLD) -> name THEN
            RAISE EXCEPTION 'what moved through Stripe never changes (%)', name
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stripe_money_kept';
        END IF;
    END LOOP;
    RETURN NEW;
END $$
"""

_EMPTIED: Final = """
CREATE OR REPLACE FUNCTION guard_stripe_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what moved through Stripe is never emptied'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stripe_money_kept';
END $$
"""

# The threshold is the one voted for the day it was asked; nothing voted, one person is enough. What one person gave back
# alone on the same invoice counts with it, when it is asked; what waited for a second person leaves with one.
_APPROVAL: Final = """
CREATE OR REPLACE FUNCTION guard_refund_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    threshold bigint;
    alone bigint := NEW.cents;
    waited boolean := false;
BEGIN
    IF NEW.origin <> 'office' OR NEW.state IN ('waiting', 'refused') OR NEW.approved_by IS NOT NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        SELECT alone + coalesce(sum(other.cents), 0) INTO alone FROM stripe_refund other
            JOIN checkout_payment paid ON paid.id = other.payment_id
            WHERE paid.invoice_id = (SELECT invoice_id FROM checkout_payment WHERE id = NEW.payment_id)
                AND other.origin = 'office' AND other.approved_by IS NULL
                AND other.state NOT IN ('waiting', 'refused', 'failed') AND other.id <> NEW.id;
    ELSE
        waited := OLD.state = 'waiting';
    END IF;
    SELECT (value #>> '{}')::bigint INTO threshold FROM decision
        WHERE key = 'billing.credit_approval_cents' AND valid @> NEW.asked_on;
    IF waited OR alone > threshold THEN
        RAISE EXCEPTION 'money above the threshold is given back by two people'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'refund_second_person';
    END IF;
    RETURN NEW;
END $$
"""

# A line of a statement is a payout, or pays invoices: never both, never more than it holds.
_PAYOUT_LINE: Final = """
CREATE OR REPLACE FUNCTION guard_payout_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    line statement_line;
BEGIN
    IF NEW.line_id IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT * INTO line FROM statement_line WHERE id = NEW.line_id FOR UPDATE;
    IF line.aside_why IS NOT NULL OR line.cents <> NEW.cents OR EXISTS (
            SELECT 1 FROM line_settlement l WHERE l.line_id = NEW.line_id AND NOT EXISTS (
                SELECT 1 FROM settlement u WHERE u.counterpart_id = l.settlement_id AND u.kind = 'reversal')) THEN
        RAISE EXCEPTION 'a line of a statement is one thing'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'line_recorded_once';
    END IF;
    RETURN NEW;
END $$
"""

_LINE_PAYOUT: Final = """
CREATE OR REPLACE FUNCTION guard_line_not_payout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM statement_line WHERE id = NEW.line_id FOR UPDATE;
    IF EXISTS (SELECT 1 FROM stripe_payout WHERE line_id = NEW.line_id) THEN
        RAISE EXCEPTION 'a line of a statement is one thing'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'line_recorded_once';
    END IF;
    RETURN NEW;
END $$
"""

_KEPT: Final = ("stripe_refund", "stripe_dispute", "stripe_payout", "stripe_movement", "stripe_booking")


def _no_truncate(table: str) -> str:
    return never_emptied(table, "guard_stripe_emptied")


GUARDS: Final[tuple[str, ...]] = (
    _MONEY,
    _EMPTIED,
    _APPROVAL,
    _PAYOUT_LINE,
    _LINE_PAYOUT,
    *(before_row(table, "kept", "UPDATE OR DELETE", "guard_stripe_money") for table in _KEPT),
    before_row("stripe_refund", "approval", "INSERT OR UPDATE", "guard_refund_approval"),
    before_row("stripe_payout", "line", "INSERT OR UPDATE", "guard_payout_line"),
    before_row("line_settlement", "not_payout", "INSERT", "guard_line_not_payout"),
    *(_no_truncate(table) for table in _KEPT),
)
"""Executed in order, one statement each."""
