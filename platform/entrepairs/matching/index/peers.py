"""Columns of the peers themselves: one value each."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from entrepairs.matching.index.source import Source
from entrepairs.matching.index.times import EVER, Bools, Ints
from entrepairs.network.models.peers import Employment, HomeWish, PairWish

EMPLOYMENTS: Final = tuple(Employment)
PAIR_WISHES: Final = tuple(PairWish)
HOME_WISHES: Final = tuple(HomeWish)
NO_WISH: Final = -1
"""In place of the hours a month of who wishes no maximum."""
_PEERS: Final = """
    SELECT p.id, p.ref::char(16), p.joined_on, coalesce(p.left_on, 'infinity'), p.radius_km, p.wished_hours,
           p.weekly_max_hours, p.outside_hours, p.asks_missions,
           array_position(%(employments)s::text[], p.employment::text) - 1,
           array_position(%(wishes)s::text[], p.pair_wish::text) - 1,
           array_position(%(home_wishes)s::text[], p.home_wish::text) - 1, coalesce(p.monthly_max_hours, -1),
           p.rests_on_holidays, p.waits_for_supervision, p.full_time, h.number
    FROM peer p JOIN (SELECT insee, (row_number() OVER (ORDER BY insee) - 1)::int4 AS number FROM commune) h
         ON h.insee = p.commune_insee
    WHERE true /*of_peers*/ ORDER BY p.id"""
_FIELDS: Final = {
    "id": "int8",
    "ref": "ref",
    "joined": "date",
    "left": "date",
    "radius": "int4",
    "wished": "int4",
    "weekly_max": "int4",
    "outside": "int4",
    "asks": "bool",
    "employment": "int4",
    "pair_wish": "int4",
    "home_wish": "int4",
    "monthly_max": "int4",
    "rests_on_holidays": "bool",
    "waits_for_supervision": "bool",
    "full_time": "bool",
    "home": "int4",
}
_NAMES: Final = "SELECT p.id, p.first_name, p.last_name FROM peer p WHERE true /*of_peers*/"
_COMMUNES: Final = "SELECT latitude::float8, longitude::float8 FROM commune ORDER BY insee"


class NoRoom(RuntimeError):
    """More new peers than room was kept for: time to build anew."""


class Peers:
    """Rows in the order of the first build, then as they join. A row is never given to somebody else."""

    def __init__(self, source: Source) -> None:
        found = source.rows(_COMMUNES, "")
        self.latitudes = np.array([row[0] for row in found], dtype=np.float64)
        self.longitudes = np.array([row[1] for row in found], dtype=np.float64)
        """Of the communes, by the order of their code, in degrees."""
        latitudes, longitudes = np.radians(self.latitudes), np.radians(self.longitudes)
        around = np.cos(latitudes)
        self.points = np.array([around * np.cos(longitudes), around * np.sin(longitudes), np.sin(latitudes)])
        """The same on a sphere of radius one."""
        columns = self._read(source)
        count = len(columns["id"])
        self.room = count + max(256, count // 64)
        self.used = count
        self.ids: Ints = self._column(columns["id"], -1)
        self.refs: NDArray[Any] = self._column(columns["ref"], b"")
        self.joined: Ints = self._column(columns["joined"], EVER)
        self.left: Ints = self._column(columns["left"], -EVER)
        """The day they are no longer there; in nobody's row, before every day."""
        self.radius: Ints = self._column(columns["radius"], 0)
        self.wished: Ints = self._column(columns["wished"], 0)
        self.weekly_max: Ints = self._column(columns["weekly_max"], 0)
        self.outside: Ints = self._column(columns["outside"], 0)
        self.asks: Bools = self._column(columns["asks"], False)
        self.employment: Ints = self._column(columns["employment"].astype(np.int8), 0)
        self.pair_wish: Ints = self._column(columns["pair_wish"].astype(np.int8), 0)
        self.home_wish: Ints = self._column(columns["home_wish"].astype(np.int8), 0)
        self.monthly_max: Ints = self._column(columns["monthly_max"], NO_WISH)
        self.rests_on_holidays: Bools = self._column(columns["rests_on_holidays"], False)
        self.waits_for_supervision: Bools = self._column(columns["waits_for_supervision"], False)
        self.full_time: Bools = self._column(columns["full_time"], False)
        self.home: Ints = self._column(columns["home"], 0)
        self.rank: Ints = np.full(self.room, EVER, dtype=np.int32)
        """The place of the reference among all: what parts people whom everything else leaves equal."""
        self.rank[np.argsort(columns["ref"], kind="stable")] = np.arange(count)
        self.row_of: dict[int, int] = {int(one): row for row, one in enumerate(columns["id"])}
        self.first_names: list[str] = [""] * self.room
        self.short_names: list[str] = [""] * self.room
        self._names_rank: Ints | None = None
        self._texts: dict[str, str] = {}
        self._name(source)

    def _read(self, source: Source) -> dict[str, NDArray[Any]]:
        employments, wishes = [one.value for one in EMPLOYMENTS], [one.value for one in PAIR_WISHES]
        homes = [one.value for one in HOME_WISHES]
        return source.read(_PEERS, _FIELDS, "p.id", employments=employments, wishes=wishes, home_wishes=homes)

    def _column(self, values: NDArray[Any], absent: object) -> NDArray[Any]:
        column = np.full(self.room, absent, dtype=values.dtype)
        column[: len(values)] = values
        return column

    def _name(self, source: Source) -> None:
        self._names_rank = None
        for peer_id, first, last in source.rows(_NAMES, "p.id"):
            row = self.row_of[peer_id]
            short = f"{first} {last[:1]}."
            self.first_names[row] = self._texts.setdefault(first, first)
            self.short_names[row] = self._texts.setdefault(short, short)

    @property
    def names_rank(self) -> Ints:
        """The place of each short name among all, for a list by name."""
        if self._names_rank is None:
            places = {name: place for place, name in enumerate(sorted(set(self.short_names)))}
            self._names_rank = np.array([places[name] for name in self.short_names], dtype=np.int32)
        return self._names_rank

    def reload(self, source: Source) -> None:
        """Read the peers of a change again; those no longer there leave their row empty. Raises NoRoom."""
        found = self._read(source)
        present = {int(one) for one in found["id"]}
        for peer_id in set(source.peers or ()) - present:
            if peer_id in self.row_of:
                self.left[self.row_of[peer_id]] = -EVER
        for place, peer_id in enumerate(found["id"]):
            row = self._row(int(peer_id), found["ref"][place])
            for name, values in found.items():
                if name not in {"id", "ref"}:
                    getattr(self, name)[row] = values[place]
        self._name(source)

    def _row(self, peer_id: int, ref: bytes) -> int:
        row = self.row_of.get(peer_id)
        if row is not None and self.refs[row] == ref:
            return row
        if row is not None or self.used == self.room:  # a reference never changes
            raise NoRoom
        row, self.used = self.used, self.used + 1
        self.row_of[peer_id], self.ids[row], self.refs[row] = row, peer_id, ref
        before = self.refs[:row] < ref
        self.rank[row] = np.count_nonzero(before)
        self.rank[:row][~before] += 1
        return row

    def rows(self, peer_ids: Ints) -> Ints:
        """The rows of peers by id."""
        row_of = self.row_of
        return np.array([row_of[int(one)] for one in peer_ids], dtype=np.int32)

    def built_rows(self, peer_ids: Ints) -> Ints:
        """The rows of many peers at once, at the build: rows are in the order of the ids then."""
        return np.searchsorted(self.ids[: self.used], peer_ids).astype(np.int32)
