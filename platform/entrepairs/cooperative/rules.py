"""The contribution and the spreading of grants, as pure functions over values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from entrepairs.kernel.errors import InvalidInput, Unavailable
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money, round_half_up
from entrepairs.ledger.rules import Exercise, exercises_over

TURNOVER: Final = "turnover"
"""The only basis known today: what is invoiced, without VAT."""
HOUSE: Final = "house"
CONTRIBUTION: Final = "contribution"
BANK: Final = "bank"
NOTHING: Final = Money(0)


@dataclass(frozen=True, slots=True)
class VotedRate:
    """What the assembly votes: a percentage of a basis."""

    percent: Decimal
    basis: str = TURNOVER

    @classmethod
    def of(cls, value: Any) -> "VotedRate":
        """From the decision's value, `{"rate": "10.0", "basis": "turnover"}` or `"10.0"`.

        Raises Unavailable("contribution_rate") when it can't be read or the basis is not known.
        """
        given = value if isinstance(value, dict) else {"rate": value}
        basis = given.get("basis", TURNOVER)
        try:
            percent = Decimal(str(given["rate"]))
        except (KeyError, InvalidOperation):
            percent = Decimal(-1)
        if not 0 <= percent <= 100 or basis != TURNOVER:
            raise Unavailable("contribution_rate", N_("The voted contribution rate can't be read: vote it again."))
        return cls(percent, basis)

    def share_of(self, base: Money) -> Money:
        """The contribution on a base without VAT, half up; negative on a negative base (a credit note)."""
        return Money(round_half_up(Decimal(base.cents) * self.percent / 100))


@dataclass(frozen=True, slots=True)
class AnalyticLine:
    """A line of the analytic books: no third party, no effect on the general ledger."""

    holder: str
    account: str
    debit: Money = NOTHING
    credit: Money = NOTHING


def mirrored_contribution(holder: str, amount: Money) -> tuple[AnalyticLine, ...]:
    """The contribution in the analytic books: four lines of the same amount, nothing over the house.

    Practice of the French cooperatives of activity: on the activity's code, debit contribution and credit bank;
    mirrored on the house's code. A negative amount (credit note) turns the sides round.
    """
    size, back = Money(abs(amount.cents)), amount.cents < 0
    giver, taker = (HOUSE, holder) if back else (holder, HOUSE)
    return (
        AnalyticLine(giver, CONTRIBUTION, debit=size),
        AnalyticLine(giver, BANK, credit=size),
        AnalyticLine(taker, BANK, debit=size),
        AnalyticLine(taker, CONTRIBUTION, credit=size),
    )


def held_by(lines: Sequence[AnalyticLine], holder: str, account: str = BANK) -> Money:
    """Debit less credit of a holder on an account: what the contribution brought (house) or cost (activity)."""
    return Money.sum(line.debit - line.credit for line in lines if (line.holder, line.account) == (holder, account))


@dataclass(frozen=True, slots=True)
class GrantSpan:
    """A grant as income: an amount over `[first, end)`."""

    amount: Money
    first: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.first:
            raise InvalidInput("grant_period", N_("A grant ends after it starts."), field="last")

    @property
    def days(self) -> int:
        """Length of the period."""
        return (self.end - self.first).days

    def earned_before(self, day: date) -> Money:
        """What counts before a day: so much a day, rounded on the running total so that no cent is lost."""
        elapsed = min(max((day - self.first).days, 0), self.days)
        return Money(round_half_up(Decimal(self.amount.cents) * elapsed / self.days))

    def earned(self, since: date, until: date) -> Money:
        """What counts over `[since, until)`."""
        return self.earned_before(until) - self.earned_before(since)

    @property
    def last(self) -> date:
        """The last day."""
        return self.end - timedelta(days=1)

    def by_exercise(self, known: Sequence[Exercise]) -> dict[Exercise, Money]:
        """What counts in each exercise of the association, those to come as they would be."""
        found = exercises_over(known, self.first, self.last)
        shares = {one: self.earned(one.first_day, one.last_day + timedelta(days=1)) for one in found}
        return {one: share for one, share in shares.items() if share}

    def split_at(self, day: date, known: Sequence[Exercise]) -> tuple[Money, dict[Exercise, Money]]:
        """Notified on a day: the income of its exercise (what came before it too), and what each later one waits for.

        The later share is deferred income, account 487 (ANC 2018-06).
        """
        later = {one: share for one, share in self.by_exercise(known).items() if one.first_day > day}
        return self.amount - Money.sum(later.values()), later
