"""The processes of `entrepairs up` and the environment they share."""

import os
import re
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg

from entrepairs.commands._ports import HANDED, Ports
from entrepairs.embedded import environment as kept
from entrepairs.embedded.children import Child
from entrepairs.embedded.errors import EmbeddedError
from entrepairs.embedded.folders import ensure_room, socket_folder
from entrepairs.embedded.postgres import EmbeddedPostgres, Role
from entrepairs.embedded.supervisor import Supervisor
from entrepairs.embedded.valkey import EmbeddedValkey
from entrepairs.paths import resource

SECRETS: Final = {
    "ENTREPAIRS_SECRET_KEY": "",
    "ENTREPAIRS_STRIPE_SECRET_KEY": "sk_test_",
    "ENTREPAIRS_STRIPE_WEBHOOK_SECRET": "whsec_",
}
DATABASE: Final = "entrepairs"
CHORUS_ACCOUNT: Final = (
    "ENTREPAIRS_CHORUS_PISTE_ID",
    "ENTREPAIRS_CHORUS_PISTE_SECRET",
    "ENTREPAIRS_CHORUS_LOGIN",
    "ENTREPAIRS_CHORUS_PASSWORD",
)
DEMO_ACCOUNT: Final = "demo-entrepairs"
"""What the stand-ins of Chorus Pro and of the platform take for a secret; nothing else is ever sent to them."""
PACE: Final = 15
"""Seconds between the first steps of an invoice there: received, made available."""
WARM: Final = "entrepairs.commands._warm"
STRIPE_WEBHOOK: Final = "/webhooks/stripe"
"""Path at which the platform receives Stripe's events."""
REVISION: Final = "SELECT version_num FROM alembic_version"
TOLD: Final = "SELECT 1 FROM decision WHERE key = 'demo.told'"
"""The last row the loader writes."""
FICTIONAL: Final = "SELECT 1 FROM association WHERE fictional"
"""Among the first it writes: without it, what is there is somebody's."""
INHABITED: Final = "SELECT 1 FROM account LIMIT 1"

LOADED_FIRST: Final = {
    "loader": "entrepairs.demo.loading,alembic.command",
    "web": "entrepairs.wsgi,gunicorn.app.wsgiapp,gunicorn.workers.gthread",
    "worker": "entrepairs_workers.tasks,entrepairs_workers.running,entrepairs_workers.effects,celery.bin.worker",
    "beat": "entrepairs_workers.app,celery.bin.beat",
}
"""What each program loads before its gate opens."""


class Stack:
    """Starts one piece after the other under a supervisor.

    All addresses are known from the start, so that the programs may load while the database starts and the story is
    told; each waits at its gate (a file), and nothing of them touches the database before.
    """

    def __init__(self, supervisor: Supervisor, folder: Path, ports: Ports, *, kind: str) -> None:
        self._supervisor = supervisor
        self._folder = folder
        self._ports = ports
        self._address = f"http://127.0.0.1:{ports.web}"
        self._postgres: EmbeddedPostgres | None = None
        self._valkey: EmbeddedValkey | None = None
        self._loader: Child | None = None
        self._programs_called = False
        self._gates = folder / "gates"
        shutil.rmtree(self._gates, ignore_errors=True)
        given = {name: os.environ[name] for name in SECRETS if os.environ.get(name)}
        self.environment: dict[str, str] = {
            **kept.drawn_once(folder, SECRETS),
            **given,
            "ENTREPAIRS_ENV": os.environ.get("ENTREPAIRS_ENV", kind),
            "ENTREPAIRS_DATA_DIR": str(folder),
            "ENTREPAIRS_HOST": ports.host,
            "ENTREPAIRS_PORT": str(ports.web),
            "ENTREPAIRS_BASE_URL": ports.address,
            **self._services(),
            **self._outside(),
        }

    def _services(self) -> dict[str, str]:
        """The database and the queue: as given, else our own."""
        found: dict[str, str] = {}
        sockets = socket_folder(self._folder)
        if database := os.environ.get("DATABASE_URL"):
            found["DATABASE_URL"] = database
            found["MIGRATION_DATABASE_URL"] = os.environ.get("MIGRATION_DATABASE_URL", database)
        else:
            self._postgres = EmbeddedPostgres(self._folder / "postgres", sockets, log=self._log("postgres"))
            found["DATABASE_URL"] = self._postgres.url(DATABASE)
            found["MIGRATION_DATABASE_URL"] = self._postgres.url(DATABASE, Role.OWNER)
        if redis := os.environ.get("REDIS_URL"):
            found["REDIS_URL"] = redis
        else:
            self._valkey = EmbeddedValkey(self._folder / "valkey", sockets, log=self._log("valkey"))
            found["REDIS_URL"] = self._valkey.url
        return found

    def _outside(self) -> dict[str, str]:
        """Mail and payments: as given, else our stand-ins."""
        found: dict[str, str] = {}
        if smtp := os.environ.get("SMTP_URL"):
            found["SMTP_URL"] = smtp
        else:
            found["SMTP_URL"] = f"smtp://127.0.0.1:{self._ports.smtp}"
            found["ENTREPAIRS_MAILBOX_URL"] = f"http://127.0.0.1:{self._ports.mail}"
        if self._ports.stripe:
            found["ENTREPAIRS_STRIPE_API_BASE"] = f"http://127.0.0.1:{self._ports.stripe}"
            found["ENTREPAIRS_STRIPE_CHECKOUT_ORIGIN"] = f"http://127.0.0.1:{self._ports.stripe}"
        if self._ports.chorus:
            address = f"http://127.0.0.1:{self._ports.chorus}"
            found |= {
                "ENTREPAIRS_CHORUS_API_BASE": address,
                "ENTREPAIRS_CHORUS_TOKEN_URL": f"{address}/api/oauth/token",
            }
            found |= dict.fromkeys(CHORUS_ACCOUNT, DEMO_ACCOUNT)
        if self._ports.platform:
            found["ENTREPAIRS_PLATFORM_URL"] = f"http://127.0.0.1:{self._ports.platform}"
            found["ENTREPAIRS_PLATFORM_TOKEN"] = DEMO_ACCOUNT
        return found

    # --- loading beforehand -----------------------------------------------------------------------------------

    def call_loader(self, size: str) -> None:
        """Let the loader of the story load, unless the folder says that the story is there."""
        if not (self._folder / "demo.loaded").exists():
            self._start_loader(size)

    def call_programs(self) -> None:
        """Start the stand-ins; let the web, the worker and beat load. Once; not beside a loader that is loading."""
        if self._programs_called or (self._loader and not self._opened("loader")):
            return
        self._programs_called = True
        self._start_doubles()
        configuration = str(resource("config") / "gunicorn.conf.py")
        socket = self._ports.number(self._ports.web)
        web = ("gunicorn", "--config", configuration, "--bind", f"fd://{socket}", "entrepairs.wsgi:app")
        self._supervisor.start(self._waiting("Web", "web", *web, sockets=(self._ports.web,)))
        celery = ("celery", "--app", "entrepairs_workers.app")
        options = ("worker", "--pool", "prefork", "--loglevel", "INFO", "--without-gossip", "--without-mingle")
        # A task may take 30 s and is let to its end.
        self._supervisor.start(self._waiting("Exécutant", "worker", *celery, *options, patience=35.0))
        beat = ("beat", "--schedule", str(self._folder / "beat"), "--pidfile", "")
        self._supervisor.start(self._waiting("Cadence", "beat", *celery, *beat))

    def _start_loader(self, size: str) -> Child:
        command = ("entrepairs.cli", "demo", "load", "--migrate", "--size", size)
        loader = self._loader = self._waiting(
            "Récit de démonstration", "demo", *command, gate="loader", loaded="loader"
        )
        self._supervisor.start(loader)
        return loader

    def _start_doubles(self) -> None:
        """The mail sink unless SMTP_URL is given; the Stripe stand-in unless a Stripe key is."""
        ports = self._ports
        if ports.mail:
            self._start_module(
                "Boîte aux lettres",
                "mail",
                *("entrepairs.doubles.mail_sink", "--port", str(ports.mail), "--smtp-port", str(ports.smtp)),
                *("--data", str(self._folder / "mailbox")),
                sockets=(ports.mail, ports.smtp),
            )
        if ports.stripe:
            self._start_module(
                "Paiements fictifs",
                "stripe",
                *("entrepairs.doubles.stripe_api", "--port", str(ports.stripe)),
                *("--webhook-url", f"{self._address}{STRIPE_WEBHOOK}"),
                *("--webhook-secret", self.environment["ENTREPAIRS_STRIPE_WEBHOOK_SECRET"]),
                *("--data", str(self._folder / "stripe.sqlite")),
                sockets=(ports.stripe,),
            )

    # --- in order ---------------------------------------------------------------------------------------------

    def start_services(self) -> None:
        """PostgreSQL and Valkey, unless their addresses are given."""
        if self._postgres is not None:
            self._supervisor.start(self._postgres, base=True)
            self._postgres.create_database(DATABASE)
        if self._valkey is not None:
            self._supervisor.start(self._valkey, base=True)

    def migrate(self) -> None:
        """Bring the tables to the last migration, unless they are there or the loader will."""
        if self._loader is not None or self._asked(REVISION) == heads(resource("migrations") / "versions"):
            return
        self._run_module("Mise à jour de la base", "migrate", "entrepairs.cli", "migrate")

    def load_demo(self, size: str, tell: Callable[[str], None]) -> None:
        """Tell the story unless the database holds it whole; one cut half-way is begun again.

        Raises EmbeddedError for a database that is not ours to empty and holds something else.
        """
        hint = self._folder / "demo.loaded"
        if self._asked(TOLD):
            self._supervisor.give_up(self._loader)
            self._loader = None
            self.migrate()
            hint.touch()
            return
        hint.unlink(missing_ok=True)
        if self._asked(INHABITED):
            self._empty(tell)
        tell("Récit de démonstration (une minute la première fois)…")
        loader = self._loader or self._start_loader(size)
        self._open("loader")
        self.call_programs()
        try:
            self._supervisor.finish(loader)
        except EmbeddedError as error:
            ensure_room(self._folder)
            raise EmbeddedError(f"{error}\nRelancez la même commande : le récit recommencera.") from error
        self._loader = None
        hint.touch()

    def _empty(self, tell: Callable[[str], None]) -> None:
        if self._postgres is None or not self._asked(FICTIONAL):
            raise EmbeddedError(
                "La base contient des comptes, mais pas un récit de démonstration entier : "
                "« entrepairs demo reset » efface tout et le recommence."
            )
        tell("Le récit s'était arrêté en chemin : nous le recommençons.")
        self._postgres.drop_database(DATABASE)
        self._postgres.create_database(DATABASE)

    def start_application(self) -> None:
        """Let the web, the worker and beat begin, then wait until the web says that all is ready."""
        self.call_programs()
        self._open("programs")
        self._supervisor.wait_until(
            self._ready,
            within=90.0,
            otherwise=f"Tout n'est pas prêt après 90 s ({self._address}/readyz) : voir {self._folder / 'logs'}.",
        )
        kept.remember(self._folder, self.environment)
        self._start_payers()

    def _start_payers(self) -> None:
        """Chorus Pro and the platform, last: nothing waits for them, and their sockets already take calls."""
        payers = (
            ("Chorus Pro fictif", "chorus", "chorus_pro", self._ports.chorus),
            ("Plateforme agréée fictive", "platform", "approved_platform", self._ports.platform),
        )
        for name, log, module, port in payers:
            if port:
                data = str(self._folder / f"{log}.sqlite")
                options = ("--port", str(port), "--data", data, "--pace", str(PACE))
                self._start_module(name, log, f"entrepairs.doubles.{module}", *options, sockets=(port,))

    # --- pieces -----------------------------------------------------------------------------------------------

    def _open(self, gate: str) -> None:
        self._gates.mkdir(mode=0o700, exist_ok=True)
        (self._gates / gate).touch()

    def _opened(self, gate: str) -> bool:
        return (self._gates / gate).exists()

    def _waiting(
        self,
        name: str,
        log: str,
        *arguments: str,
        gate: str = "programs",
        loaded: str | None = None,
        sockets: Sequence[int] = (),
        patience: float = 20.0,
    ) -> Child:
        """A program that loads, and begins once its gate is open."""
        first = (WARM, str(self._gates / gate), LOADED_FIRST[loaded or log])
        return self._child(name, log, (*first, *arguments), patience, sockets)

    def _start_module(self, name: str, log: str, *arguments: str, sockets: Sequence[int] = ()) -> None:
        self._supervisor.start(self._child(name, log, arguments, 20.0, sockets))

    def _run_module(self, name: str, log: str, *arguments: str) -> None:
        self._supervisor.run(self._child(name, log, arguments, 20.0))

    def _child(
        self, name: str, log: str, arguments: tuple[str, ...], patience: float, sockets: Sequence[int] = ()
    ) -> Child:
        return Child(
            name,
            [sys.executable, "-m", *arguments],
            log=self._log(log),
            environment={**self._whole_environment(), HANDED: self._ports.handed(sockets)},
            folder=self._folder,
            patience=patience,
            options={"pass_fds": [self._ports.number(one) for one in sockets]},
        )

    def _whole_environment(self) -> Mapping[str, str]:
        return {**os.environ, "PYTHONUNBUFFERED": "1", **self.environment}

    def _log(self, name: str) -> Path:
        return self._folder / "logs" / f"{name}.log"

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self._address}/readyz", timeout=2) as answer:  # noqa: S310  (ours, http)
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _asked(self, question: LiteralString) -> set[Any]:
        """The first column of the answer; empty when the table is not there yet."""
        url = self.environment["MIGRATION_DATABASE_URL"].replace("+psycopg", "", 1)
        try:
            with psycopg.connect(url, connect_timeout=10) as connection:
                return {row[0] for row in connection.execute(question)}
        except psycopg.errors.UndefinedTable:
            return set()
        except psycopg.OperationalError as error:
            why = str(error).partition("\n")[0]
            raise EmbeddedError(f"La base de DATABASE_URL ne répond pas : {why}") from error


def heads(versions: Path) -> set[str]:
    """The last migrations, read from the files: loading Alembic only to find nothing to do takes seconds."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in versions.glob("*.py"))
    known = {
        name: set(re.findall(rf'^{name}\b.*?"(\w+)"', text, re.MULTILINE)) for name in ("revision", "down_revision")
    }
    return known["revision"] - known["down_revision"]
