from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.catalogue.models import PriceUnit
from entrepairs.catalogue.prices import estimate, units_taken
from entrepairs.kernel.money import Money


@pytest.mark.parametrize(
    ("unit", "minutes", "participants", "units"),
    [
        (PriceUnit.PER_SESSION, [120] * 8, 10, "8"),
        (PriceUnit.PER_HOUR, [90, 100], None, "3.17"),
        (PriceUnit.PER_HALF_DAY, [210, 210, 420], None, "4"),
        (PriceUnit.PER_DAY, [420, 420], 12, "2"),
        (PriceUnit.PER_SERIES, [120] * 8, None, "1"),
        (PriceUnit.PER_SERIES, [], None, "0"),
        (PriceUnit.PER_PARTICIPANT, [420, 420], 12, "12"),
    ],
)
def test_each_price_unit_counts_what_it_says(unit, minutes, participants, units):
    assert units_taken(unit, minutes, participants) == Decimal(units)


@given(cents=st.integers(0, 10**7), count=st.integers(0, 60))
def test_an_estimate_is_quantity_times_price(cents, count):
    made = estimate(PriceUnit.PER_SESSION, Money(cents), [120] * count)
    assert made.net == Money(cents * count)
