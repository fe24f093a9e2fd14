"""`entrepairs fairness`: hours beside wishes, demands by département, where one more person would help. Nothing is changed."""

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session


@click.group(subcommand_metavar="COMMANDE [OPTIONS]…", help="Heures et équité.")
def command() -> None:
    """Group of the fairness commands."""


@command.command(help="Dit les heures de chacun·e, les demandes par département et où recruter. Rien n'est changé.")
@click.option("--months", type=click.IntRange(1, 36), default=12, show_default=True, help="Mois de demandes regardés.")
@click.option("--json", "as_json", is_flag=True, help="Pour une machine.")
def show(months: int, as_json: bool) -> None:
    """Same figures, same words and same order as the page: by name, without rank nor index."""
    from flask_babel import force_locale

    from entrepairs.commands._application import edge

    with edge() as at, force_locale("fr"):
        told = gathered(at.session, at.clock.today(), months)
    click.echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json else in_lines(told))


def gathered(session: "Session", today: "date", months: int) -> dict[str, Any]:
    """What the page shows, in words and figures (hours in minutes)."""
    from entrepairs.fairness.coverage import coverage, last_study, since_of
    from entrepairs.fairness.shares import all_shares, thresholds_on
    from entrepairs.fairness.spread import spread
    from entrepairs.web import fairness_words as fw

    everybody, thresholds, study = all_shares(session, today), thresholds_on(today), last_study(session)
    found = spread((one.share for one in everybody), thresholds.recent_months)
    return {
        "day": today.isoformat(),
        "spread": {
            "sentence": fw.spread_sentence(found, thresholds),
            "bands": [{"part": part, "people": int(count)} for part, count in fw.band_rows(found)],
        },
        "people": [_person(fw.person_row(one, thresholds)) for one in everybody],
        "departements": [_place(tile) for tile in fw.tiles(coverage(session, since_of(today, months)))],
        "study": study.asked_at.date().isoformat() if study else None,
        "helps": [
            {"title": line.title, "detail": line.detail, "demands": line.demands}
            for line in fw.help_lines(study.newcomers or [], len(study.newcomers or []))
        ]
        if study
        else [],
    }


def _person(line: Any) -> dict[str, Any]:
    share = line.share
    return {
        "peer": share.ref,
        "name": share.name,
        "departement": share.departement,
        "wished": share.wished,
        "months": [{"month": f"{m.month:%Y-%m}", "done": m.done, "promised": m.promised} for m in share.months],
        "trend": line.trend,
        "alerts": [{"word": alert.label, "why": alert.why} for alert in line.alerts],
        "said": f"{line.recent} ces derniers mois, {line.wished} souhaitées, {line.to_come} promises",
    }


def _place(tile: Any) -> dict[str, Any]:
    return {
        "departement": tile.code,
        "name": tile.name,
        "demands": tile.covered.total,
        "outcomes": {outcome.value: count for outcome, count in sorted(tile.covered.counts.items())},
        "sentence": tile.sentence,
        "whys": list(tile.whys),
    }


def in_lines(told: dict[str, Any]) -> str:
    """The same for a reader."""
    lines = [told["spread"]["sentence"], ""]
    for one in told["people"]:
        alerts = "".join(f" ; {alert['word']} ({alert['why']})" for alert in one["alerts"])
        lines.append(f"  {one['name']} ({one['peer']}) : {one['said']} ; {one['trend']}{alerts}")
    lines += ["", "Les demandes, département par département :"]
    for place in told["departements"]:
        lines.append(f"  {place['departement']} {place['name']} : {place['sentence']}".replace("   ", "  "))
        lines += [f"      {why}" for why in place["whys"]]
    lines += ["", f"Où recruter ou former (étude du {told['study']}) :" if told["study"] else "Pas encore d'étude."]
    lines += [f"  {line['title']} {line['detail']}" for line in told["helps"]]
    return "\n".join(lines)
