"""Another day or hour, over values: what may be suggested, and where each session goes."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.dispatch.slots import Slot, moved, nearby, slot_of
from entrepairs.kernel.clock import PARIS
from entrepairs.kernel.dates import Period, paris, paris_day, paris_period, week_start
from entrepairs.kernel.errors import DomainError

NOW = datetime(2027, 1, 11, 9, tzinfo=PARIS)
FIRST = date(2027, 1, 21)


def series(first: date = FIRST, start: time = time(14), count: int = 8) -> list[Period]:
    """Thursdays, 14 h to 16 h."""
    return [paris_period(first + timedelta(weeks=n), start, 120) for n in range(count)]


def there(periods: list[Period], slot: Slot, now: datetime = NOW, *, skip: bool = False) -> list[Period]:
    return list(moved(periods, slot, now=now, skip_holidays=skip))


def refused(periods: list[Period], slot: Slot, **kw: object) -> str:
    with pytest.raises(DomainError) as refusal:
        there(periods, slot, **kw)  # type: ignore[arg-type]
    return refusal.value.code


def test_a_series_goes_to_another_weekday_of_the_same_weeks() -> None:
    assert slot_of(series()) == Slot(time(14), weekday=3)
    assert there(series(), Slot(time(10), weekday=1)) == series(date(2027, 1, 19), time(10))


def test_a_series_whose_first_day_would_be_past_goes_to_the_next_weeks() -> None:
    wednesday = datetime(2027, 1, 20, 9, tzinfo=PARIS)
    assert there(series(), Slot(time(14), weekday=0), wednesday) == series(date(2027, 1, 25))


def test_one_session_goes_to_another_day_and_hour() -> None:
    (one,) = there(series(count=1), Slot(time(9, 30), day=date(2027, 1, 22)))
    assert one == paris_period(date(2027, 1, 22), time(9, 30), 120)


@pytest.mark.parametrize(
    ("slot", "code"),
    [
        (Slot(time(14), weekday=3), "slot_same"),
        (Slot(time(6, 30), weekday=1), "slot_hour"),
        (Slot(time(22), weekday=1), "slot_hour"),
        (Slot(time(14), day=date(2027, 1, 22)), "slot_missing"),
    ],
)
def test_what_can_not_be_suggested_is_said(slot: Slot, code: str) -> None:
    assert refused(series(), slot) == code


def test_a_day_past_can_not_be_suggested() -> None:
    assert refused(series(count=1), Slot(time(14), day=date(2027, 1, 8))) == "slot_past"


def test_a_holiday_is_refused_where_holidays_are_left_out_and_taken_where_they_are_not() -> None:
    easter_week = series(date(2027, 3, 25), count=3)  # Monday 29 March 2027 is Easter Monday
    assert refused(easter_week, Slot(time(14), weekday=0), skip=True) == "slot_holiday"
    assert len(there(easter_week, Slot(time(14), weekday=0))) == 3


def test_half_days_and_mixed_hours_have_no_rhythm_to_move() -> None:
    twice_a_week = [*series(count=2), *series(date(2027, 1, 19), count=2)]
    assert slot_of(twice_a_week) is None
    assert slot_of([series(count=1)[0], series(date(2027, 1, 29), time(9), 1)[0]]) is None
    assert slot_of([]) is None
    assert refused(twice_a_week, Slot(time(14), weekday=0)) == "no_rhythm"


def test_times_one_may_tap_are_other_working_days() -> None:
    assert [slot.weekday for slot in nearby(Slot(time(14), weekday=3), today=NOW.date())] == [0, 1, 2, 4]
    around = nearby(Slot(time(14), day=date(2027, 1, 13)), today=NOW.date())
    assert [slot.day for slot in around] == [date(2027, 1, 12), date(2027, 1, 14), date(2027, 1, 15), date(2027, 1, 20)]


@given(
    first=st.dates(date(2027, 1, 12), date(2028, 12, 31)),
    start=st.sampled_from([time(9), time(14), time(17, 30)]),
    count=st.integers(1, 12),
    weekday=st.integers(0, 6),
    to=st.sampled_from([time(7), time(10), time(20, 30)]),
)
def test_every_session_keeps_its_length_its_order_and_a_week_apart_also_across_a_change_of_hour(
    first: date, start: time, count: int, weekday: int, to: time
) -> None:
    periods = series(first, start, count)
    slot = Slot(to, weekday=weekday) if count > 1 else Slot(to, day=first + timedelta(days=1))
    found = there(periods, slot)
    assert [one.minutes for one in found] == [120] * count
    assert all(one.start > NOW for one in found)
    assert {paris(one.start).time() for one in found} == {to}
    if count > 1:
        assert {paris(one.start).weekday() for one in found} == {weekday}
        weeks = [week_start(paris_day(one.start)) for one in found]
        assert weeks == [weeks[0] + timedelta(weeks=n) for n in range(count)]
        assert weeks[0] - week_start(first) in (timedelta(0), timedelta(weeks=1))
