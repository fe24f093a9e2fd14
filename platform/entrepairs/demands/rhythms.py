"""From what a form says (« every Thursday at 14 h, eight times ») to dated periods. Pure; wall time of Paris is kept.

A session that starts at 14 h does so on both sides of a DST change, and lasts the same elapsed time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

from entrepairs.catalogue.models import OfferingKind
from entrepairs.kernel.dates import Period, at_paris, paris_period, weekly
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.holidays_fr import french_holidays, holiday_name
from entrepairs.kernel.i18n import N_

LONGEST: Final = 52
"""Sessions of a series, weeks of a presence: a year; a longer need is a new demand."""
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HALF_DAYS: Final = tuple(f"{day}_{half}" for day in DAYS for half in ("am", "pm"))


@dataclass(frozen=True, slots=True)
class HalfDayHours:
    """Wall times of a morning and of an afternoon of presence (voted, dated: `demands.half_days`)."""

    morning: tuple[time, time] = (time(9), time(12, 30))
    afternoon: tuple[time, time] = (time(13, 30), time(17))

    def of(self, half_day: str) -> tuple[time, time]:
        """Start and end of `mon_am`."""
        return self.morning if half_day.endswith("_am") else self.afternoon


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When the sessions of a demand are wished. `count`: sessions, or weeks of a presence, or days of a training."""

    kind: OfferingKind
    first_day: date
    start: time
    minutes: int
    count: int = 1
    half_days: tuple[str, ...] = ()
    skip_holidays: bool = True


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday met on the way, with its French name; `kept` when a session is held on it all the same."""

    day: date
    name: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The dated periods, in order, and the holidays met."""

    periods: tuple[Period, ...]
    holidays: tuple[Holiday, ...] = ()

    @property
    def minutes(self) -> int:
        """Elapsed minutes of all the periods."""
        return sum(period.minutes for period in self.periods)


def plan(rhythm: Rhythm, hours: HalfDayHours | None = None) -> Plan:
    """The sessions of a rhythm.

    A weekly series pushes the week of a skipped holiday to its end: the number of sessions is kept. A presence
    loses the half-day. A single date is never moved. Raises InvalidInput naming the field at fault.
    """
    _ensure_sound(rhythm)
    match rhythm.kind:
        case OfferingKind.PLACEMENT:
            return Plan(())
        case OfferingKind.PRESENCE:
            return _presence(rhythm, hours or HalfDayHours())
        case OfferingKind.TRAINING:
            return _of_days(rhythm, _training_days(rhythm), rhythm.count)
        case _ if rhythm.count == 1:
            return _on_days(rhythm, (rhythm.first_day,))
        case _:
            skip = _holidays_after(rhythm.first_day) if rhythm.skip_holidays else frozenset()
            days = tuple(weekly(rhythm.first_day, rhythm.count, skip=skip))
            every_week = [days[0] + timedelta(weeks=n) for n in range(((days[-1] - days[0]).days // 7) + 1)]
            return _on_days(rhythm, days, met=(rhythm.first_day, *every_week))


def _ensure_sound(rhythm: Rhythm) -> None:
    if not 1 <= rhythm.count <= LONGEST:
        raise InvalidInput(
            "count_out_of_range",
            N_("Choose between 1 and %(most)s: for longer, another demand follows this one."),
            field="sessions_count",
            most=LONGEST,
        )
    if rhythm.kind is OfferingKind.PRESENCE:
        if not rhythm.half_days or not set(rhythm.half_days) <= set(HALF_DAYS):
            raise InvalidInput("half_days_missing", N_("Choose at least one half-day of the week."), field="half_days")
    elif not 15 <= rhythm.minutes <= 600:
        raise InvalidInput(
            "minutes_out_of_range", N_("A session lasts between 15 minutes and 10 hours."), field="session_minutes"
        )


def _holidays_after(first: date) -> frozenset[date]:
    return frozenset(day for year in range(first.year, first.year + 3) for day in french_holidays(year))


def _on_days(rhythm: Rhythm, days: tuple[date, ...], met: tuple[date, ...] = ()) -> Plan:
    periods = tuple(paris_period(day, rhythm.start, rhythm.minutes) for day in days)
    return Plan(periods, _named(sorted({*days, *met}), frozenset(days)))


def _of_days(rhythm: Rhythm, candidates: Iterator[date], count: int) -> Plan:
    days: list[date] = []
    seen: list[date] = []
    for day in candidates:
        seen.append(day)
        if not (rhythm.skip_holidays and holiday_name(day)):
            days.append(day)
        if len(days) == count:
            break
    return _on_days(rhythm, tuple(days), tuple(seen))


def _training_days(rhythm: Rhythm) -> Iterator[date]:
    """Weekdays from the first day on (a first day on a Saturday is kept: it was chosen)."""
    yield rhythm.first_day
    day = rhythm.first_day
    while True:
        day += timedelta(days=1)
        if day.weekday() < 5:
            yield day


def _presence(rhythm: Rhythm, hours: HalfDayHours) -> Plan:
    span = [rhythm.first_day + timedelta(days=n) for n in range(7 * rhythm.count)]
    asked = [(day, code) for day in span for code in HALF_DAYS if code in rhythm.half_days and _falls_on(code, day)]
    held = [(day, code) for day, code in asked if not (rhythm.skip_holidays and holiday_name(day))]
    if not held:
        raise InvalidInput(
            "only_holidays", N_("These half-days only fall on public holidays: choose others."), field="half_days"
        )
    periods = tuple(Period(at_paris(day, hours.of(code)[0]), at_paris(day, hours.of(code)[1])) for day, code in held)
    return Plan(periods, _named(sorted({day for day, _ in asked}), frozenset(day for day, _ in held)))


def _falls_on(half_day: str, day: date) -> bool:
    return DAYS.index(half_day[:3]) == day.weekday()


def _named(days: list[date], kept: frozenset[date]) -> tuple[Holiday, ...]:
    named = ((day, holiday_name(day)) for day in days)
    return tuple(Holiday(day, name, day in kept) for day, name in named if name is not None)
