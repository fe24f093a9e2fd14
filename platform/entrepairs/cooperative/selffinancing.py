"""How much of what we live on we earn ourselves, as pure functions over sums: no legal number, an indicator.

Own income is what is invoiced without VAT, less credit notes, on the day of the entry. A grant counts day by day over
its period. The share looks at twelve months ending today, and at the same twelve months a year before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from entrepairs.cooperative.rules import GrantSpan
from entrepairs.kernel.dates import add_months, month_start
from entrepairs.kernel.money import Money, round_half_up

ZERO: Final = Money(0)
MONTHS_SHOWN: Final = 24
ENDS_SOON_MONTHS: Final = 6
NOTABLE_POINTS: Final = 1


@dataclass(frozen=True, slots=True)
class Window:
    """Days `[since, until)`."""

    since: date
    until: date

    @property
    def last(self) -> date:
        """The last day inside."""
        return self.until - timedelta(days=1)


def year_until(today: date) -> Window:
    """The twelve months that end today, today included."""
    until = today + timedelta(days=1)
    return Window(add_months(until, -12), until)


def year_before(window: Window) -> Window:
    """The twelve months before."""
    return Window(add_months(window.since, -12), window.since)


def months_before(today: date, count: int = MONTHS_SHOWN) -> list[date]:
    """The first days of the last `count` complete months, oldest first: a month under way would look like a fall."""
    this_month = month_start(today)
    return [add_months(this_month, -back) for back in range(count, 0, -1)]


@dataclass(frozen=True, slots=True)
class Income:
    """What came in over a window. `by_offering` splits `own`; what has no offering is left in `own` only."""

    own: Money = ZERO
    grants: Money = ZERO
    other: Money = ZERO
    by_offering: Mapping[str, Money] | None = None

    @property
    def total(self) -> Money:
        """All resources."""
        return self.own + self.grants + self.other

    @property
    def share(self) -> int | None:
        """Own income over all resources, in points of a hundred; None when nothing came in."""
        return points_of(self.own, self.total)


def points_of(part: Money, total: Money) -> int | None:
    """A part in points of a hundred, half up; None of nothing."""
    exact = _exact_points(part, total)
    return None if exact is None else round_half_up(exact)


def _exact_points(part: Money, total: Money) -> Decimal | None:
    return None if total.cents <= 0 else Decimal(part.cents * 100) / Decimal(total.cents)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where we stand: now, and a year ago. `moved` says which offerings moved the share, in points, most first."""

    now: Income
    before: Income

    @property
    def share(self) -> int | None:
        """The share today."""
        return self.now.share

    @property
    def previous(self) -> int | None:
        """The share a year ago."""
        return self.before.share

    @property
    def gain(self) -> int | None:
        """Points won (or lost) in a year, between the two shares as they are written."""
        if self.share is None or self.previous is None:
            return None
        return self.share - self.previous

    @property
    def own_growth(self) -> int | None:
        """Growth of own income in a year, in percent."""
        grown = points_of(self.now.own, self.before.own)
        return None if grown is None else grown - 100

    def moved(self, limit: int = 3) -> list[tuple[str, int]]:
        """The offerings that moved the share the way it went, with their points.

        The share is the sum of each offering's part of all resources, so the differences add up to the movement.
        """
        if not self.gain:
            return []
        codes = {*(self.now.by_offering or {}), *(self.before.by_offering or {})}
        found = [(code, self._moved_by(code)) for code in sorted(codes)]
        same_way = [(code, points) for code, points in found if points * self.gain > 0]
        notable = [row for row in same_way if abs(row[1]) >= NOTABLE_POINTS]
        return sorted(notable, key=lambda row: -abs(row[1]))[:limit]

    def _moved_by(self, code: str) -> int:
        after = _exact_points((self.now.by_offering or {}).get(code, ZERO), self.now.total)
        earlier = _exact_points((self.before.by_offering or {}).get(code, ZERO), self.before.total)
        return round_half_up((after or Decimal(0)) - (earlier or Decimal(0)))


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One month of the picture."""

    month: date
    own: Money
    grants: Money
    other: Money
    costs: Money


def series(
    months: Sequence[date],
    own: Mapping[date, Money],
    other: Mapping[date, Money],
    costs: Mapping[date, Money],
    grants: Sequence[GrantSpan],
) -> list[MonthLine]:
    """The months with what came in and what was spent; sums by first day of the month."""
    return [
        MonthLine(
            month,
            own.get(month, ZERO),
            granted(grants, Window(month, add_months(month, 1))),
            other.get(month, ZERO),
            costs.get(month, ZERO),
        )
        for month in months
    ]


def granted(grants: Sequence[GrantSpan], window: Window) -> Money:
    """What the grants bring over a window."""
    return Money.sum(grant.earned(window.since, window.until) for grant in grants)


def ending_soon(grants: Sequence[GrantSpan], today: date, months: int = ENDS_SOON_MONTHS) -> list[GrantSpan]:
    """The grants still running that end within `months`, soonest first."""
    limit = add_months(today, months)
    return sorted((grant for grant in grants if today < grant.end <= limit), key=lambda grant: grant.end)


def months_of_cash(cash: Money, costs: Sequence[Money]) -> Decimal | None:
    """How many months of spending the money at the bank covers, with one decimal; None without any cost known."""
    spent = [cost for cost in costs if cost.cents > 0]
    if not spent:
        return None
    monthly = Decimal(Money.sum(spent).cents) / len(spent)
    return (Decimal(cash.cents) / monthly).quantize(Decimal("0.1"))
