"""Late interest day by day, as pure functions over amounts and dates.

Public buyer: the central bank's rate on the first day of the semester in which interest began, plus eight points, kept
to the end (CCP R2192-31). Private one: the rate of the first day of each semester, plus ten, so it changes with them
(C. com. L441-10 II). Simple interest on the sum with VAT, rounded half up once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from entrepairs.kernel.money import Money, round_half_up
from entrepairs.kernel.parameters import Parameters

REFI: Final = "late_payment.ecb_refi_rate"
PUBLIC_POINTS: Final = "late_payment.public_points"
PRIVATE_POINTS: Final = "late_payment.private_points"
RECOVERY: Final = "late_payment.recovery_cents"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days `first` to `last` included, on one sum at one rate (percent a year)."""

    first: date
    last: date
    principal: Money
    percent: Decimal

    @property
    def days(self) -> int:
        """Both ends counted."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Interest:
    """What lateness costs. `provisional`: a semester's rate is not entered yet, the one before stands in."""

    amount: Money
    stretches: tuple[Stretch, ...]
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Yearly:
    """A rate in percent a year."""

    percent: Decimal
    provisional: bool


NOTHING: Final = Interest(Money(0), ())


def semester_start(day: date) -> date:
    """1 January or 1 July."""
    return date(day.year, 1 if day.month <= 6 else 7, 1)


def late_rate(public: bool, began_on: date, day: date, figures: Parameters) -> Yearly:
    """The rate that holds on a day of lateness that began on `began_on`. Raises ParameterUnknown before any known rate."""
    at = semester_start(began_on if public else day)
    points = figures.number(PUBLIC_POINTS if public else PRIVATE_POINTS, at)
    found = figures.find(REFI, at)
    if found is not None:
        return Yearly(figures.number(REFI, at) + points, provisional=False)
    before = [one for one in figures.history(REFI) if one.valid_from <= at]
    known = before[-1].valid_from if before else at
    return Yearly(figures.number(REFI, known) + points, provisional=True)


def interest_on(
    owed: Sequence[tuple[date, Money]],
    first: date,
    last: date,
    *,
    began_on: date,
    public: bool,
    figures: Parameters,
    agreed: Decimal | None = None,
) -> Interest:
    """Interest from `first` to `last`, both included, on a sum that changes: (first day it holds, sum), in order.

    `began_on` is the first day of lateness, which sets a public buyer's rate; `first` is later when what came before is
    settled. `agreed` is the rate an invoice prints in the law's place. Nothing on a day when nothing was owed.
    """
    stretches: list[Stretch] = []
    provisional = False
    for start, end, principal in _flat(owed, first, last):
        whole = public or agreed is not None
        for begins, ends in [(start, end)] if whole else _by_semester(start, end):
            rate = Yearly(agreed, provisional=False) if agreed else late_rate(public, began_on, begins, figures)
            provisional = provisional or rate.provisional
            stretches.append(Stretch(begins, ends, principal, rate.percent))
    if not stretches:
        return NOTHING
    year = figures.whole("late_payment.days_in_year", first)
    cents = sum((one.principal.cents * one.percent * one.days for one in stretches), Decimal(0)) / (100 * year)
    return Interest(Money(round_half_up(cents)), tuple(stretches), provisional)


def indemnity(on: date, figures: Parameters) -> Money:
    """The fixed sum for recovery costs, once an invoice (C. com. D441-5, CCP D2192-35)."""
    return Money(figures.whole(RECOVERY, on))


def owed_over_time(gross: Money, credited: Money, payments: Sequence[tuple[date, Money]]) -> list[tuple[date, Money]]:
    """The sum owed from each day on: what a credit note takes back was never owed, money counts from the day after."""
    left, found = gross - credited, [(date.min, gross - credited)]
    for day, amount in sorted(payments, key=lambda one: one[0]):
        left -= amount
        found.append((day + timedelta(days=1), left))
    return found


def _flat(owed: Sequence[tuple[date, Money]], first: date, last: date) -> list[tuple[date, date, Money]]:
    """Stretches of one positive sum inside [first, last]."""
    found = []
    for place, (since, principal) in enumerate(owed):
        until = owed[place + 1][0] - timedelta(days=1) if place + 1 < len(owed) else last
        begins, ends = max(since, first), min(until, last)
        if begins <= ends and principal.cents > 0:
            found.append((begins, ends, principal))
    return found


def _by_semester(start: date, end: date) -> list[tuple[date, date]]:
    found = []
    while start <= end:
        following = date(start.year, 7, 1) if start.month <= 6 else date(start.year + 1, 1, 1)
        found.append((start, min(end, following - timedelta(days=1))))
        start = following
    return found
