"""One ask looked at over the columns: distances, what is held around its sessions, what rules and scores share."""

from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from entrepairs.matching.index.asked import Asked
from entrepairs.matching.index.held import Held
from entrepairs.matching.index.load import Load
from entrepairs.matching.index.roads import Road
from entrepairs.matching.index.team import Team
from entrepairs.matching.index.times import Bools, Ints, midnight
from entrepairs.matching.scoring import Weights
from entrepairs.matching.values import Ask, Limits

Rows = Any
"""Rows of the team: their positions, or a slice of all."""
EVERYBODY: Final = slice(None)
ROADS: Final = 1024
"""Places from which the distances are kept."""


class OutOfSight(RuntimeError):
    """The ask reaches before the horizon of the columns: the database answers."""


class Survey:
    """An ask over a team. Raises OutOfSight."""

    def __init__(self, team: Team, ask: Ask, limits: Limits, weights: Weights) -> None:
        self.team, self.ask, self.limits, self.weights = team, ask, limits, weights
        self.asked = Asked(ask)
        if self.asked.start < team.sees_from or midnight(self.asked.today) < team.since_micros:
            raise OutOfSight
        self.ask_month = ask.month
        self._held: Held | None = None
        self._load: Load | None = None
        self._kms: tuple[Ints, Ints] | None = None

    @cached_property
    def pool(self) -> Bools:
        """The team's members of that time, over every row."""
        return self.team.peers.left > self.asked.first_day

    @cached_property
    def _road(self) -> Road:
        """From the place asked; kept for the next ask of the same place."""
        kept = self.team.roads
        found = kept.get(self.ask.place)
        if found is None:
            if len(kept) >= ROADS:
                kept.clear()
            found = kept[self.ask.place] = Road.between(self.ask.place, self.team.peers)
        return found

    @property
    def km(self) -> NDArray[np.float64]:
        """Road km from each commune to the place asked; exact where a rule, a rounding or a journey turns on it."""
        return self._road.km

    @property
    def whole_km(self) -> Ints:
        """The same in whole km, as it is told."""
        return self._road.whole_km

    @property
    def travel(self) -> Ints:
        """Microseconds to go from the place asked to each commune; the last place is nowhere, where nobody travels."""
        return self._road.travel

    @property
    def farthest(self) -> int:
        """The longest of these journeys."""
        return self._road.farthest

    def km_of(self, rows: Rows) -> NDArray[np.float64]:
        """Road km from home; none to a remote session."""
        return self.km[self.team.peers.home[rows]]

    def whole_km_of(self, rows: Ints) -> Ints:
        """Whole km from home, kept for the next who asks of the same rows."""
        if self._kms is None or self._kms[0] is not rows:
            self._kms = (rows, self.whole_km[self.team.peers.home[rows]])
        return self._kms[1]

    def learns(self, rows: Rows) -> Bools:
        """Who would come as a learner (`skill_rules.learns`)."""
        found = np.zeros(len(self.team.peers.left[rows]), dtype=bool)
        for kind in self.ask.qualifications:
            found |= self.team.held.lacking(kind, self.asked.days_array, rows)
        return found

    @cached_property
    def visits(self) -> Ints | None:
        """Missions held on the ask's site, over every row; None when nobody held any."""
        if self.ask.site_id is None:
            return None
        return self.team.history.at_site(self.ask.site_id, self.ask.ref, self.team.peers.room)

    def visits_of(self, rows: Rows) -> Ints:
        """The same of some rows."""
        found: Ints = np.zeros_like(self.team.peers.home[rows]) if self.visits is None else self.visits[rows]
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
        """Minutes of each month of the ask, its own included, one column each."""
        return np.stack([self._month(rows, month) + own for month, own in self.asked.by_month.items()], axis=1)

    def weeks(self, rows: Ints, first: int, count: int) -> Ints:
        """Minutes held in `count` weeks from the week `first`, one column each."""
        return self._grid(self.team.diary.minutes, rows, first, count)

    def worked_days(self, rows: Ints, first: int, count: int) -> NDArray[np.uint8]:
        """The days held in `count` weeks from the week `first`, one column each, one bit each day."""
        return self._grid(self.team.diary.days, rows, first, count)

    def _grid(self, table: NDArray[Any], rows: Ints, first: int, count: int) -> NDArray[Any]:
        begin = first - self.team.diary.first_week
        low, high = max(begin, 0), min(begin + count, table.shape[1])
        if (low, high) == (begin, begin + count):
            return table[rows, low:high]
        found = np.zeros((len(rows), count), dtype=table.dtype)
        if low < high:
            found[:, low - begin : high - begin] = table[rows, low:high]
        return found

    def load(self, rows: Ints) -> Load:
        """How much these rows work; kept for the next rule that asks of the same rows."""
        if self._load is None or self._load.rows is not rows:
            self._load = Load(self, rows)
        return self._load

    def held(self, rows: Ints) -> Held:
        """What these rows hold around the sessions; kept for the next rule that asks of the same rows."""
        if self._held is None or self._held.rows is not rows:
            self._held = Held(self, rows)
        return self._held
