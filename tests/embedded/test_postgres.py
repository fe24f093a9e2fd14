"""The embedded PostgreSQL: kept data, roles, clones, and what a power cut leaves."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from entrepairs.embedded.errors import EmbeddedError
from entrepairs.embedded.postgres import EmbeddedPostgres, Role


def cluster(folder: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder / "postgres", folder / "s", log=folder / "logs" / "postgres.log")


@pytest.fixture
def postgres(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = cluster(folder)
    server.start()
    yield server
    server.stop()


def test_a_second_start_keeps_the_data_and_the_passwords(folder: Path) -> None:
    first = cluster(folder)
    first.start()
    first.create_database("entrepairs")
    with first.connect("entrepairs", Role.OWNER) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    address = first.url()
    first.stop()

    second = cluster(folder)
    second.start()
    try:
        with second.connect("entrepairs", Role.OWNER) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        assert second.url() == address
    finally:
        second.stop()


def test_the_application_role_may_nothing_until_the_migrations_say_so(postgres: EmbeddedPostgres) -> None:
    postgres.create_database("entrepairs")
    with postgres.connect("entrepairs", Role.OWNER) as connection:
        connection.execute("CREATE TABLE invoice (id int)")
    with postgres.connect("entrepairs", Role.APP) as connection:
        for statement in ("SELECT * FROM invoice", "DELETE FROM invoice", "CREATE TABLE mine (id int)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_owner_may_make_the_extensions_the_tables_need(postgres: EmbeddedPostgres) -> None:
    postgres.create_database("entrepairs")
    with postgres.connect("entrepairs", Role.OWNER) as connection:
        for name in ("btree_gist", "unaccent", "pg_trgm", "citext"):
            connection.execute(f"CREATE EXTENSION {name}")
        connection.execute(
            "CREATE TABLE seat (peer int, during tstzrange, EXCLUDE USING gist (peer WITH =, during WITH &&))"
        )
        connection.execute("INSERT INTO seat VALUES (1, '[2027-01-11 09:00Z, 2027-01-11 11:00Z)')")
        with pytest.raises(psycopg.errors.ExclusionViolation):
            connection.execute("INSERT INTO seat VALUES (1, '[2027-01-11 10:00Z, 2027-01-11 12:00Z)')")


def test_a_clone_starts_as_its_template_and_goes_its_own_way(postgres: EmbeddedPostgres) -> None:
    postgres.create_database("template_of_tests")
    with postgres.connect("template_of_tests", Role.OWNER) as connection:
        connection.execute("CREATE TABLE seed AS SELECT 1 AS n")
    postgres.clone_database("template_of_tests", "copy")
    with postgres.connect("copy", Role.OWNER) as connection:
        connection.execute("INSERT INTO seed VALUES (2)")
    with postgres.connect("template_of_tests", Role.OWNER) as connection:
        assert connection.execute("SELECT count(*) FROM seed").fetchone() == (1,)
    postgres.drop_database("copy")


def test_it_asks_a_password_and_syncs_what_it_writes(postgres: EmbeddedPostgres) -> None:
    with postgres.connect() as connection:
        shown = connection.execute("SELECT current_setting('fsync'), current_setting('listen_addresses')").fetchone()
        assert shown == ("on", "")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=str(postgres.sockets), dbname="postgres", user=str(Role.ADMIN), password="wrong")
    assert (postgres.folder / "passwords.json").stat().st_mode & 0o777 == 0o600
    assert postgres.cluster.stat().st_mode & 0o777 == 0o700


def test_a_pid_file_left_by_a_power_cut_does_not_stop_a_start(folder: Path) -> None:
    first = cluster(folder)
    first.start()
    first.stop()
    (first.cluster / "postmaster.pid").write_text(f"{os.getpid()}\n{first.cluster}\n")
    (first.sockets / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")

    second = cluster(folder)
    second.start()
    second.stop()


def test_a_server_left_by_a_killed_supervisor_is_replaced(folder: Path) -> None:
    orphan = cluster(folder)
    orphan.start()
    left = orphan.pid
    second = cluster(folder)
    second.start()
    try:
        assert second.pid != left
        assert not orphan.running()
    finally:
        second.stop()


def test_a_killed_server_recovers_at_the_next_start(folder: Path) -> None:
    first = cluster(folder)
    first.start()
    with first.connect() as connection:
        connection.execute("CREATE TABLE committed AS SELECT 7 AS n")
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    first.stop()

    second = cluster(folder)
    second.start()
    try:
        with second.connect() as connection:
            assert connection.execute("SELECT n FROM committed").fetchone() == (7,)
    finally:
        second.stop()


def test_data_of_another_major_version_are_refused_in_a_sentence(folder: Path) -> None:
    server = cluster(folder)
    server.start()
    server.stop()
    (server.cluster / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedError, match="PostgreSQL 12"):
        cluster(folder).start()
