"""What a structure owes, for a spreadsheet."""

from collections.abc import Iterable
from typing import Final

from entrepairs.billing.dunning.standing import Standing
from entrepairs.billing.postings import issued
from entrepairs.billing.sheets import amount_cell, day_cell, sheet, text_cell
from entrepairs.kernel.money import Money

COLUMNS: Final = (
    *("Structure", "Facture", "Émise le", "Échéance imprimée", "Échéance réelle", "Jours de retard"),
    *("Montant", "Reste à payer", "Intérêts à ce jour", "Indemnité", "Dernière relance", "Le", "En pause"),
)
_STEPS: Final = {
    "friendly": "petit mot",
    "reminder": "rappel",
    "formal": "mise en demeure",
    "recovery": "recours",
}


def arrears_csv(standings: Iterable[Standing]) -> bytes:
    """One line by open invoice."""
    return sheet(COLUMNS, map(_row, standings))


def _row(one: Standing) -> tuple[str, ...]:
    number, day = issued(one.invoice)
    return (
        text_cell(one.invoice.buyer["name"]),
        number,
        day_cell(day),
        day_cell(one.term.printed),
        day_cell(one.term.due_on),
        str(one.days_late),
        *(amount_cell(sum_) for sum_ in (Money(one.invoice.gross), one.balance, one.interest.amount, one.indemnity)),
        _STEPS[one.last.step.value] if one.last else "",
        day_cell(one.last.taken_on) if one.last else "",
        "contestée" if one.disputed else "arrêtée" if one.halt else "promise" if one.pause else "",
    )
