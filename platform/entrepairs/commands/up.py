"""`entrepairs up`: everything on this machine, in one terminal, until Ctrl-C."""

import importlib
import sys
import time

import click

from entrepairs.commands._given import ensure_given_addresses
from entrepairs.commands._local import local_folder
from entrepairs.commands._ports import Ports, chosen_ports
from entrepairs.commands._stack import Stack
from entrepairs.embedded.errors import EmbeddedError
from entrepairs.embedded.folders import prepare
from entrepairs.embedded.supervisor import Supervisor

FIRST_ACCOUNT = (
    "entrepairs user create --email vous@exemple.fr --name 'Prénom Nom' --role admin --role coordinator --role billing"
)


@click.command(help="Démarre tout sur cette machine : base, web, exécutant, cadence ; Ctrl-C arrête tout.")
@click.option("--demo", is_flag=True, help="Charge une fois le récit de démonstration (données fictives).")
@click.option("--size", type=click.Choice(["S", "M", "L"]), default="S", show_default=True, help="Taille du récit.")
def command(demo: bool, size: str) -> None:
    """Start in order, say where to look, watch, stop in reverse."""
    begun = time.monotonic()
    try:
        ensure_given_addresses()
        folder = prepare(local_folder())
        with Supervisor(folder, say=_say) as supervisor, chosen_ports() as ports:
            stack = Stack(supervisor, folder, ports, kind="demo" if demo else "development")
            _start(stack, demo=demo, size=size)
            _announce(stack, ports, seconds=time.monotonic() - begun, demo=demo)
            supervisor.watch()
            _say("Arrêt en cours…")
    except EmbeddedError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    _say("Tout est arrêté ; les données restent.")


def _start(stack: Stack, *, demo: bool, size: str) -> None:
    _say("Base de données et file de messages…")
    if demo:
        stack.call_loader(size)
    stack.call_programs()
    stack.start_services()
    stack.migrate()
    if demo:
        stack.load_demo(size, _say)
    _say("Web, exécutant, cadence…")
    stack.start_application()


def _announce(stack: Stack, ports: Ports, *, seconds: float, demo: bool) -> None:
    lines = ["", f"Entrepairs est prêt ({seconds:.0f} s).", "", f"  Adresse    {ports.address}"]
    if mailbox := stack.environment.get("ENTREPAIRS_MAILBOX_URL"):
        lines.append(f"  Courriers  {mailbox}  (aucun mail ne sort de cette machine)")
    if demo:
        lines += _stand_ins(ports)
        lines += ["", "  Comptes (données fictives)", *_accounts()]
    else:
        lines += ["", "  Premier compte, dans un autre terminal :", f"    {FIRST_ACCOUNT}"]
    lines += ["", f"  Données et journaux  {local_folder()}", "  Ctrl-C arrête tout.", ""]
    _say("\n".join(lines))


def _stand_ins(ports: Ports) -> list[str]:
    """The pages where one plays the payer, the bank, the platform. A stand-in that is not needed has no port."""
    said = (
        (ports.chorus, "Payeurs", "Chorus Pro fictif : décidez du sort des factures"),
        (ports.platform, "Plateforme", "plateforme agréée fictive : de même pour les structures privées"),
        (ports.stripe, "Stripe", "Stripe fictif : prélèvements, contestations, virements ; aucun argent ne circule"),
    )
    return [f"  {name:<10} http://127.0.0.1:{port}  ({what})" for port, name, what in said if port]


def _accounts() -> list[str]:
    accounts = getattr(importlib.import_module("entrepairs.commands.demo"), "ACCOUNTS", ())
    return [f"    {account.email:<40} {account.password:<24} {account.label}" for account in accounts]


def _say(text: str) -> None:
    """Print at once, also into a pipe."""
    click.echo(text)
    sys.stdout.flush()
