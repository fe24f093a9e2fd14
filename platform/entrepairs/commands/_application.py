"""The application as the commands need it."""

import getpass
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import click
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from entrepairs.app import create_app, load_models
from entrepairs.audit.actors import Actor
from entrepairs.config import ConfigurationError, configure
from entrepairs.extensions import db, migrate
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import DomainError
from entrepairs.paths import resource
from entrepairs.web.context import business_clock
from entrepairs.web.errors import sentence


def application_of_owner(variables: Mapping[str, str]) -> Flask:
    """Settings and tables only, connected as the owner of the tables: what the migrations need.

    They may take their time (no statement timeout), keep no connection, and need no secret, Valkey or mail.
    Raises ConfigurationError without a database address.
    """
    unused = {"REDIS_URL": "redis://unused", "SMTP_URL": "smtp://unused", "SECRET_KEY": "unused"}
    overrides = {name: value for name, value in unused.items() if not variables.get(name)}
    overrides |= {"STRIPE_SECRET_KEY": "unused", "STRIPE_WEBHOOK_SECRET": "unused"}
    owner = variables.get("MIGRATION_DATABASE_URL") or variables.get("DATABASE_URL")
    if owner:
        overrides["DATABASE_URL"] = owner
    options = {"DATABASE_STATEMENT_TIMEOUT_MS": 0, "SQLALCHEMY_ENGINE_OPTIONS": {"poolclass": NullPool}}
    app = Flask("entrepairs")
    configure(app, {**overrides, **options})
    load_models()
    db.init_app(app)
    migrate.init_app(app, db, directory=str(resource("migrations")))
    return app


class Refused(click.ClickException):
    """A refusal, printed as it is, in French; exit 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence alone."""
        click.echo(self.message, err=True)


@dataclass(frozen=True)
class Edge:
    """What a command gives to a use case."""

    session: Session
    clock: Clock
    actor: Actor


@contextmanager
def edge() -> Iterator[Edge]:
    """A transaction of the whole application: committed at the end, rolled back on a refusal.

    A refusal or a missing setting is printed as one French sentence and the command exits 1.
    """
    try:
        app = create_app(doors=False)
    except ConfigurationError as error:
        raise Refused(f"Réglages : {error}") from error
    with app.test_request_context():  # the request gives the business clock and the language
        try:
            actor = Actor("cli", f"Ligne de commande ({getpass.getuser()})")
            yield Edge(db.session(), business_clock(), actor)
            db.session.commit()
        except DomainError as refusal:
            db.session.rollback()
            with force_locale("fr"):
                raise Refused(sentence(refusal)) from refusal
