"""What the database itself refuses: changing what was sent or signed. Only the state moves the code makes are let through.

A sent quote is an offer that binds (C. civ. 1114); a signed agreement or an acceptance binds both sides (C. civ. 1103,
1366): a change is another version or another agreement. Acceptances are written once (`entrepairs.guards`). Idempotent
statements, run by the owner.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final, TypeVar

from entrepairs.contracting.states import AGREEMENT_TRANSITIONS, QUOTE_TRANSITIONS
from entrepairs.triggers import before_row, never_emptied

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)

_TERMS: Final = (
    *("ref", "number", "partner_id", "title", "valid", "ceiling", "record_access", "payment_days", "tacit_days"),
    *("procurement_basis", "file_id", "created_at", "grouping", "yearly_engagement", "project"),
    *("cancel_notice_days", "cancel_percent", "end_of_month", "late_rate"),
)
"""Of an agreement, once it was sent."""
_SIGNATURE: Final = ("partner_signatory", "partner_signatory_function", "signed_on", "signed_file_id")
"""Of an agreement, once it was signed or given up."""
_VERSION: Final = (
    *("quote_id", "number", "net", "vat", "gross", "issued_on", "valid_until", "file_id", "created_at", "sent_at"),
)
"""Of a version of a quote, once it was sent."""


def _changed(columns: Collection[str]) -> str:
    """SQL: one of the columns is no longer what it was."""
    return f"({', '.join('NEW.' + name for name in columns)}) IS DISTINCT FROM ({', '.join('OLD.' + name for name in columns)})"


def _unknown_move(transitions: Mapping[tuple[S, E], S]) -> str:
    """SQL: the state moves as the code never moves it."""
    pairs = sorted({(before.value, after.value) for (before, _event), after in transitions.items()})
    told = ", ".join(f"('{before}', '{after}')" for before, after in pairs)
    return f"OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN ({told})"


def _function(name: str, condition: str, message: str, declare: str = "") -> str:
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
{declare}BEGIN
    IF {condition} THEN
        RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'signed_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
"""


# FOR SHARE: a line written while somebody sends waits for the sending, then is refused.
def _parts(name: str, parent: str, key: str, message: str) -> str:
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT state INTO found FROM {parent} WHERE id = OLD.{key} FOR SHARE;
    END IF;
    IF coalesce(found, 'draft') = 'draft' AND TG_OP <> 'DELETE' THEN
        SELECT state INTO found FROM {parent} WHERE id = NEW.{key} FOR SHARE;
    END IF;
    IF coalesce(found, 'draft') <> 'draft' THEN
        RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'signed_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
"""  # noqa: S608 - names of our own tables


_AGREEMENT: Final = f"""TG_OP = 'DELETE' AND OLD.state <> 'draft'
        OR TG_OP = 'UPDATE' AND OLD.state <> 'draft' AND {_changed(_TERMS)}
        OR TG_OP = 'UPDATE' AND OLD.state NOT IN ('draft', 'sent') AND {_changed(_SIGNATURE)}
        OR TG_OP = 'UPDATE' AND {_unknown_move(AGREEMENT_TRANSITIONS)}"""

_SENT_VERSION: Final = f"""TG_OP = 'DELETE' AND OLD.state <> 'draft'
        OR TG_OP = 'UPDATE' AND OLD.state <> 'draft' AND {_changed(_VERSION)}
        OR TG_OP = 'UPDATE' AND {_unknown_move(QUOTE_TRANSITIONS)}"""

_QUOTE: Final = f"""TG_OP = 'UPDATE' AND {_changed(("ref", "number", "demand_id", "created_at"))}
        OR TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM quote_version WHERE quote_id = OLD.id AND state <> 'draft')"""  # noqa: S608 - names of our own columns


def _no_truncate(table: str) -> str:
    return never_emptied(table, "guard_contracting_truncate")


_TABLES: Final = ("agreement", "agreement_price", "quote", "quote_version", "quote_line")

GUARDS: Final[tuple[str, ...]] = (
    _function("guard_agreement", _AGREEMENT, "an agreement that was sent is frozen: only its state moves, as it may"),
    _parts("guard_agreement_price", "agreement", "agreement_id", "the prices of an agreement that was sent are frozen"),
    _function("guard_quote", _QUOTE, "a quote that was sent is frozen"),
    _function("guard_sent_quote", _SENT_VERSION, "a quote that was sent is frozen: only its state moves, as it may"),
    _parts("guard_sent_quote_line", "quote_version", "version_id", "the lines of a quote that was sent are frozen"),
    _function("guard_contracting_truncate", "TRUE", "what was signed is frozen: it is never emptied"),
    before_row("agreement", "frozen", "UPDATE OR DELETE", "guard_agreement"),
    before_row("agreement_price", "frozen", "INSERT OR UPDATE OR DELETE", "guard_agreement_price"),
    before_row("quote", "frozen", "UPDATE OR DELETE", "guard_quote"),
    before_row("quote_version", "frozen", "UPDATE OR DELETE", "guard_sent_quote"),
    before_row("quote_line", "frozen", "INSERT OR UPDATE OR DELETE", "guard_sent_quote_line"),
    *(_no_truncate(table) for table in _TABLES),
)
"""Executed in order, one statement each."""
