"""Where columns are read from: one connection, for everybody or for the peers of a change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from entrepairs.matching.index.copying import read
from entrepairs.matching.index.times import Bools, Ints

OF_PEERS: Final = "/*of_peers*/"
"""Where a query is narrowed: put after a WHERE; the peer's column is named by the part."""


@dataclass(frozen=True, slots=True)
class Source:
    """Reads arrays. `since` is the horizon: what ended before it is left in the database."""

    connection: Connection
    since: datetime
    peers: Sequence[int] | None = None
    """Only these peers, or None for everybody."""

    def read(self, query: str, fields: Mapping[str, str], column: str, **params: Any) -> dict[str, NDArray[Any]]:
        """The columns of a query (see `copying.read`); `column` is the peer's, to narrow by."""
        narrowed = query if self.peers is None else query.replace(OF_PEERS, f" AND {column} = ANY(%(peers)s)")
        given = {"since": self.since, "peers": list(self.peers or ()), **params}
        return read(self.connection, narrowed, fields, given)

    def rows(self, query: str, column: str) -> Sequence[Any]:
        """Plain rows, for texts that are not codes."""
        narrowed = query if self.peers is None else query.replace(OF_PEERS, f" AND {column} = ANY(:peers)")
        given = {} if self.peers is None else {"peers": list(self.peers)}
        return self.connection.execute(text(narrowed), given).all()


class Codes:
    """The codes of a closed list, numbered as they are met."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._number: dict[str, int] = {}

    def number(self, name: str) -> int:
        """The number of a code, given it when new."""
        found = self._number.get(name)
        if found is None:
            found = self._number[name] = len(self.names)
            self.names.append(name)
        return found

    def known(self, name: str) -> int | None:
        """The number of a code somebody has."""
        return self._number.get(name)

    def numbers(self, values: NDArray[Any]) -> Ints:
        """The numbers of an array of padded codes."""
        names, which = np.unique(values, return_inverse=True)
        return np.array([self.number(one.decode("ascii").rstrip()) for one in names], dtype=np.int16)[which]


def merged(group: Ints, begin: Ints, end: Ints) -> tuple[Ints, Ints, Ints]:
    """Stretches `[begin, end)` joined within their group when they touch or overlap, by group and begin."""
    if not len(group):
        return group, begin, end
    order = np.lexsort((end, begin, group))
    group, begin, end = group[order], begin[order], end[order]
    opens = np.ones(len(group), dtype=bool)
    # One group after the other on a single line, so that the furthest end so far starts anew with each group.
    low, high = int(begin.min()), int(max(end.max(), begin.max()))
    line = group.astype(np.int64) * (high - low + 2) - low
    furthest = np.maximum.accumulate(end + line)
    opens[1:] = begin[1:] + line[1:] > furthest[:-1]
    starts = np.flatnonzero(opens)
    return group[starts], begin[starts], np.maximum.reduceat(end, starts)


def places_in_group(group: Ints) -> Ints:
    """The place of each entry among those of its group, for groups in order."""
    if not len(group):
        return np.empty(0, dtype=np.int64)
    opens: Bools = np.ones(len(group), dtype=bool)
    opens[1:] = group[1:] != group[:-1]
    starts = np.flatnonzero(opens)
    return np.arange(len(group)) - np.repeat(starts, np.diff(np.append(starts, len(group))))
