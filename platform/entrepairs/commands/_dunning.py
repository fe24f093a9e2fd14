"""`entrepairs billing dunning`: who is late and which letters wait; what the recurring job does, when it is voted."""

import json
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from entrepairs.billing.dunning.sending import Proposed
    from entrepairs.billing.dunning.standing import Standing

SCHEMA: Final = "entrepairs.billing-dunning/1"


@click.command(
    help="Dit qui est en retard et quels courriers attendent ; n'envoie que le petit mot, et seulement si c'est voté."
)
@click.option("--dry-run", is_flag=True, help="Dit sans rien envoyer, même ce qui partirait tout seul.")
@click.option("--json", "as_json", is_flag=True, help="Pour une machine.")
def dunning(*, dry_run: bool, as_json: bool) -> None:
    """The other letters are the office's: they leave from its page only."""
    told = _told(dry_run=dry_run)
    click.echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json else in_lines(told))


def _told(*, dry_run: bool) -> dict[str, Any]:
    from entrepairs.billing.dunning.ladder import AUTOMATIC
    from entrepairs.billing.dunning.sending import letters_among, send_friendly_words
    from entrepairs.billing.dunning.standing import standings
    from entrepairs.commands._application import edge
    from entrepairs.settings.decisions import decision_or

    with edge() as at:
        sent = 0 if dry_run else send_friendly_words(at.session, clock=at.clock)
        today = at.clock.today()
        found = standings(at.session, today)
        told = {
            "schema": SCHEMA,
            "today": today.isoformat(),
            "by_itself": bool(decision_or(at.session, AUTOMATIC, today, default=False)),
            "sent": sent,
            "letters": [_letter(one) for one in letters_among(found)],
            "late": [_late(one) for one in found if one.days_late],
        }
        if dry_run:
            at.session.rollback()
    return told


def _letter(one: "Proposed") -> dict[str, Any]:
    return {
        "structure": one.partner.name,
        "ref": one.partner.ref,
        "step": one.step.value,
        "address": one.address,
        "balance_cents": one.balance.cents,
        "invoices": [standing.invoice.number for standing in one.standings],
    }


def _late(one: "Standing") -> dict[str, Any]:
    return {
        "invoice": one.invoice.number,
        "structure": one.invoice.buyer["name"],
        "due_on": one.term.due_on.isoformat(),
        "printed_due_on": one.term.printed.isoformat(),
        "days_late": one.days_late,
        "balance_cents": one.balance.cents,
        "interest_cents": one.interest.amount.cents,
        "indemnity_cents": one.indemnity.cents,
        "provisional_rate": one.interest.provisional,
        "contested": one.disputed,
        "halted": one.halt.state.value if one.halt else None,
        "promised_on": one.pause.until.isoformat() if one.pause is not None and one.pause.until else None,
        "last_step": one.last.step.value if one.last else None,
        "next_step": one.next.step.value if one.next else None,
        "next_on": one.next.on.isoformat() if one.next else None,
    }


_STEPS: Final = {
    "friendly": "petit mot",
    "reminder": "rappel",
    "formal": "mise en demeure",
    "recovery": "à décider",
}


def in_lines(told: dict[str, Any]) -> str:
    """The same for a reader."""
    from entrepairs.kernel.money import Money
    from entrepairs.web.filters import money

    sent, late = told["sent"], told["late"]
    lines = [f"{len(late)} facture{'s' if len(late) > 1 else ''} en retard ; {sent} courrier(s) parti(s)."]
    for one in late:
        held = " · contestée" if one["contested"] else f" · promise {one['promised_on']}" if one["promised_on"] else ""
        step = f" · {_STEPS[one['last_step']]}" if one["last_step"] else ""
        cents = money(Money(one["balance_cents"]))
        lines.append(f"  {one['invoice']} {one['structure']} : {cents}, {one['days_late']} j{step}{held}")
    if told["letters"]:
        lines.append("À relire et envoyer, page « Relances » :")
    for one in told["letters"]:
        lines.append(f"  {_STEPS[one['step']]} · {one['structure']} : {', '.join(one['invoices'])}")
    return "\n".join(lines)
