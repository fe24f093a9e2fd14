"""The share of our own income, without a database."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from entrepairs.cooperative.rules import GrantSpan
from entrepairs.cooperative.selffinancing import (
    Income,
    Standing,
    Window,
    ending_soon,
    months_before,
    months_of_cash,
    series,
    year_before,
    year_until,
)
from entrepairs.kernel.money import Money

euros = st.integers(0, 1_000_000).map(Money.of)
TODAY = date(2027, 1, 11)


def income(own: int, grants: int, other: int = 0, **offerings: int) -> Income:
    return Income(
        Money.of(own), Money.of(grants), Money.of(other), {code: Money.of(euros) for code, euros in offerings.items()}
    )


def test_twelve_months_end_today_and_follow_those_of_the_year_before() -> None:
    now = year_until(TODAY)
    assert now == Window(date(2026, 1, 12), date(2027, 1, 12))
    assert year_before(now) == Window(date(2025, 1, 12), date(2026, 1, 12))
    assert now.last == TODAY


def test_the_share_is_own_income_over_all_resources_and_the_gain_is_in_points() -> None:
    standing = Standing(income(342, 258), income(252, 340, 8))
    assert (standing.share, standing.previous, standing.gain) == (57, 42, 15)
    assert standing.own_growth == 36


def test_without_any_income_there_is_no_share_and_nothing_to_compare() -> None:
    standing = Standing(income(0, 0), income(0, 0))
    assert (standing.share, standing.previous, standing.gain, standing.own_growth) == (None, None, None, None)
    assert standing.moved() == []


def test_what_moved_the_share_is_said_by_offering_the_largest_first() -> None:
    standing = Standing(
        income(60, 40, wrap=35, training=20, workshop=5), income(40, 60, wrap=20, training=15, workshop=5)
    )
    assert standing.moved() == [("wrap", 15), ("training", 5)]


def test_when_the_share_falls_only_what_made_it_fall_is_said() -> None:
    standing = Standing(income(30, 70, wrap=10, training=20), income(50, 50, wrap=35, training=15))
    assert standing.moved() == [("wrap", -25)]


@given(own=euros, grants=euros, other=euros)
def test_a_share_stays_between_nothing_and_all(own: Money, grants: Money, other: Money) -> None:
    share = Income(own, grants, other).share
    assert share is None or 0 <= share <= 100


def test_the_picture_holds_24_complete_months() -> None:
    months = months_before(TODAY)
    assert (months[0], months[-1], len(months)) == (date(2025, 1, 1), date(2026, 12, 1), 24)


def test_each_month_takes_its_days_of_each_grant() -> None:
    grant = GrantSpan(Money.of(365), date(2026, 12, 10), date(2027, 12, 10))
    lines = series([date(2026, 11, 1), date(2026, 12, 1)], {date(2026, 12, 1): Money.of(5)}, {}, {}, [grant])
    assert [(line.own, line.grants) for line in lines] == [(Money(0), Money(0)), (Money.of(5), Money.of(22))]


def test_a_grant_over_or_far_from_its_end_does_not_end_soon() -> None:
    ends = [date(2027, 1, 11), date(2027, 7, 11), date(2027, 7, 12), date(2027, 6, 30)]
    grants = [GrantSpan(Money(100), date(2026, 1, 1), end) for end in ends]
    assert [grant.end for grant in ending_soon(grants, TODAY)] == [date(2027, 6, 30), date(2027, 7, 11)]


def test_cash_is_said_in_months_of_spending_when_some_spending_is_known() -> None:
    assert months_of_cash(Money.of(42_000), [Money(0), Money.of(10_000), Money.of(10_000)]) == Decimal("4.2")
    assert months_of_cash(Money.of(42_000), [Money(0)]) is None
