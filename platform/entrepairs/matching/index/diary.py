"""Columns of the missions held: every one as an entry, and by peer the paid minutes of each week and month."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from entrepairs.kernel.dates import paris_day
from entrepairs.matching.index.peers import Peers
from entrepairs.matching.index.ragged import Ragged
from entrepairs.matching.index.source import Source
from entrepairs.matching.index.times import DAY, MINUTE, Ints, midnight, months_of, paris_ordinals, week_of

AHEAD: Final = 26
"""Weeks of room after the last mission, for those to come."""
WEEKS: Final = 208
"""The most weeks held in columns."""
MOST: Final = 2**15 - 1
"""The most missions of one peer."""
NOWHERE: Final = -1
"""The commune of a remote mission."""
_BOOKINGS: Final = """
    SELECT b.peer_id, lower(b.during), upper(b.during), o.preparation_minutes,
           d.place_kind = 'remote', coalesce(h.number, -1), coalesce(d.site_id, 0), d.kind = 'emergency'
    FROM booking b
    JOIN demand_session s ON s.id = b.session_id
    JOIN demand d ON d.id = s.demand_id
    JOIN offering o ON o.id = d.offering_id
    LEFT JOIN site t ON t.id = d.site_id
    LEFT JOIN (SELECT insee, (row_number() OVER (ORDER BY insee) - 1)::int4 AS number FROM commune) h
           ON h.insee = coalesce(t.commune_insee, d.commune_insee)
    WHERE b.active AND upper(b.during) > %(since)s /*of_peers*/"""
_FIELDS: Final = {
    "peer": "int8",
    "start": "instant",
    "end": "instant",
    "preparation": "int4",
    "remote": "bool",
    "commune": "int4",
    "site": "int8",
    "call_out": "bool",
}


class OutOfReach(RuntimeError):
    """A mission lies beyond the weeks held, or two of one peer overlap: the columns cannot say it."""


class Diary:
    """Missions by peer, in order of time.

    `upto[row, w]` counts the peer's missions that start before the week `first_week + w`; `minutes[row, w]` adds the
    paid minutes of those that start in it and `days[row, w]` has a bit for each day worked, Monday first.
    """

    def __init__(self, source: Source, peers: Peers) -> None:
        self.first_week = week_of(paris_day(source.since).toordinal())
        self.longest = DAY
        """No mission lasts longer."""
        found = self._read(source)
        rows = peers.built_rows(found["peer"])
        order = np.lexsort((found["start"], rows))
        columns = self._columns({name: values[order] for name, values in found.items()})
        rows = rows[order]
        days = paris_ordinals(columns["start"])
        last = int(days.max()) if len(days) else self.first_week * 7
        self.weeks = min(week_of(last) - self.first_week + 1 + AHEAD, WEEKS)
        self.first_month = int(months_of(np.array([self.first_week * 7 + 1]))[0])
        self.months = int(months_of(np.array([(self.first_week + self.weeks) * 7]))[0]) - self.first_month + 1
        self.upto: Ints = np.zeros((peers.room, self.weeks + 1), dtype=np.int16)
        self.minutes: Ints = np.zeros((peers.room, self.weeks), dtype=np.int32)
        self.days: NDArray[np.uint8] = np.zeros((peers.room, self.weeks), dtype=np.uint8)
        self.month_minutes: Ints = np.zeros((peers.room, self.months), dtype=np.int32)
        self.held = Ragged(rows, columns, peers.room)
        self._tally(rows, columns, days)

    def _read(self, source: Source) -> dict[str, NDArray[Any]]:
        return source.read(_BOOKINGS, _FIELDS, "b.peer_id")

    @staticmethod
    def _columns(found: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        kept = {name: found[name] for name in ("start", "end", "preparation", "commune", "site", "call_out")}
        kept["commune"] = np.where(found["remote"], NOWHERE, found["commune"])
        return kept

    def _tally(self, rows: Ints, columns: Mapping[str, NDArray[Any]], days: Ints) -> None:
        """Add up entries that are in order of peer and time. Raises OutOfReach."""
        start, end = columns["start"], columns["end"]
        if not len(rows):
            return
        clash = (rows[1:] == rows[:-1]) & (start[1:] < end[:-1])
        week, month = week_of(days) - self.first_week, months_of(days) - self.first_month
        last_days = paris_ordinals(end)
        out = week_of(int(last_days.max())) - self.first_week >= self.weeks
        if out or clash.any() or (end <= start).any() or self.held.count.max() > MOST:
            raise OutOfReach
        self.longest = max(self.longest, int((end - start).max()))
        np.add.at(self.upto, (rows, np.maximum(week + 1, 0)), 1)
        touched = rows[np.concatenate(([True], rows[1:] != rows[:-1]))]
        self.upto[touched] = np.cumsum(self.upto[touched], axis=1, dtype=np.int16)
        minutes = (end - start) // MINUTE
        kept = month >= 0
        np.add.at(self.month_minutes, (rows[kept], month[kept]), (minutes + columns["preparation"])[kept])
        self._add(rows, days, columns["preparation"])
        one_day = last_days == days
        self._work(rows[one_day], days[one_day], minutes[one_day])
        more = ~one_day
        self._cut(rows[more], days[more], start[more], end[more])

    def _cut(self, rows: Ints, days: Ints, start: Ints, end: Ints) -> None:
        """Missions across midnights, day by day."""
        while len(rows):
            known, which = np.unique(days, return_inverse=True)
            begins = np.array([midnight(int(day)) for day in known], dtype=np.int64)[which]
            ends = np.array([midnight(int(day) + 1) for day in known], dtype=np.int64)[which]
            self._work(rows, days, (np.minimum(end, ends) - np.maximum(start, begins)) // MINUTE)
            more = ends < end
            rows, days, start, end = rows[more], days[more] + 1, start[more], end[more]

    def _work(self, rows: Ints, days: Ints, minutes: Ints) -> None:
        """Work on days: their minutes, and that they are worked."""
        self._add(rows, days, minutes)
        week = week_of(days) - self.first_week
        seen = week >= 0
        bit = (np.uint8(1) << ((days[seen] - 1) % 7).astype(np.uint8)).astype(np.uint8)
        np.bitwise_or.at(self.days, (rows[seen], week[seen]), bit)

    def _add(self, rows: Ints, days: Ints, minutes: Ints) -> None:
        week = week_of(days) - self.first_week
        seen = week >= 0  # what was worked before the horizon is an entry only
        np.add.at(self.minutes, (rows[seen], week[seen]), minutes[seen].astype(np.int32))

    def reload(self, source: Source, peers: Peers) -> None:
        """Read the peers of a change again. Raises OutOfReach."""
        found = self._read(source)
        rows = peers.rows(found["peer"])
        order = np.lexsort((found["start"], rows))
        columns = self._columns({name: values[order] for name, values in found.items()})
        rows = rows[order]
        touched = peers.rows(np.array(source.peers))
        for table in (self.upto, self.minutes, self.days, self.month_minutes):
            table[touched] = 0
        for row in touched:
            mine = rows == row
            self.held.replace(int(row), {name: values[mine] for name, values in columns.items()})
        self._tally(rows, columns, paris_ordinals(columns["start"]))
