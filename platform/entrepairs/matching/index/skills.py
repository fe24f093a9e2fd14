"""Columns of what peers know and learn: languages and themes as masks, qualifications as stretches of days."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from entrepairs.matching.index.peers import Peers
from entrepairs.matching.index.ragged import Ragged, flat
from entrepairs.matching.index.source import OF_PEERS, Codes, Source, merged, places_in_group
from entrepairs.matching.index.times import EVER, Bools, Ints, day_of
from entrepairs.network.rules import Held

MASK: Final = 62
"""Codes a mask can hold."""
_FIELDS: Final = {"peer": "int8", "kind": "code", "since": "date", "until": "date"}


class TooManyCodes(RuntimeError):
    """A list is longer than a mask."""


class Masks:
    """One closed list of codes, as bits of each peer: languages or themes."""

    def __init__(self, source: Source, peers: Peers, table: str, column: str) -> None:
        self._query = f"SELECT peer_id, {column}::char(40) FROM {table} WHERE true {OF_PEERS}"  # noqa: S608
        self.codes = Codes()
        self._names: dict[int, frozenset[str]] = {}
        self.bits: Ints = np.zeros(peers.room, dtype=np.int64)
        found = self._read(source)
        self._set(peers.built_rows(found["peer"]), found["code"])

    def _read(self, source: Source) -> dict[str, NDArray[Any]]:
        return source.read(self._query, {"peer": "int8", "code": "code"}, "peer_id")

    def _set(self, rows: Ints, codes: NDArray[Any]) -> None:
        numbers = self.codes.numbers(codes).astype(np.int64)
        if len(self.codes.names) > MASK:
            raise TooManyCodes
        np.bitwise_or.at(self.bits, rows, np.int64(1) << numbers)

    def reload(self, source: Source, peers: Peers) -> None:
        """Read the peers of a change again."""
        found = self._read(source)
        self.bits[peers.rows(np.array(source.peers))] = 0
        self._set(peers.rows(found["peer"]), found["code"])

    def mask(self, names: frozenset[str]) -> int:
        """The bits of codes; one that nobody has is no bit."""
        return sum(1 << number for name in names if (number := self.codes.known(name)) is not None)

    def names(self, row: int) -> frozenset[str]:
        """The codes of a peer."""
        bits = int(self.bits[row])
        found = self._names.get(bits)
        if found is None:
            found = frozenset(name for number, name in enumerate(self.codes.names) if bits >> number & 1)
            self._names[bits] = found
        return found


class Stretches:
    """Qualifications by kind over stretches of days: held, or being learned.

    `since` and `until` hold, by kind, the last of a peer's stretches once those that touch are joined; `gaps` marks
    the peers who have several still, and `ever` the kinds they have at any time.
    """

    def __init__(self, source: Source, peers: Peers, table: str) -> None:
        self._query = f"""
            SELECT peer_id, kind::char(40), coalesce(lower(valid), '-infinity'), coalesce(upper(valid), 'infinity')
            FROM {table} WHERE true {OF_PEERS} ORDER BY peer_id, id"""  # noqa: S608
        self.kinds = Codes()
        self._room = peers.room
        self._ones: dict[tuple[int, int, int], Held] = {}
        self.since: list[Ints] = []
        self.until: list[Ints] = []
        self.ever: Ints = np.zeros(peers.room, dtype=np.int64)
        self.gaps: Bools = np.zeros(peers.room, dtype=bool)
        found = self._read(source)
        rows, columns = peers.built_rows(found["peer"]), self._entries(found)
        self.held = Ragged(rows, columns, peers.room)
        self._spread(rows, columns)

    def _read(self, source: Source) -> dict[str, NDArray[Any]]:
        return source.read(self._query, _FIELDS, "peer_id")

    def _entries(self, found: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        kinds = self.kinds.numbers(found["kind"])
        if len(self.kinds.names) > MASK:
            raise TooManyCodes
        while len(self.since) < len(self.kinds.names):
            self.since.append(np.full(self._room, EVER, dtype=np.int32))
            self.until.append(np.full(self._room, -EVER, dtype=np.int32))
        return {"kind": kinds, "since": found["since"], "until": found["until"]}

    def _spread(self, rows: Ints, columns: Mapping[str, NDArray[Any]]) -> None:
        kinds = columns["kind"].astype(np.int64)
        np.bitwise_or.at(self.ever, rows, np.int64(1) << kinds)
        group, since, until = merged(
            rows * np.int64(MASK + 1) + kinds, columns["since"].astype(np.int64), columns["until"].astype(np.int64)
        )
        owner, kind = group // (MASK + 1), group % (MASK + 1)
        for number in range(len(self.since)):
            mine = kind == number
            self.since[number][owner[mine]] = since[mine]  # in order: the last stretch stays
            self.until[number][owner[mine]] = until[mine]
        self.gaps[owner[places_in_group(group) > 0]] = True

    def reload(self, source: Source, peers: Peers) -> None:
        """Read the peers of a change again."""
        found = self._read(source)
        rows, columns = peers.rows(found["peer"]), self._entries(found)
        touched = peers.rows(np.array(source.peers))
        for number in range(len(self.since)):
            self.since[number][touched], self.until[number][touched] = EVER, -EVER
        self.ever[touched], self.gaps[touched] = 0, False
        for row in touched:
            mine = rows == row
            self.held.replace(int(row), {name: values[mine] for name, values in columns.items()})
        self._spread(rows, columns)

    def of(self, row: int) -> tuple[Held, ...]:
        """The stretches of a peer as the rules know them."""
        columns = (self.held.of(row, name).tolist() for name in ("kind", "since", "until"))
        return tuple(self._one(key) for key in zip(*columns, strict=True))

    def _one(self, key: tuple[int, int, int]) -> Held:
        """Many hold the same thing since the same day."""
        found = self._ones.get(key)
        if found is None:
            kind, since, until = key
            found = self._ones[key] = Held(self.kinds.names[kind], day_of(since), day_of(until))
        return found

    def had(self, kind: str, rows: Any) -> Bools:
        """Who of `rows` has a kind at some time."""
        number = self.kinds.known(kind)
        if number is None:
            return np.zeros(len(self.ever[rows]), dtype=bool)
        found: Bools = (self.ever[rows] >> number & 1).astype(bool)
        return found

    def lacking(self, kind: str, days: Ints, rows: Any) -> Bools:
        """Who of `rows` (positions, or a slice) does not have a kind on every one of the days, in order."""
        number = self.kinds.known(kind)
        if number is None:
            return np.ones(len(self.ever[rows]), dtype=bool)
        lacks: Bools = (self.since[number][rows] > days[0]) | (self.until[number][rows] <= days[-1])
        unsure = lacks & self.gaps[rows]
        if unsure.any():
            which = np.flatnonzero(unsure)
            owners = which if isinstance(rows, slice) else rows[which]
            lacks[which] = self._lacking_somewhere(number, days, owners)
        return lacks

    def _lacking_somewhere(self, number: int, days: Ints, rows: Ints) -> Bools:
        """The same over every stretch, for those who have several."""
        place, which = flat(self.held.first[rows], self.held.count[rows])
        mine = self.held["kind"][place] == number
        place, which = place[mine], which[mine]
        since, until = self.held["since"][place], self.held["until"][place]
        lacks = np.zeros(len(rows), dtype=bool)
        for day in days:
            lacks |= np.bincount(which[(since <= day) & (day < until)], minlength=len(rows)) == 0
        return lacks
