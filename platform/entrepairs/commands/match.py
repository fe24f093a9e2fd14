"""`entrepairs match`: who can come to a demand, and why, as the office's page tells it. Nothing is changed."""

import json
from typing import Any

import click


@click.group(subcommand_metavar="COMMANDE [OPTIONS]…", help="Qui peut venir, et pourquoi.")
def command() -> None:
    """Group of the matching commands."""


@command.command(help="Explique, personne par personne, qui peut venir à une demande. Rien n'est changé.")
@click.argument("demand", metavar="DEM-…")
@click.option("--peer", metavar="PAI-…", help="Une seule personne.")
@click.option("--json", "as_json", is_flag=True, help="Pour une machine.")
def explain(demand: str, peer: str | None, as_json: bool) -> None:
    """Same records, same words and same order as the page: no rank, no total, one reason for every choice."""
    from flask_babel import force_locale

    from entrepairs.commands._application import edge
    from entrepairs.kernel.errors import NotFound
    from entrepairs.kernel.i18n import N_
    from entrepairs.matching.looking import look, only, record_of
    from entrepairs.web.matching_answers import explained

    with edge() as at, force_locale("fr"):
        looked = look(at.session, demand, clock=at.clock)
        if peer is not None and record_of(looked.answer, peer) is None:
            raise NotFound("peer", N_("This person is not in the team."))
        told = explained(looked.answer, looked.pairs) if peer is None else explained(only(looked.answer, peer))
    click.echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json else in_lines(told))


@command.command(help="Ce que la demande pourrait changer pour trouver plus de monde. Rien n'est changé.")
@click.argument("demand", metavar="DEM-…")
@click.option("--json", "as_json", is_flag=True, help="Pour une machine.")
def widen(demand: str, as_json: bool) -> None:
    """The same changes and gains as the page; nothing here depends on what anybody has chosen."""
    from flask_babel import force_locale

    from entrepairs.commands._application import edge
    from entrepairs.matching.looking import widen as look_wider
    from entrepairs.web.matching_answers import widened

    with edge() as at, force_locale("fr"):
        told = widened(demand, look_wider(at.session, demand, clock=at.clock))
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    lines = [f"  {each['words']} : {each['gain']}" for each in told["changes"]]
    click.echo("\n".join([told["demand"], *(lines or ["  Aucun changement simple n'aiderait."])]))


def in_lines(told: dict[str, Any]) -> str:
    """The same for a reader."""
    lines = [told["demand"]]
    lines += [f"  ensemble : {' et '.join(each['names'])}" for each in told["pairs"]]
    for each in told["possible"]:
        said = " ; ".join(f"{part['label']} {part['points']}" for part in each["parts"])
        why = " ; ".join(part["sentence"] for part in each["parts"] if part["sentence"])
        lines += [f"  {each['name']} ({each['peer']}) peut venir : {said}", f"      {why}"]
        lines += [f"      ({note})" for note in each["notes"]]
    for each in told["not_possible"]:
        reasons = ", ".join(reason["words"] for reason in each["reasons"])
        lines.append(f"  {each['name']} ({each['peer']}) : ce n'est pas possible cette fois, {reasons}")
    return "\n".join(lines)
