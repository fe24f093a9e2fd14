"""A person's hours beside their wish: months that count, trend, alerts at their edges."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.fairness.hours import (
    MONTHS_AHEAD,
    MONTHS_BACK,
    AlertKind,
    Trend,
    Window,
    alerts,
    recent_minutes,
    recent_percent,
    trend,
)
from tests.factories.fairness import LIMITS, THRESHOLDS, TODAY, a_share

MONDAY = date(2027, 1, 11)


def kinds(share) -> list[AlertKind]:
    return [alert.kind for alert in alerts(share, THRESHOLDS, LIMITS)]


def said(share) -> str:
    return alerts(share, THRESHOLDS, LIMITS)[0].why.msgid


def test_twelve_complete_months_this_one_and_the_two_next_are_looked_at() -> None:
    window = Window(TODAY)
    assert (window.first, window.until) == (date(2026, 1, 1), date(2027, 4, 1))
    assert len(window.months) == MONTHS_BACK + 1 + MONTHS_AHEAD
    assert window.months[MONTHS_BACK] == date(2027, 1, 1)


def test_hours_are_compared_with_the_wish_over_the_last_complete_months() -> None:
    share = a_share([40, 20, 20, 10], soon=[200])
    assert recent_percent(share, 3) == 100 * 50 // 120
    assert recent_minutes(share, 3) == 50 * 60 // 3


def test_without_a_wish_nothing_is_compared_and_nothing_is_watched() -> None:
    share = a_share([0, 0, 0], wished=0)
    assert recent_percent(share, 3) is None
    assert trend(share, THRESHOLDS) is Trend.UNKNOWN
    assert kinds(share) == []


def test_the_months_before_somebody_came_count_for_nothing() -> None:
    arrived = a_share([0, 0, 0, 0], joined_on=date(2026, 11, 15))
    assert recent_percent(arrived, 3) == 0
    assert len(arrived.complete) == 1, "only December was whole"
    assert kinds(arrived) == [], "one month is no habit"
    assert recent_percent(a_share(joined_on=date(2026, 12, 2)), 3) is None


def test_half_of_the_wish_is_enough_and_a_minute_less_is_not() -> None:
    assert kinds(a_share([20, 20, 20])) == []
    share = a_share([10] * 9 + [19, 19, 19])
    assert kinds(share) == [AlertKind.UNDER]
    assert alerts(share, THRESHOLDS, LIMITS)[0].why.params["num"] == MONTHS_BACK


def test_a_good_month_ends_the_row() -> None:
    assert kinds(a_share([19, 19, 19, 40, 19, 19])) == []
    four = a_share([40, 10, 10, 10, 10])
    assert alerts(four, THRESHOLDS, LIMITS)[0].why.params["num"] == 4


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(20, 26, Trend.MORE), (26, 20, Trend.LESS), (20, 25, Trend.STEADY), (20, 20, Trend.STEADY)],
)
def test_a_change_is_said_from_a_part_of_the_wish_on(before: int, after: int, expected: Trend) -> None:
    assert trend(a_share([before] * 3 + [after] * 3), THRESHOLDS) is expected


def test_several_weeks_near_their_own_maximum_are_looked_at_and_one_is_not() -> None:
    assert kinds(a_share([40] * 3, weeks={MONDAY: 20 * 60})) == []
    two = {MONDAY: 18 * 60, MONDAY + timedelta(weeks=3): 18 * 60}
    assert said(a_share([40] * 3, weeks=two)).startswith("near the most hours they set")
    far = {MONDAY: 18 * 60, MONDAY + timedelta(weeks=THRESHOLDS.weeks_ahead): 18 * 60}
    assert kinds(a_share([40] * 3, weeks=far)) == []


def test_a_monthly_maximum_counts_where_it_is_known() -> None:
    weekly = a_share([40] * 3, weeks={MONDAY: 1200, MONDAY + timedelta(weeks=1): 1200})
    monthly = a_share([40] * 3, soon=[0, 45], monthly_most=50 * 60)
    assert alerts(weekly, THRESHOLDS, LIMITS) == alerts(monthly, THRESHOLDS, LIMITS) != ()
    assert kinds(a_share([40] * 3, soon=[44, 44], monthly_most=50 * 60)) == []


def test_one_week_near_the_law_is_enough_other_employers_included() -> None:
    own = a_share([40] * 3, weekly_most=60 * 60, weeks={MONDAY: 20 * 60}, outside=23 * 60)
    assert kinds(own) == []
    with_more = a_share([40] * 3, weekly_most=60 * 60, weeks={MONDAY: 20 * 60}, outside=24 * 60)
    assert said(with_more).startswith("near the longest work allowed")


def test_a_long_row_of_full_weeks_is_near_the_mean_of_the_law() -> None:
    weeks = {MONDAY - timedelta(weeks=n): 40 * 60 for n in range(LIMITS.mean_weeks)}
    assert said(a_share([40] * 3, weekly_most=60 * 60, weeks=weeks)).startswith("near the longest")
    fewer = {week: minutes for week, minutes in weeks.items() if week > MONDAY - timedelta(weeks=6)}
    assert kinds(a_share([40] * 3, weekly_most=60 * 60, weeks=fewer)) == []


def test_far_more_than_wished_this_month_or_the_next_is_looked_at() -> None:
    assert kinds(a_share([40] * 3, soon=[59, 59])) == []
    assert kinds(a_share([40] * 3, soon=[0, 60])) == [AlertKind.OVER]
    assert kinds(a_share([40] * 3, soon=[0, 0, 90])) == [], "the month after still may change"


def test_volunteers_have_the_limits_of_the_house() -> None:
    most = LIMITS.volunteer_month_hours
    assert most is not None
    assert kinds(a_share([40] * 3, soon=[most], wished=most * 60, volunteer=True)) == [AlertKind.OVER]
    assert kinds(a_share([40] * 3, soon=[most], wished=most * 60)) == []


@given(st.lists(st.integers(0, 200), min_size=12, max_size=12), st.integers(1, 100))
def test_hours_and_alerts_never_contradict_each_other(hours: list[int], wished: int) -> None:
    share = a_share(hours, wished=wished * 60)
    percent = recent_percent(share, THRESHOLDS.recent_months)
    assert percent is not None
    if AlertKind.UNDER in kinds(share):
        assert percent < THRESHOLDS.under_percent
    if percent == 0:
        assert AlertKind.UNDER in kinds(share)
