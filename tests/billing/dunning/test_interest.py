"""Late interest: the worked vectors, the changes of semester, parts paid; and an oracle in fractions."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.billing.dunning.interest import indemnity, interest_on, late_rate, owed_over_time
from entrepairs.kernel.money import Money
from entrepairs.kernel.parameters import Parameters, ParameterUnknown
from entrepairs.paths import resource

FIGURES = Parameters.load(resource("config") / "parameters")
THOUSAND = Money.of(1000)


def test_thirty_days_on_a_thousand_euros_at_ten_fifteen_percent():
    first = date(2026, 3, 2)
    found = interest_on(
        owed_over_time(THOUSAND, Money(0), []),
        first,
        first + timedelta(days=29),
        began_on=first,
        public=True,
        figures=FIGURES,
    )
    assert (found.amount, indemnity(first, FIGURES)) == (Money.of("8.34"), Money.of(40))
    assert [(one.percent, one.days) for one in found.stretches] == [(Decimal("10.15"), 30)]


@pytest.mark.parametrize(("public", "percent"), [(True, "12.25"), (False, "14.25")])
def test_the_rates_of_the_second_half_of_2024(public: bool, percent: str):
    day = date(2024, 9, 1)
    assert late_rate(public, day, day, FIGURES).percent == Decimal(percent)


def test_a_public_rate_is_that_of_the_semester_in_which_interest_began_and_a_private_one_changes():
    began, until = date(2024, 12, 1), date(2025, 1, 31)
    spans = {}
    for public in (True, False):
        found = interest_on([(date.min, THOUSAND)], began, until, began_on=began, public=public, figures=FIGURES)
        spans[public] = [(one.first, one.percent) for one in found.stretches]
    assert spans[True] == [(began, Decimal("12.25"))]
    assert spans[False] == [(began, Decimal("14.25")), (date(2025, 1, 1), Decimal("13.15"))]


def test_a_semester_nobody_entered_is_reckoned_with_the_one_before_and_said_so():
    began = date(2026, 8, 1)
    found = interest_on([(date.min, THOUSAND)], began, began, began_on=began, public=True, figures=FIGURES)
    assert (found.provisional, found.stretches[0].percent) == (True, Decimal("10.15"))
    with pytest.raises(ParameterUnknown):
        late_rate(True, date(2020, 1, 1), date(2020, 1, 1), FIGURES)


def test_a_part_paid_stops_bearing_interest_the_day_after_and_what_was_credited_never_did():
    day = date(2026, 2, 1)
    owed = owed_over_time(Money.of(1500), Money.of(500), [(day + timedelta(days=9), Money.of(400))])
    found = interest_on(owed, day, day + timedelta(days=19), began_on=day, public=True, figures=FIGURES)
    assert [(one.principal, one.days) for one in found.stretches] == [(THOUSAND, 10), (Money.of(600), 10)]


def test_nothing_is_owed_once_paid():
    day = date(2026, 2, 1)
    owed = owed_over_time(THOUSAND, Money(0), [(day, THOUSAND)])
    later = day + timedelta(days=1)
    assert not interest_on(owed, later, day + timedelta(days=90), began_on=day, public=True, figures=FIGURES).stretches


@given(
    gross=st.integers(1, 5_000_000),
    parts=st.lists(st.tuples(st.integers(0, 200), st.integers(1, 100)), max_size=4),
    start=st.integers(0, 300),
    length=st.integers(0, 240),
    public=st.booleans(),
)
def test_interest_is_the_sum_of_its_days(gross: int, parts: list, start: int, length: int, public: bool):
    first = date(2024, 8, 1) + timedelta(days=start)
    last = min(first + timedelta(days=length), date(2025, 6, 30))
    payments = [(first + timedelta(days=day), Money(gross * percent // 400)) for day, percent in parts]
    owed = owed_over_time(Money(gross), Money(0), payments)
    found = interest_on(owed, first, last, began_on=first, public=public, figures=FIGURES)
    exact = Fraction(0)
    day = first
    while day <= last:
        left = gross - sum(amount.cents for paid_on, amount in payments if paid_on < day)
        percent = late_rate(public, first, day, FIGURES).percent
        exact += Fraction(max(left, 0)) * Fraction(percent) / 36500
        day += timedelta(days=1)
    assert found.amount.cents == int(exact + Fraction(1, 2))
