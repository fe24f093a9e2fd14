"""The migrations build what the models say: two databases, compared by PostgreSQL's own catalogue.

Alembic's comparison sees no EXCLUDE, CHECK or partial WHERE, so definitions are read from the catalogue: columns,
constraints, indexes, triggers, functions, rights of the application role.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from entrepairs.app import load_models
from entrepairs.config import psycopg_url
from entrepairs.embedded.postgres import EmbeddedPostgres, Role
from entrepairs.guards import make_schema

QUERIES = {
    "columns": """
        SELECT table_name, column_name, udt_name, is_nullable, coalesce(column_default, ''), coalesce(character_maximum_length, 0)
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": """
        SELECT p.proname, pg_get_functiondef(p.oid) FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'guard%'""",
    "rights": """
        SELECT table_name, privilege_type FROM information_schema.role_table_grants
        WHERE grantee = 'entrepairs_app' AND table_schema = 'public'""",
}


@pytest.fixture
def from_models(cluster: EmbeddedPostgres, worker_name: str) -> Iterator[Connection]:
    """A database made by `create_all` and the guards, as the owner."""
    name = f"models_{worker_name}"
    cluster.create_database(name)
    engine = create_engine(psycopg_url(cluster.url(name, Role.OWNER)), poolclass=NullPool)
    load_models()
    try:
        with engine.connect() as connection:
            make_schema(connection)
            yield connection
    finally:
        engine.dispose()
        cluster.drop_database(name)


def described(connection: Connection, what: str) -> set[tuple[object, ...]]:
    rows = connection.execute(text(QUERIES[what].replace(":", "\\:")))
    return {tuple(row) for row in rows if "alembic_version" not in str(row[0])}


@pytest.mark.parametrize("what", QUERIES)
def test_migrations_build_what_the_models_say(what: str, from_models: Connection, fresh_database) -> None:
    engine = create_engine(psycopg_url(fresh_database.owner_url), poolclass=NullPool)
    with engine.connect() as migrated:
        by_migrations, by_models = described(migrated, what), described(from_models, what)
    engine.dispose()
    assert by_models, "the query must see something"
    assert by_migrations ^ by_models == set()


def test_the_comparison_sees_a_missing_exclusion(from_models: Connection) -> None:
    before = described(from_models, "constraints")
    from_models.execute(text("ALTER TABLE booking DROP CONSTRAINT ex_booking_peer_during"))
    assert len(before - described(from_models, "constraints")) == 1
