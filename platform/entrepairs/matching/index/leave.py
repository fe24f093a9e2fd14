"""Columns of what keeps a peer from coming that is theirs alone: absences, pauses, excluded places, papers."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from entrepairs.matching.index.peers import Peers
from entrepairs.matching.index.ragged import NOBODY, Ragged
from entrepairs.matching.index.source import Source
from entrepairs.matching.index.times import EVER, Bools, Ints
from entrepairs.network.models.peers import ClearanceKind

PAPERS: Final = tuple(ClearanceKind)


class Entries:
    """Entries read by one query, in the peers' order."""

    def __init__(self, source: Source, peers: Peers, query: str, fields: Mapping[str, str], **params: Any) -> None:
        self._query, self._fields, self._params = query, {"peer": "int8", **fields}, params
        found = self._read(source)
        rows = peers.built_rows(found.pop("peer"))
        self.held = Ragged(rows, found, peers.room)

    def _read(self, source: Source) -> dict[str, NDArray[Any]]:
        return source.read(self._query, self._fields, "peer_id", **self._params)

    def reload(self, source: Source, peers: Peers) -> None:
        """Read the peers of a change again."""
        found = self._read(source)
        owners = found.pop("peer")
        for peer_id in source.peers or ():
            mine = owners == peer_id
            self.held.replace(peers.row_of[peer_id], {name: values[mine] for name, values in found.items()})

    def marked(self, chosen: Any, room: int) -> Bools:
        """The rows that own a chosen entry: places, or truths."""
        marks = np.zeros(room + 1, dtype=bool)
        marks[self.held.owners[chosen]] = True  # NOBODY is the last place
        return marks[:NOBODY]


class Absences(Entries):
    """Stretches of time away."""

    def __init__(self, source: Source, peers: Peers) -> None:
        query = """SELECT peer_id, lower(during), upper(during) FROM absence
                    WHERE upper(during) > %(since)s /*of_peers*/ ORDER BY peer_id, during"""
        super().__init__(source, peers, query, {"start": "instant", "end": "instant"})


class Pauses(Entries):
    """Days without offers."""

    def __init__(self, source: Source, peers: Peers) -> None:
        query = """SELECT peer_id, since, coalesce(until, 'infinity') FROM pause
                    WHERE true /*of_peers*/ ORDER BY peer_id, id"""
        super().__init__(source, peers, query, {"since": "date", "until": "date"})


class TrainingDays(Entries):
    """Days at school or in training."""

    def __init__(self, source: Source, peers: Peers) -> None:
        query = """SELECT peer_id, lower(days), upper(days) FROM training_days
                    WHERE true /*of_peers*/ ORDER BY peer_id, days"""
        super().__init__(source, peers, query, {"since": "date", "until": "date"})


class Exclusions(Entries):
    """Places a peer is never offered."""

    def __init__(self, source: Source, peers: Peers) -> None:
        query = """SELECT peer_id, coalesce(site_id, 0), coalesce(partner_id, 0) FROM exclusion
                    WHERE true /*of_peers*/ ORDER BY peer_id, id"""
        super().__init__(source, peers, query, {"site": "int8", "partner": "int8"})


class Papers(Entries):
    """Papers checked. `best[kind]` is the last good day of a peer's best paper of a kind, before every day without."""

    def __init__(self, source: Source, peers: Peers) -> None:
        query = """SELECT peer_id, array_position(%(papers)s::text[], kind::text) - 1, coalesce(valid_until, 'infinity')
                    FROM clearance WHERE true /*of_peers*/ ORDER BY peer_id, id"""
        fields = {"kind": "int4", "until": "date"}
        super().__init__(source, peers, query, fields, papers=[one.value for one in PAPERS])
        self.best: Ints = np.full((len(PAPERS), peers.room), -EVER, dtype=np.int32)
        np.maximum.at(self.best, (self.held["kind"], self.held.owners), self.held["until"])

    def reload(self, source: Source, peers: Peers) -> None:
        """Read the peers of a change again."""
        super().reload(source, peers)
        for peer_id in source.peers or ():
            row = peers.row_of[peer_id]
            self.best[:, row] = -EVER
            np.maximum.at(self.best[:, row], self.held.of(row, "kind"), self.held.of(row, "until"))


class Refusals:
    """Who is never to come with whom, both ways: few enough to be read whole after any change."""

    def __init__(self, source: Source) -> None:
        self.of: Mapping[int, frozenset[int]] = {}
        self.reload(source)

    def reload(self, source: Source) -> None:
        """Read them again."""
        found: dict[int, set[int]] = defaultdict(set)
        for one, other in source.rows("SELECT peer_id, other_id FROM refused_colleague", ""):
            found[one].add(other)
            found[other].add(one)
        self.of = {peer_id: frozenset(others) for peer_id, others in found.items()}
