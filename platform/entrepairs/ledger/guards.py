"""What the database itself refuses: an entry that does not balance, and any change of a validated one.

The statements are idempotent and run by the owner's role in the migrations (PCG 1031-3; LPF A47 A-1).
"""

from typing import Final

_BALANCED: Final = """
CREATE OR REPLACE FUNCTION guard_entry_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
    debits bigint;
    credits bigint;
    lines bigint;
BEGIN
    IF TG_TABLE_NAME = 'entry' THEN
        wanted := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        wanted := OLD.entry_id;
    ELSE
        wanted := NEW.entry_id;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM entry WHERE id = wanted) THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(sum(debit), 0), coalesce(sum(credit), 0), count(*)
        INTO debits, credits, lines FROM entry_line WHERE entry_id = wanted;
    IF debits <> credits OR lines < 2 THEN
        RAISE EXCEPTION 'entry % does not balance: debit %, credit %, % lines', wanted, debits, credits, lines
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_balanced';
    END IF;
    RETURN NULL;
END $$
"""

_VALIDATED: Final = """
CREATE OR REPLACE FUNCTION guard_entry_validated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'validated' THEN
        RAISE EXCEPTION 'entry % is validated: it never changes', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_validated_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
"""

_LINE: Final = """
CREATE OR REPLACE FUNCTION guard_entry_line_validated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP <> 'INSERT' AND EXISTS (SELECT 1 FROM entry WHERE id = OLD.entry_id AND state = 'validated'))
        OR (TG_OP <> 'DELETE' AND EXISTS (SELECT 1 FROM entry WHERE id = NEW.entry_id AND state = 'validated')) THEN
        RAISE EXCEPTION 'the lines of a validated entry never change'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_validated_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
"""

_AXIS: Final = """
CREATE OR REPLACE FUNCTION guard_line_axis_validated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP <> 'INSERT' AND EXISTS (SELECT 1 FROM entry_line l JOIN entry e ON e.id = l.entry_id
                                      WHERE l.id = OLD.line_id AND e.state = 'validated'))
        OR (TG_OP <> 'DELETE' AND EXISTS (SELECT 1 FROM entry_line l JOIN entry e ON e.id = l.entry_id
                                          WHERE l.id = NEW.line_id AND e.state = 'validated')) THEN
        RAISE EXCEPTION 'the axes of a validated entry never change'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_validated_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
"""

_TRUNCATE: Final = """
CREATE OR REPLACE FUNCTION guard_ledger_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_validated_frozen';
END $$
"""


def _no_truncate(table: str) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER trg_{table}_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION guard_ledger_truncate()"
    )


def _validated(table: str, events: str, function: str) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER trg_{table}_validated BEFORE {events} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}()"
    )


def _balanced(table: str, events: str) -> tuple[str, str]:
    # A constraint trigger has no CREATE OR REPLACE.
    return (
        f"DROP TRIGGER IF EXISTS trg_{table}_balanced ON {table}",
        (
            f"CREATE CONSTRAINT TRIGGER trg_{table}_balanced AFTER {events} ON {table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_entry_balanced()"
        ),
    )


GUARDS: Final[tuple[str, ...]] = (
    _BALANCED,
    _VALIDATED,
    _LINE,
    _AXIS,
    _TRUNCATE,
    *_balanced("entry", "INSERT OR UPDATE"),
    *_balanced("entry_line", "INSERT OR UPDATE OR DELETE"),
    _validated("entry", "UPDATE OR DELETE", "guard_entry_validated"),
    _validated("entry_line", "INSERT OR UPDATE OR DELETE", "guard_entry_line_validated"),
    _validated("line_axis", "INSERT OR UPDATE OR DELETE", "guard_line_axis_validated"),
    _no_truncate("entry"),
    _no_truncate("entry_line"),
    _no_truncate("line_axis"),
)
"""Executed in order, one statement each."""
