"""What the database itself refuses: changing what was said of an invoice, or what a sending became."""

from typing import Final

from entrepairs.triggers import before_row, never_emptied

_FROZEN: Final = """
CREATE OR REPLACE FUNCTION guard_transmission() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
            OR (NEW.invoice_id, NEW.channel, NEW.created_at, NEW.ref) IS DISTINCT FROM
               (OLD.invoice_id, OLD.channel, OLD.created_at, OLD.ref)
            OR OLD.remote_ref IS NOT NULL AND NEW.remote_ref IS DISTINCT FROM OLD.remote_ref
            OR OLD.sent_at IS NOT NULL AND NEW.sent_at IS DISTINCT FROM OLD.sent_at THEN
        RAISE EXCEPTION 'a sending is kept as it was made'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'transmission_frozen';
    END IF;
    RETURN NEW;
END $$
"""

_TRUNCATE: Final = """
CREATE OR REPLACE FUNCTION guard_transmission_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'sendings are never emptied'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'transmission_frozen';
END $$
"""


GUARDS: Final[tuple[str, ...]] = (
    _FROZEN,
    _TRUNCATE,
    before_row("transmission", "frozen", "UPDATE OR DELETE", "guard_transmission"),
    never_emptied("transmission", "guard_transmission_truncate"),
)
"""Executed in order, one statement each. `invoice_event` is insert-only like the trail (`entrepairs.guards`)."""
