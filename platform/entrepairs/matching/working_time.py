"""Counting hours and rests over pieces of work: Paris days and weeks, elapsed time (a night of DST is 10 or 12 h)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from entrepairs.kernel.dates import Period, day_bounds, month_start, paris_day, week_start
from entrepairs.matching.values import Work


def minutes_by_day(pieces: Iterable[Work]) -> Mapping[date, int]:
    """Session minutes by Paris day; one across midnight is shared. Preparation is not tied to a day."""
    found: dict[date, int] = defaultdict(int)
    for piece in pieces:
        for day, minutes in _cut(piece.period):
            found[day] += minutes
    return found


def _cut(period: Period) -> Iterator[tuple[date, int]]:
    day = paris_day(period.start)
    if paris_day(period.end) == day:  # nearly always
        yield day, period.minutes
        return
    while day_bounds(day).start < period.end:
        bounds = day_bounds(day)
        yield day, Period(max(period.start, bounds.start), min(period.end, bounds.end)).minutes
        day += timedelta(days=1)


def minutes_by_week(pieces: Iterable[Work]) -> Mapping[date, int]:
    """Paid minutes by the Monday of their week (C. trav. L3121-35).

    A session across the midnight of Sunday is shared between two weeks; its preparation goes with its start.
    """
    found: dict[date, int] = defaultdict(int)
    for piece in pieces:
        found[week_start(paris_day(piece.period.start))] += piece.preparation_minutes
        for day, minutes in _cut(piece.period):
            found[week_start(day)] += minutes
    return found


def minutes_by_month(pieces: Iterable[Work]) -> Mapping[date, int]:
    """Paid minutes by the first of the Paris month each piece starts in."""
    found: dict[date, int] = defaultdict(int)
    for piece in pieces:
        found[month_start(paris_day(piece.period.start))] += piece.paid_minutes
    return found


def days_by_week(pieces: Iterable[Work]) -> Mapping[date, set[date]]:
    """The days worked by the Monday of their week."""
    found: dict[date, set[date]] = defaultdict(set)
    for piece in pieces:
        for day, _minutes in _cut(piece.period):
            found[week_start(day)].add(day)
    return found


def short_nights(asked: Iterable[Work], held: Iterable[Work], rest: timedelta) -> bool:
    """Whether an asked session leaves less than `rest` between the work of two Paris days (C. trav. L3131-1)."""
    mine = {piece.period for piece in asked}
    ordered = sorted({*mine, *(piece.period for piece in held)})
    return any(
        paris_day(one.start) != paris_day(other.start)
        and (one in mine or other in mine)
        and other.start - one.end < rest
        for one, other in pairwise(ordered)
    )


def long_span(asked: Iterable[Work], held: Iterable[Work], most: timedelta) -> bool:
    """Whether a day with an asked session stretches over more than `most` from first start to last end."""
    days: dict[date, list[Period]] = defaultdict(list)
    mine = tuple(asked)
    for piece in (*mine, *held):
        days[paris_day(piece.period.start)].append(piece.period)
    touched = {paris_day(piece.period.start) for piece in mine}
    return any(max(p.end for p in days[day]) - min(p.start for p in days[day]) > most for day in touched)


def weekly_rest_lost(week: date, pieces: Iterable[Work], rest: timedelta) -> bool:
    """Whether no stretch of `rest` is free in the week of that Monday (C. trav. L3132-2).

    The stretch may end on the next Monday: the eleven hours of the night count with the day of rest.
    """
    frame = rest_frame(week)
    free_since, longest = frame.start, timedelta(0)
    for period in sorted(piece.period for piece in pieces if piece.period.overlaps(frame)):
        longest = max(longest, period.start - free_since)
        free_since = max(free_since, period.end)
    return max(longest, frame.end - free_since) < rest


@lru_cache(maxsize=512)
def rest_frame(week: date) -> Period:
    """From that Monday to eleven hours into the next one: where the rest of the week is looked for."""
    return Period(day_bounds(week).start, day_bounds(week + timedelta(days=7)).start + timedelta(hours=11))


def rest_weeks(sessions: Iterable[Period]) -> set[date]:
    """The Mondays of the weeks whose rest a session may take: its own, and the one before for an early Monday."""
    found: set[date] = set()
    for session in sessions:
        week = week_start(paris_day(session.start)) - timedelta(days=7)
        while rest_frame(week).start < session.end:
            if session.overlaps(rest_frame(week)):
                found.add(week)
            week += timedelta(days=7)
    return found


def mean_exceeds(weeks: Mapping[date, int], touched: Iterable[date], count: int, most_minutes: int) -> bool:
    """Whether some run of `count` weeks that holds a touched week is above `most_minutes` a week on average."""
    if max(weeks.values(), default=0) <= most_minutes:
        return False
    for week in touched:
        for offset in range(count):
            first = week - timedelta(weeks=offset)
            total = sum(weeks.get(first + timedelta(weeks=n), 0) for n in range(count))
            if total > most_minutes * count:
                return True
    return False
