"""The bare floor: the same question asked of plain numpy bitmaps, and nothing more.

Languages, qualifications, radius by haversine, weekly availability and a diary of twelve weeks in half-hours (absences
and missions padded by thirty minutes), exclusions, the weekly maximum; the ten nearest to their wished hours. No rest,
no journey between sites, no legal length, no record: what is compared with it does more.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from entrepairs.kernel.dates import Period, paris
from entrepairs.matching.index.team import Team
from entrepairs.matching.index.times import micros, midnight, week_of
from entrepairs.matching.values import Ask

HALF_HOUR = 30 * 60 * 1_000_000
WEEK = 336
WEEKS = 14


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
        self._take(team.diary.held, HALF_HOUR)
        self._take(team.absences.held, 0)
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

    def _take(self, held: Any, pad: int) -> None:
        begin = (held["start"] - pad - self.since) // HALF_HOUR
        end = -((self.since - held["end"] - pad) // HALF_HOUR)
        seen = (end > 0) & (begin < WEEKS * WEEK) & (held.owners >= 0)
        owner, begin, end = held.owners[seen], np.maximum(begin[seen], 0), np.minimum(end[seen], WEEKS * WEEK)
        for step in range(int((end - begin).max(initial=0))):
            at = begin + step
            inside = at < end
            bit = (128 >> (at[inside] % 8)).astype(np.uint8)
            np.bitwise_or.at(self.busy, (owner[inside], at[inside] // 8), bit)

    def rank(self, ask: Ask, most: int = 10) -> np.ndarray[Any, Any]:
        """The rows of the best, by a plain score."""
        team = self.team
        kinds = sum(1 << number for kind in ask.qualifications if (number := team.held.kinds.known(kind)) is not None)
        languages = team.languages.mask(frozenset({ask.language} if ask.language else ()))
        rows = np.flatnonzero(((self.kinds & kinds) == kinds) & ((self.languages & languages) == languages))
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
        held = self.minutes[rows, :4].sum(axis=1)
        score = 40 * np.clip(1 - held / self.wished[rows], 0, 1) + 20 * np.clip(1 - km / 60, 0, 1)
        if len(rows) > most:
            first = np.argpartition(-score, most)[:most]
            rows, score = rows[first], score[first]
        return rows[np.argsort(-score)]

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


def answers(floor: Floor, asks: Sequence[Ask]) -> list[int]:
    """How many each ask finds: to see that the floor is no idle loop."""
    return [len(floor.rank(ask)) for ask in asks]
