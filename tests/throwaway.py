"""Services that live as long as one test run: a PostgreSQL for all, a Valkey for who asks.

Their folder is short (sockets) and held by a lock, so that a run that was killed is recognised and cleaned by
the next one.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from entrepairs.embedded.errors import EmbeddedError
from entrepairs.embedded.folders import ensure_ours
from entrepairs.embedded.postgres import EmbeddedPostgres, Role
from entrepairs.embedded.supervisor import Supervisor
from entrepairs.embedded.valkey import EmbeddedValkey

ROOT: Final = Path(__file__).resolve().parents[1]
TEMPLATE: Final = "template_of_tests"


MEMORY: Final = Path("/dev/shm")
ROOM: Final = 4 * 2**30
"""Bytes. What a run needs at most, with a margin."""


def short_folder() -> Path:
    """Where to put what lives as long as a test: in memory when there is room, else on the disk.

    A database is a thousand small files; ext4 makes them ten times slower where as many were just erased, since it
    looks for a number not freed lately.
    """
    try:
        roomy = shutil.disk_usage(MEMORY).free >= ROOM and os.access(MEMORY, os.W_OK | os.X_OK)
    except OSError:
        roomy = False
    return MEMORY if roomy else Path("/tmp")


def silent(_: str) -> None:
    """What the supervisor says is of no interest to a test run."""


def cluster_in(folder: Path) -> EmbeddedPostgres:
    """The cluster of a run's folder: started by one process, reached by all."""
    return EmbeddedPostgres(folder / "postgres", folder / "s", log=folder / "postgres.log", throwaway=True)


class Run:
    """The services of one test run, started by its first process."""

    def __init__(self) -> None:
        parent = short_folder() / f"entrepairs-tests-{os.geteuid()}"
        parent.mkdir(mode=0o711, exist_ok=True)
        ensure_ours(parent)
        for left in parent.iterdir():
            clean(left)
        self.folder = Path(tempfile.mkdtemp(prefix="", dir=parent))
        self.folder.chmod(0o711)
        self._supervisor = Supervisor(self.folder, say=silent, signals=())
        self._supervisor.__enter__()
        self.postgres = cluster_in(self.folder)
        try:
            self._supervisor.start(self.postgres)
            self._make_template()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop everything of this run, also what a killed worker left, and forget it."""
        self._supervisor.__exit__(None, None, None)
        clean(self.folder)

    def _make_template(self) -> None:
        """The real schema and chart of accounts, made in another process: no connection stays on a template."""
        self.postgres.create_database(TEMPLATE)
        owner = self.postgres.url(TEMPLATE, Role.OWNER)
        environment = {**os.environ, "DATABASE_URL": owner, "MIGRATION_DATABASE_URL": owner, "ENTREPAIRS_ENV": "test"}
        done = subprocess.run(
            [sys.executable, "-m", "tests.template"],
            cwd=ROOT,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise EmbeddedError(f"The migrations failed on the test template:\n{done.stdout}\n{done.stderr}")


def clean(folder: Path) -> None:
    """Remove a run's folder after ending what it left running; leave it alone while its run lives."""
    try:
        for lock in sorted(folder.rglob("supervisor.lock"), key=lambda path: len(path.parts)):
            with Supervisor(lock.parent, say=silent, signals=()):
                pass
    except EmbeddedError:  # still held
        return
    with contextlib.suppress(OSError):
        shutil.rmtree(folder)


class OwnValkey:
    """A Valkey for one test process."""

    def __init__(self, run_folder: Path) -> None:
        folder = Path(tempfile.mkdtemp(prefix="v", dir=run_folder))
        self._supervisor = Supervisor(folder, say=silent, signals=())
        self._supervisor.__enter__()
        self.server = EmbeddedValkey(folder / "valkey", folder, log=folder / "valkey.log")
        self._supervisor.start(self.server)

    def stop(self) -> None:
        """Stop it."""
        self._supervisor.__exit__(None, None, None)
