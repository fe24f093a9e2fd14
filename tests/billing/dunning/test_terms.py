"""When a term really ends: the worked vectors, and what is known of the receipt."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.billing.dunning.terms import RunsFrom, band, real_term
from entrepairs.billing.rules import due_date
from entrepairs.contracting.rules import ensure_payment_terms
from entrepairs.kernel.errors import InvalidInput
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


def test_a_private_payer_may_agree_to_forty_five_days_and_the_end_of_that_month():
    paid_by = partial(due_date, PayerKind.PRIVATE, date(2027, 1, 10), ISSUED, FIGURES)
    assert paid_by(agreed_days=45, end_of_month=True) == date(2027, 2, 28)
    assert paid_by(agreed_days=60, end_of_month=True) == date(2027, 2, 28)  # never more than the law
    assert paid_by(agreed_days=30, end_of_month=True) == date(2027, 2, 28)
    assert paid_by(agreed_days=90) == date(2027, 3, 11)


@pytest.mark.parametrize(
    ("wrong", "given_"),
    [
        ("public_terms", {"payer": HOSPITAL, "late_rate": Decimal(9)}),
        ("public_terms", {"payer": HOSPITAL, "end_of_month": True}),
        ("public_terms", {"payer": HOSPITAL, "days": 30}),
        ("payment_days", {"days": 61}),
        ("payment_days", {"days": 46, "end_of_month": True}),
        ("late_rate", {"late_rate": Decimal("7.85")}),
        ("late_rate", {"late_rate": Decimal(31)}),
    ],
)
def test_terms_beyond_the_law_are_refused(wrong: str, given_: dict):
    usual = {"payer": PayerKind.PRIVATE, "days": None, "end_of_month": False, "late_rate": None}
    with pytest.raises(InvalidInput) as refused:
        ensure_payment_terms(**{**usual, **given_}, figures=FIGURES, on=date(2026, 3, 1))
    assert refused.value.code == wrong


def test_three_times_the_legal_rate_is_enough_and_a_semester_nobody_entered_takes_the_one_before():
    for day in (date(2026, 3, 1), date(2027, 3, 1)):
        ensure_payment_terms(
            PayerKind.PRIVATE, days=60, end_of_month=False, late_rate=Decimal("7.86"), figures=FIGURES, on=day
        )
