"""What a structure owes, for a spreadsheet: semicolons, decimal commas, UTF-8 with its mark."""

import csv
import io
from collections.abc import Iterable
from datetime import date
from typing import Final

from entrepairs.billing.dunning.standing import Standing
from entrepairs.billing.postings import issued
from entrepairs.kernel.money import Money

COLUMNS: Final = (
    *("Structure", "Facture", "Émise le", "Échéance imprimée", "Échéance réelle", "Jours de retard"),
    *("Montant", "Reste à payer", "Intérêts à ce jour", "Indemnité", "Dernière relance", "Le", "En pause"),
)
_FORMULA: Final = ("=", "+", "-", "@")


def arrears_csv(standings: Iterable[Standing]) -> bytes:
    """One line by open invoice. A text a spreadsheet would take for a formula gets an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in standings:
        number, day = issued(one.invoice)
        writer.writerow(
            (
                _text(one.invoice.buyer["name"]),
                number,
                _day(day),
                _day(one.term.printed),
                _day(one.term.due_on),
                str(one.days_late),
                *(
                    _amount(sum_)
                    for sum_ in (Money(one.invoice.gross), one.balance, one.interest.amount, one.indemnity)
                ),
                _STEPS[one.last.step.value] if one.last else "",
                _day(one.last.taken_on) if one.last else "",
                "contestée" if one.disputed else "arrêtée" if one.halt else "promise" if one.pause else "",
            )
        )
    return b"\xef\xbb\xbf" + out.getvalue().encode()


_STEPS: Final = {
    "friendly": "petit mot",
    "reminder": "rappel",
    "formal": "mise en demeure",
    "recovery": "recours",
}


def _text(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def _amount(amount: Money) -> str:
    return f"{amount.euros}".replace(".", ",")


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
