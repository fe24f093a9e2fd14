"""Columns of the support owed to peers: since when they work without one, by the votes in force."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

import numpy as np

from entrepairs.matching.index.peers import Peers
from entrepairs.matching.index.source import Source
from entrepairs.matching.index.times import EVER, Bools, Ints
from entrepairs.supervision.due import DEFAULT_DAYS, DEFAULT_HOURS, EVERY_DAYS, EVERY_HOURS

_SINCE: Final = """
    FROM booking b
    JOIN peer p ON p.id = b.peer_id
    LEFT JOIN (SELECT peer_id, max(held_on) AS held_on FROM support GROUP BY peer_id) l ON l.peer_id = b.peer_id
    {} WHERE b.active /*of_peers*/
      AND (timezone('Europe/Paris', lower(b.during)))::date >= coalesce(l.held_on + 1, p.joined_on)"""
_FIRST: Final = (
    "SELECT b.peer_id, min((timezone('Europe/Paris', lower(b.during)))::date)"
    + _SINCE.format("")
    + " GROUP BY b.peer_id"
)
_WORK: Final = """
    JOIN demand_session s ON s.id = b.session_id
    JOIN demand d ON d.id = s.demand_id
    JOIN offering o ON o.id = d.offering_id"""
_SO_FAR: Final = """
    SELECT b.peer_id, (timezone('Europe/Paris', lower(b.during)))::date AS day,
           sum(extract(epoch FROM upper(b.during) - lower(b.during)) / 60 + o.preparation_minutes)
               OVER (PARTITION BY b.peer_id ORDER BY lower(b.during), b.id) AS minutes"""
_REACHED: Final = (
    f"SELECT peer_id, min(day) FROM ({_SO_FAR}{_SINCE.format(_WORK)}) w WHERE minutes >= %(minutes)s GROUP BY peer_id"  # noqa: S608
)
_FIELDS: Final = {"peer": "int8", "day": "date"}
_VOTES: Final = """
    SELECT key, value, lower(valid), upper(valid) FROM decision WHERE key IN ('supervision.every_days', 'supervision.every_hours')
"""


class Supervision:
    """`first` is the day of the first mission since the last support; `reached[hours]` when so many were worked."""

    def __init__(self, source: Source, peers: Peers) -> None:
        self._votes: list[tuple[str, Any, date | None, date | None]] = [
            (key, value, since, until) for key, value, since, until in source.rows(_VOTES, "")
        ]
        voted = {int(value) for key, value, _since, _until in self._votes if key == EVERY_HOURS}
        self.hours = sorted((voted | {DEFAULT_HOURS}) - {0})
        self._overdue: tuple[date, Bools] | None = None
        self.first: Ints = np.full(peers.room, EVER, dtype=np.int32)
        self.reached: dict[int, Ints] = {hours: np.full(peers.room, EVER, dtype=np.int32) for hours in self.hours}
        self._read(source, peers.built_rows)

    def _read(self, source: Source, rows_of: Callable[[Ints], Ints]) -> None:
        found = source.read(_FIRST, _FIELDS, "b.peer_id")
        self.first[rows_of(found["peer"])] = found["day"]
        for hours in self.hours:
            found = source.read(_REACHED, _FIELDS, "b.peer_id", minutes=hours * 60)
            self.reached[hours][rows_of(found["peer"])] = found["day"]

    def reload(self, source: Source, peers: Peers) -> None:
        """Read the peers of a change again. A new vote is not one: everything is built anew then."""
        self._overdue = None
        touched = peers.rows(np.array(source.peers))
        for column in (self.first, *self.reached.values()):
            column[touched] = EVER
        self._read(source, peers.rows)

    def overdue(self, today: date) -> Bools:
        """Who is owed a support, over every row; kept until a change."""
        if self._overdue is None or self._overdue[0] != today:
            self._overdue = (today, self.due(today, slice(None)) < today.toordinal())
        return self._overdue[1]

    def due(self, today: date, rows: Any) -> Ints:
        """The last day in time of each of `rows`, by the votes in force `today`; EVER when nothing is due."""
        days, hours = self._voted(EVERY_DAYS, DEFAULT_DAYS, today), self._voted(EVERY_HOURS, DEFAULT_HOURS, today)
        first = self.first[rows].astype(np.int64)
        due = np.where(first < EVER, first + days, EVER) if days else np.full(len(first), EVER)
        return np.minimum(due, self.reached[hours][rows]) if hours else due

    def _voted(self, key: str, default: int, today: date) -> int:
        for name, value, since, until in self._votes:
            if name == key and (since is None or since <= today) and (until is None or today < until):
                return int(value)
        return default
