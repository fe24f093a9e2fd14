from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.catalogue.models import OfferingKind
from entrepairs.demands import rules
from entrepairs.demands.models import PlaceKind
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.money import Money

WRAP = rules.Fidelity(OfferingKind.SERIES, 8, 8, 120, 8, 12)
NOW = datetime(2027, 1, 11, 8, tzinfo=UTC)


def test_a_name_of_a_person_met_is_refused_with_the_way_forward():
    with pytest.raises(InvalidInput) as refused:
        rules.ensure_texts({"audience": "", "context": "Mme Dupont est fatiguée"}, names_checked=True)
    assert (refused.value.code, refused.value.field) == ("identity_in_text", "context")
    assert "in person, on arrival" in refused.value.message


def test_a_professional_is_a_doubt_that_one_click_lifts():
    with pytest.raises(InvalidInput) as doubt:
        rules.ensure_texts({"context": "voir le Dr Martin"}, names_checked=False)
    assert doubt.value.code == "name_to_check"
    rules.ensure_texts({"context": "voir le Dr Martin"}, names_checked=True)


def test_a_refusal_comes_before_a_doubt_whatever_their_order():
    with pytest.raises(InvalidInput) as refused:
        rules.ensure_texts({"audience": "avec le Dr Martin", "context": "tél 06 12 34 56 78"}, names_checked=False)
    assert refused.value.code == "identity_in_text"


@given(st.integers(-5, 40))
def test_a_group_stays_within_the_offering(size):
    if 8 <= size <= 12:
        rules.ensure_group(size, WRAP)
    else:
        with pytest.raises(InvalidInput):
            rules.ensure_group(size, WRAP)


def test_a_group_needs_a_head_count_and_an_accompaniment_does_not():
    with pytest.raises(InvalidInput):
        rules.ensure_group(None, WRAP)
    rules.ensure_group(None, rules.Fidelity(OfferingKind.ACCOMPANIMENT, 1, 4, 90, None, None))


def test_fewer_or_shorter_sessions_than_the_model_are_said_before_sending():
    assert rules.fidelity_warnings(WRAP, sessions=8, minutes=120) == ()
    assert len(rules.fidelity_warnings(WRAP, sessions=6, minutes=90)) == 2


def test_a_home_is_known_by_its_commune_only():
    rules.ensure_place(PlaceKind.HOME, has_site=False, has_commune=True, detail="")
    with pytest.raises(InvalidInput) as refused:
        rules.ensure_place(PlaceKind.HOME, has_site=False, has_commune=True, detail="3 rue des Lilas")
    assert refused.value.field == "place_detail"


@given(days=st.integers(0, 30), percent=st.integers(0, 100))
def test_cancelling_is_free_until_the_notice_then_costs_the_voted_share(days, percent):
    terms = rules.cancellation_terms(
        NOW + timedelta(days=days), NOW, notice_days=7, percent=Decimal(percent), price=Money(100_00)
    )
    assert terms.late == (days < 7)
    assert terms.cost == (Money(percent * 100) if terms.late else Money(0))


def test_nothing_planned_costs_nothing():
    terms = rules.cancellation_terms(None, NOW, notice_days=7, percent=Decimal(50), price=Money(100_00))
    assert (terms.free_until, terms.late, terms.cost) == (None, False, Money(0))
