"""What the database itself refuses, beyond constraints: SQL run by the migrations, collected room by room.

Each statement can be run again. `migrations` holds a frozen copy; a test compares the two databases.
"""

import importlib
from typing import Final

from sqlalchemy import Connection

from entrepairs.db import Base

EXTENSIONS: Final = ("CREATE EXTENSION IF NOT EXISTS btree_gist",)

_INSERT_ONLY: Final = ("audit_entry", "transition", "audit_seal", "stored_file", "acceptance", "invoice_event")
"""Rows written once: no UPDATE, DELETE or TRUNCATE, even by a mistake in our own code."""

_REFUSE: Final = """
CREATE OR REPLACE FUNCTION guard_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are written once', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
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
        FOREACH frozen IN ARRAY ARRAY['audit_entry', 'transition', 'audit_seal', 'stored_file', 'acceptance', 'settlement',
                'invoice_event'] LOOP
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
        for room in (
            "outbox",
            "planning",
            "ledger",
            "matching",
            "contracting",
            "billing",
            "billing.statements",
            "billing.dunning",
            "billing.transmission",
            "billing.online",
            "cooperative",
        )
    ]
    return (
        _REFUSE,
        *(statement for table in _INSERT_ONLY for statement in _insert_only(table)),
        *(statement for room in rooms for statement in room),
        _APPLICATION_ROLE,
    )


def make_schema(connection: Connection) -> None:
    """What the loaded models and all guards say, in an empty database: what the migrations are compared with."""
    for statement in EXTENSIONS:
        connection.exec_driver_sql(statement)
    Base.metadata.create_all(connection)
    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32) PRIMARY KEY)")
    for statement in all_guards():
        connection.exec_driver_sql(statement.replace("%", "%%"))
