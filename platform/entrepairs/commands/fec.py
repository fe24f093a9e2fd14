"""`entrepairs fec`: the tax file of the entries, checked whoever wrote it."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from entrepairs.commands._days import Day

if TYPE_CHECKING:
    from entrepairs.ledger.fec.findings import Finding, Report

SCHEMA: Final = "entrepairs.fec-check/1"
_LINES_SHOWN: Final = 8
_VERDICTS: Final = {"holds": "✓ conforme", "fails": "✗ non conforme", "unreadable": "✗ illisible"}


@click.group(
    subcommand_metavar="COMMANDE [OPTIONS]…", help="Fichier des écritures comptables (FEC) : le produire, le vérifier."
)
def command() -> None:
    """Group of the tax file's commands."""


@command.command(
    help="Vérifie des fichiers, d'où qu'ils viennent (« - » lit l'entrée) : 0 bien, 1 une règle manque, 2 illisible."
)
@click.argument("files", nargs=-1, required=True, metavar="FICHIER…", type=click.Path(path_type=Path))
@click.option("--any-name", is_flag=True, help="Ne regarde pas le nom du fichier.")
@click.option(
    "--first-day",
    type=Day(),
    help="Premier jour de l'exercice, s'il ne dure pas douze mois (AAAA-MM-JJ).",
)
@click.option("--json", "as_json", is_flag=True, help="Pour une machine.")
def check(files: tuple[Path, ...], *, any_name: bool, first_day: date | None, as_json: bool) -> None:
    """Pure: no service is asked. The worst file gives the exit code."""
    from entrepairs.ledger.fec.checking import check_file
    from entrepairs.ledger.fec.findings import EXIT_CODES

    reports = [check_file(path, any_name=any_name, first_day=first_day) for path in files]
    worst = max(EXIT_CODES[report.verdict] for report in reports)
    if as_json:
        told = {"schema": SCHEMA, "exit": worst, "files": [report.told() for report in reports]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        click.echo("\n\n".join(in_lines(report) for report in reports))
    sys.exit(worst)


def in_lines(report: "Report") -> str:
    """The same for a reader."""
    from entrepairs.ledger.fec.sentences import unreadable

    head = f"{report.file} : {_VERDICTS[report.verdict.value]}"
    if report.unreadable:
        return f"{head}\n  {unreadable(report.unreadable, report.unreadable_detail)}"
    lines = [head, f"  {_summary(report)}"]
    lines += [_line("✗", found) for found in report.faults]
    lines += [_line("·", found) for found in report.remarks]
    return "\n".join(lines)


def _summary(report: "Report") -> str:
    from entrepairs.ledger.fec.values import shown_amount

    said = f"{_count(report.lines, 'ligne')}, {_count(report.entries, 'écriture')}"
    said += f", débit {shown_amount(report.debit)}, crédit {shown_amount(report.credit)}"
    if report.first and report.last:
        said += f", du {report.first:%d/%m/%Y} au {report.last:%d/%m/%Y}"
    return f"{said} ; {report.encoding or 'ASCII'}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'s' if number > 1 else ''}".replace(",", " ")


def _line(mark: str, found: "Finding") -> str:
    where = ""
    if found.lines:
        lines = dict.fromkeys(str(line) for line in found.lines[:_LINES_SHOWN])  # two faults of a line are told once
        more = f" et {found.count - _LINES_SHOWN:,} de plus".replace(",", " ") if found.count > _LINES_SHOWN else ""
        where = f" — ligne{'s' if len(lines) > 1 else ''} {', '.join(lines)}{more}"
    return f"  {mark} [{found.rule}] {found.sentence}{where}"


@command.command(help="Écrit le fichier d'un exercice, puis le vérifie avant de le donner. 1 s'il ne peut pas l'être.")
@click.argument("year", type=click.IntRange(2000, 2099), metavar="ANNÉE")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), default=Path(), help="Dossier ; sinon, le dossier courant."
)
@click.option("--json", "as_json", is_flag=True, help="Pour une machine.")
def export(year: int, *, folder: Path, as_json: bool) -> None:
    """Validated entries only; drafts are counted and left out."""
    from entrepairs.commands._application import edge
    from entrepairs.ledger.fec.writing import export_fec

    with edge() as at:
        done = export_fec(at.session, year, folder)
    if as_json:
        told = {"file": str(done.path), "drafts_left_out": done.drafts, "opening_missing": done.opening_missing}
        click.echo(json.dumps(told | {"report": done.report.told()}, ensure_ascii=False, indent=2))
        return
    click.echo(in_lines(done.report))
    if done.drafts:
        click.echo(f"  · Au brouillard, donc pas dans le fichier : {_count(done.drafts, 'écriture')}.")
    if done.opening_missing:
        click.echo(f"  · Les à-nouveaux manquent encore : clôturez d'abord {year - 1}.")
