"""`entrepairs import`: bring structures or peers in from a CSV file, all of it or nothing."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from entrepairs.network.importing.problems import Outcome

SHOWN: Final = 10
NAMED: Final = {
    "partners": ("structure", "structures"),
    "sites": ("service", "services"),
    "peers": ("personne", "personnes"),
}
DONE: Final = {
    "created": {"sites": ("nouveau", "nouveaux"), "": ("nouvelle", "nouvelles")},
    "updated": {"sites": ("mis à jour", "mis à jour"), "": ("mise à jour", "mises à jour")},
    "unchanged": {"": ("déjà à jour", "déjà à jour")},
}
SKIPPED: Final = {"elsewhere": "hors de la région", "category": "d'une autre catégorie (pharmacies, laboratoires…)"}

FILE = click.argument("file", metavar="FICHIER", type=click.Path(exists=True, dir_okay=False, path_type=Path))
DRY_RUN = click.option("--dry-run", is_flag=True, help="Vérifie et compte, sans rien écrire.")
ERRORS = click.option(
    "--errors", type=click.Path(dir_okay=False, path_type=Path), help="Écrit les lignes à corriger dans ce fichier CSV."
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Répond en JSON.")


@click.group(
    subcommand_metavar="COMMANDE [OPTIONS]…", help="Importe des structures ou des pairs-aidants depuis un fichier CSV."
)
def command() -> None:
    """The two kinds of files."""


@command.command(help="Importe des structures et leurs services (colonnes d'Entrepairs, ou extrait FINESS officiel).")
@FILE
@DRY_RUN
@ERRORS
@AS_JSON
def partners(file: Path, dry_run: bool, errors: Path | None, as_json: bool) -> None:
    """Structures: our own columns, or the official extract, told by itself."""
    from entrepairs.network.importing.partner_landing import import_partners

    _run(import_partners, file, errors, as_json, dry_run=dry_run)


@command.command(help="Importe des pairs-aidants, reconnus par leur courriel.")
@FILE
@DRY_RUN
@ERRORS
@AS_JSON
@click.option("--invite", is_flag=True, help="Envoie à chaque nouvelle personne l'invitation à se connecter.")
def peers(file: Path, dry_run: bool, errors: Path | None, as_json: bool, invite: bool) -> None:
    """Peers, known by their e-mail."""
    from entrepairs.network.importing.peer_landing import import_peers

    _run(import_peers, file, errors, as_json, dry_run=dry_run, invite=invite)


def _run(use_case: Callable[..., "Outcome"], file: Path, errors: Path | None, as_json: bool, **options: Any) -> None:
    from entrepairs.commands._application import edge
    from entrepairs.network.importing.problems import errors_csv
    from entrepairs.web.words import words

    with edge() as here, _bar(as_json) as progress:
        outcome = use_case(
            here.session, file.read_bytes(), progress=progress, clock=here.clock, actor=here.actor, **options
        )
        if errors is not None and outcome.problems:
            errors.write_bytes(errors_csv(outcome.problems, words))
        lines = _as_json(outcome, words) if as_json else _as_text(outcome, words, errors)
    click.echo("\n".join(lines))
    if outcome.problems:
        sys.exit(1)


@contextmanager
def _bar(quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on a terminal, nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Lecture", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _as_json(outcome: "Outcome", words: Callable[..., str]) -> list[str]:
    told = {
        "written": outcome.written,
        "dry_run": outcome.dry_run,
        "lines": outcome.lines,
        "created": outcome.created,
        "updated": outcome.updated,
        "unchanged": outcome.unchanged,
        "skipped": outcome.skipped,
        **{
            name: [
                {"line": one.line, "column": one.column, "value": one.value, "what_to_do": words(one.sentence)}
                for one in found
            ]
            for name, found in (("problems", outcome.problems), ("remarks", outcome.remarks))
        },
    }
    return [json.dumps(told, ensure_ascii=False, indent=2)]


def _as_text(outcome: "Outcome", words: Callable[..., str], errors: Path | None) -> list[str]:
    told = []
    for one in sorted(outcome.problems, key=lambda problem: problem.line)[:SHOWN]:
        told.append(_line(one.line, one.column, one.value, words(one.sentence)))
    if len(outcome.problems) > SHOWN:
        told.append(f"… et {len(outcome.problems) - SHOWN} autres.")
    if outcome.problems:
        where = f" Le détail est dans {errors}." if errors else " --errors FICHIER.csv les écrit toutes."
        told.append(f"Rien n'est importé : {len(outcome.problems)} à corriger.{where}")
        return told
    told += [f"Remarque, {_line(one.line, one.column, one.value, words(one.sentence))}" for one in outcome.remarks]
    for done, tally in (
        ("created", outcome.created),
        ("updated", outcome.updated),
        ("unchanged", outcome.unchanged),
    ):
        told += [counted(number, what, done) for what, number in tally.items()]
    told += [
        f"{number} {'lignes laissées' if number > 1 else 'ligne laissée'} : {SKIPPED[why]}."
        for why, number in outcome.skipped.items()
    ]
    told.append("Essai sans écriture : rien n'a changé." if outcome.dry_run else "C'est fait.")
    return told


def counted(number: int, what: str, done: str) -> str:
    """« 6 services : nouveaux. », in the gender and number of what is counted."""
    words = DONE[done].get(what, DONE[done][""])
    return f"{number} {NAMED[what][number > 1]} : {words[number > 1]}."


def _line(line: int, column: str, value: str, sentence: str) -> str:
    where = ", ".join(part for part in (f"ligne {line}" if line else "", column and f"colonne {column}") if part)
    return f"{where} : {sentence}" + (f" (« {value} »)" if value else "")
