"""A PostgreSQL of our own: made once, started and stopped by us, reached through a Unix socket only.

scram passwords, fsync on, the data folder closed to others. Three roles: an administrator that makes roles
and databases, `entrepairs_owner` that owns the tables (migrations), `entrepairs_app` that the application
uses and to which the migrations grant what it may do.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import psycopg
from psycopg import sql

from entrepairs.embedded.binaries import postgres_programs
from entrepairs.embedded.children import Child, end_leftover, process_mark
from entrepairs.embedded.errors import EmbeddedError, explained
from entrepairs.embedded.folders import ensure_short_enough
from entrepairs.embedded.service_user import service_user

READY_WITHIN: Final = 60.0
"""Seconds a start may take: recovery after a power cut replays the log."""

SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
}
THROWAWAY_SETTINGS: Final[Mapping[str, str]] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "128MB",
}
"""For a cluster that lives as long as a test run: it has nothing to lose in a power cut."""


class Role(StrEnum):
    """Who connects."""

    ADMIN = "entrepairs_admin"
    OWNER = "entrepairs_owner"
    APP = "entrepairs_app"


class EmbeddedPostgres:
    """One cluster in `folder` (its files and its passwords), listening in `sockets`."""

    name = "PostgreSQL"

    def __init__(self, folder: Path, sockets: Path, *, log: Path, throwaway: bool = False) -> None:
        self.folder = folder
        self.sockets = sockets
        self.cluster = folder / "cluster"
        self._log = log
        self._throwaway = throwaway
        self._settings = {**SETTINGS, **(THROWAWAY_SETTINGS if throwaway else {})}
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """The server's process, while it runs."""
        return self._child.pid if self._child else None

    def running(self) -> bool:
        """Whether the server's process is alive."""
        return self._child is not None and self._child.running()

    def start(self) -> None:
        """Make the cluster the first time, clean what a killed start left, wait until it answers.

        Raises EmbeddedError.
        """
        ensure_short_enough(self.sockets)
        user = service_user()
        programs = postgres_programs(user)
        try:
            self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
            self.sockets.mkdir(mode=0o711, parents=True, exist_ok=True)
            if user.dropped:
                os.chown(self.sockets, user.uid, user.gid)
            if not self.cluster.exists():
                self._initialise(programs)
        except OSError as error:
            raise explained(error, self.folder) from error
        self._ensure_same_version(programs)
        self._clean_stale_pid()
        options = [argument for key, value in self._settings.items() for argument in ("-c", f"{key}={value}")]
        self._child = Child(
            self.name,
            [str(programs / "postgres"), "-D", str(self.cluster), "-k", str(self.sockets), *options],
            log=self._log,
            stop_signal=signal.SIGINT,  # fast shutdown: open transactions are rolled back
            patience=60.0,
            options=user.popen_options(),
        )
        self._child.start()
        self._wait_until_ready()
        self._ensure_roles()

    def stop(self) -> None:
        """Fast shutdown; the data stay."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def url(self, database: str = "entrepairs", role: Role = Role.APP) -> str:
        """SQLAlchemy's address of a database for a role."""
        host = quote(str(self.sockets), safe="")
        return f"postgresql+psycopg://{role}:{self._passwords()[role]}@/{database}?host={host}"

    def connect(self, database: str = "postgres", role: Role = Role.ADMIN) -> psycopg.Connection[Any]:
        """A psycopg connection in autocommit."""
        return psycopg.connect(
            host=str(self.sockets),
            dbname=database,
            user=str(role),
            password=self._passwords()[role],
            autocommit=True,
            connect_timeout=5,
        )

    def create_database(self, name: str) -> None:
        """An empty database of the owner role; nothing to do when it exists."""
        with self.connect() as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(Role.OWNER))
            )

    def clone_database(self, template: str, name: str) -> None:
        """A copy of `template`, which nobody may be connected to meanwhile."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
            sql.Identifier(name), sql.Identifier(template), sql.Identifier(Role.OWNER)
        )
        with self.connect() as connection:
            connection.execute(statement)

    def drop_database(self, name: str) -> None:
        """Remove a database and whoever is still connected to it."""
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _initialise(self, programs: Path) -> None:
        """Run initdb beside the final place and move it there, so that a killed one leaves no half cluster."""
        user = service_user()
        draft = Path(tempfile.mkdtemp(prefix="initdb-", dir=self.folder))
        password_file = draft.with_suffix(".pw")
        try:
            user.take(draft)
            password_file.touch(mode=0o600)
            password_file.write_text(self._passwords()[Role.ADMIN])
            user.take(password_file, 0o600)
            done = subprocess.run(
                [
                    programs / "initdb",
                    *("-D", draft, "-U", Role.ADMIN, "--auth=scram-sha-256", "--pwfile", password_file),
                    *("-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"),
                    *(["--no-sync"] if self._throwaway else []),
                ],
                cwd="/",
                check=False,
                capture_output=True,
                text=True,
                **user.popen_options(),
            )
            if done.returncode != 0:
                raise EmbeddedError(self._initdb_sentence(done.stderr, user.name))
            draft.rename(self.cluster)
        finally:
            password_file.unlink(missing_ok=True)
            shutil.rmtree(draft, ignore_errors=True)

    def _initdb_sentence(self, complaint: str, user: str) -> str:
        if "No space left" in complaint:
            return f"Le disque est plein sous {self.folder} : libérez de la place."
        if "Permission denied" in complaint:
            return (
                f"L'utilisateur « {user} », qui fait tourner PostgreSQL, ne peut pas entrer dans {self.folder} : "
                "donnez par ENTREPAIRS_DATA_DIR un dossier hors d'un répertoire personnel fermé."
            )
        last = complaint.strip().splitlines()[-1:] or ["raison inconnue"]
        return f"PostgreSQL n'a pas pu créer sa base dans {self.folder} : {last[0]}"

    def _ensure_same_version(self, programs: Path) -> None:
        shown = subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, text=True)
        major = shown.stdout.split()[-1].partition(".")[0]
        try:
            found = (self.cluster / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise explained(error, self.cluster) from error
        if found != major:
            raise EmbeddedError(
                f"Les données de {self.cluster} viennent de PostgreSQL {found}, le programme est en version "
                f"{major} : sauvegardez-les avec l'ancienne version, ou repartez de zéro (make demo-reset)."
            )

    def _clean_stale_pid(self) -> None:
        """Stop a server left by a killed supervisor; forget the number of one that is dead."""
        pid_file = self.cluster / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            pid = 0
        mark = process_mark(pid) if pid > 0 else None
        if mark and str(self.cluster) in _command_line(pid):
            end_leftover(pid, mark, stop_signal=signal.SIGINT, patience=60.0)
        pid_file.unlink(missing_ok=True)
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (self.sockets / name).unlink(missing_ok=True)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline and self.running():
            try:
                self.connect().close()
            except psycopg.OperationalError:
                time.sleep(0.03)
            else:
                return
        words = self._child.last_words() if self._child else ""
        self.stop()
        raise EmbeddedError(f"PostgreSQL n'a pas démarré ; fin de son journal ({self._log}) :\n{words}")

    def _ensure_roles(self) -> None:
        passwords = self._passwords()
        with self.connect() as connection:
            known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role in (Role.OWNER, Role.APP):
                if role not in known:
                    connection.execute(
                        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                            sql.Identifier(role), sql.Literal(passwords[role])
                        )
                    )

    def _passwords(self) -> dict[str, str]:
        """The three roles' passwords, drawn once and kept at mode 0600 beside the cluster."""
        path = self.folder / "passwords.json"
        try:
            if not path.exists():
                self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
                drawn = {str(role): secrets.token_urlsafe(24) for role in Role}
                draft = path.with_suffix(".new")  # whole or not at all: a full disk leaves no half of it
                with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                    json.dump(drawn, file)
                draft.replace(path)
            found: dict[str, str] = json.loads(path.read_text())
        except OSError as error:
            raise explained(error, self.folder) from error
        return found


def _command_line(pid: int) -> str:
    """How a process was started; empty when it cannot be known."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        shown = subprocess.run(
            ["ps", "-o", "command=", "-p", str(pid)], check=False, capture_output=True, text=True, timeout=10
        )
        return shown.stdout
