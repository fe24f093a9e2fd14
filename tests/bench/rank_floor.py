"""The bare floors: the same question asked of plain numpy bitmaps, cut to half-hours, without names or records.

`few`: languages, qualifications, radius by haversine, weekly availability and a diary of half-hours (absences and
missions padded by thirty minutes), exclusions, the weekly maximum; the ten best by a plain score.
`same`: these, and the other rules of the product in the same manner: who is there and has papers, pauses, holidays,
pairs, the rest between two days, the length and the spread of a day, of a week, of twelve, the weekly rest, the month.
"""

from datetime import timedelta
from typing import Any

import numpy as np

from entrepairs.kernel.dates import Period, paris
from entrepairs.matching.index.team import Team
from entrepairs.matching.index.times import micros, midnight, week_of
from entrepairs.matching.values import Ask

HALF_HOUR = 30 * 60 * 1_000_000
WEEK = 336
WEEKS = 26


class Floor:
    """Bitmaps of a team. Times are cut to half-hours: a little less or more than the truth."""

    def __init__(self, team: Team, today: int) -> None:
        peers = team.peers
        n = self.n = peers.used
        self.since = midnight(week_of(today) * 7 + 1)
        self.radius = peers.radius[:n].astype(np.float32)
        self.latitude = np.radians(peers.latitudes[peers.home[:n]])
        self.longitude = np.radians(peers.longitudes[peers.home[:n]])
        self.cos_latitude = np.cos(self.latitude)
        self.languages = team.languages.bits[:n].copy()
        self.kinds = team.held.ever[:n].copy()
        self.week = np.zeros((n, WEEK // 8), dtype=np.uint8)
        self._open(team)
        self.busy = np.zeros((n, WEEKS * WEEK // 8), dtype=np.uint8)
        self._take(self.busy, team.diary.held, HALF_HOUR)
        self._take(self.busy, team.absences.held, 0)
        self.worked = np.zeros_like(self.busy)
        self._take(self.worked, team.diary.held, 0)
        self.left, self.joined, self.asks = peers.left[:n].copy(), peers.joined[:n].copy(), peers.asks[:n].copy()
        self.papers = team.papers.best[:, :n].min(axis=0)
        self.paused = np.full(n, 2**31 - 1)
        self.paused[team.pauses.held.owners] = team.pauses.held["since"]
        self.pair_wish, self.outside = peers.pair_wish[:n].copy(), peers.outside[:n].copy()
        self.month = peers.monthly_max[:n] * 60
        self.minutes = np.zeros((n, WEEKS), dtype=np.int32)
        first = week_of(today) - team.diary.first_week
        held = team.diary.minutes[:n, first : first + WEEKS]
        self.minutes[:, : held.shape[1]] = held
        self.most = peers.weekly_max[:n] * 60
        self.wished = peers.wished[:n] * 60
        self.team = team
        entries = team.exclusions.held
        self.excluded = {site: entries.owners[entries["site"] == site] for site in np.unique(entries["site"])}

    def _open(self, team: Team) -> None:
        bits = np.zeros((self.n, WEEK), dtype=bool)
        for weekday in range(7):
            for begins, ends in zip(team.hours.begins[weekday], team.hours.ends[weekday], strict=True):
                for half in range(48):
                    bits[:, weekday * 48 + half] |= (begins[: self.n] <= half * 1800) & (
                        ends[: self.n] >= half * 1800 + 1800
                    )
        self.week[:] = np.packbits(bits, axis=1)

    def _take(self, bits: np.ndarray[Any, Any], held: Any, pad: int) -> None:
        begin = (held["start"] - pad - self.since) // HALF_HOUR
        end = -((self.since - held["end"] - pad) // HALF_HOUR)
        seen = (end > 0) & (begin < WEEKS * WEEK) & (held.owners >= 0)
        owner, begin, end = held.owners[seen], np.maximum(begin[seen], 0), np.minimum(end[seen], WEEKS * WEEK)
        for step in range(int((end - begin).max(initial=0))):
            at = begin + step
            inside = at < end
            bit = (128 >> (at[inside] % 8)).astype(np.uint8)
            np.bitwise_or.at(bits, (owner[inside], at[inside] // 8), bit)

    def few(self, ask: Ask, most: int = 10) -> np.ndarray[Any, Any]:
        """The rows of the best, by the eight rules."""
        rows, km, *_asked = self._filter(ask, None)
        return self._best(rows, km, most)

    def same(self, ask: Ask, most: int = 10) -> np.ndarray[Any, Any]:
        """The rows of the best, by all the rules."""
        first, last = paris(ask.sessions[0].start).toordinal(), paris(ask.sessions[-1].end).toordinal()
        standing = (
            (self.left > last) & (self.joined <= first) & (self.papers >= last) & self.asks & (self.paused > last)
        )
        if ask.seats < 2 and not ask.with_professional:
            standing &= self.pair_wish != 2
        rows, km, _wanted, taken, minutes = self._filter(ask, standing)
        for session in ask.sessions:
            if not len(rows):
                break
            kept = self._rested(rows, session)
            rows, km = rows[kept], km[kept]
        if len(rows):
            kept = self._bearable(rows, minutes) & self._weekly_rest(rows, taken, minutes)
            rows, km = rows[kept], km[kept]
        return self._best(rows, km, most)

    def _filter(self, ask: Ask, standing: np.ndarray[Any, Any] | None) -> tuple[np.ndarray[Any, Any], ...]:
        team = self.team
        kinds = sum(1 << number for kind in ask.qualifications if (number := team.held.kinds.known(kind)) is not None)
        languages = team.languages.mask(frozenset({ask.language} if ask.language else ()))
        able = ((self.kinds & kinds) == kinds) & ((self.languages & languages) == languages)
        rows = np.flatnonzero(able if standing is None else able & standing)
        km = np.zeros(len(rows))
        if ask.place is not None:
            latitude, longitude = np.radians(ask.place.latitude), np.radians(ask.place.longitude)
            chord = np.sin((self.latitude[rows] - latitude) / 2) ** 2
            chord += self.cos_latitude[rows] * np.cos(latitude) * np.sin((self.longitude[rows] - longitude) / 2) ** 2
            km = 2 * 6371 * 1.3 * np.arcsin(np.sqrt(chord))
            near = km <= self.radius[rows]
            rows, km = rows[near], km[near]
        wanted = np.zeros(WEEK // 8, dtype=np.uint8)
        taken = np.zeros(WEEKS * WEEK // 8, dtype=np.uint8)
        minutes = np.zeros(WEEKS, dtype=np.int32)
        for session in ask.sessions:
            self._session(session, wanted, taken, minutes, ask.preparation_minutes)
        bytes_of_week = np.flatnonzero(wanted)
        open_hours = ((self.week[np.ix_(rows, bytes_of_week)] & wanted[bytes_of_week]) == wanted[bytes_of_week]).all(
            axis=1
        )
        rows, km = rows[open_hours], km[open_hours]
        bytes_of_diary = np.flatnonzero(taken)
        free = ~(self.busy[np.ix_(rows, bytes_of_diary)] & taken[bytes_of_diary]).any(axis=1)
        rows, km = rows[free], km[free]
        there = self.excluded.get(ask.site_id or 0)
        if ask.site_id and there is not None:
            kept = ~np.isin(rows, there)
            rows, km = rows[kept], km[kept]
        weeks = np.flatnonzero(minutes)
        light = (self.minutes[np.ix_(rows, weeks)] + minutes[weeks] <= self.most[rows, None]).all(axis=1)
        rows, km = rows[light], km[light]
        return rows, km, wanted, taken, minutes

    def _best(self, rows: np.ndarray[Any, Any], km: np.ndarray[Any, Any], most: int) -> np.ndarray[Any, Any]:
        held = self.minutes[rows, :4].sum(axis=1)
        score = 40 * np.clip(1 - held / self.wished[rows], 0, 1) + 20 * np.clip(1 - km / 60, 0, 1)
        if len(rows) > most:
            first = np.argpartition(-score, most)[:most]
            rows, score = rows[first], score[first]
        return rows[np.argsort(-score)]

    def _rested(self, rows: np.ndarray[Any, Any], session: Period) -> np.ndarray[Any, Any]:
        """Eleven hours from and to the work of another day; ten hours a day, over thirteen at most."""
        begin = (micros(session.start) - self.since) // HALF_HOUR
        stop = -((self.since - micros(session.end)) // HALF_HOUR)
        day = begin // 48 * 48
        bits = np.unpackbits(self.worked[rows, (day - 48) // 8 : (day + 96) // 8], axis=1)
        night = bits[:, max(begin - day + 48 - 22, 0) : 48].any(axis=1) | bits[:, 96 : stop - day + 48 + 22].any(axis=1)
        today = bits[:, 48:96]
        today[:, begin - day : stop - day] = 1
        spread = today.shape[1] - today[:, ::-1].argmax(axis=1) - today.argmax(axis=1)
        kept: np.ndarray[Any, Any] = ~night & (today.sum(axis=1) <= 20) & (spread <= 26)
        return kept

    def _bearable(self, rows: np.ndarray[Any, Any], minutes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """48 hours a week, 44 over twelve, the month wished."""
        weeks = self.minutes[rows] + minutes + self.outside[rows, None] * 60
        kept = ~(weeks[:, minutes > 0] > 48 * 60).any(axis=1)
        sums = np.cumsum(weeks, axis=1)
        kept &= sums[:, 11] <= 12 * 44 * 60
        kept &= ~((sums[:, 12:] - sums[:, :-12]) > 12 * 44 * 60).any(axis=1)
        kept &= (self.minutes[rows, :4].sum(axis=1) <= self.month[rows]) | (self.month[rows] < 0)
        return kept

    def _weekly_rest(
        self, rows: np.ndarray[Any, Any], taken: np.ndarray[Any, Any], minutes: np.ndarray[Any, Any]
    ) -> np.ndarray[Any, Any]:
        """35 hours in a row free in each week of the ask."""
        kept = np.ones(len(rows), dtype=bool)
        for week in np.flatnonzero(minutes):
            place = slice(week * WEEK // 8, (week + 1) * WEEK // 8)
            bits = np.unpackbits(self.worked[rows, place] | taken[place], axis=1)
            last = np.maximum.accumulate(np.where(bits, np.arange(1, WEEK + 1), 0), axis=1)
            kept &= (np.arange(1, WEEK + 1) - last).max(axis=1) >= 70
        return kept

    def _session(
        self,
        session: Period,
        wanted: np.ndarray[Any, Any],
        taken: np.ndarray[Any, Any],
        minutes: np.ndarray[Any, Any],
        preparation: int,
    ) -> None:
        start, end = paris(session.start), paris(session.end - timedelta(microseconds=1))
        first = start.weekday() * 48 + start.hour * 2 + start.minute // 30
        last = end.weekday() * 48 + end.hour * 2 + end.minute // 30
        for half in range(first, last + 1):
            wanted[half // 8] |= 128 >> half % 8
        begin = (micros(session.start) - self.since) // HALF_HOUR
        stop = -((self.since - micros(session.end)) // HALF_HOUR)
        for at in range(begin, stop):
            taken[at // 8] |= 128 >> at % 8
        minutes[begin // WEEK] += session.minutes + preparation
