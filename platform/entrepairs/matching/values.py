"""What matching compares, as values: a demand's ask, a peer's terms, the legal figures. No database, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from entrepairs.kernel.dates import Period, month_start, paris_day
from entrepairs.kernel.parameters import Parameters
from entrepairs.network.models.peers import ClearanceKind, Employment, HomeWish, PairWish
from entrepairs.network.rules import Held, WeeklySlot
from entrepairs.network.territory import road_km, travel_minutes

LOOK_AROUND: Final = timedelta(weeks=12, days=1)
"""How far around a demand's sessions the diary is read: the weeks of the legal mean (C. trav. L3121-22), and a day
since a change of hour makes some of them an hour longer."""


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
    call_out: bool = field(default=False, compare=False)
    """Whether it answers an emergency."""

    @property
    def paid_minutes(self) -> int:
        """The session and its preparation."""
        return self.period.minutes + self.preparation_minutes


@lru_cache(maxsize=512)
def days_touched(sessions: tuple[Period, ...]) -> tuple[date, ...]:
    """Every Paris day a session has an instant in, in order: two for one across midnight."""
    found: set[date] = set()
    for session in sessions:
        day, last = paris_day(session.start), paris_day(session.end - timedelta(microseconds=1))
        while day <= last:
            found.add(day)
            day += timedelta(days=1)
    return tuple(sorted(found))


@lru_cache(maxsize=512)
def _month_of(instant: datetime) -> date:
    """The first of the Paris month of an instant; asked for each person of an answer."""
    return month_start(paris_day(instant))


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
    learner_seats: int = 0
    """How many of the free seats a peer who is learning may hold, beside a qualified one."""
    learners_here: int = 0
    """How many of the holders are learning: whoever joins them helps them learn."""
    with_professional: bool = False
    """Whether a professional of the place comes with the peer."""
    within_km: int | None = None
    """How far people are looked for, at the wish of who asks."""
    call_out: bool = False
    """Whether it is an emergency."""
    second_optional: bool = False
    """Of two seats: whether one person may come alone."""
    at_home: bool = False
    """Whether it takes place at a person's home."""
    known_home: bool = False
    """Whether somebody of the team has been there already for this demand."""

    @property
    def work(self) -> tuple[Work, ...]:
        """The sessions as pieces of work."""
        return tuple(
            Work(period, self.place, self.preparation_minutes, call_out=self.call_out) for period in self.sessions
        )

    @property
    def paired(self) -> bool:
        """Whether nobody comes alone: two peers, or a peer and a professional."""
        return self.seats > 1 or self.with_professional

    @property
    def days(self) -> tuple[date, ...]:
        """Every Paris day of the sessions, in order."""
        return days_touched(self.sessions)

    @property
    def month(self) -> date:
        """The first of the month it starts in, for hours wished a month."""
        return _month_of(self.sessions[0].start)

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
    learning: tuple[Held, ...] = ()
    """Qualifications being prepared, over the days of their course."""
    training: tuple[Spell, ...] = ()
    """Days at school or in training."""
    rests_on_holidays: bool = False
    monthly_max_hours: int | None = None
    supervision_due_on: date | None = None
    """The last day before the association is late with their supervision; None when nothing is due."""
    waits_for_supervision: bool = False
    pair_wish: PairWish = PairWish.EITHER
    refused: frozenset[int] = frozenset()
    """Peers never to be proposed together with them, whichever of the two said so."""
    full_time: bool = False
    home_wish: HomeWish = HomeWish.AS_ALL

    def month_minutes(self, month: date) -> int:
        """Minutes done or promised in the month of that first day."""
        return sum(work.paid_minutes for work in self.bookings if month_start(paris_day(work.period.start)) == month)

    def km_to(self, place: Place | None) -> float:
        """Estimated km by road from home; none to a remote session."""
        return 0.0 if place is None else self.home.road_to(place)


class HomeVisits(StrEnum):
    """Which visits at home are made by two: all of them, the first ones somewhere, or as each wishes."""

    ALL = "all"
    FIRST = "first"
    AS_WISHED = "as_wished"


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
    notice_days: int = 0
    """Working days of notice of a part-time employee."""
    call_out_rest_hours: int = 0
    volunteer_week_hours: int | None = None
    volunteer_month_hours: int | None = None
    home_visits: HomeVisits = HomeVisits.ALL
    """Which visits at home are made by two, as the association votes."""
    supervision_blocks: bool = False
    """Whether the association has voted that an overdue supervision comes before a new mission."""

    @classmethod
    def on(cls, figures: Parameters, day: date) -> "Limits":
        """The figures of `working_time.toml` and `peer_protection.toml`. Raises ParameterUnknown before their time."""

        def hours(code: str) -> int:
            return figures.whole(f"working_time.{code}", day)

        def ours(code: str) -> int:
            return figures.whole(f"peer_protection.{code}", day)

        return cls(
            day_hours=hours("day_max_hours"),
            span_hours=hours("day_span_hours"),
            week_hours=hours("week_max_hours"),
            mean_hours=hours("mean_max_hours"),
            mean_weeks=hours("mean_weeks"),
            daily_rest_hours=hours("daily_rest_hours"),
            weekly_rest_hours=hours("weekly_rest_hours"),
            days_a_week=hours("days_per_week_max"),
            notice_days=hours("part_time_notice_days"),
            call_out_rest_hours=ours("call_out_rest_hours"),
            volunteer_week_hours=ours("volunteer_week_hours"),
            volunteer_month_hours=ours("volunteer_month_hours"),
        )

    def voted(self, **decided: Any) -> "Limits":
        """The same with what the association decided in place of the house's figures; None leaves one as it is."""
        return replace(self, **{name: value for name, value in decided.items() if value is not None})
