"""The processes of `entrepairs up` and the environment they share."""

import os
import re
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg

from entrepairs.embedded import environment as kept
from entrepairs.embedded.children import Child
from entrepairs.embedded.errors import EmbeddedError
from entrepairs.embedded.folders import socket_folder
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
STRIPE_WEBHOOK: Final = "/webhooks/stripe"
"""Path at which the platform receives Stripe's events."""


@dataclass(frozen=True)
class Ports:
    """Where the web and the stand-ins listen, on loopback unless ENTREPAIRS_HOST says otherwise."""

    host: str
    web: int
    mail: int
    smtp: int
    stripe: int

    @property
    def address(self) -> str:
        """The address to open in a browser."""
        shown = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104  (compared only)
        return os.environ.get("ENTREPAIRS_BASE_URL") or f"http://{shown}:{self.web}"


def chosen_ports() -> Ports:
    """The web's port as asked (EmbeddedError when taken); the stand-ins' as usual, or free ones."""
    host = os.environ.get("ENTREPAIRS_HOST", "127.0.0.1")
    web = _number("ENTREPAIRS_PORT", 8000)
    if not _free(host, web):
        raise EmbeddedError(
            f"Le port {web} est déjà pris : arrêtez ce qui l'occupe, ou choisissez-en un autre, "
            f"par exemple ENTREPAIRS_PORT={web + 1}."
        )
    taken = {web}
    found = []
    for name, usual in (("MAIL", 8025), ("SMTP", 1025), ("STRIPE", 8420)):
        port = _number(f"ENTREPAIRS_{name}_PORT", usual)
        if port in taken or not _free("127.0.0.1", port):
            port = _any_free_port()
        taken.add(port)
        found.append(port)
    return Ports(host, web, *found)


class Stack:
    """Starts one piece after the other under a supervisor, filling in the environment as it goes."""

    def __init__(self, supervisor: Supervisor, folder: Path, ports: Ports, *, kind: str) -> None:
        self._supervisor = supervisor
        self._folder = folder
        self._ports = ports
        self._address = f"http://127.0.0.1:{ports.web}"
        self._postgres: EmbeddedPostgres | None = None
        given = {name: os.environ[name] for name in SECRETS if os.environ.get(name)}
        self.environment: dict[str, str] = {
            **kept.drawn_once(folder, SECRETS),
            **given,
            "ENTREPAIRS_ENV": os.environ.get("ENTREPAIRS_ENV", kind),
            "ENTREPAIRS_DATA_DIR": str(folder),
            "ENTREPAIRS_HOST": ports.host,
            "ENTREPAIRS_PORT": str(ports.web),
            "ENTREPAIRS_BASE_URL": ports.address,
        }

    def start_services(self) -> None:
        """PostgreSQL and Valkey, unless their addresses are given."""
        sockets = socket_folder(self._folder)
        if database := os.environ.get("DATABASE_URL"):
            self.environment["DATABASE_URL"] = database
            self.environment["MIGRATION_DATABASE_URL"] = os.environ.get("MIGRATION_DATABASE_URL", database)
        else:
            self._postgres = EmbeddedPostgres(self._folder / "postgres", sockets, log=self._log("postgres"))
            self._supervisor.start(self._postgres)
            self._postgres.create_database(DATABASE)
            self.environment["DATABASE_URL"] = self._postgres.url(DATABASE)
            self.environment["MIGRATION_DATABASE_URL"] = self._postgres.url(DATABASE, Role.OWNER)
        if redis := os.environ.get("REDIS_URL"):
            self.environment["REDIS_URL"] = redis
        else:
            valkey = EmbeddedValkey(self._folder / "valkey", sockets, log=self._log("valkey"))
            self._supervisor.start(valkey)
            self.environment["REDIS_URL"] = valkey.url

    def start_doubles(self) -> None:
        """The mail sink unless SMTP_URL is given; the Stripe stand-in unless a Stripe key is."""
        ports = self._ports
        if smtp := os.environ.get("SMTP_URL"):
            self.environment["SMTP_URL"] = smtp
        else:
            self.environment["SMTP_URL"] = f"smtp://127.0.0.1:{ports.smtp}"
            self.environment["ENTREPAIRS_MAILBOX_URL"] = f"http://127.0.0.1:{ports.mail}"
            self._start_module(
                "Boîte aux lettres",
                "mail",
                *("entrepairs.doubles.mail_sink", "--port", str(ports.mail), "--smtp-port", str(ports.smtp)),
                *("--data", str(self._folder / "mailbox")),
            )
        if not os.environ.get("ENTREPAIRS_STRIPE_SECRET_KEY"):
            self.environment["ENTREPAIRS_STRIPE_API_BASE"] = f"http://127.0.0.1:{ports.stripe}"
            self.environment["ENTREPAIRS_STRIPE_CHECKOUT_ORIGIN"] = f"http://127.0.0.1:{ports.stripe}"
            self._start_module(
                "Paiements fictifs",
                "stripe",
                *("entrepairs.doubles.stripe_api", "--port", str(ports.stripe)),
                *("--webhook-url", f"{self._address}{STRIPE_WEBHOOK}"),
                *("--webhook-secret", self.environment["ENTREPAIRS_STRIPE_WEBHOOK_SECRET"]),
                *("--data", str(self._folder / "stripe.sqlite")),
            )

    def migrate(self) -> None:
        """Bring the tables to the last migration, unless they are there."""
        if self._revisions() == heads(resource("migrations") / "versions"):
            return
        self._run_module("Mise à jour de la base", "migrate", "entrepairs.cli", "migrate")

    def load_demo(self, size: str) -> bool:
        """Load the story once; True when it was loaded now. A load cut half-way is begun again."""
        done = self._folder / "demo.loaded"
        if done.exists() and self._postgres is not None:
            return False
        if self._has_accounts():
            if self._postgres is None:  # a database that is not ours to empty
                return False
            self._postgres.drop_database(DATABASE)
            self._postgres.create_database(DATABASE)
            self.migrate()
        self._run_module("Récit de démonstration", "demo", "entrepairs.cli", "demo", "load", "--size", size)
        done.touch()
        return True

    def start_application(self) -> None:
        """The web, a worker and beat, then wait until the web says it is ready."""
        configuration = str(resource("config") / "gunicorn.conf.py")
        self._start_module("Web", "web", "gunicorn", "--config", configuration, "entrepairs.wsgi:app")
        celery = ("celery", "--app", "entrepairs_workers.app")
        self._start_module(
            "Exécutant",
            "worker",
            *celery,
            *("worker", "--pool", "prefork", "--loglevel", "INFO", "--without-gossip", "--without-mingle"),
            patience=35.0,  # a task may take 30 s and is let to its end
        )
        self._start_module(
            "Cadence", "beat", *celery, "beat", "--schedule", str(self._folder / "beat"), "--pidfile", ""
        )
        self._supervisor.wait_until(
            self._ready,
            within=90.0,
            otherwise=f"Tout n'est pas prêt après 90 s ({self._address}/readyz) : voir {self._folder / 'logs'}.",
        )
        kept.remember(self._folder, self.environment)

    def _start_module(self, name: str, log: str, *arguments: str, patience: float = 20.0) -> None:
        self._supervisor.start(self._child(name, log, arguments, patience))

    def _run_module(self, name: str, log: str, *arguments: str) -> None:
        self._supervisor.run(self._child(name, log, arguments, 20.0))

    def _child(self, name: str, log: str, arguments: tuple[str, ...], patience: float) -> Child:
        return Child(
            name,
            [sys.executable, "-m", *arguments],
            log=self._log(log),
            environment=self._whole_environment(),
            folder=self._folder,
            patience=patience,
        )

    def _whole_environment(self) -> Mapping[str, str]:
        return {**os.environ, "PYTHONUNBUFFERED": "1", **self.environment}

    def _log(self, name: str) -> Path:
        return self._folder / "logs" / f"{name}.log"

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self._address}/readyz", timeout=5) as answer:  # noqa: S310  (ours, http)
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _has_accounts(self) -> bool:
        return bool(self._asked("SELECT 1 FROM account LIMIT 1"))

    def _revisions(self) -> set[str]:
        try:
            return {row[0] for row in self._asked("SELECT version_num FROM alembic_version")}
        except psycopg.errors.UndefinedTable:
            return set()

    def _asked(self, question: LiteralString) -> list[tuple[Any, ...]]:
        url = self.environment["MIGRATION_DATABASE_URL"].replace("+psycopg", "", 1)
        try:
            with psycopg.connect(url, connect_timeout=10) as connection:
                return connection.execute(question).fetchall()
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


def _number(name: str, usual: int) -> int:
    value = os.environ.get(name) or str(usual)
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise EmbeddedError(f"{name}={value} n'est pas un numéro de port.")
    return int(value)


def _free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise EmbeddedError(
                f"Pas le droit d'écouter sur le port {port} : prenez-en un au-dessus de 1023."
            ) from error
        except OSError:
            return False
    return True


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
