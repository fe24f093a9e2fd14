"""The contribution and the spreading of grants, without a database."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.cooperative.rules import (
    BANK,
    CONTRIBUTION,
    HOUSE,
    GrantSpan,
    VotedRate,
    held_by,
    mirrored_contribution,
)
from entrepairs.kernel.errors import InvalidInput, Unavailable
from entrepairs.kernel.money import Money
from entrepairs.ledger.rules import Exercise, calendar_year

amounts = st.integers(-10_000_000, 10_000_000).filter(bool).map(Money)
days = st.dates(date(2024, 1, 1), date(2030, 12, 31))


def test_ten_percent_of_a_thousand_makes_four_analytic_lines_of_a_hundred_and_nothing_over_the_house() -> None:
    share = VotedRate.of({"rate": "10", "basis": "turnover"}).share_of(Money.of(1000))
    lines = mirrored_contribution("activity", share)
    assert [line.debit or line.credit for line in lines] == [Money.of(100)] * 4
    assert held_by(lines, "activity") == Money.of(-100)
    assert held_by(lines, HOUSE) == Money.of(100)
    for account in (BANK, CONTRIBUTION):
        assert held_by(lines, "activity", account) + held_by(lines, HOUSE, account) == Money(0)


@given(amount=amounts)
def test_the_mirror_always_balances_and_a_credit_note_gives_back(amount: Money) -> None:
    lines = mirrored_contribution("activity", amount)
    assert Money.sum(line.debit for line in lines) == Money.sum(line.credit for line in lines)
    assert held_by(lines, HOUSE) == amount == -held_by(lines, "activity")


@given(amount=amounts, percent=st.decimals(0, 100, places=2))
def test_a_credit_note_takes_back_exactly_what_its_invoice_gave(amount: Money, percent: Decimal) -> None:
    rate = VotedRate(percent)
    assert rate.share_of(amount) + rate.share_of(-amount) == Money(0)


@pytest.mark.parametrize("value", [{"rate": "110"}, {"rate": "ten"}, {}, "-1", {"rate": "10", "basis": "gross_margin"}])
def test_a_rate_that_can_not_be_read_is_said(value: object) -> None:
    with pytest.raises(Unavailable):
        VotedRate.of(value)


def test_a_grant_counts_so_much_a_day() -> None:
    grant = GrantSpan(Money.of(365), date(2027, 1, 1), date(2028, 1, 1))
    assert grant.earned(date(2027, 3, 1), date(2027, 4, 1)) == Money.of(31)
    assert grant.earned(date(2026, 1, 1), date(2027, 1, 11)) == Money.of(10)
    assert grant.earned(date(2028, 1, 1), date(2029, 1, 1)) == Money(0)


@given(cents=st.integers(1, 100_000_000), first=days, length=st.integers(1, 1500), cut=days)
def test_no_cent_of_a_grant_is_lost_wherever_it_is_cut(cents: int, first: date, length: int, cut: date) -> None:
    grant = GrantSpan(Money(cents), first, first + timedelta(days=length))
    far = date(2040, 1, 1)
    assert grant.earned(date(2000, 1, 1), cut) + grant.earned(cut, far) == Money(cents)
    assert Money.sum(grant.by_exercise([]).values()) == Money(cents)


def test_what_comes_after_the_year_of_notification_is_deferred_and_what_came_before_is_not() -> None:
    grant = GrantSpan(Money.of(1096), date(2026, 1, 1), date(2029, 1, 1))  # three years, 1 096 days
    now, later = grant.split_at(date(2027, 5, 4), [])
    assert (now, later) == (Money.of(730), {calendar_year(date(2028, 1, 1)): Money.of(366)})


def test_a_grant_counts_by_the_exercises_of_the_association() -> None:
    grant = GrantSpan(Money.of(365), date(2026, 7, 1), date(2027, 7, 1))
    known = [Exercise(date(2025, 6, 1), date(2026, 8, 31))]  # a first exercise of fifteen months, then twelve
    assert grant.by_exercise(known) == {known[0]: Money.of(62), known[0].following(): Money.of(303)}
    assert grant.split_at(date(2026, 8, 31), known) == (Money.of(62), {known[0].following(): Money.of(303)})
    assert grant.split_at(date(2026, 9, 1), known) == (Money.of(365), {})


def test_a_grant_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(InvalidInput):
        GrantSpan(Money(1), date(2027, 1, 2), date(2027, 1, 2))
