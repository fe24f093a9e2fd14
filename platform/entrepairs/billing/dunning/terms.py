"""When the term of an invoice really ends, as pure functions. The date printed at issue never changes; this one may.

A public buyer's term runs from the day it received the invoice (CCP R2192-12): the day the portal told it (R2192-15),
which nobody knows at issue. A private one's runs from the invoice, as printed.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from entrepairs.contracting.rules import payment_days
from entrepairs.kernel.parameters import Parameters
from entrepairs.network.models import PayerKind
from entrepairs.network.partners import PUBLIC_PAYERS

BANDS: Final = (30, 60, 90)
"""Ages of what is late: 0 to 30 days, 31 to 60, 61 to 90, more."""


class RunsFrom(StrEnum):
    """What the term counts from."""

    INVOICE = "invoice"
    """Private payer: the invoice's own date, as agreed and printed."""
    RECEIVED = "received"
    """Public payer: the day it received the invoice."""
    SERVICE = "service"
    """Public payer: the end of the service, as it came later."""
    PRESUMED = "presumed"
    """Public payer, no receipt known: the invoice's date and two days, until the contrary is shown."""


@dataclass(frozen=True, slots=True)
class Term:
    """Last day to pay without interest (`due_on`), what it counts from, and what the invoice prints."""

    runs_from: RunsFrom
    start: date
    due_on: date
    printed: date

    @property
    def moved(self) -> bool:
        """Whether the term ends another day than the one printed."""
        return self.due_on != self.printed

    def days_late(self, today: date) -> int:
        """Days after the term; 0 on the day itself and before."""
        return max((today - self.due_on).days, 0)


def real_term(  # noqa: PLR0917 - one fact each
    payer: PayerKind,
    issued_on: date,
    printed: date,
    executed_on: date,
    received_on: date | None,
    figures: Parameters,
) -> Term:
    """The term as it stands with what is known of the receipt.

    `executed_on` is the last day of the service, whose confirmation always comes before the invoice here. Without a
    receipt, the date of the request and two days stand in its place (CCP R2192-14).
    """
    if payer not in PUBLIC_PAYERS:
        return Term(RunsFrom.INVOICE, issued_on, printed, printed)
    if received_on is not None:
        arrived, why = received_on, RunsFrom.RECEIVED
    else:
        presumed = figures.whole("payment_terms.presumed_receipt_days", issued_on)
        arrived, why = issued_on + timedelta(days=presumed), RunsFrom.PRESUMED
    if executed_on > arrived:
        arrived, why = executed_on, RunsFrom.SERVICE
    return Term(why, arrived, arrived + timedelta(days=payment_days(payer, figures, issued_on)), printed)


def band(days_late: int) -> int:
    """The place of an age among the bars: 0 for 0 to 30 days, 1 to 60, 2 to 90, 3 beyond."""
    return sum(1 for limit in BANDS if days_late > limit)
