"""`entrepairs einvoice`: any electronic invoice held to the official rules and to ours, without database or services."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from entrepairs.billing.einvoice.examining import Examination
    from entrepairs.billing.einvoice.findings import Finding

JSON_VERSION: Final = 1
"""Grows when a key changes its meaning or goes; a new key does not count."""
_HELP: Final = """Vérifie des factures électroniques : PDF (Factur-X, ZUGFeRD, XRechnung) ou XML (CII, UBL) ; « - » lit l’entrée.

Code de sortie : 0 tout est juste, 1 une règle n’est pas respectée, 2 un fichier est illisible.
"""
_LAYERS: Final = {"xsd": "schéma", "en16931": "EN 16931", "br-fr": "BR-FR", "entrepairs": "Entrepairs"}
_SYNTAXES: Final = {"cii": "CII", "ubl-invoice": "UBL, facture", "ubl-creditnote": "UBL, avoir"}


@click.group(
    subcommand_metavar="COMMANDE [OPTIONS]…", help="Les factures électroniques : vérifier un fichier, le nôtre ou non."
)
def command() -> None:
    """Group of the e-invoice commands."""


@command.command(help=_HELP)
@click.argument("files", metavar="FICHIER…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Pour une machine.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help="Nombre de vérificateurs ; par défaut un, ou un par cœur pour beaucoup de fichiers.",
)
def check(files: tuple[Path, ...], *, as_json: bool, jobs: int | None) -> None:
    """Every file is checked, whatever becomes of the others; the worst decides the exit code."""
    from entrepairs.billing.einvoice.examining import examine_all, jobs_for

    jobs = jobs or jobs_for(len(files))
    start = time.monotonic()
    seen: list[Examination] = []
    for one in examine_all(files, jobs=jobs):
        seen.append(one)
        if not as_json:
            click.echo("\n".join(in_lines(one)))
    seconds = time.monotonic() - start
    if as_json:
        click.echo(json.dumps(summary(seen, seconds=seconds, jobs=jobs), ensure_ascii=False, indent=2))
    elif len(seen) > 1:
        click.echo(_last_line(seen, seconds, jobs))
    sys.exit(max(one.exit for one in seen))


def summary(seen: "Sequence[Examination]", *, seconds: float, jobs: int) -> dict[str, object]:
    """The whole answer of `--json`."""
    from entrepairs.billing.einvoice import examining
    from entrepairs.commands._french import said

    return {
        "version": JSON_VERSION,
        "exit": max(one.exit for one in seen),
        "files": [examining.as_json(one, said) for one in seen],
        "hold": sum(one.exit == examining.HOLDS for one in seen),
        "fail": sum(one.exit == examining.FAILS for one in seen),
        "unreadable": sum(one.exit == examining.UNREADABLE for one in seen),
        "seconds": round(seconds, 3),
        "checkers": jobs,
    }


def in_lines(one: "Examination") -> list[str]:
    """One file's answer for a reader."""
    from entrepairs.commands._french import said

    if one.verdict is None or one.verdict.opened is None:
        return [f"{one.path} : illisible. {said(one.problem) if one.problem else ''}"]
    opened, errors = one.verdict.opened, len(one.verdict.errors)
    what = f"{_SYNTAXES[opened.syntax]}, profil {opened.profile}"
    if opened.envelope:
        what += f", {opened.envelope.name} dans le PDF"
    many = f"{errors} règles ne sont pas respectées" if errors > 1 else "1 règle n’est pas respectée"
    lines = [f"{one.path} : {many if errors else 'tout est juste'} ({what})."]
    for each in one.findings:
        lines += _finding(each)
    return lines


def _finding(each: "Finding") -> list[str]:
    from entrepairs.commands._french import said

    mark = "✗" if each.blocks else "! à savoir :"
    lines = [f"  {mark} {said(each.sentence)} [{each.rule}, {_LAYERS[each.layer]}]"]
    if each.term or each.place:
        lines.append(f"      où : {' '.join(part for part in (each.term, each.place) if part)}")
    return lines


def _last_line(seen: "Sequence[Examination]", seconds: float, jobs: int) -> str:
    counts = [sum(one.exit == wanted for one in seen) for wanted in (0, 1, 2)]
    rate = f"{len(seen) / max(seconds, 0.001):.1f}".replace(".", ",")
    return (
        f"{_many(len(seen), 'fichier')} : {_many(counts[0], 'juste')}, {counts[1]} avec une règle non respectée, "
        f"{_many(counts[2], 'illisible')}. "
        f"{f'{seconds:.1f}'.replace('.', ',')} s, {rate} par seconde, {jobs} vérificateur{'s' if jobs > 1 else ''}."
    )


def _many(count: int, word: str) -> str:
    """« 0 juste », « 2 justes »."""
    return f"{count} {word}{'s' if count > 1 else ''}"
