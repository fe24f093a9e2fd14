"""One ask looked at over the columns: distances, what is held around its sessions, what rules and scores share."""

from datetime import timedelta
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from entrepairs.matching.index.asked import Asked
from entrepairs.matching.index.held import Held
from entrepairs.matching.index.team import Team
from entrepairs.matching.index.times import MINUTE, Bools, Ints, micros, midnight
from entrepairs.matching.scoring import Weights
from entrepairs.matching.values import LOOK_AROUND, Ask, Limits, Place
from entrepairs.network.territory import EARTH_RADIUS_KM, ROAD_FACTOR, road_km, travel_minutes

Rows = Any
"""Rows of the team: their positions, or a slice of all."""
EVERYBODY: Final = slice(None)
NEAR_AN_EDGE: Final = 1e-6
"""Closer than that to where an answer changes, a distance is computed as the rules do, to the last bit."""
_MARGIN: Final = timedelta(weeks=1)


class OutOfSight(RuntimeError):
    """The ask reaches before the horizon of the columns: the database answers."""


class Survey:
    """An ask over a team. Raises OutOfSight."""

    def __init__(self, team: Team, ask: Ask, limits: Limits, weights: Weights) -> None:
        self.team, self.ask, self.limits, self.weights = team, ask, limits, weights
        self.asked = Asked(ask)
        reach = micros(team.since + LOOK_AROUND + _MARGIN)
        if self.asked.start < reach or midnight(self.asked.today) < micros(team.since):
            raise OutOfSight
        self.ask_month = ask.month
        self._held: Held | None = None

    @cached_property
    def pool(self) -> Bools:
        """The team's members of that time, over every row."""
        return self.team.peers.left > self.asked.first_day

    @cached_property
    def km(self) -> NDArray[np.float64]:
        """Road km from each commune to the place asked; exact where a rule, a rounding or a journey turns on it."""
        peers, place = self.team.peers, self.ask.place
        if place is None:
            return np.zeros(len(peers.latitudes))
        found = _road_km(place, peers.latitudes_radians, peers.longitudes_radians)
        halves = 2 * found
        edgy = np.abs(halves - np.rint(halves)) < 2 * NEAR_AN_EDGE
        # Nearly at the antipodes the formula loses its digits.
        for commune in np.flatnonzero(edgy | (found > 15_000)):
            found[commune] = self._exact_km(int(commune))
        return found

    def _exact_km(self, commune: int) -> float:
        peers, place = self.team.peers, self.ask.place
        if place is None:
            return 0.0
        return road_km(peers.latitudes[commune], peers.longitudes[commune], place.latitude, place.longitude)

    @cached_property
    def travel(self) -> Ints:
        """Microseconds to go from the place asked to each commune; the last place is nowhere, where nobody travels."""
        found = np.zeros(len(self.km) + 1, dtype=np.int64)
        if self.ask.place is None:
            return found
        km = self.km
        minutes = 10.0 + np.minimum(km, 10) * 2 + np.clip(km - 10, 0, 30) + np.maximum(km - 40, 0) * 0.75
        fives = minutes / 5
        found[:-1] = np.ceil(np.round(fives, 6)).astype(np.int64) * 5
        edgy = np.abs(fives - np.floor(fives) - 5e-7) < NEAR_AN_EDGE
        for commune in np.flatnonzero(edgy):
            found[commune] = travel_minutes(self._exact_km(int(commune)))
        found *= MINUTE
        return found

    @cached_property
    def farthest(self) -> int:
        """The longest of these journeys."""
        return int(self.travel.max())

    def km_of(self, rows: Rows) -> NDArray[np.float64]:
        """Road km from home; none to a remote session."""
        return self.km[self.team.peers.home[rows]]

    @cached_property
    def whole_km(self) -> Ints:
        """The same in whole km, as it is told."""
        return np.rint(self.km).astype(np.int64)

    def learns(self, rows: Rows) -> Bools:
        """Who would come as a learner (`skill_rules.learns`)."""
        found = np.zeros(len(self.team.peers.left[rows]), dtype=bool)
        for kind in self.ask.qualifications:
            found |= self.team.held.lacking(kind, self.asked.days_array, rows)
        return found

    @cached_property
    def visits(self) -> Ints:
        """Missions held on the ask's site, over every row."""
        found = np.zeros(self.team.peers.room, dtype=np.int32)
        if self.ask.site_id is not None:
            owners, times = self.team.history.at_site(self.ask.site_id, self.ask.ref)
            found[owners] = times
        return found

    def month_minutes(self, rows: Rows) -> Ints:
        """Minutes done or promised in the ask's month."""
        diary, place = self.team.diary, self.asked.month - self.team.diary.first_month
        found: Ints = diary.month_minutes[rows, place] if place < diary.months else diary.month_minutes[rows, 0] * 0
        return found

    def _month(self, rows: Ints, month: int) -> Ints:
        diary = self.team.diary
        place = month - diary.first_month
        held = 0 <= place < diary.months
        found: Ints = diary.month_minutes[rows, place] if held else np.zeros(len(rows), dtype=np.int32)
        return found

    def months(self, rows: Ints) -> Ints:
        """Minutes held in each month of the ask, one column each, in order."""
        return np.stack([self._month(rows, month) for month in sorted(self.asked.by_month)], axis=1)

    def weeks(self, rows: Ints, first: int, count: int) -> Ints:
        """Minutes held in `count` weeks from the week `first`, one column each."""
        return self._grid(self.team.diary.minutes, rows, first, count)

    def worked_days(self, rows: Ints, week: int) -> NDArray[np.uint8]:
        """The days held in a week, one bit each."""
        return self._grid(self.team.diary.days, rows, week, 1)[:, 0]

    def _grid(self, table: NDArray[Any], rows: Ints, first: int, count: int) -> NDArray[Any]:
        begin = first - self.team.diary.first_week
        low, high = max(begin, 0), min(begin + count, table.shape[1])
        if (low, high) == (begin, begin + count):
            return table[rows, low:high]
        found = np.zeros((len(rows), count), dtype=table.dtype)
        if low < high:
            found[:, low - begin : high - begin] = table[rows, low:high]
        return found

    def held(self, rows: Ints) -> Held:
        """What these rows hold around the sessions; kept for the next rule that asks of the same rows."""
        if self._held is None or self._held.rows is not rows:
            self._held = Held(self, rows)
        return self._held


def _road_km(place: Place, latitudes: NDArray[np.float64], longitudes: NDArray[np.float64]) -> NDArray[np.float64]:
    """`territory.road_km` in arrays; the last bits may differ. Both in radians."""
    latitude, longitude = np.radians(place.latitude), np.radians(place.longitude)
    chord = np.sin((latitudes - latitude) / 2) ** 2
    chord += np.cos(latitudes) * np.cos(latitude) * np.sin((longitudes - longitude) / 2) ** 2
    found: NDArray[np.float64] = 2 * EARTH_RADIUS_KM * ROAD_FACTOR * np.arcsin(np.sqrt(np.minimum(1.0, chord)))
    return found
