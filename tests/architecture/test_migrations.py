"""The migrations and the models describe one database: compared by what PostgreSQL says it holds.

Alembic's own comparison sees no exclusion, no CHECK and no partial WHERE, hence the catalogue.
"""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from entrepairs.app import load_models
from entrepairs.db import Base
from entrepairs.embedded.postgres import EmbeddedPostgres, Role
from entrepairs.guards import EXTENSIONS, all_guards
from tests.throwaway import TEMPLATE

Described = dict[str, set[tuple[str, ...]]]

OURS = "n.nspname = 'public' AND c.relname <> 'alembic_version'"
QUESTIONS = {
    "columns": f"""
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text, a.attidentity::text,
               coalesce(pg_get_expr(d.adbin, d.adrelid), '')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
             LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE {OURS} AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraints": f"""
        SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {OURS}""",
    "indexes": f"""
        SELECT c.relname, pg_get_indexdef(i.indexrelid)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {OURS}""",
    "triggers": f"""
        SELECT c.relname, pg_get_triggerdef(t.oid)
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {OURS} AND NOT t.tgisinternal""",
    "functions": """
        SELECT p.proname, pg_get_functiondef(p.oid)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'public' AND NOT EXISTS (
            SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')""",
    "rights": f"""
        SELECT c.relname, c.relkind::text, g.grantee::regrole::text, g.privilege_type
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) g
        WHERE {OURS}""",
    "extensions": "SELECT extname FROM pg_extension",
}


def described(cluster: EmbeddedPostgres, database: str) -> Described:
    with cluster.connect(database, Role.OWNER) as connection:
        return {subject: set(connection.execute(question)) for subject, question in QUESTIONS.items()}


@pytest.fixture(scope="module")
def by_models(cluster: EmbeddedPostgres, worker_name: str) -> Iterator[str]:
    """A database made from the models and our own DDL."""
    name = f"by_models_{worker_name}"
    cluster.create_database(name)
    load_models()
    engine = create_engine(cluster.url(name, Role.OWNER), poolclass=NullPool)
    with engine.begin() as connection:
        for statement in EXTENSIONS:
            connection.execute(text(statement))
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
        Base.metadata.create_all(connection)
        for statement in all_guards():
            connection.execute(text(statement))
    engine.dispose()
    yield name
    cluster.drop_database(name)


@pytest.fixture(scope="module")
def by_migrations(cluster: EmbeddedPostgres, worker_name: str) -> Iterator[str]:
    """A database made by the migrations, as every test's is."""
    name = f"by_migrations_{worker_name}"
    cluster.clone_database(TEMPLATE, name)
    yield name
    cluster.drop_database(name)


@pytest.mark.parametrize("subject", QUESTIONS)
def test_migrations_equal_models(cluster: EmbeddedPostgres, by_models: str, by_migrations: str, subject: str) -> None:
    wanted, found = described(cluster, by_models)[subject], described(cluster, by_migrations)[subject]
    assert {"missing in the migrations": wanted - found, "only in the migrations": found - wanted} == {
        "missing in the migrations": set(),
        "only in the migrations": set(),
    }


def test_the_comparison_sees_a_dropped_exclusion(cluster: EmbeddedPostgres, by_models: str, worker_name: str) -> None:
    name = f"without_{worker_name}"
    cluster.clone_database(by_models, name)
    try:
        with cluster.connect(name, Role.OWNER) as connection:
            exclusions = connection.execute(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'x'"
            ).fetchall()
            assert exclusions, "the diary has no exclusion constraint"
            for table, constraint in exclusions:
                connection.execute(
                    psycopg.sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(
                        psycopg.sql.Identifier(table), psycopg.sql.Identifier(constraint)
                    )
                )
        assert described(cluster, name)["constraints"] != described(cluster, by_models)["constraints"]
    finally:
        cluster.drop_database(name)
