"""When the money will come, as pure functions: from each payer's own past, by week for a quarter, then by month.

The likely day is the issue and the median of what the payer took; the prudent one takes its slow quarter. Who has not
paid enough times is judged by its kind, then by its legal term.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import median, quantiles
from typing import Final

from entrepairs.kernel.dates import add_months, month_start, week_start
from entrepairs.kernel.money import Money

ENOUGH: Final = 3
"""Payments from which a past says something."""
WEEKS: Final = 13
MONTHS: Final = 4
"""After the weeks; the first may be what is left of a month."""
AT_LEAST: Final = 14
"""Days given to what has passed every delay known."""


class Source(StrEnum):
    """Where an expected sum comes from, the surest first."""

    INVOICES = "invoices"
    DONE = "done"
    """Confirmed services, to be invoiced."""
    PLANNED = "planned"
    """Sessions to come, at the agreed price."""
    GRANTS = "grants"


class Basis(StrEnum):
    """What a delay is judged by."""

    PAYER = "payer"
    KIND = "kind"
    TERM = "term"


@dataclass(frozen=True, slots=True)
class Delays:
    """Days from the issue to the payment. `fast` and `slow` are the quarters around the median."""

    basis: Basis
    count: int
    fast: int
    usual: int
    slow: int
    known: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """A sum to come: its likely day and its prudent one."""

    source: Source
    amount: Money
    likely: date
    prudent: date


@dataclass(frozen=True, slots=True)
class Span:
    """A week or a month of the forecast, both ends included."""

    first: date
    last: date
    weekly: bool
    sums: tuple[tuple[Source, Money], ...]
    prudent: Money

    @property
    def total(self) -> Money:
        """Of every source, on the likely days."""
        return Money.sum(amount for _source, amount in self.sums)


@dataclass(frozen=True, slots=True)
class Forecast:
    """The spans in order; `later` is what comes after them."""

    spans: tuple[Span, ...]
    later: Money

    @property
    def total(self) -> Money:
        """Inside the spans."""
        return Money.sum(one.total for one in self.spans)


def delays_of(own: Sequence[int], of_kind: Sequence[int], term_days: int) -> Delays:
    """What a payer may be expected to take."""
    for basis, known in ((Basis.PAYER, own), (Basis.KIND, of_kind)):
        if len(known) >= ENOUGH:
            low, middle, high = quantiles(known, n=4, method="inclusive")
            return Delays(basis, len(known), round(low), round(middle), round(high), tuple(sorted(known)))
    return Delays(Basis.TERM, len(own), term_days, term_days, term_days)


def payment_days(issued_on: date, delays: Delays, today: date) -> tuple[date, date]:
    """The likely day and the prudent one, never before tomorrow.

    Past the usual delay, what counts is how long those took who had already waited as long; past them all, its spread
    once more, two weeks at least.
    """
    elapsed = (today - issued_on).days
    if delays.usual > elapsed:
        likely = delays.usual
    else:
        slower = [days for days in delays.known if days > elapsed]
        likely = round(median(slower)) if slower else elapsed + max(delays.slow - delays.usual, AT_LEAST)
    likely = max(likely, elapsed + 1)
    return issued_on + timedelta(days=likely), issued_on + timedelta(days=max(delays.slow, likely))


def spans_from(today: date) -> list[tuple[date, date, bool]]:
    """Thirteen weeks from this Monday, then months; the first month is what the weeks leave of it."""
    monday = week_start(today)
    found = []
    for place in range(WEEKS):
        first = monday + timedelta(weeks=place)
        found.append((first, first + timedelta(days=6), True))
    first = found[-1][1] + timedelta(days=1)
    for _place in range(MONTHS):
        following = add_months(month_start(first), 1)
        found.append((first, following - timedelta(days=1), False))
        first = following
    return found


def forecast(expected: Iterable[Expected], today: date) -> Forecast:
    """Every sum in its span, on its likely day; what would come on the prudent days beside it."""
    sums = list(expected)
    spans = tuple(
        Span(
            first,
            last,
            weekly,
            tuple(
                (source, Money.sum(one.amount for one in sums if one.source is source and first <= one.likely <= last))
                for source in Source
            ),
            Money.sum(one.amount for one in sums if first <= one.prudent <= last),
        )
        for first, last, weekly in spans_from(today)
    )
    end = spans[-1].last
    return Forecast(spans, Money.sum(one.amount for one in sums if one.likely > end))
