"""When a term really ends: the worked vectors, and what is known of the receipt."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.billing.dunning.terms import RunsFrom, band, real_term
from entrepairs.kernel.parameters import Parameters
from entrepairs.network.models import PayerKind
from entrepairs.paths import resource

FIGURES = Parameters.load(resource("config") / "parameters")
HOSPITAL = PayerKind.PUBLIC_HOSPITAL
ISSUED, RECEIVED = date(2026, 1, 9), date(2026, 1, 10)
PRINTED = date(2026, 2, 28)


@pytest.mark.parametrize(
    ("executed", "due"), [(date(2026, 1, 5), date(2026, 3, 1)), (date(2026, 1, 20), date(2026, 3, 11))]
)
def test_a_hospital_counts_fifty_days_from_the_receipt_or_from_the_service_if_later(executed: date, due: date):
    term = real_term(HOSPITAL, ISSUED, PRINTED, executed, RECEIVED, FIGURES)
    assert (term.due_on, term.printed, term.moved) == (due, PRINTED, True)
    assert term.runs_from is (RunsFrom.SERVICE if executed > RECEIVED else RunsFrom.RECEIVED)
    assert (term.days_late(due), term.days_late(due + timedelta(days=1))) == (0, 1)


@pytest.mark.parametrize("payer", [PayerKind.PUBLIC_LOCAL, PayerKind.PUBLIC_STATE])
def test_another_public_body_counts_thirty_days(payer: PayerKind):
    assert real_term(payer, ISSUED, PRINTED, ISSUED, RECEIVED, FIGURES).due_on == date(2026, 2, 9)


def test_without_a_receipt_the_date_of_the_invoice_and_two_days_stand_in_its_place():
    term = real_term(HOSPITAL, ISSUED, PRINTED, ISSUED, None, FIGURES)
    assert (term.runs_from, term.start, term.due_on) == (RunsFrom.PRESUMED, date(2026, 1, 11), date(2026, 3, 2))


def test_a_private_payer_owes_on_the_day_printed():
    term = real_term(PayerKind.PRIVATE, ISSUED, PRINTED, ISSUED, RECEIVED, FIGURES)
    assert (term.runs_from, term.due_on, term.moved) == (RunsFrom.INVOICE, PRINTED, False)


@given(received=st.integers(0, 400), executed=st.integers(0, 400))
def test_a_public_term_never_ends_before_what_it_counts_from(received: int, executed: int):
    day = ISSUED + timedelta(days=received)
    term = real_term(HOSPITAL, ISSUED, PRINTED, ISSUED + timedelta(days=executed), day, FIGURES)
    assert term.due_on - max(day, ISSUED + timedelta(days=executed)) == timedelta(days=50)


def test_ages_stand_in_four_bars():
    assert [band(days) for days in (1, 30, 31, 60, 61, 90, 91, 400)] == [0, 0, 1, 1, 2, 2, 3, 3]
