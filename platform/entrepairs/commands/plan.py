"""`entrepairs plan`: a period planned at once, read, and applied as offers; as the page does."""

import json
import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from entrepairs.commands._days import Day
from entrepairs.commands._plan_file import solve

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from entrepairs.planning.models import Plan


@click.group(subcommand_metavar="COMMANDE [OPTIONS]…", help="Planifier une période : qui proposer pour quelle demande.")
def command() -> None:
    """Group of the planning commands."""


command.add_command(solve)


@command.command(help="Cherche un plan, du premier au dernier jour compris, et attend qu'il soit prêt.")
@click.option("--from", "since", type=Day(), required=True, help="Premier jour.")
@click.option("--until", type=Day(), required=True, help="Dernier jour.")
@click.option("--dept", "departements", multiple=True, metavar="CODE", help="Un département ; peut être répété.")
@click.option("--demand", "demands", multiple=True, metavar="DEM-…", help="Une demande ; peut être répété.")
@click.option(
    "--may-move",
    "may_move",
    multiple=True,
    metavar="AFF-…",
    help="Une mission acceptée que le plan peut proposer de confier à quelqu'un d'autre ; peut être répété.",
)
@click.option("--may-move-all", is_flag=True, help="Toutes les missions acceptées qui n'ont pas commencé.")
@click.option("--seconds", type=click.IntRange(1, 600), default=30, show_default=True, help="Temps de recherche.")
@click.option("--seed", type=int, default=1, show_default=True, help="Graine : mêmes valeurs, même plan.")
@click.option("--no-wait", is_flag=True, help="Demande le plan sans attendre.")
@click.option("--json", "as_json", is_flag=True, help="Pour une machine.")
def run(
    since: date,
    until: date,
    *,
    departements: tuple[str, ...],
    demands: tuple[str, ...],
    may_move: tuple[str, ...],
    may_move_all: bool,
    seconds: int,
    seed: int,
    no_wait: bool,
    as_json: bool,
) -> None:
    """The worker searches, this command follows; Ctrl-C stops the search and keeps the best."""
    from entrepairs.commands._application import edge
    from entrepairs.dispatch.handovers import not_to_ask
    from entrepairs.planning.asking import ask_plan
    from entrepairs.planning.moving import movable

    with edge() as at:
        first, end = since, until + timedelta(days=1)
        moves = set(may_move)
        if may_move_all:
            skip = not_to_ask(at.session)
            moves |= {one.ref for one in movable(at.session, first, end, clock=at.clock, skip=skip)}
        plan = ask_plan(
            at.session,
            first,
            end,
            movable_refs=moves,
            departements=departements,
            demand_refs=demands or None,
            seconds=seconds,
            seed=seed,
            actor=at.actor,
            clock=at.clock,
            real_now=datetime.now(UTC),
        )
        ref = plan.ref
    if no_wait:
        click.echo(json.dumps({"plan": ref}) if as_json else ref)
        return
    try:
        _follow(ref, quiet=as_json)
    except KeyboardInterrupt:
        _stop(ref)
        _follow(ref, quiet=as_json)
    _show(ref, as_json=as_json)


def _follow(ref: str, *, quiet: bool) -> None:
    """Say how far the search is until it ends; a line only when it says something new."""
    from flask_babel import force_locale

    from entrepairs.commands._application import edge
    from entrepairs.outbox.states import ENDED
    from entrepairs.planning.asking import find_plan
    from entrepairs.web.plan_words import progress_text

    said = ""
    with edge() as at, force_locale("fr"):
        while (run := find_plan(at.session, ref).run) is not None and run.state not in ENDED:
            text = progress_text(run, len(find_plan(at.session, ref).demands))
            if text != said and not quiet:
                click.echo(f"{ref} : {text}", err=True)
            said = text
            at.session.rollback()  # the next look is a new one
            time.sleep(1)


def _stop(ref: str) -> None:
    from entrepairs.commands._application import edge
    from entrepairs.outbox.runs import ask_stop
    from entrepairs.planning.asking import find_plan

    with edge() as at:
        plan = find_plan(at.session, ref)
        if plan.run is not None:
            ask_stop(at.session, plan.run.ref, real_now=datetime.now(UTC))


@command.command(help="Montre un plan : qui pour quoi, ce qui manque encore et pourquoi. Rien n'est changé.")
@click.argument("plan", metavar="PLA-…")
@click.option("--json", "as_json", is_flag=True, help="Pour une machine.")
def show(plan: str, as_json: bool) -> None:
    """Same words as the page."""
    _show(plan, as_json=as_json)


def _show(ref: str, *, as_json: bool) -> None:
    from flask_babel import force_locale

    from entrepairs.commands._application import Refused, edge
    from entrepairs.planning.asking import find_plan
    from entrepairs.web.plan_words import failure_words

    with edge() as at, force_locale("fr"):
        plan = find_plan(at.session, ref)
        if plan.concluded_at is None and plan.run is not None and plan.run.ended_at is not None:
            raise Refused(failure_words(plan.run))
        told = told_plan(at.session, plan)
    click.echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json else in_lines(told))


@command.command(help="Envoie les propositions d'un plan, toutes ou celles de certaines demandes.")
@click.argument("plan", metavar="PLA-…")
@click.option("--demand", "demands", multiple=True, metavar="DEM-…", help="Une demande ; peut être répété.")
def apply(plan: str, demands: tuple[str, ...]) -> None:
    """They leave by the workers, demand by demand; twice is once."""
    from entrepairs.commands._application import edge
    from entrepairs.dispatch.plans import apply_plan

    with edge() as at:
        asked = apply_plan(at.session, plan, demands or None, actor=at.actor, clock=at.clock)
    click.echo(f"Propositions en route pour {asked} demande{'s' if asked > 1 else ''}." if asked else "Rien à envoyer.")


def told_plan(session: "Session", plan: "Plan") -> dict[str, Any]:
    """A plan in words and figures; demands in the order of the page."""
    from sqlalchemy import select
    from sqlalchemy.orm import joinedload, selectinload

    from entrepairs.planning import queries
    from entrepairs.planning.models import PlanDemand, PlanProposal
    from entrepairs.planning.searching import gap
    from entrepairs.web import plan_words as words

    counts, percent = (
        queries.counts_of(session, [plan.id])[plan.id],
        gap(plan.found.get("best"), plan.found.get("bound")),
    )
    lines = session.scalars(
        select(PlanDemand)
        .where(PlanDemand.plan_id == plan.id)
        .options(joinedload(PlanDemand.demand), selectinload(PlanDemand.proposals).joinedload(PlanProposal.peer))
        .order_by(PlanDemand.position)
    ).unique()
    ready = plan.concluded_at is not None
    return {
        "plan": plan.ref,
        "from": plan.since.isoformat(),
        "until": (plan.until - timedelta(days=1)).isoformat(),
        "ready": ready,
        "sentence": words.lead_of(counts, percent) if ready else words.plan_chip(plan)[1],
        "gap_percent": percent,
        "best": plan.found.get("best"),
        "bound": plan.found.get("bound"),
        "seconds": plan.found.get("seconds"),
        "demands": [_line(line) for line in lines],
    }


def _line(line: Any) -> dict[str, Any]:
    from entrepairs.web import plan_words as words

    missed = words.missed_row(line) if line.outcome in {"unserved", "partly"} else None
    return {
        "demand": line.demand.ref,
        "title": words.found_row(line).title,
        "outcome": line.outcome.value,
        "held": line.held,
        "proposed": [_proposal(one) for one in line.proposals],
        "why": missed.reason if missed else None,
        "reasons": [{"code": code, "count": count} for code, count in line.reasons or []],
    }


def _proposal(one: Any) -> dict[str, Any]:
    told = {"peer": one.peer.ref, "name": one.peer.short_name, "state": one.state.value}
    if one.replaces is None:
        return told
    leaves = one.replaces.peer
    return told | {"replaces": {"peer": leaves.ref, "name": leaves.short_name}, "gain": one.gain}


def _gain(gain: dict[str, Any]) -> str:
    told = [f"libère pour {ref}" for ref in gain["serves"]]
    if gain["minutes"] > 0:
        told.append(f"{gain['minutes'] / 60:.1f} h plus près des souhaits".replace(".", ","))
    if gain["km"] > 0:
        told.append(f"{gain['km']} km de moins")
    return ", ".join(told) or "plus proche de ce que la personne connaît et préfère"


def in_lines(told: dict[str, Any]) -> str:
    """The same for a reader."""
    lines = [f"{told['plan']}, du {told['from']} au {told['until']} : {told['sentence']}"]
    for each in told["demands"]:
        if each["held"]:
            for one in each["proposed"]:
                lines.append(
                    f"  {each['demand']} {each['title']} : {one['name']} au lieu de {one['replaces']['name']}"
                    f" ({_gain(one['gain'])}), si les deux sont d'accord"
                )
            continue
        people = ", ".join(one["name"] for one in each["proposed"])
        lines.append(f"  {each['demand']} {each['title']} : {people or each['why'] or 'rien à chercher'}")
        if people and each["why"]:
            lines.append(f"      {each['why']}")
    return "\n".join(lines)
