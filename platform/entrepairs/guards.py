"""What the database itself refuses, beyond constraints: SQL run by the migrations, collected room by room.

Each statement can be run again. `migrations` holds a frozen copy; a test compares the two databases.
"""

import importlib
from typing import Final

EXTENSIONS: Final = ("CREATE EXTENSION IF NOT EXISTS btree_gist",)

_INSERT_ONLY: Final = ("audit_entry", "transition", "audit_seal", "stored_file", "acceptance")
"""Rows written once: no UPDATE, DELETE or TRUNCATE, even by a mistake in our own code."""

_REFUSE: Final = """
CREATE OR REPLACE FUNCTION guard_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are written once', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""

_FROZEN_QUOTE: Final = """
CREATE OR REPLACE FUNCTION guard_sent_quote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (
        TG_OP = 'DELETE' OR NEW.state = 'draft' OR
        (NEW.net, NEW.vat, NEW.gross, NEW.issued_on, NEW.valid_until, NEW.file_id, NEW.quote_id, NEW.number, NEW.sent_at)
        IS DISTINCT FROM
        (OLD.net, OLD.vat, OLD.gross, OLD.issued_on, OLD.valid_until, OLD.file_id, OLD.quote_id, OLD.number, OLD.sent_at)
    ) THEN
        RAISE EXCEPTION 'a quote that was sent is frozen' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
"""

_FROZEN_QUOTE_LINE: Final = """
CREATE OR REPLACE FUNCTION guard_sent_quote_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM quote_version WHERE state <> 'draft' AND (
                   (TG_OP <> 'DELETE' AND id = NEW.version_id) OR (TG_OP <> 'INSERT' AND id = OLD.version_id))) THEN
        RAISE EXCEPTION 'a quote that was sent is frozen' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
"""


def trigger(name: str, timing: str, table: str, function: str, *, each: str = "ROW") -> str:
    """`CREATE OR REPLACE TRIGGER` of one line."""
    return f"CREATE OR REPLACE TRIGGER {name} {timing} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"


def _insert_only(table: str) -> tuple[str, str]:
    return (
        trigger(f"trg_{table}_insert_only", "BEFORE UPDATE OR DELETE", table, "guard_insert_only"),
        trigger(f"trg_{table}_no_truncate", "BEFORE TRUNCATE", table, "guard_insert_only", each="STATEMENT"),
    )


_APPLICATION_ROLE: Final = """
DO $$
DECLARE frozen text;
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'entrepairs_app') THEN
        GRANT USAGE ON SCHEMA public TO entrepairs_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO entrepairs_app;
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO entrepairs_app;
        FOREACH frozen IN ARRAY ARRAY['audit_entry', 'transition', 'audit_seal', 'stored_file', 'acceptance', 'settlement'] LOOP
            EXECUTE format('REVOKE UPDATE, DELETE ON %I FROM entrepairs_app', frozen);
        END LOOP;
        REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM entrepairs_app;
    END IF;
END $$
"""


def all_guards() -> tuple[str, ...]:
    """Every statement, in the order they are run: shared functions, rooms, the application role's rights last."""
    rooms = [
        importlib.import_module(f"entrepairs.{room}.guards").GUARDS
        for room in ("outbox", "planning", "ledger", "billing")
    ]
    return (
        _REFUSE,
        *(statement for table in _INSERT_ONLY for statement in _insert_only(table)),
        _FROZEN_QUOTE,
        trigger("trg_quote_version_frozen", "BEFORE UPDATE OR DELETE", "quote_version", "guard_sent_quote"),
        _FROZEN_QUOTE_LINE,
        trigger("trg_quote_line_frozen", "BEFORE INSERT OR UPDATE OR DELETE", "quote_line", "guard_sent_quote_line"),
        *(statement for room in rooms for statement in room),
        _APPLICATION_ROLE,
    )
