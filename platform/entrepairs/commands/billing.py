"""`entrepairs billing`: a month invoiced at once, as the page does."""

import json
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from entrepairs.commands._dunning import dunning

if TYPE_CHECKING:
    from entrepairs.billing.month.months import Month
    from entrepairs.billing.month.obstacles import Obstacle
    from entrepairs.billing.month.reading import Outlook, Sums
    from entrepairs.outbox.models import Run

SCHEMA: Final = "entrepairs.billing-close/1"


@click.group(
    subcommand_metavar="COMMANDE [OPTIONS]…",
    help="Facturer : le mois entier, de ce qui manque jusqu'aux factures émises.",
)
def command() -> None:
    """Group of the billing commands."""


@command.command(help="Prépare et émet les factures d'un mois ; 0 tout est parti, 1 il reste quelque chose.")
@click.argument("month", metavar="AAAA-MM")
@click.option(
    "--dry-run", is_flag=True, help="Dit ce qui partirait et ce qui manque, toutes règles relues, sans rien écrire."
)
@click.option("--resume", is_flag=True, help="Reprend un mois arrêté, ou suit celui qui est en cours.")
@click.option("--no-wait", is_flag=True, help="Lance sans attendre la fin.")
@click.option("--json", "as_json", is_flag=True, help="Pour une machine.")
def close(month: str, *, dry_run: bool, resume: bool, no_wait: bool, as_json: bool) -> None:
    """The worker works, this command follows; Ctrl-C stops it after the invoice under way."""
    if dry_run and resume:
        raise click.UsageError("--dry-run n'écrit rien, --resume reprend : choisissez l'un des deux.")
    if dry_run:
        told, left = _rehearsed(month)
    else:
        ref = _launched(month, resume=resume)
        if not no_wait:
            _followed(ref, quiet=as_json)
        told, left = _told_run(ref)
    click.echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json else in_lines(told))
    sys.exit(1 if left else 0)


def _rehearsed(text: str) -> tuple[dict[str, Any], bool]:
    from flask_babel import force_locale

    from entrepairs.billing.einvoice.checker import shared_checker
    from entrepairs.billing.month.months import Month
    from entrepairs.billing.month.reading import outlook
    from entrepairs.commands._application import edge

    with edge() as at, force_locale("fr"):
        month = Month.parse(text)
        seen = outlook(at.session, month, clock=at.clock, checker=shared_checker())
        told = {**_head(month, "dry-run"), **_told_outlook(seen)}
        at.session.rollback()
    return told, bool(seen.obstacles)


def _launched(text: str, *, resume: bool) -> str:
    """The run to follow."""
    from entrepairs.billing.month.asking import ask_month, last_run
    from entrepairs.billing.month.months import Month
    from entrepairs.commands._application import Refused, edge
    from entrepairs.outbox.states import ENDED

    with edge() as at:
        month = Month.parse(text)
        last = last_run(at.session, month)
        if resume and last is None:
            raise Refused("Ce mois n'a pas encore été lancé : il n'y a rien à reprendre.")
        if resume and last is not None and last.state not in ENDED:
            return last.ref
        return ask_month(at.session, month, actor=at.actor, clock=at.clock, real_now=datetime.now(UTC)).ref


def _followed(ref: str, *, quiet: bool) -> None:
    try:
        _follow(ref, quiet=quiet)
    except KeyboardInterrupt:
        _stop(ref)
        _follow(ref, quiet=quiet)


def _follow(ref: str, *, quiet: bool) -> None:
    """Say how far it is until it ends; a line only when it says something new."""
    from flask_babel import force_locale

    from entrepairs.billing.month.asking import find_run
    from entrepairs.commands._application import edge
    from entrepairs.outbox.states import ENDED
    from entrepairs.web.month_words import progress_text

    said = ""
    with edge() as at, force_locale("fr"):
        while (run := find_run(at.session, ref)).state not in ENDED:
            text = progress_text(run)
            if text != said and not quiet:
                click.echo(f"{run.subject_ref} : {text}", err=True)
            said = text
            at.session.rollback()  # the next look is a new one
            time.sleep(1)


def _stop(ref: str) -> None:
    from entrepairs.billing.month.asking import stop_month
    from entrepairs.commands._application import edge

    with edge() as at:
        stop_month(at.session, ref, actor=at.actor, clock=at.clock, real_now=datetime.now(UTC))


def _told_run(ref: str) -> tuple[dict[str, Any], bool]:
    from flask_babel import force_locale

    from entrepairs.billing.month.asking import find_run
    from entrepairs.billing.month.months import Month
    from entrepairs.billing.month.reading import outlook
    from entrepairs.commands._application import edge
    from entrepairs.outbox.states import RunState
    from entrepairs.web.month_words import left_aside

    with edge() as at, force_locale("fr"):
        run = find_run(at.session, ref)
        month = Month.parse(run.subject_ref)
        aside = left_aside(at.session, run)
        told = {
            **_head(month, run.state.value),
            **_counted(run),
            "left_aside": [_obstacle(one) for one in aside],
            **_told_outlook(outlook(at.session, month, clock=at.clock)),
        }
        waits = run.state in {RunState.QUEUED, RunState.RUNNING}
        return told, not waits and (run.state is not RunState.DONE or bool(aside or told["obstacles"]))


def _head(month: "Month", state: str) -> dict[str, Any]:
    return {"schema": SCHEMA, "month": str(month), "state": state}


def _counted(run: "Run") -> dict[str, Any]:
    from entrepairs.web.month_words import end_text

    kept = run.kept or {}
    return {
        "run": run.ref,
        "sentence": end_text(run),
        "drafted": kept.get("drafted", 0),
        "issued": kept.get("issued", 0),
        "gross_cents": kept.get("cents", 0),
    }


def _told_outlook(seen: "Outlook") -> dict[str, Any]:
    return {
        "obstacles": [_obstacle(one) for one in seen.obstacles],
        "to_draft": _sums(seen.new),
        "drafts": _sums(seen.drafts),
        "issued_already": _sums(seen.issued),
        "total": _sums(seen.total),
        "month_before": _sums(seen.before),
    }


def _obstacle(one: "Obstacle") -> dict[str, Any]:
    from entrepairs.web.words import words

    return {"kind": one.kind.value, "ref": one.ref, "who": one.who, "what": words(one.what), "field": one.field}


def _sums(one: "Sums") -> dict[str, int]:
    return {
        "invoices": one.invoices,
        "net_cents": one.net.cents,
        "vat_cents": one.vat.cents,
        "gross_cents": one.gross.cents,
    }


_LABELS: Final = {
    "to_draft": "à préparer",
    "drafts": "brouillons prêts",
    "issued_already": "déjà émises",
    "total": "le mois en tout",
    "month_before": "le mois d'avant",
}


def in_lines(told: dict[str, Any]) -> str:
    """The same for a reader."""
    lines = [f"{told['month']} : {told.get('sentence', 'répétition, rien n’est écrit.')}"]
    for one in [*told.get("left_aside", []), *told["obstacles"]]:
        who = f"{one['who']} : " if one["who"] else ""
        lines.append(f"  ✗ {who}{one['what']} ({one['ref']})")
    lines += [f"  {label} : {_figures(told[name])}" for name, label in _LABELS.items()]
    return "\n".join(lines)


def _figures(one: dict[str, int]) -> str:
    from entrepairs.kernel.money import Money
    from entrepairs.web.filters import money

    count = one["invoices"]
    return f"{count} facture{'s' if count > 1 else ''}, {money(Money(one['gross_cents']))} TTC"


command.add_command(dunning)
