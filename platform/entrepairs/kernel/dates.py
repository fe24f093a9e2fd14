"""Paris dates, half-open ranges and weekly rules that keep their wall time across a DST change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from entrepairs.kernel.clock import PARIS


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """A half-open range of instants `[start, end)`, both aware."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            msg = "a period needs aware datetimes"
            raise ValueError(msg)
        if self.end <= self.start:
            msg = "a period ends after it starts"
            raise ValueError(msg)

    @property
    def length(self) -> timedelta:
        """Elapsed time, DST included."""
        return self.end.astimezone(UTC) - self.start.astimezone(UTC)

    @property
    def minutes(self) -> int:
        """Elapsed whole minutes."""
        return int(self.length.total_seconds() // 60)

    def overlaps(self, other: "Period") -> bool:
        """True when the two share an instant; touching ends do not."""
        return self.start < other.end and other.start < self.end

    def padded(self, before: timedelta, after: timedelta) -> "Period":
        """The period widened, for travel."""
        return Period(self.start - before, self.end + after)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A series of sessions in a word: its first and last, and whether all have the weekday and the hours of the first."""

    first: Period
    last: Period
    steady: bool


def rhythm_of(periods: Sequence[Period]) -> Rhythm:
    """The rhythm of at least one period, in order."""
    starts = [one.start.astimezone(PARIS) for one in periods]
    walls = {
        (start.weekday(), start.time(), one.end.astimezone(PARIS).time())
        for start, one in zip(starts, periods, strict=True)
    }
    return Rhythm(periods[0], periods[-1], steady=len(walls) == 1)


def at_paris(day: date, wall: time) -> datetime:
    """The instant of a Paris wall time, in UTC.

    In the autumn fold, the first of the two instants; in the spring gap, an hour later on the wall.
    """
    return datetime.combine(day, wall, tzinfo=PARIS).astimezone(UTC)


def paris(instant: datetime) -> datetime:
    """The same instant on a Paris wall clock."""
    return instant.astimezone(PARIS)


def paris_day(instant: datetime) -> date:
    """The legal date of an instant."""
    return instant.astimezone(PARIS).date()


def paris_period(day: date, start: time, minutes: int) -> Period:
    """A session on `day` at wall time `start` lasting `minutes` of elapsed time."""
    begin = at_paris(day, start)
    return Period(begin, begin + timedelta(minutes=minutes))


def day_bounds(day: date) -> Period:
    """From midnight to midnight in Paris (23 or 25 hours on DST days)."""
    return Period(at_paris(day, time()), at_paris(day + timedelta(days=1), time()))


def week_start(day: date) -> date:
    """The Monday of the week (working time counts from Monday 0 h, C. trav. L3121-35)."""
    return day - timedelta(days=day.weekday())


def month_start(day: date) -> date:
    """The first of the month."""
    return day.replace(day=1)


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    first = date(year, month + 1, 1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def weekly(first: date, count: int, *, skip: frozenset[date] = frozenset()) -> Iterator[date]:
    """`count` days a week apart from `first`, leaving out those in `skip` (their week is pushed, not lost)."""
    day, given = first, 0
    while given < count:
        if day not in skip:
            given += 1
            yield day
        day += timedelta(weeks=1)
