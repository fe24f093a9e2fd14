"""What matching compares, as values: a demand's ask, a peer's terms, the legal figures. No database, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from entrepairs.kernel.dates import Period, month_start, paris_day
from entrepairs.kernel.parameters import Parameters
from entrepairs.network.models.peers import ClearanceKind, Employment
from entrepairs.network.rules import Held, WeeklySlot
from entrepairs.network.territory import road_km, travel_minutes

LOOK_AROUND: Final = timedelta(weeks=12)
"""How far around a demand's sessions the diary is read: the weeks of the legal mean (C. trav. L3121-22)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session is, in degrees (WGS 84), by its commune's centre; `site_id` when it is a service."""

    latitude: float
    longitude: float
    site_id: int | None = None

    def road_to(self, other: "Place") -> float:
        """Estimated km by road."""
        return road_km(self.latitude, self.longitude, other.latitude, other.longitude)


def minutes_between(one: Place | None, other: Place | None) -> int:
    """Minutes to go from one place to another; none inside a service, nor when either is remote (None)."""
    if one is None or other is None or (one.site_id is not None and one.site_id == other.site_id):
        return 0
    return travel_minutes(one.road_to(other))


@dataclass(frozen=True, slots=True, order=True)
class Work:
    """A dated piece of work: the session itself, and the minutes of preparation paid with it."""

    period: Period
    place: Place | None = field(default=None, compare=False)
    preparation_minutes: int = 0

    @property
    def paid_minutes(self) -> int:
        """The session and its preparation."""
        return self.period.minutes + self.preparation_minutes


@dataclass(frozen=True, slots=True)
class Ask:
    """What a demand needs of each peer who comes. `sessions` are those still to come, in order; `place` None is remote."""

    ref: str
    sessions: tuple[Period, ...]
    place: Place | None
    today: date
    """The business day one looks."""
    partner_id: int
    site_id: int | None = None
    qualifications: frozenset[str] = frozenset()
    language: str | None = None
    themes: frozenset[str] = frozenset()
    preparation_minutes: int = 0
    seats: int = 1
    """Peers needed in all."""
    free_seats: int = 1
    holders: tuple[int, ...] = ()
    """Peers who hold a seat already."""

    @property
    def work(self) -> tuple[Work, ...]:
        """The sessions as pieces of work."""
        return tuple(Work(period, self.place, self.preparation_minutes) for period in self.sessions)

    @property
    def month(self) -> date:
        """The first of the month it starts in, for hours wished a month."""
        return month_start(paris_day(self.sessions[0].start))

    @property
    def span(self) -> Period:
        """From the first start to the last end. Raises ValueError without a session."""
        return Period(min(s.start for s in self.sessions), max(s.end for s in self.sessions))


@dataclass(frozen=True, slots=True)
class Spell:
    """Days from `since` until the day before `until` (None: open)."""

    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper checked; `valid_until` is its last good day (None: no end)."""

    kind: ClearanceKind
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A peer with all their terms. Nothing here says why a term is what it is: nobody knows, and nobody asks."""

    id: int
    ref: str
    first_name: str
    short_name: str
    home: Place
    employment: Employment = Employment.EMPLOYEE
    asks_missions: bool = True
    joined_on: date = date.min
    left_on: date | None = None
    radius_km: int = 40
    wished_hours: int = 35
    weekly_max_hours: int = 20
    outside_hours: int = 0
    languages: frozenset[str] = frozenset({"fr"})
    themes: frozenset[str] = frozenset()
    qualifications: tuple[Held, ...] = ()
    week: tuple[WeeklySlot, ...] = ()
    absences: tuple[Period, ...] = ()
    pauses: tuple[Spell, ...] = ()
    papers: tuple[Paper, ...] = ()
    excluded: bool = False
    """Whether the ask's site or partner is among the places they do not wish to go."""
    bookings: tuple[Work, ...] = ()
    """What they hold already, within LOOK_AROUND of the ask, in order."""
    visits: int = 0
    """Missions already held on the ask's site."""
    together: Mapping[int, int] = field(default_factory=dict)
    """Missions held with another peer, by that peer's id."""

    def month_minutes(self, month: date) -> int:
        """Minutes done or promised in the month of that first day."""
        return sum(work.paid_minutes for work in self.bookings if month_start(paris_day(work.period.start)) == month)

    def km_to(self, place: Place | None) -> float:
        """Estimated km by road from home; none to a remote session."""
        return 0.0 if place is None else self.home.road_to(place)


@dataclass(frozen=True, slots=True)
class Limits:
    """The legal figures of working time, in force on a day."""

    day_hours: int
    span_hours: int
    week_hours: int
    mean_hours: int
    mean_weeks: int
    daily_rest_hours: int
    weekly_rest_hours: int
    days_a_week: int

    @classmethod
    def on(cls, figures: Parameters, day: date) -> "Limits":
        """The figures of `working_time.toml`. Raises ParameterUnknown before they were in force."""

        def hours(code: str) -> int:
            return figures.whole(f"working_time.{code}", day)

        return cls(
            day_hours=hours("day_max_hours"),
            span_hours=hours("day_span_hours"),
            week_hours=hours("week_max_hours"),
            mean_hours=hours("mean_max_hours"),
            mean_weeks=hours("mean_weeks"),
            daily_rest_hours=hours("daily_rest_hours"),
            weekly_rest_hours=hours("weekly_rest_hours"),
            days_a_week=hours("days_per_week_max"),
        )
