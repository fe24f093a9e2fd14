"""Another day or hour for a demand, as pure values: what may be suggested, and where each session would go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from entrepairs.kernel.dates import Period, paris, paris_day, paris_period, week_start
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.holidays_fr import holiday_name
from entrepairs.kernel.i18n import N_

EARLIEST: Final = time(7)
LATEST: Final = time(21)
"""Hours a session may be suggested to start at."""
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Slot:
    """A day and an hour for one session; for a series a weekday (0 is Monday) and an hour, each week."""

    starts: time
    day: date | None = None
    weekday: int | None = None


def slot_of(periods: Sequence[Period]) -> Slot | None:
    """Where sessions stand: None when they share no rhythm that could be moved in one go."""
    if not periods:
        return None
    walls = {(paris(one.start).weekday(), paris(one.start).time()) for one in periods}
    if len(periods) == 1:
        return Slot(paris(periods[0].start).time(), day=paris_day(periods[0].start))
    weeks = {week_start(paris_day(one.start)) for one in periods}
    if len(walls) > 1 or len(weeks) < len(periods):
        return None
    ((weekday, starts),) = walls
    return Slot(starts, weekday=weekday)


def moved(periods: Sequence[Period], slot: Slot, *, now: datetime, skip_holidays: bool) -> tuple[Period, ...]:
    """Each session at the slot, its length kept: a series in the same weeks, or the next ones when that is past.

    Raises Conflict("no_rhythm"), InvalidInput("slot_missing", "slot_hour", "slot_same", "slot_past", "slot_holiday").
    """
    stands = slot_of(periods)
    if stands is None:
        raise Conflict("no_rhythm", N_("These sessions have no common rhythm to move at once. Call us."))
    if (slot.day is None) != (stands.day is None):
        raise InvalidInput("slot_missing", N_("Choose another day or another hour."), field="choice")
    if not EARLIEST <= slot.starts <= LATEST:
        raise InvalidInput("slot_hour", N_("Choose an hour between 7 and 21."), field="starts")
    if slot == stands:
        raise InvalidInput("slot_same", N_("This is the time proposed already. Choose another one."), field="choice")
    there = _at(periods, slot, WEEK * 0)
    if slot.weekday is not None and there[0].start <= now:
        there = _at(periods, slot, WEEK)
    if there[0].start <= now:
        raise InvalidInput("slot_past", N_("Choose a day and an hour to come."), field="choice")
    closed = next((day for one in there if holiday_name(day := paris_day(one.start))), None)
    if skip_holidays and closed is not None:
        raise InvalidInput("slot_holiday", N_("%(day)s is a public holiday."), field="choice", day=closed)
    return there


def _at(periods: Sequence[Period], slot: Slot, later: timedelta) -> tuple[Period, ...]:
    if slot.day is not None:
        return tuple(paris_period(slot.day, slot.starts, one.minutes) for one in periods)
    weekday = timedelta(days=slot.weekday or 0)
    return tuple(
        paris_period(week_start(paris_day(one.start)) + weekday + later, slot.starts, one.minutes) for one in periods
    )


def nearby(stands: Slot, *, today: date) -> list[Slot]:
    """Slots one may tap at once: the other weekdays at the same hour; for one session, the days around it."""
    if stands.weekday is not None:
        return [Slot(stands.starts, weekday=day) for day in range(5) if day != stands.weekday]
    around = (stands.day + timedelta(days=n) for n in (-2, -1, 1, 2, 3, 7) if stands.day is not None)
    return [Slot(stands.starts, day=day) for day in around if day > today and day.weekday() < 5]
