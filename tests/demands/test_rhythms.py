from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.catalogue.models import OfferingKind
from entrepairs.demands.rhythms import HALF_DAYS, LONGEST, HalfDayHours, Rhythm, plan
from entrepairs.kernel.dates import paris, paris_day
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.holidays_fr import holiday_name

# Around both changes of 2027: Sunday 28 March (2 h becomes 3 h), Sunday 31 October (3 h becomes 2 h).
DST_DAYS = st.one_of(
    st.dates(date(2027, 2, 1), date(2027, 4, 15)),
    st.dates(date(2027, 9, 1), date(2027, 11, 15)),
    st.dates(date(2026, 1, 1), date(2030, 12, 31)),
)
STARTS = st.builds(time, st.integers(7, 20), st.sampled_from([0, 15, 30, 45]))


def a_series(**kw: object) -> Rhythm:
    values: dict[str, object] = {
        "kind": OfferingKind.SERIES,
        "first_day": date(2027, 1, 21),
        "start": time(14),
        "minutes": 120,
        "count": 8,
    }
    return Rhythm(**{**values, **kw})  # type: ignore[arg-type]


@given(first=DST_DAYS, start=STARTS, count=st.integers(1, 12), minutes=st.integers(15, 240), skip=st.booleans())
def test_a_weekly_series_keeps_its_wall_time_and_its_length_across_dst(first, start, count, minutes, skip):
    made = plan(a_series(first_day=first, start=start, count=count, minutes=minutes, skip_holidays=skip))
    assert len(made.periods) == count
    assert {paris(period.start).time() for period in made.periods} == {start}
    assert {period.minutes for period in made.periods} == {minutes}
    assert {paris_day(period.start).weekday() for period in made.periods} == {first.weekday()}
    assert list(made.periods) == sorted(made.periods)


@given(first=DST_DAYS, count=st.integers(2, 20))
def test_a_series_that_skips_holidays_meets_none_and_loses_no_session(first, count):
    made = plan(a_series(first_day=first, count=count))
    days = [paris_day(period.start) for period in made.periods]
    assert len(days) == count
    assert not any(holiday_name(day) for day in days)
    assert all(not holiday.kept for holiday in made.holidays)


@given(first=DST_DAYS, count=st.integers(2, 20))
def test_holidays_kept_on_purpose_are_named_and_held(first, count):
    made = plan(a_series(first_day=first, count=count, skip_holidays=False))
    days = [paris_day(period.start) for period in made.periods]
    assert days == [first + timedelta(weeks=n) for n in range(count)]
    assert {h.day for h in made.holidays} == {day for day in days if holiday_name(day)}


@given(
    first=DST_DAYS,
    weeks=st.integers(1, 10),
    half_days=st.lists(st.sampled_from(HALF_DAYS), min_size=1, max_size=6, unique=True),
)
def test_a_presence_has_each_half_day_once_a_week_at_its_wall_hours(first, weeks, half_days):
    rhythm = a_series(kind=OfferingKind.PRESENCE, first_day=first, count=weeks, half_days=tuple(half_days))
    hours = HalfDayHours()
    try:
        made = plan(rhythm, hours)
    except InvalidInput:  # every half-day asked falls on a holiday
        assert weeks < 3
        return
    walls = {(paris(p.start).time(), paris(p.end).time()) for p in made.periods}
    assert walls <= {hours.morning, hours.afternoon}
    dropped = [holiday for holiday in made.holidays if not holiday.kept]
    assert weeks * len(half_days) - 2 * len(dropped) <= len(made.periods) <= weeks * len(half_days)
    assert all(a.end <= b.start for a, b in zip(made.periods, made.periods[1:], strict=False))


@given(first=DST_DAYS, count=st.integers(1, 10))
def test_a_training_runs_on_working_days(first, count):
    made = plan(a_series(kind=OfferingKind.TRAINING, first_day=first, count=count, minutes=420, start=time(9)))
    days = [paris_day(period.start) for period in made.periods]
    assert len(days) == count
    assert all(day.weekday() < 5 for day in days if day != first)
    assert not any(holiday_name(day) for day in days)


def test_a_single_date_is_never_moved_even_on_a_holiday():
    made = plan(a_series(kind=OfferingKind.ONE_OFF, count=1, first_day=date(2027, 5, 1)))
    assert [paris_day(period.start) for period in made.periods] == [date(2027, 5, 1)]
    assert [(h.name, h.kept) for h in made.holidays] == [("Fête du Travail", True)]


def test_the_week_of_a_skipped_holiday_is_named_and_pushed_to_the_end():
    made = plan(a_series(first_day=date(2027, 4, 29), count=3))  # Thursdays: 6 May is the Ascension
    assert [paris_day(p.start) for p in made.periods] == [date(2027, 4, 29), date(2027, 5, 13), date(2027, 5, 20)]
    assert [(h.day, h.kept) for h in made.holidays] == [(date(2027, 5, 6), False)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"count": 0}, "sessions_count"),
        ({"count": LONGEST + 1}, "sessions_count"),
        ({"minutes": 5}, "session_minutes"),
        ({"kind": OfferingKind.PRESENCE}, "half_days"),
        ({"kind": OfferingKind.PRESENCE, "half_days": ("any_time",)}, "half_days"),
    ],
)
def test_a_rhythm_that_cannot_be_names_the_answer_to_change(change, field):
    with pytest.raises(InvalidInput) as refused:
        plan(a_series(**change))
    assert refused.value.field == field


def test_a_placement_has_no_session_for_now():
    assert plan(a_series(kind=OfferingKind.PLACEMENT)).periods == ()
