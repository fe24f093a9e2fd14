"""What the database itself refuses: rewriting what was told to a structure, or what was decided on its interest."""

from typing import Final

from entrepairs.triggers import before_row, never_emptied

_WRITTEN_ONCE: Final = """
CREATE OR REPLACE FUNCTION guard_dunning_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was told or decided about a late payment is written once'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'dunning_written_once';
END $$
"""

_PAUSE: Final = """
CREATE OR REPLACE FUNCTION guard_dunning_pause() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_on IS NOT NULL
            OR to_jsonb(NEW) - '{closed_on,closed_by,closed_why}'::text[]
               IS DISTINCT FROM to_jsonb(OLD) - '{closed_on,closed_by,closed_why}'::text[] THEN
        RAISE EXCEPTION 'a pause is closed once and never rewritten'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'dunning_written_once';
    END IF;
    RETURN NEW;
END $$
"""

_ONCE: Final = ("dunning_letter", "reminder", "interest_decision")


def _no_truncate(table: str) -> str:
    return never_emptied(table, "guard_dunning_written_once")


GUARDS: Final[tuple[str, ...]] = (
    _WRITTEN_ONCE,
    _PAUSE,
    *(before_row(table, "written_once", "UPDATE OR DELETE", "guard_dunning_written_once") for table in _ONCE),
    before_row("dunning_pause", "closed_once", "UPDATE", "guard_dunning_pause"),
    before_row("dunning_pause", "kept", "DELETE", "guard_dunning_written_once"),
    *(_no_truncate(table) for table in (*_ONCE, "dunning_pause")),
)
"""Executed in order, one statement each."""
