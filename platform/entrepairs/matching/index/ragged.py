"""Entries of which a peer has several, in flat arrays: those of one peer follow one another.

A change writes the peer's new entries at the end and forgets the old ones; when the room kept for it is used up, the
arrays are put together anew.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from entrepairs.matching.index.times import Ints

NOBODY: Final = -1
"""The owner of an entry that was forgotten."""
SPARE: Final = 1024
"""The least room kept for changes; an eighth of the entries when that is more."""


class Ragged:
    """Columns of entries with their owner's row. Entries of forgotten peers stay, owned by NOBODY, until packed."""

    def __init__(self, owners: Ints, columns: Mapping[str, NDArray[Any]], rows: int) -> None:
        """`owners` in ascending order, one column of that length each; `rows` is the number of peers."""
        self.first = np.zeros(rows, dtype=np.int32)
        self.count = np.zeros(rows, dtype=np.int32)
        self.owner: Ints = np.empty(0, dtype=np.int32)
        self.columns: dict[str, NDArray[Any]] = {}
        self.used = 0
        self.packed = 0
        self._lay(owners.astype(np.int32), columns)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """A whole column, forgotten entries included."""
        return self.columns[name][: self.used]

    @property
    def owners(self) -> Ints:
        """The row of each entry, or NOBODY."""
        return self.owner[: self.used]

    def of(self, row: int, name: str) -> NDArray[Any]:
        """A column of one peer."""
        begin = int(self.first[row])
        return self.columns[name][begin : begin + int(self.count[row])]

    def _lay(self, owners: Ints, columns: Mapping[str, NDArray[Any]]) -> None:
        self.used = len(owners)
        room = self.used + max(SPARE, self.used // 8)
        self.owner = np.full(room, NOBODY, dtype=np.int32)
        self.owner[: self.used] = owners
        for name, values in columns.items():
            held = np.zeros(room, dtype=values.dtype)
            held[: self.used] = values
            self.columns[name] = held
        self.count[:] = np.bincount(owners, minlength=len(self.count))[: len(self.count)]
        self.first[:] = np.concatenate(([0], np.cumsum(self.count)[:-1])) if len(self.count) else 0

    def replace(self, row: int, columns: Mapping[str, NDArray[Any]]) -> None:
        """The entries of a peer are these from now on, in this order."""
        count = len(next(iter(columns.values())))
        begin, before = int(self.first[row]), int(self.count[row])
        self.owner[begin : begin + before] = NOBODY
        self.count[row] = 0
        if self.used + count > len(self.owner):
            self._pack(count)
        self.first[row], self.count[row] = self.used, count
        place = slice(self.used, self.used + count)
        self.owner[place] = row
        for name, values in columns.items():
            self.columns[name][place] = values
        self.used += count

    def _pack(self, coming: int) -> None:
        """Forget for good what nobody owns, and keep room again."""
        self.packed += 1
        kept = np.flatnonzero(self.owners != NOBODY)
        kept = kept[np.argsort(self.owner[kept], kind="stable")]
        columns = {name: values[kept] for name, values in self.columns.items()}
        self._lay(self.owner[kept], columns)
        if self.used + coming > len(self.owner):
            extra = self.used + coming + SPARE - len(self.owner)
            self.owner = np.concatenate((self.owner, np.full(extra, NOBODY, dtype=np.int32)))
            for name, values in self.columns.items():
                self.columns[name] = np.concatenate((values, np.zeros(extra, dtype=values.dtype)))


def flat(first: Ints, count: Ints) -> tuple[Ints, Ints]:
    """The positions of several stretches one after the other, and which stretch each belongs to."""
    total = int(count.sum())
    which = np.repeat(np.arange(len(count), dtype=np.int32), count)
    before = np.cumsum(count) - count
    return np.arange(total, dtype=np.int64) + (first - before)[which], which
