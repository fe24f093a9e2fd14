"""Billing's arithmetic and dates."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.billing import rules
from entrepairs.billing.models import InvoiceState, PaymentState
from entrepairs.billing.rules import SessionFacts
from entrepairs.billing.states import ShownState, furthest, shown_state
from entrepairs.billing.vat import treatment_of
from entrepairs.catalogue.models import OfferingKind, PriceUnit
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.money import Money, vat_of
from entrepairs.kernel.parameters import figures
from entrepairs.network.models import PayerKind

DAY = date(2027, 2, 4)
CENT = Decimal("0.01")


@given(
    st.lists(
        st.tuples(
            st.integers(1, 500_000),
            st.decimals("0.01", "99.99", places=2),
            st.sampled_from(["standard", "exempt_261_7_1_b"]),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_totals_equal_a_decimal_oracle(lines):
    treatments = {code: treatment_of(code, DAY) for code in ("standard", "exempt_261_7_1_b")}
    nets = [(treatments[code], Money(cents) * quantity) for cents, quantity, code in lines]
    totals = rules.vat_totals(nets)
    oracle = {code: Decimal(0) for code in treatments}
    for cents, quantity, code in lines:
        oracle[code] += (Decimal(cents) / 100 * quantity).quantize(CENT, ROUND_HALF_UP)
    for total in totals:
        assert total.base.euros == oracle[total.treatment.code]
        rate = Decimal(20) if total.treatment.code == "standard" else Decimal(0)
        assert total.vat.euros == (total.base.euros * rate / 100).quantize(CENT, ROUND_HALF_UP)
    assert Money.sum(total.base for total in totals) == Money.sum(net for _, net in nets)


@given(st.integers(0, 10**7), st.integers(1, 40))
def test_the_sessions_of_a_series_add_up_to_its_price(cents, count):
    shares = [rules.share(Money(cents), number, count) for number in range(1, count + 1)]
    assert Money.sum(shares) == Money(cents)
    assert max(shares).cents - min(shares).cents <= 1


@pytest.mark.parametrize(
    ("unit", "minutes", "headcount", "quantity", "net"),
    [
        (PriceUnit.PER_SESSION, 120, 10, "1", 10000),
        (PriceUnit.PER_HOUR, 100, 10, "1.67", 16700),
        (PriceUnit.PER_HALF_DAY, 210, None, "1", 10000),
        (PriceUnit.PER_HALF_DAY, 420, None, "2", 20000),
        (PriceUnit.PER_DAY, 420, None, "1", 10000),
        (PriceUnit.PER_SERIES, 120, None, "1", 1250),
        (PriceUnit.PER_PARTICIPANT, 420, 9, "9", 11250),
    ],
)
def test_what_one_session_bills(unit, minutes, headcount, quantity, net):
    billed = rules.session_quantity(unit, Money(10000), SessionFacts(3, 8, DAY, minutes, headcount))
    assert (billed.quantity, billed.net) == (Decimal(quantity), Money(net))


def test_the_label_says_which_session_and_when():
    facts = SessionFacts(3, 8, DAY, 120, None)
    assert (
        rules.session_label("Groupe WRAP", OfferingKind.SERIES, facts)
        == "Groupe WRAP, séance 3/8, 4\u00a0février\u00a02027"
    )
    alone = SessionFacts(1, 1, DAY, 120, None)
    assert rules.session_label("Atelier", OfferingKind.ONE_OFF, alone) == "Atelier, 4\u00a0février\u00a02027"


@pytest.mark.parametrize(
    ("payer", "received", "executed", "due"),
    [
        (PayerKind.PUBLIC_HOSPITAL, date(2026, 1, 10), date(2026, 1, 5), date(2026, 3, 1)),
        (PayerKind.PUBLIC_HOSPITAL, date(2026, 1, 10), date(2026, 1, 20), date(2026, 3, 11)),
        (PayerKind.PUBLIC_LOCAL, date(2026, 1, 10), date(2026, 1, 5), date(2026, 2, 9)),
        (PayerKind.PRIVATE, date(2026, 1, 10), date(2026, 1, 5), date(2026, 2, 9)),
    ],
)
def test_due_dates_follow_the_law_of_each_payer(payer, received, executed, due):
    assert rules.due_date(payer, received, executed, figures()) == due


def test_an_agreement_can_not_give_a_private_payer_more_than_sixty_days():
    received = date(2026, 1, 10)
    assert rules.due_date(PayerKind.PRIVATE, received, received, figures(), agreed_days=45) == date(2026, 2, 24)
    assert rules.due_date(PayerKind.PRIVATE, received, received, figures(), agreed_days=90) == date(2026, 3, 11)


@pytest.mark.parametrize(
    ("paid", "credited", "today", "shown"),
    [
        (0, 0, date(2027, 3, 1), ShownState.ISSUED),
        (0, 0, date(2027, 3, 31), ShownState.ISSUED),
        (0, 0, date(2027, 4, 1), ShownState.LATE),
        (40, 0, date(2027, 3, 1), ShownState.PART_PAID),
        (40, 0, date(2027, 4, 1), ShownState.LATE),
        (100, 0, date(2027, 4, 1), ShownState.PAID),
        (40, 60, date(2027, 4, 1), ShownState.PAID),
        (0, 100, date(2027, 4, 1), ShownState.CREDITED),
        (100, 100, date(2027, 4, 1), ShownState.CREDITED),
    ],
)
def test_the_state_shown_is_derived(paid, credited, today, shown):
    due = date(2027, 3, 31)
    assert shown_state(InvoiceState.ISSUED, Money(100), Money(paid), Money(credited), due, today) is shown


def test_too_much_is_refused_with_the_sum_and_accepted_knowingly():
    with pytest.raises(InvalidInput) as refused:
        rules.ensure_payable(Money(150), Money(100), keep_surplus=False)
    assert refused.value.params == {"left": Money(100), "surplus": Money(50)}
    rules.ensure_payable(Money(150), Money(100), keep_surplus=True)


@given(st.lists(st.sampled_from(PaymentState), min_size=1, max_size=12))
def test_news_of_a_payment_never_take_it_back(news):
    state = PaymentState.CREATING
    for told in news:
        state = furthest(state, told)
    assert (state is PaymentState.PAID) == (PaymentState.PAID in news)


@given(
    st.lists(st.integers(1, 50_000), min_size=1, max_size=12),
    st.sampled_from([Decimal("20"), Decimal("5.5"), Decimal("0"), Decimal("2.10")]),
)
def test_parts_make_the_whole_vat_and_none_is_a_cent_from_its_own(bases: list[int], rate: Decimal) -> None:
    base = vat = 0
    for one in bases:
        part = rules.vat_of_part(one, rate, base_before=base, vat_before=vat)
        assert abs(part - one * rate / 100) < 1
        base, vat = base + one, vat + part
    assert vat == vat_of(Money(base), rate).cents


def test_a_part_stays_near_its_own_vat_when_an_earlier_one_was_thrown_away() -> None:
    assert rules.vat_of_part(100, Decimal("20"), base_before=0, vat_before=2) == 20
