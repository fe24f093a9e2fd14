"""What some peers hold around the sessions of an ask: the rests and lengths of `time_rules`, of many at once."""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from entrepairs.matching.index.asked import Session, frame
from entrepairs.matching.index.ragged import flat
from entrepairs.matching.index.times import (
    DAY,
    EPOCH_ORDINAL,
    HOUR,
    MINUTE,
    Bools,
    Ints,
    midnight,
    paris_ordinals,
    week_of,
)

if TYPE_CHECKING:
    from entrepairs.matching.index.survey import Survey


class Held:
    """The missions of `rows` near the sessions, one after the other, by row and time.

    `which` is the place in `rows` of each; `begin` and `stop` are where those of a row begin and stop.
    """

    def __init__(self, survey: "Survey", rows: Ints) -> None:
        self.survey, self.rows = survey, rows
        diary, asked = survey.team.diary, survey.asked
        limits = survey.limits
        around = max(DAY, HOUR * limits.daily_rest_hours, HOUR * limits.call_out_rest_hours)
        frames = [frame(week) for week in asked.rest_weeks]
        low = min(asked.start - around, *(begin for begin, _ in frames)) - diary.longest
        high = max(asked.end + around, *(end for _, end in frames))
        first = week_of(EPOCH_ORDINAL + low // DAY) - diary.first_week
        last = week_of(EPOCH_ORDINAL + high // DAY + 1) + 1 - diary.first_week
        top = diary.weeks
        begin = diary.upto[rows, min(first, top)] if first > 0 else np.zeros(len(rows), dtype=np.int16)
        upto = diary.upto[rows, min(max(last, 0), top)]
        count = (upto - begin).astype(np.int64)
        place, self.which = flat(diary.held.first[rows] + begin, count)
        self.start: Ints = diary.held["start"][place]
        self.end: Ints = diary.held["end"][place]
        self.stop = np.cumsum(count)
        self.begin = self.stop - count
        self._place = place
        self._base = low - DAY * 400
        self._line = high - self._base + DAY * 400
        """Longer than the time looked at: one row after the other on a single line."""

    @cached_property
    def _key(self) -> Ints:
        return self.start - self._base + self.which * np.int64(self._line)

    def _before(self, instant: int) -> Ints:
        """For each row, the place of its first mission that starts at `instant` or later."""
        rows = np.arange(len(self.rows), dtype=np.int64)
        return np.searchsorted(self._key, rows * self._line + (instant - self._base))

    @cached_property
    def _days(self) -> Ints:
        return paris_ordinals(self.start)

    def _any_of(self, hits: Bools) -> Bools:
        """The rows that own a mission marked."""
        found = np.zeros(len(self.rows), dtype=bool)
        found[self.which[hits]] = True
        return found

    def taken(self) -> Ints:
        """The number of the first session another mission prevents, journeys included; 0 when none does."""
        asked, survey = self.survey.asked, self.survey
        held = survey.team.diary.held
        found = np.full(len(self.rows), len(asked.sessions), dtype=np.int64)
        travel = survey.travel[held["commune"][self._place]]  # NOWHERE is the last place
        if survey.ask.place is not None and survey.ask.place.site_id is not None:
            travel = np.where(held["site"][self._place] == survey.ask.place.site_id, 0, travel)
        starts, ends = asked.starts[:, None], asked.ends[:, None]
        close = (starts - travel < self.end) & (self.start < ends + travel)
        if len(travel) and travel.max() > DAY:
            close &= (self.start - ends <= DAY) & (starts - self.end <= DAY)
        session, place = np.nonzero(close)
        np.minimum.at(found, self.which[place], session)
        return np.where(found < len(asked.sessions), found + 1, 0)

    def short_rest(self) -> Bools:
        """Less than the daily rest between the work of two days, or a day too long from end to end."""
        short = np.zeros(len(self.rows), dtype=bool)
        rest = HOUR * self.survey.limits.daily_rest_hours
        for before, one, after in self.survey.asked.in_order:
            short |= self._short_night(before, one, after, rest)
        return short | self._long_span()

    def _short_night(self, before: Session | None, one: Session, after: Session | None, rest: int) -> Bools:
        """Around one session; `before` and `after` are the asked sessions next to it."""
        place = self._before(one.start)
        if not len(self.start):
            known = _night(before, one, rest) or _night(one, after, rest)
            return np.full(len(self.rows), known, dtype=bool)
        # Held at the same start: shorter comes before, the same is the session itself, longer comes after.
        at = np.minimum(place, len(self.start) - 1)
        same_start = (place < self.stop) & (self.start[at] == one.start)
        place = np.where(same_start & (self.end[at] < one.end), place + 1, place)
        following = np.where(same_start & (self.end[at] == one.end), place + 1, place)
        has_previous, has_next = place > self.begin, following < self.stop
        previous, at = np.maximum(place - 1, 0), np.minimum(following, len(self.start) - 1)
        held_first = has_previous if before is None else has_previous & _later(self, previous, before)
        held_next = has_next if after is None else has_next & ~_later(self, at, after)
        short = np.where(
            held_first,
            (self._days[previous] != one.day) & (one.start - self.end[previous] < rest),
            _night(before, one, rest),
        )
        then = (self._days[at] != one.day) & (self.start[at] - one.end < rest)
        found: Bools = short | np.where(held_next, then, _night(one, after, rest))
        return found

    def _long_span(self) -> Bools:
        """A day with an asked session that stretches over more than the most allowed."""
        most = HOUR * self.survey.limits.span_hours
        long = np.zeros(len(self.rows), dtype=bool)
        for day, (first, last) in self.survey.asked.spans.items():
            low, high = self._before(midnight(day)), self._before(midnight(day + 1))
            if len(self.start):
                some = high > low
                begins = np.where(some, np.minimum(self.start[np.minimum(low, len(self.start) - 1)], first), first)
                ends = np.where(some, np.maximum(self.end[np.maximum(high - 1, 0)], last), last)
                long |= ends - begins > most
            elif last - first > most:
                long[:] = True
        return long

    def long_day(self) -> Bools:
        """Too many hours in a day of the ask."""
        most = self.survey.limits.day_hours * 60
        long = np.zeros(len(self.rows), dtype=bool)
        for day, minutes in self.survey.asked.by_day.items():
            begins, ends = midnight(day), midnight(day + 1)
            inside = (self.start < ends) & (self.end > begins)
            cut = (np.minimum(self.end[inside], ends) - np.maximum(self.start[inside], begins)) // MINUTE
            long |= np.bincount(self.which[inside], weights=cut, minlength=len(self.rows)) + minutes > most
        return long

    def call_out_rest(self) -> Bools | None:
        """Less than the rest voted after an emergency, held or asked; None when there is none around."""
        asked, survey = self.survey.asked, self.survey
        rest = HOUR * survey.limits.call_out_rest_hours
        held = survey.team.diary.held["call_out"][self._place]
        starts, ends = asked.starts[:, None], asked.ends[:, None]
        found: Bools | None = None
        if survey.ask.call_out:
            gap = self.start - ends
            cut = (starts <= self.start) & (gap >= 0) & (gap < rest)
            found = self._any_of(np.any(cut, axis=0))
        if held.any():
            gap = starts - self.end
            cut = (self.start < starts) & (gap >= 0) & (gap < rest) & held
            marked = self._any_of(np.any(cut, axis=0))
            found = marked if found is None else found | marked
        return found

    def rest_lost(self, week: int, rows: Ints, rest: int) -> Bools:
        """Whether no stretch of `rest` is free in a week, for some places in `rows`."""
        low, high = frame(week)
        mine = np.zeros(len(self.rows), dtype=bool)
        mine[rows] = True
        inside = mine[self.which] & (self.start < high) & (self.end > low)
        asked = [one for one in self.survey.asked.sessions if one.start < high and one.end > low]
        who = np.concatenate((self.which[inside], np.repeat(rows, len(asked))))
        start = np.concatenate((self.start[inside], np.tile([one.start for one in asked], len(rows)).astype(np.int64)))
        end = np.concatenate((self.end[inside], np.tile([one.end for one in asked], len(rows)).astype(np.int64)))
        order = np.lexsort((end, start, who))
        who, start, end = who[order], start[order], end[order]
        line = who.astype(np.int64) * (2 * self._line)
        free_since = np.maximum.accumulate(np.maximum(end, low) - self._base + line)
        opens = np.ones(len(who), dtype=bool)
        opens[1:] = who[1:] != who[:-1]
        gaps = start - self._base + line
        gaps[1:] -= free_since[:-1]
        gaps[opens] = start[opens] - low
        longest = np.zeros(len(self.rows), dtype=np.int64)
        np.maximum.at(longest, who, gaps)
        closes = np.append(opens[1:], True) if len(who) else opens
        left = np.full(len(self.rows), high - low, dtype=np.int64)
        left[who[closes]] = high - (free_since[closes] - line[closes] + self._base)
        lost: Bools = np.maximum(longest, left)[rows] < rest
        return lost


def _later(held: Held, place: Ints, than: Session) -> Bools:
    """Whether missions come after a session in the order of start, then end."""
    start, end = held.start[place], held.end[place]
    found: Bools = (start > than.start) | ((start == than.start) & (end > than.end))
    return found


def _night(one: Session | None, other: Session | None, rest: int) -> bool:
    """Whether two asked sessions of two days leave less than `rest`."""
    return one is not None and other is not None and one.day != other.day and other.start - one.end < rest
