"""`entrepairs reset`: forget the local data, so that the next start begins anew."""

import shutil
import sys
from pathlib import Path

import click

from entrepairs.commands._local import local_folder
from entrepairs.embedded.errors import EmbeddedError, explained
from entrepairs.embedded.supervisor import Supervisor

OURS = frozenset({"postgres", "valkey", "logs", "supervisor.lock", "children.json", "secrets.json"})
"""What `entrepairs up` puts in its folder; a folder without any of it is not ours to erase."""


@click.command(help="Efface les données locales (base, courriers, journaux) de la démonstration.")
@click.option("--yes", is_flag=True, help="Ne pas demander de confirmation.")
def command(yes: bool) -> None:
    """Erase the data folder, unless a supervisor runs on it."""
    folder = local_folder()
    if not folder.is_dir():
        click.echo(f"Rien à effacer : {folder} n'existe pas.")
        return
    try:
        if not any((folder / name).exists() for name in OURS):
            raise EmbeddedError(f"{folder} ne contient pas de données d'Entrepairs : rien n'est effacé.")
        if not yes:
            click.confirm(f"Effacer tout ce que contient {folder} ?", abort=True)
        with Supervisor(folder, say=click.echo):
            _empty(folder)
    except EmbeddedError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    click.echo(f"Données locales effacées : {folder}.")


def _empty(folder: Path) -> None:
    try:
        for path in folder.iterdir():
            if path.name == "supervisor.lock":  # still held
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    except OSError as error:
        raise explained(error, folder) from error
