"""Columns of the hours given to missions each week, in seconds of Paris wall time."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from entrepairs.matching.index.peers import Peers
from entrepairs.matching.index.ragged import Ragged, flat
from entrepairs.matching.index.source import Source, merged, places_in_group
from entrepairs.matching.index.times import Bools, Ints
from entrepairs.network.rules import DAY, END_OF_DAY

ABREAST: Final = 3
"""Stretches a weekday holds in columns; who has more is looked up entry by entry."""
_END_OF_DAY: Final = (END_OF_DAY.hour * 60 + END_OF_DAY.minute) * 60_000_000
_SLOTS: Final = "SELECT peer_id, weekday::int4, starts, ends FROM availability WHERE true /*of_peers*/"
_FIELDS: Final = {"peer": "int8", "weekday": "int4", "starts": "time", "ends": "time"}


class Hours:
    """`begins[weekday][n]` and `ends[weekday][n]`: the n-th stretch of that weekday, slots that touch joined.

    A stretch that is not there begins after it ends.
    """

    def __init__(self, source: Source, peers: Peers) -> None:
        self.begins: Ints = np.full((7, ABREAST, peers.room), DAY + 1, dtype=np.int32)
        self.ends: Ints = np.full((7, ABREAST, peers.room), -1, dtype=np.int32)
        self.used: Bools = np.zeros((7, ABREAST), dtype=bool)
        """Whether anybody has an n-th stretch that weekday."""
        self.many: Bools = np.zeros(peers.room, dtype=bool)
        found = self._read(source)
        rows, columns = self._joined(peers.built_rows(found["peer"]), found)
        self.stretches = Ragged(rows, columns, peers.room)
        self._spread(rows, columns)

    def _read(self, source: Source) -> dict[str, NDArray[Any]]:
        return source.read(_SLOTS, _FIELDS, "peer_id")

    def _joined(self, rows: Ints, found: Mapping[str, NDArray[Any]]) -> tuple[Ints, dict[str, NDArray[Any]]]:
        """As `network.rules.covers` joins them: a slot that ends at 23:59 lasts until midnight."""
        begin = found["starts"] // 1_000_000
        end = np.where(found["ends"] >= _END_OF_DAY, DAY, found["ends"] // 1_000_000)
        group, begin, end = merged(rows * np.int64(7) + found["weekday"], begin, end)
        columns = {"weekday": group % 7, "begin": begin, "end": end}
        return (group // 7).astype(np.int32), {name: values.astype(np.int32) for name, values in columns.items()}

    def _spread(self, rows: Ints, columns: Mapping[str, NDArray[Any]]) -> None:
        place = places_in_group(rows * np.int64(7) + columns["weekday"])
        self.many[rows[place >= ABREAST]] = True
        seen = place < ABREAST
        where = (columns["weekday"][seen], place[seen], rows[seen])
        self.used[where[:2]] = True
        self.begins[where], self.ends[where] = columns["begin"][seen], columns["end"][seen]

    def reload(self, source: Source, peers: Peers) -> None:
        """Read the peers of a change again."""
        found = self._read(source)
        rows, columns = self._joined(peers.rows(found["peer"]), found)
        touched = peers.rows(np.array(source.peers))
        self.begins[:, :, touched], self.ends[:, :, touched], self.many[touched] = DAY + 1, -1, False
        for row in touched:
            mine = rows == row
            self.stretches.replace(int(row), {name: values[mine] for name, values in columns.items()})
        self._spread(rows, columns)

    def shut(self, pieces: Iterable[tuple[int, int, int]], rows: Ints) -> Bools:
        """Who of `rows` does not give every one of the pieces of a week: weekday, first second, last second."""
        shut = np.zeros(len(rows), dtype=bool)
        many = np.flatnonzero(self.many[rows])
        for weekday, starts, ends in pieces:
            held = (self.begins[weekday, 0][rows] <= starts) & (self.ends[weekday, 0][rows] >= ends)
            for place in range(1, ABREAST):
                if self.used[weekday, place]:
                    held |= (self.begins[weekday, place][rows] <= starts) & (self.ends[weekday, place][rows] >= ends)
            if len(many):
                held[many] = self._held_by_some((weekday, starts, ends), rows[many])
            shut |= ~held
        return shut

    def _held_by_some(self, piece: tuple[int, int, int], rows: Ints) -> Bools:
        weekday, starts, ends = piece
        place, which = flat(self.stretches.first[rows], self.stretches.count[rows])
        holds = (
            (self.stretches["weekday"][place] == weekday)
            & (self.stretches["begin"][place] <= starts)
            & (self.stretches["end"][place] >= ends)
        )
        return np.bincount(which[holds], minlength=len(rows)) > 0
