"""Columns of what was lived: who held missions where, and with whom."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from entrepairs.demands.states import AssignmentState
from entrepairs.matching.index.peers import Peers
from entrepairs.matching.index.ragged import NOBODY, Ragged, flat
from entrepairs.matching.index.source import Source
from entrepairs.matching.index.times import Ints

HELD: Final = (AssignmentState.CONFIRMED.value, AssignmentState.DONE.value)
_HELD: Final = """
    SELECT DISTINCT a.peer_id, a.demand_id, coalesce(d.site_id, 0), d.ref::char(16)
    FROM assignment a JOIN demand d ON d.id = a.demand_id WHERE a.state = ANY(%(held)s) /*of_peers*/"""
_TOGETHER: Final = """
    SELECT a.peer_id, o.peer_id, count(DISTINCT a.demand_id)::int4
    FROM assignment a JOIN assignment o ON o.demand_id = a.demand_id AND o.peer_id <> a.peer_id
    WHERE a.state = ANY(%(held)s) AND o.state = ANY(%(held)s) /*of_peers*/ GROUP BY a.peer_id, o.peer_id"""


class History:
    """Demands held by peer, with their site; `together` counts those held with each other peer."""

    def __init__(self, source: Source, peers: Peers) -> None:
        found = self._read(source)
        rows = peers.built_rows(found["peer"])
        order = np.argsort(rows, kind="stable")
        self.together = _Together(rows, found["demand"], peers)
        columns = {"site": found["site"][order], "demand": found["ref"][order]}
        self.held = Ragged(rows[order], columns, peers.room)
        self._sort()

    def _read(self, source: Source) -> dict[str, NDArray[Any]]:
        fields = {"peer": "int8", "demand": "int8", "site": "int8", "ref": "ref"}
        return source.read(_HELD, fields, "a.peer_id", held=list(HELD))

    def _sort(self) -> None:
        """Entries by site, as they are now; those written later are looked at one by one."""
        self._sorted = self.held.used
        self._packed = self.held.packed
        self._by_site = np.argsort(self.held["site"], kind="stable").astype(np.int32)
        self._sites, first = np.unique(self.held["site"][self._by_site], return_index=True)
        self._first = np.append(first, self._sorted)

    def at_site(self, site: int, but: str, room: int) -> Ints | None:
        """How many missions each row held on a site, the demand `but` apart; None when nobody held any."""
        found = int(np.searchsorted(self._sites, site))
        known = found < len(self._sites) and self._sites[found] == site
        place = self._by_site[self._first[found] : self._first[found + 1]] if known else self._by_site[:0]
        if self._sorted < self.held.used:
            later = np.flatnonzero(self.held["site"][self._sorted :] == site) + self._sorted
            place = np.concatenate((place, later))
        owners = self.held.owners[place]
        kept = owners[(owners != NOBODY) & (self.held["demand"][place] != but.encode().ljust(16))]
        return np.bincount(kept, minlength=room) if len(kept) else None

    def reload(self, source: Source, peers: Peers) -> None:
        """Read the peers of a change again; those they worked with are in the change too."""
        found = self._read(source)
        for peer_id in source.peers or ():
            mine = found["peer"] == peer_id
            columns = {"site": found["site"][mine], "demand": found["ref"][mine]}
            self.held.replace(peers.row_of[peer_id], columns)
        if self.held.packed != self._packed:
            self._sort()
        self.together.reload(source, peers)


class _Together:
    """Missions two peers held on the same demand, by each of them."""

    def __init__(self, rows: Ints, demands: Ints, peers: Peers) -> None:
        order = np.argsort(demands, kind="stable")
        rows, demands = rows[order].astype(np.int64), demands[order]
        opens = np.flatnonzero(np.concatenate(([True], demands[1:] != demands[:-1]))) if len(rows) else rows
        size = np.diff(np.append(opens, len(rows)))
        count = np.repeat(size, size)
        place, which = flat(np.repeat(opens, size), count)
        one, other = rows[which], rows[place]
        key, times = np.unique((one * peers.room + other)[one != other], return_counts=True)
        columns = {"other": peers.ids[key % peers.room], "times": times.astype(np.int32)}
        self.held = Ragged(key // peers.room, columns, peers.room)

    def reload(self, source: Source, peers: Peers) -> None:
        fields = {"peer": "int8", "other": "int8", "times": "int4"}
        found: Mapping[str, NDArray[Any]] = source.read(_TOGETHER, fields, "a.peer_id", held=list(HELD))
        for peer_id in source.peers or ():
            mine = found["peer"] == peer_id
            columns = {"other": found["other"][mine], "times": found["times"][mine]}
            self.held.replace(peers.row_of[peer_id], columns)

    def of(self, row: int) -> dict[int, int]:
        """Missions by the other's id."""
        others, times = self.held.of(row, "other"), self.held.of(row, "times")
        return {int(one): int(count) for one, count in zip(others, times, strict=True)}
