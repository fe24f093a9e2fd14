"""What the database itself refuses: changing what the bank said, or recording more from a line than it holds."""

from typing import Final

from entrepairs.triggers import before_row, never_emptied

_WRITTEN_ONCE: Final = """
CREATE OR REPLACE FUNCTION guard_bank_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what a bank statement says is written once'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'bank_written_once';
END $$
"""

_LINE: Final = """
CREATE OR REPLACE FUNCTION guard_statement_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - '{aside_why,aside_at,aside_by}'::text[]
            IS DISTINCT FROM to_jsonb(OLD) - '{aside_why,aside_at,aside_by}'::text[] THEN
        RAISE EXCEPTION 'what a bank statement says is written once'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'bank_written_once';
    END IF;
    RETURN NEW;
END $$
"""

# The line is locked: two recordings of one line wait for each other, and the second one is refused.
_LINK: Final = """
CREATE OR REPLACE FUNCTION guard_line_settlement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    line statement_line;
    recorded bigint;
BEGIN
    SELECT * INTO line FROM statement_line WHERE id = NEW.line_id FOR UPDATE;
    SELECT coalesce(sum(s.cents), 0) INTO recorded FROM settlement s
        WHERE (s.id = NEW.settlement_id OR s.id IN (SELECT settlement_id FROM line_settlement WHERE line_id = NEW.line_id))
        AND NOT EXISTS (SELECT 1 FROM settlement u WHERE u.counterpart_id = s.id AND u.kind = 'reversal');
    IF line.aside_why IS NOT NULL OR recorded > line.cents THEN
        RAISE EXCEPTION 'a line of a statement pays no more than it holds'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'line_recorded_once';
    END IF;
    RETURN NEW;
END $$
"""


def _no_truncate(table: str) -> str:
    return never_emptied(table, "guard_bank_written_once")


GUARDS: Final[tuple[str, ...]] = (
    _WRITTEN_ONCE,
    _LINE,
    _LINK,
    before_row("bank_statement", "written_once", "UPDATE OR DELETE", "guard_bank_written_once"),
    before_row("line_settlement", "written_once", "UPDATE OR DELETE", "guard_bank_written_once"),
    before_row("statement_line", "written_once", "DELETE", "guard_bank_written_once"),
    before_row("statement_line", "said", "UPDATE", "guard_statement_line"),
    before_row("line_settlement", "bounded", "INSERT", "guard_line_settlement"),
    *(_no_truncate(table) for table in ("bank_statement", "statement_line", "line_settlement")),
)
"""Executed in order, one statement each."""
