"""What some peers hold around the sessions of an ask: the rests and lengths of `time_rules`, of many at once."""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from entrepairs.matching.index.asked import NEVER, frame
from entrepairs.matching.index.ragged import flat
from entrepairs.matching.index.times import DAY, EPOCH_ORDINAL, HOUR, MINUTE, Bools, Ints, week_of

if TYPE_CHECKING:
    from entrepairs.matching.index.survey import Survey


class Held:
    """The missions of `rows` near the sessions, one after the other, by row and time.

    `which` is the place in `rows` of each; `begin` and `stop` are where those of a row begin and stop. Tables have a
    line by session (or day) and a column by row.
    """

    def __init__(self, survey: "Survey", rows: Ints) -> None:
        self.survey, self.rows = survey, rows
        diary, low, high = survey.team.diary, *self._reach(survey)
        first = week_of(EPOCH_ORDINAL + low // DAY) - diary.first_week
        last = week_of(EPOCH_ORDINAL + high // DAY + 1) + 1 - diary.first_week
        top = diary.weeks
        begin = diary.upto[rows, min(first, top)] if first > 0 else np.zeros(len(rows), dtype=np.int16)
        count = (diary.upto[rows, min(max(last, 0), top)] - begin).astype(np.int64)
        self.place, self.which = flat(diary.held.first[rows] + begin, count)
        self.start: Ints = diary.held["start"][self.place]
        self.end: Ints = diary.held["end"][self.place]
        self.stop = np.cumsum(count)
        self.begin = self.stop - count
        self._base = low - DAY * 400
        self._line = high - self._base + DAY * 400
        """Longer than the time looked at: one row after the other on a single line."""
        self._offset = np.arange(len(rows), dtype=np.int64) * self._line - self._base

    @staticmethod
    def _reach(survey: "Survey") -> tuple[int, int]:
        """From when to when a mission may matter."""
        asked, limits = survey.asked, survey.limits
        around = HOUR * max(24, limits.daily_rest_hours, limits.call_out_rest_hours)
        low = min(asked.start - around, frame(asked.rest_weeks[0])[0])
        return low - survey.team.diary.longest, max(asked.end + around, frame(asked.rest_weeks[-1])[1])

    def _upto(self, line: Ints, instants: Ints) -> Ints:
        """For each instant and row, how many of the missions laid out have a `line` before it: a place among them."""
        return np.searchsorted(line, instants[:, None] + self._offset)

    @cached_property
    def _starts(self) -> Ints:
        return self.start + self._offset[self.which]

    @cached_property
    def _padded(self) -> tuple[Ints, Ints]:
        """Starts and ends with one that is never after the last: the one before the first is that one too."""
        return np.append(self.start, NEVER), np.append(self.end, NEVER)

    @cached_property
    def _by_day(self) -> tuple[Ints, Ints]:
        """For each day of the ask and row, from which to before which mission it starts in."""
        days = self.survey.asked.day_bounds
        both = self._upto(self._starts, days.ravel())
        return both[: len(both) // 2], both[len(both) // 2 :]

    # --- journeys ------------------------------------------------------------------------------------------

    def taken(self) -> Ints:
        """The number of the first session another mission prevents, journeys included; 0 when none does."""
        asked, survey = self.survey.asked, self.survey
        held, farthest = survey.team.diary.held, min(survey.farthest, DAY) + 1
        ends = self.end + self._offset[self.which]
        low = np.searchsorted(ends, (asked.starts - farthest)[:, None] + self._offset)
        high = self._upto(self._starts, asked.ends + farthest)
        place, pair = flat(low.ravel(), np.maximum(high - low, 0).ravel())
        if not len(place):
            return np.zeros(len(self.rows), dtype=np.int64)
        session, row = pair // len(self.rows), pair % len(self.rows)
        where, begin, end = self.place[place], self.start[place], self.end[place]
        travel = survey.travel[held["commune"][where]]  # NOWHERE is the last place
        if survey.ask.place is not None and survey.ask.place.site_id is not None:
            travel = np.where(held["site"][where] == survey.ask.place.site_id, 0, travel)
        starts, stops = asked.starts[session], asked.ends[session]
        close = (starts - travel < end) & (begin < stops + travel)
        if survey.farthest > DAY:
            close &= (begin - stops <= DAY) & (starts - end <= DAY)
        found = np.full(len(self.rows), len(asked.sessions), dtype=np.int64)
        np.minimum.at(found, row[close], session[close])
        return (found + 1) % (len(asked.sessions) + 1)

    # --- rests ---------------------------------------------------------------------------------------------

    def short_rest(self) -> Bools:
        """Less than the daily rest between the work of two days, or a day too long from end to end."""
        found: Bools = self._short_nights() | self._long_span()
        return found

    def _short_nights(self) -> Bools:
        """Between each session and the mission, or the session, just before it and just after."""
        asked, rest = self.survey.asked, HOUR * self.survey.limits.daily_rest_hours
        start, end = self._padded
        begins, stops = asked.line_starts[:, None], asked.line_ends[:, None]
        place = self._upto(self._starts, asked.line_starts)
        # Held at the same start: shorter comes before, the same is the session itself, longer comes after.
        same = (place < self.stop) & (start[place] == begins)
        if same.any():
            before, after = place + (same & (end[place] < stops)), place + (same & (end[place] <= stops))
        else:
            before = after = place
        first_start, first_end = self._neighbour(before - 1, before > self.begin, -NEVER)
        next_start, next_end = self._neighbour(after, after < self.stop, NEVER)
        if len(asked.sessions) > 1:
            first_start, first_end = _nearer(first_start, first_end, *asked.line_before, later=True)
            next_start, next_end = _nearer(next_start, next_end, *asked.line_after, later=False)
        short = (first_start < asked.line_midnights[0]) & (begins - first_end < rest)
        short |= (next_start >= asked.line_midnights[1]) & (next_start - stops < rest)
        found: Bools = np.any(short, axis=0)
        return found

    def _neighbour(self, place: Ints, there: Bools, otherwise: int) -> tuple[Ints, Ints]:
        """Start and end of the missions at some places, or `otherwise` where there is none."""
        start, end = self._padded
        return np.where(there, start[place], otherwise), np.where(there, end[place], otherwise)

    def _long_span(self) -> Bools:
        """A day with an asked session that stretches over more than the most allowed."""
        low, high = self._by_day
        start, end = self._padded
        some = high > low
        first = np.minimum(np.where(some, start[low], NEVER), self.survey.asked.day_spans[0])
        last = np.maximum(np.where(some, end[high - 1], -NEVER), self.survey.asked.day_spans[1])
        long = last - first > HOUR * self.survey.limits.span_hours
        found: Bools = np.any(long & self.survey.asked.day_starts, axis=0)
        return found

    def long_day(self) -> Bools:
        """Too many hours in a day of the ask."""
        low, high = self._by_day
        start, end = self._padded
        begins, stops = self.survey.asked.day_bounds[:, :, None]
        whole = np.concatenate(([0], np.cumsum((self.end - self.start) // MINUTE)))
        minutes = whole[high] - whole[low] + self.survey.asked.day_minutes
        over = (high > low) & (end[high - 1] > stops)  # the last goes on after midnight
        if over.any():
            at = high[over] - 1
            cut = np.broadcast_to(stops, over.shape)[over] - start[at]
            minutes[over] += cut // MINUTE - (end[at] - start[at]) // MINUTE
        came = (low > self.begin) & (end[low - 1] > begins)  # one goes on from the day before
        if came.any():
            until = np.minimum(end[low[came] - 1], np.broadcast_to(stops, came.shape)[came])
            minutes[came] += (until - np.broadcast_to(begins, came.shape)[came]) // MINUTE
        found: Bools = np.any(minutes > self.survey.limits.day_hours * 60, axis=0)
        return found

    def call_out_rest(self) -> Bools | None:
        """Less than the rest voted after an emergency, held or asked; None when there is none around."""
        asked, survey = self.survey.asked, self.survey
        rest = HOUR * survey.limits.call_out_rest_hours
        held = survey.team.diary.held["call_out"][self.place]
        starts, ends = asked.starts[:, None], asked.ends[:, None]
        cut = np.zeros(len(self.start), dtype=bool)
        if survey.ask.call_out:
            gap = self.start - ends
            cut |= np.any((starts <= self.start) & (gap >= 0) & (gap < rest), axis=0)
        elif not held.any():
            return None
        gap = starts - self.end
        cut |= np.any((self.start < starts) & (gap >= 0) & (gap < rest) & held, axis=0)
        found = np.zeros(len(self.rows), dtype=bool)
        found[self.which[cut]] = True
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


def _nearer(start: Ints, end: Ints, other_start: Ints, other_end: Ints, *, later: bool) -> tuple[Ints, Ints]:
    """Of two pieces of work the later, or the earlier, by start then end."""
    other = (other_start > start) | ((other_start == start) & (other_end > end))
    if not later:
        other = (other_start < start) | ((other_start == start) & (other_end < end))
    return np.where(other, other_start, start), np.where(other, other_end, end)
