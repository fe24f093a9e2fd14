"""What the database itself refuses: any change of an issued invoice, of its files, of what settled it, of its number.

A correction is a credit note (PCG 1031-3 and -4; CGI ann. II 242 nonies A). Idempotent statements, run by the owner.
"""

from typing import Final

from entrepairs.triggers import at_the_end, before_row, never_emptied


def _function(name: str, condition: str, message: str) -> str:
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {condition} THEN
        RAISE EXCEPTION '{message}'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_issued_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
"""


# FOR SHARE: a line written while somebody issues waits for the issue, then is refused.
_PARTS: Final = """
CREATE OR REPLACE FUNCTION guard_invoice_parts_issued() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT state INTO found FROM invoice WHERE id = OLD.invoice_id FOR SHARE;
    END IF;
    IF found IS DISTINCT FROM 'issued' AND TG_OP <> 'DELETE' THEN
        SELECT state INTO found FROM invoice WHERE id = NEW.invoice_id FOR SHARE;
    END IF;
    IF found = 'issued' THEN
        RAISE EXCEPTION 'an issued invoice never changes'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_issued_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
"""

_BILLED: Final = """
CREATE OR REPLACE FUNCTION guard_billed_service_issued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.service_id, NEW.cancellation_id, NEW.line_id) IS NOT DISTINCT FROM
            (OLD.service_id, OLD.cancellation_id, OLD.line_id) AND OLD.released_at IS NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT 1 FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
                                        WHERE l.id = OLD.line_id AND i.state = 'issued') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a billed service is only ever released, once'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_issued_frozen';
END $$
"""


_CANCELLATION: Final = """
CREATE OR REPLACE FUNCTION guard_late_cancellation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.waived_at IS NOT NULL
            OR to_jsonb(NEW) - '{waived_at,waived_by,waived_why}'::text[]
               IS DISTINCT FROM to_jsonb(OLD) - '{waived_at,waived_by,waived_why}'::text[] THEN
        RAISE EXCEPTION 'what a late cancellation costs is written once, and waived once at most'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_issued_frozen';
    END IF;
    RETURN NEW;
END $$
"""

# A legal number is the one after the last: a series never jumps, goes back or starts again. Of invoices, several may be
# taken at once: each of them is then borne (below).
_NUMBERS: Final = """
CREATE OR REPLACE FUNCTION guard_number_series() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND (NEW.next <= 2 OR NEW.series IN ('FA', 'AV'))
            OR TG_OP = 'UPDATE' AND NEW.series = OLD.series AND NEW.year = OLD.year
               AND (NEW.next = OLD.next + 1 OR NEW.series IN ('FA', 'AV') AND NEW.next > OLD.next) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'legal numbers follow each other'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'numbers_continuous';
END $$
"""

# FA: invoices and deposits; AV: credit notes. Other series (quotes, mission orders…) are no tax document.
# The year and the letters of a number are those of its document, and it was taken from its series: none is invented.
_NUMBERED: Final = """
CREATE OR REPLACE FUNCTION guard_invoice_numbered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    letters text := CASE NEW.kind WHEN 'credit_note' THEN 'AV' ELSE 'FA' END;
    head text := letters || extract(year FROM NEW.issue_date)::int || '-';
    last int;
BEGIN
    IF NEW.state <> 'issued' THEN
        RETURN NEW;
    END IF;
    SELECT next - 1 INTO last FROM number_series
        WHERE series = letters AND year = extract(year FROM NEW.issue_date)::int;
    IF left(NEW.number, length(head)) = head AND substr(NEW.number, length(head) + 1) ~ '^[0-9]{5,9}$' THEN
        IF substr(NEW.number, length(head) + 1)::int BETWEEN 1 AND last THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the number of an invoice is taken from its series'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'numbers_continuous';
END $$
"""

# Deferred: numbers are taken, then each is borne. With the one above and the unique numbers: no gap, whoever writes.
_BORNE: Final = """
CREATE OR REPLACE FUNCTION guard_number_borne() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    since int := CASE WHEN TG_OP = 'UPDATE' THEN OLD.next ELSE 1 END;
    digits text;
BEGIN
    IF NEW.series NOT IN ('FA', 'AV') THEN
        RETURN NULL;
    END IF;
    FOR taken IN since .. NEW.next - 1 LOOP
        digits := lpad(taken::text, greatest(5, length(taken::text)), '0');
        IF NOT EXISTS (SELECT 1 FROM invoice WHERE state = 'issued' AND number = NEW.series || NEW.year || '-' || digits) THEN
            RAISE EXCEPTION 'a number that was taken is borne by an issued invoice'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'numbers_continuous';
        END IF;
    END LOOP;
    RETURN NULL;
END $$
"""

# The threshold is the one voted for the day of issue; nothing voted, one person is enough. What one person issued alone
# on the same invoice counts with it, when it is issued: later, others may have come.
_APPROVAL: Final = """
CREATE OR REPLACE FUNCTION guard_credit_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    threshold bigint;
    alone bigint := NEW.gross;
BEGIN
    IF NEW.kind <> 'credit_note' OR NEW.state <> 'issued' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' OR OLD.state <> 'issued' THEN
        SELECT alone + coalesce(sum(other.gross), 0) INTO alone FROM invoice other
            WHERE other.corrected_id = NEW.corrected_id AND other.kind = 'credit_note' AND other.state = 'issued'
                AND other.approved_by IS NULL AND other.id <> NEW.id;
    END IF;
    SELECT (value #>> '{}')::bigint INTO threshold FROM decision
        WHERE key = 'billing.credit_approval_cents' AND valid @> NEW.issue_date;
    IF alone > threshold AND (NEW.prepared_by IS NULL OR NEW.approved_by IS NULL OR NEW.approved_by = NEW.prepared_by) THEN
        RAISE EXCEPTION 'a credit note above the threshold is approved by a second person'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'credit_second_person';
    END IF;
    RETURN NEW;
END $$
"""


def _no_truncate(table: str) -> str:
    return never_emptied(table, "guard_billing_truncate")


_TABLES: Final = (
    *(
        "invoice",
        "invoice_line",
        "vat_line",
        "invoice_file",
        "settlement",
        "billed_service",
        "late_cancellation",
        "number_series",
        "invoice_attachment",
    ),
)

GUARDS: Final[tuple[str, ...]] = (
    _function("guard_invoice_issued", "OLD.state = 'issued'", "an issued invoice never changes"),
    _PARTS,
    _function("guard_invoice_file", "TRUE", "the issued files never change"),
    _function("guard_settlement", "TRUE", "a settlement never changes: write the opposite one"),
    _function("guard_billing_truncate", "TRUE", "invoices are never emptied"),
    _BILLED,
    _CANCELLATION,
    _APPROVAL,
    _NUMBERS,
    _NUMBERED,
    _BORNE,
    before_row("invoice", "issued", "UPDATE OR DELETE", "guard_invoice_issued"),
    before_row("invoice_line", "issued", "INSERT OR UPDATE OR DELETE", "guard_invoice_parts_issued"),
    before_row("vat_line", "issued", "INSERT OR UPDATE OR DELETE", "guard_invoice_parts_issued"),
    before_row("invoice_attachment", "issued", "INSERT OR UPDATE OR DELETE", "guard_invoice_parts_issued"),
    before_row("invoice_file", "frozen", "UPDATE OR DELETE", "guard_invoice_file"),
    before_row("settlement", "frozen", "UPDATE OR DELETE", "guard_settlement"),
    before_row("billed_service", "issued", "UPDATE OR DELETE", "guard_billed_service_issued"),
    before_row("late_cancellation", "frozen", "UPDATE OR DELETE", "guard_late_cancellation"),
    before_row("invoice", "credit_approval", "INSERT OR UPDATE", "guard_credit_approval"),
    before_row("number_series", "continuous", "INSERT OR UPDATE OR DELETE", "guard_number_series"),
    before_row("invoice", "numbered", "INSERT OR UPDATE", "guard_invoice_numbered"),
    *at_the_end("number_series", "borne", "INSERT OR UPDATE", "guard_number_borne"),
    *(_no_truncate(table) for table in _TABLES),
)
"""Executed in order, one statement each."""
