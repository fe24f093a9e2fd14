"""`entrepairs demo`: load the story of the demonstration, or begin it anew. Never on real data."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from entrepairs.demo.doors import MAIN as ACCOUNTS

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["ACCOUNTS", "command"]

SIZES = ("S", "M", "L")
Teller = Callable[[str, int, int], None]


@click.group(
    subcommand_metavar="COMMANDE [OPTIONS]…",
    help="Récit de démonstration (données fictives) : le charger, le recommencer.",
)
def command() -> None:
    """Group of the demo's commands."""


@command.command(help="Raconte dix-huit mois fictifs dans une base vide, jusqu'au lundi 11 janvier 2027.")
@click.option("--size", type=click.Choice(SIZES), default="S", show_default=True, help="Taille : L, 50 000 séances.")
@click.option("--seed", type=int, default=42, show_default=True, help="Le même nombre redonne le même récit.")
@click.option("--migrate", is_flag=True, help="Met d'abord la base à son dernier état.")
def load(size: str, seed: int, migrate: bool) -> None:
    """Load into an empty database of a demo; refused anywhere else."""
    from entrepairs.commands._application import Refused

    app = _demo_application()
    if migrate:
        _migrate(os.environ)
    with app.app_context():
        if _inhabited():
            raise Refused("Cette base contient déjà des comptes : « entrepairs demo reset » recommence le récit.")
        _tell(size, seed)


@command.command(help="Efface toute la base de démonstration, puis raconte de nouveau le récit.")
@click.option("--size", type=click.Choice(SIZES), default="S", show_default=True, help="Taille du récit.")
@click.option("--seed", type=int, default=42, show_default=True, help="Le même nombre redonne le même récit.")
@click.option("--yes", is_flag=True, help="Ne pas demander de confirmation.")
def reset(size: str, seed: int, yes: bool) -> None:
    """Empty the database as its owner, migrate, load; refused outside the demo."""
    app = _demo_application()
    if not yes:
        click.confirm("Effacer toutes les données de cette démonstration ?", abort=True)
    _empty_database(os.environ)
    with app.app_context():
        _tell(size, seed)


def _demo_application() -> "Flask":
    """The application, if its settings say DEMO. Raises Refused otherwise, before anything is read or written."""
    from entrepairs.app import create_app
    from entrepairs.commands._application import Refused
    from entrepairs.config import ConfigurationError
    from entrepairs.outbox.adding import set_nudge

    try:
        app = create_app(doors=False)
    except ConfigurationError as error:
        raise Refused(f"Réglages : {error}") from error
    if not app.config["DEMO"]:
        raise Refused("Ici ne vivent pas des données fictives : la démonstration demande ENTREPAIRS_ENV=demo.")
    set_nudge(None)  # the past is already done: nobody is to be woken
    return app


def _inhabited() -> bool:
    from sqlalchemy import select

    from entrepairs.extensions import db
    from entrepairs.identity.models import Account

    return db.session.scalar(select(Account.id).limit(1)) is not None


def _tell(size: str, seed: int) -> None:
    from flask import current_app
    from sqlalchemy.exc import OperationalError

    from entrepairs.commands._application import Refused
    from entrepairs.demo.checking import RefusedInvoiceError
    from entrepairs.demo.loading import storytelling, tell_story
    from entrepairs.demo.printing import PrinterFailedError
    from entrepairs.demo.told_stripe import StandInSilentError
    from entrepairs.extensions import db

    begun = time.monotonic()
    db.session.remove()
    try:
        with _bar() as tell, storytelling(db.engine.url) as session:
            address = current_app.config["STRIPE_API_BASE"]
            counts = tell_story(session, size=size, seed=seed, tell=tell, stripe_address=address)
    except PrinterFailedError as error:
        raise Refused(f"Le dessin des factures s'est arrêté en chemin ({error}).") from error
    except StandInSilentError as error:
        raise Refused(f"Le Stripe fictif ne répond pas ({error}).") from error
    except RefusedInvoiceError as error:
        raise Refused(f"Une facture du récit ne suit pas les règles officielles ({error}).") from error
    except OperationalError as error:
        raise Refused(f"La base s'est arrêtée en chemin ({str(error.orig).partition(chr(10))[0]}).") from error
    click.echo(
        f"Récit chargé en {time.monotonic() - begun:.0f} s : {counts.peers} pairs-aidants, {counts.partners} structures, "
        f"{counts.sessions} séances, {counts.invoices} factures."
    )


def _empty_database(variables: Mapping[str, str]) -> None:
    """Drop everything and migrate anew, as the owner: the application itself may not erase what is written once."""
    from sqlalchemy import text

    from entrepairs.commands._application import application_of_owner
    from entrepairs.extensions import db

    with application_of_owner(variables).app_context(), db.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    _migrate(variables)


def _migrate(variables: Mapping[str, str]) -> None:
    from flask_migrate import upgrade

    from entrepairs.commands._application import application_of_owner

    with application_of_owner(variables).app_context():
        upgrade()


@contextmanager
def _bar() -> Iterator[Teller]:
    """A bar in a terminal; elsewhere a plain line every tenth."""
    if not sys.stderr.isatty():
        yield _plain_lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        tasks: dict[str, object] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done, total=total)  # type: ignore[arg-type]

        yield tell


def _plain_lines() -> Teller:
    said: dict[str, int] = {}

    def tell(what: str, done: int, total: int) -> None:
        tenth = done * 10 // max(total, 1)
        if said.get(what, 0) < tenth:
            said[what] = tenth
            click.echo(f"{what} : {done}/{total}", err=True)

    return tell
