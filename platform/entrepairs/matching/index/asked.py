"""An ask made ready for arrays: its sessions in microseconds, its days, weeks and months by number."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from entrepairs.kernel.clock import PARIS
from entrepairs.kernel.dates import Period
from entrepairs.matching.index.times import (
    HOUR,
    MINUTE,
    Bools,
    Ints,
    micros,
    midnight,
    monday,
    month_of,
    week_of,
)
from entrepairs.matching.values import Ask
from entrepairs.network.rules import wall_pieces

NEVER: Final = 2**61
"""After every instant; its opposite is before."""
NIGHT: Final = 11 * HOUR
"""How far into the next Monday the rest of a week is looked for (`working_time.rest_frame`)."""


@dataclass(frozen=True, slots=True)
class Session:
    """One session: microseconds, and the ordinals of the Paris days of its start, of its end, of its last instant."""

    start: int
    end: int
    day: int
    end_day: int
    last_day: int

    def by_day(self) -> Iterator[tuple[int, int]]:
        """Its minutes day by day, as `working_time` cuts them."""
        if self.end_day == self.day:
            yield self.day, (self.end - self.start) // MINUTE
            return
        day = self.day
        while midnight(day) < self.end:
            yield day, (min(self.end, midnight(day + 1)) - max(self.start, midnight(day))) // MINUTE
            day += 1


class Asked:
    """What the twins read of an ask. `sessions` in the ask's order; the rest by number."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.sessions = [_session(period) for period in ask.sessions]
        self.starts: Ints = np.array([one.start for one in self.sessions], dtype=np.int64)
        self.ends: Ints = np.array([one.end for one in self.sessions], dtype=np.int64)
        self.start, self.end = int(self.starts.min()), int(self.ends.max())
        self.today = ask.today.toordinal()
        self.first_day = min(one.day for one in self.sessions)
        self.last_day = max(one.end_day for one in self.sessions)
        self.days: list[int] = sorted({day for one in self.sessions for day in range(one.day, one.last_day + 1)})
        self.days_array: Ints = np.array(self.days, dtype=np.int32)
        self.month = month_of(ask.month)
        self.by_day: Mapping[int, int] = self._by_day()
        self.by_week: Mapping[int, int] = self._by_week()
        self.by_month: Mapping[int, int] = self._by_month()
        self._lines()
        self._days()
        self.rest_weeks: list[int] = sorted({week for one in self.sessions for week in _rest_weeks(one)})
        self._rests()

    def _by_day(self) -> Mapping[int, int]:
        found: dict[int, int] = defaultdict(int)
        for one in self.sessions:
            for day, minutes in one.by_day():
                found[day] += minutes
        return found

    def _by_week(self) -> Mapping[int, int]:
        found: dict[int, int] = defaultdict(int)
        for day, minutes in self.by_day.items():
            found[week_of(day)] += minutes
        for one in self.sessions:
            found[week_of(one.day)] += self.ask.preparation_minutes
        return found

    def _by_month(self) -> Mapping[int, int]:
        found: dict[int, int] = defaultdict(int)
        for one in self.sessions:
            month = month_of(date.fromordinal(one.day))
            found[month] += (one.end - one.start) // MINUTE + self.ask.preparation_minutes
        return found

    def _lines(self) -> None:
        """The sessions in order of start and end, each once, with the one before and the one after; one line each."""
        line = sorted({(one.start, one.end): one for one in self.sessions}.items())
        starts, ends = ([times[side] for times, _one in line] for side in (0, 1))
        table: Ints = np.array(
            [
                starts,
                ends,
                [midnight(one.day) for _times, one in line],
                [midnight(one.day + 1) for _times, one in line],
                [-NEVER, *starts[:-1]],
                [-NEVER, *ends[:-1]],
                [*starts[1:], NEVER],
                [*ends[1:], NEVER],
            ],
            dtype=np.int64,
        )
        self.line_starts, self.line_ends = table[0], table[1]
        self.line_midnights = table[2:4, :, None]
        """Of its day and of the next."""
        self.line_before, self.line_after = table[4:6, :, None], table[6:8, :, None]

    def _days(self) -> None:
        """The days of the sessions; one line each."""
        first, last = dict.fromkeys(self.by_day, NEVER), dict.fromkeys(self.by_day, -NEVER)
        for one in self.sessions:
            first[one.day], last[one.day] = min(first[one.day], one.start), max(last[one.day], one.end)
        table: Ints = np.array(
            [
                [midnight(day) for day in self.by_day],
                [midnight(day + 1) for day in self.by_day],
                list(first.values()),
                list(last.values()),
                list(self.by_day.values()),
            ],
            dtype=np.int64,
        )
        self.day_bounds, self.day_spans, self.day_minutes = table[:2], table[2:4, :, None], table[4, :, None]
        """Midnights around each; the first start and the last end of the sessions that start that day; minutes."""
        self.day_starts: Bools = self.day_spans[0] < NEVER

    def _rests(self) -> None:
        """For each week of rest, the bits of the days asked, and whether a session has a day in it."""
        bits = dict.fromkeys(self.rest_weeks, 0)
        for day in self.by_day:
            bits[week_of(day)] |= 1 << (day - 1) % 7
        own = {week_of(day) for day in self.days}
        self.rest_days = np.array(list(bits.values()), dtype=np.uint8)
        self.rest_own: Bools = np.array([week in own for week in bits])

    @property
    def pieces(self) -> set[tuple[int, int, int]]:
        """The stretches of the week that the usual hours must hold: weekday, first and last second on the wall."""
        return {piece for period in self.ask.sessions for piece in _pieces(period)}


def frame(week: int) -> tuple[int, int]:
    """Where the rest of a week is looked for."""
    return midnight(monday(week)), midnight(monday(week + 1)) + NIGHT


def _session(period: Period) -> Session:
    start, end = micros(period.start), micros(period.end)
    end_day = period.end.astimezone(PARIS).toordinal()
    last_day = end_day - 1 if midnight(end_day) == end else end_day
    return Session(start, end, period.start.astimezone(PARIS).toordinal(), end_day, last_day)


def _rest_weeks(one: Session) -> Iterator[int]:
    week = week_of(one.day) - 1
    while frame(week)[0] < one.end:
        if one.start < frame(week)[1]:
            yield week
        week += 1


def _pieces(period: Period) -> Iterable[tuple[int, int, int]]:
    """`wall_pieces`, at once for a session of one day without a change of hour."""
    start, end = period.start.astimezone(PARIS), period.end.astimezone(PARIS)
    if start.toordinal() == end.toordinal() and start.utcoffset() == end.utcoffset():
        begin = start.hour * 3600 + start.minute * 60 + start.second
        return ((start.weekday(), begin, begin + (micros(period.end) - micros(period.start)) // 1_000_000),)
    return tuple((piece.weekday, piece.starts, piece.ends) for piece in wall_pieces(period))
