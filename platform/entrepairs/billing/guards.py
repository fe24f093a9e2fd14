"""What the database itself refuses: any change of an issued invoice, of its files, of what settled it.

A correction is a credit note (PCG 1031-3 and -4; CGI ann. II 242 nonies A). Idempotent statements, run by the owner.
"""

from typing import Final


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
    IF TG_OP = 'UPDATE' AND NEW.service_id = OLD.service_id AND NEW.line_id = OLD.line_id AND OLD.released_at IS NULL THEN
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


def _row(table: str, what: str, events: str, function: str) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER trg_{table}_{what} BEFORE {events} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}()"
    )


def _no_truncate(table: str) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER trg_{table}_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION guard_billing_truncate()"
    )


_TABLES: Final = ("invoice", "invoice_line", "vat_line", "invoice_file", "settlement", "billed_service")

GUARDS: Final[tuple[str, ...]] = (
    _function("guard_invoice_issued", "OLD.state = 'issued'", "an issued invoice never changes"),
    _PARTS,
    _function("guard_invoice_file", "TRUE", "the issued files never change"),
    _function("guard_settlement", "TRUE", "a settlement never changes: write the opposite one"),
    _function("guard_billing_truncate", "TRUE", "invoices are never emptied"),
    _BILLED,
    _row("invoice", "issued", "UPDATE OR DELETE", "guard_invoice_issued"),
    _row("invoice_line", "issued", "INSERT OR UPDATE OR DELETE", "guard_invoice_parts_issued"),
    _row("vat_line", "issued", "INSERT OR UPDATE OR DELETE", "guard_invoice_parts_issued"),
    _row("invoice_file", "frozen", "UPDATE OR DELETE", "guard_invoice_file"),
    _row("settlement", "frozen", "UPDATE OR DELETE", "guard_settlement"),
    _row("billed_service", "issued", "UPDATE OR DELETE", "guard_billed_service_issued"),
    *(_no_truncate(table) for table in _TABLES),
)
"""Executed in order, one statement each."""
