"""Availability, qualifications, pauses and referents on a date."""

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from entrepairs.kernel.dates import Period, at_paris, paris
from entrepairs.network.rules import (
    END_OF_DAY,
    Held,
    WeeklySlot,
    away,
    covers,
    holds,
    merged,
    paused_on,
    referent_in_charge,
    weekly_minutes,
)

MONDAY_MORNING = WeeklySlot(0, time(9), time(12))
MONDAY_AFTERNOON = WeeklySlot(0, time(12), time(17))


@dataclass(frozen=True)
class Spell:
    since: date
    until: date | None = None
    deputy: bool = False


def monday(start: str, end: str) -> Period:
    day = date(2027, 1, 11)
    return Period(at_paris(day, time.fromisoformat(start)), at_paris(day, time.fromisoformat(end)))


def test_a_session_inside_a_slot_is_covered_to_the_minute():
    assert covers([MONDAY_MORNING], monday("09:00", "12:00"))
    assert not covers([MONDAY_MORNING], monday("08:59", "12:00"))
    assert not covers([MONDAY_MORNING], monday("09:00", "12:01"))


def test_two_slots_that_touch_hold_a_session_across_them():
    assert covers([MONDAY_AFTERNOON, MONDAY_MORNING], monday("11:00", "14:00"))


def test_another_day_of_the_week_covers_nothing():
    assert not covers([WeeklySlot(1, time(0), END_OF_DAY)], monday("09:00", "10:00"))


def test_a_slot_to_the_end_of_the_day_lasts_until_midnight_and_meets_the_next_day():
    night = [WeeklySlot(0, time(20), END_OF_DAY), WeeklySlot(1, time(0), time(6))]
    period = Period(at_paris(date(2027, 1, 11), time(22)), at_paris(date(2027, 1, 12), time(5)))
    assert covers(night, period)
    assert not covers(night[:1], period)


def test_a_weekly_slot_keeps_its_wall_time_across_the_change_of_hour():
    thursday = WeeklySlot(3, time(14), time(16))
    for day in (date(2027, 3, 25), date(2027, 4, 1), date(2027, 10, 28), date(2027, 11, 4)):
        assert covers([thursday], Period(at_paris(day, time(14)), at_paris(day, time(16))))


def test_the_night_that_has_twice_two_o_clock_is_covered_by_its_wall_hours():
    autumn = date(2027, 10, 31)
    night = Period(at_paris(autumn, time(1)), at_paris(autumn, time(4)))
    assert night.minutes == 240
    assert covers([WeeklySlot(6, time(1), time(4))], night)
    assert not covers([WeeklySlot(6, time(1), time(2, 30))], Period(night.start, night.start + timedelta(hours=2)))


def test_the_night_without_two_o_clock_does_not_ask_for_it():
    spring = date(2027, 3, 28)
    night = Period(at_paris(spring, time(1)), at_paris(spring, time(4)))
    assert night.minutes == 120
    assert covers([WeeklySlot(6, time(1), time(2)), WeeklySlot(6, time(3), time(4))], night)


quarters = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
slots = st.lists(
    st.tuples(st.integers(0, 6), quarters, quarters)
    .filter(lambda three: three[1] < three[2])
    .map(lambda three: WeeklySlot(*three)),
    max_size=8,
)
instants = st.integers(0, 60 * 24 * 365 * 4).map(
    lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)


def open_at(week: list[WeeklySlot], instant: datetime) -> bool:
    wall = paris(instant)
    now = wall.time()
    return any(slot.weekday == wall.weekday() and slot.starts <= now < slot.ends for slot in week)


@given(week=slots, start=instants, quarters=st.integers(1, 40))
def test_covered_means_that_each_minute_on_the_paris_wall_is_in_a_slot(week, start, quarters):
    period = Period(start, start + timedelta(minutes=15 * quarters))
    each = all(open_at(week, start + timedelta(minutes=minute)) for minute in range(period.minutes))
    assert covers(week, period) == each


@given(week=slots)
def test_joining_slots_changes_no_hour(week):
    joined = merged(week)
    assert weekly_minutes(joined) == weekly_minutes(week)
    assert merged(joined) == joined
    assert all(one.ends < other.starts for one, other in itertools.pairwise(joined) if one.weekday == other.weekday)


def test_a_qualification_must_be_valid_on_every_day():
    held = [Held("wrap", date(2026, 1, 1), date(2027, 2, 1)), Held("etp", date(2026, 1, 1))]
    assert holds(held, "wrap", [date(2027, 1, 31)])
    assert not holds(held, "wrap", [date(2027, 1, 31), date(2027, 2, 1)])
    assert not holds(held, "mediation", [date(2027, 1, 31)])
    assert holds([*held, Held("wrap", date(2027, 2, 1))], "wrap", [date(2027, 1, 31), date(2027, 2, 1)])


def test_a_pause_ends_on_the_day_the_person_comes_back():
    pause = Spell(date(2027, 1, 11), date(2027, 1, 18))
    assert not paused_on([pause], date(2027, 1, 10))
    assert paused_on([pause], date(2027, 1, 17))
    assert not paused_on([pause], date(2027, 1, 18))
    assert paused_on([Spell(date(2027, 1, 11))], date(2030, 1, 1))


def test_an_absence_that_ends_as_the_session_starts_is_no_absence():
    session = monday("14:00", "16:00")
    assert away([monday("13:00", "14:01")], session)
    assert not away([monday("12:00", "14:00")], session)


def test_the_deputy_welcomes_once_the_first_named_has_left():
    first = Spell(date(2026, 1, 1), date(2027, 1, 11))
    deputy = Spell(date(2026, 1, 1), deputy=True)
    assert referent_in_charge([deputy, first], date(2027, 1, 10)) is first
    assert referent_in_charge([deputy, first], date(2027, 1, 11)) is deputy
    assert referent_in_charge([first], date(2027, 1, 11)) is None
