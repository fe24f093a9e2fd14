"""Totals, room, signatures: against an oracle in plain decimals."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.contracting import rules
from entrepairs.contracting.rules import PricedLine
from entrepairs.contracting.states import (
    AGREEMENT_TRANSITIONS,
    QUOTE_TRANSITIONS,
    AgreementState,
    QuoteEvent,
    QuoteState,
)
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.money import Money

REGIMES = {"exempt": Decimal(0), "franchise": Decimal(0), "standard": Decimal(20), "reduced": Decimal("5.5")}


@st.composite
def lines(draw: st.DrawFn) -> PricedLine:
    regime = draw(st.sampled_from(sorted(REGIMES)))
    return PricedLine(
        label="Séance",
        quantity=Decimal(draw(st.integers(1, 100_000))) / 100,
        unit="per_session",
        unit_price=Money(draw(st.integers(0, 500_000))),
        vat_regime=regime,
        rate=REGIMES[regime],
    )


def cents(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@given(st.lists(lines(), max_size=12))
def test_totals_agree_with_plain_decimals(given_lines: list[PricedLine]) -> None:
    bases: dict[Decimal, int] = {}
    for line in given_lines:
        bases[line.rate] = bases.get(line.rate, 0) + cents(line.unit_price.cents * line.quantity)
    vat = sum(cents(base * rate / 100) for rate, base in bases.items())

    sums = rules.totals(given_lines)

    assert sums.net.cents == sum(bases.values())
    assert sums.vat.cents == vat
    assert sums.gross.cents == sum(bases.values()) + vat


@given(st.permutations(range(4)), st.lists(lines(), min_size=4, max_size=4))
def test_the_order_of_lines_does_not_change_what_is_owed(order: list[int], given_lines: list[PricedLine]) -> None:
    assert rules.totals(given_lines).gross == rules.totals([given_lines[at] for at in order]).gross


@given(st.lists(lines(), min_size=1, max_size=12))
def test_an_exempt_regime_writes_no_vat_row(given_lines: list[PricedLine]) -> None:
    assert all(rate for rate, _ in rules.totals(given_lines).vat_by_rate)


@given(st.integers(1, 10**9), st.lists(st.integers(0, 10**8), max_size=20))
def test_draws_taken_only_while_there_is_room_never_pass_the_ceiling(ceiling: int, wanted: list[int]) -> None:
    drawn = Money(0)
    for one in wanted:
        if rules.has_room(Money(ceiling), drawn, Money(one)):
            drawn += Money(one)
    assert drawn <= Money(ceiling)
    assert 0 <= rules.percent_drawn(Money(ceiling), drawn) <= 100


def test_an_agreement_without_ceiling_always_has_room() -> None:
    assert rules.has_room(None, Money(10**12), Money(1))
    assert rules.room_left(None, Money(5)) is None
    assert rules.percent_drawn(None, Money(5)) == 0


@given(st.integers(0, 10**8), st.integers(1, 60))
def test_the_share_kept_of_a_series_grows_to_its_whole_price(price: int, total: int) -> None:
    shares = [rules.share_kept(Money(price), kept, total) for kept in range(total + 1)]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (Money(0), Money(price))


@pytest.mark.parametrize(
    ("days", "covered"),
    [
        ([date(2027, 1, 1), date(2027, 12, 31)], True),
        ([date(2026, 12, 31)], False),
        ([date(2027, 6, 1), date(2028, 1, 1)], False),
        ([], False),
    ],
)
def test_an_agreement_covers_when_every_day_falls_in_it(days: list[date], *, covered: bool) -> None:
    assert rules.covers(date(2027, 1, 1), date(2028, 1, 1), days) is covered


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"label": "  "}, "line_label"),
        ({"label": "x" * 201}, "line_label"),
        ({"quantity": Decimal(0)}, "line_quantity"),
        ({"quantity": Decimal("1.005")}, "line_quantity"),
        ({"quantity": Decimal(10_001)}, "line_quantity"),
        ({"unit_price": Money(-1)}, "line_price"),
        ({"vat_regime": "imaginary"}, "vat_regime"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused_with_its_place(change: dict[str, object], code: str) -> None:
    sound = {
        "label": "Séance",
        "quantity": Decimal(8),
        "unit": "per_session",
        "unit_price": Money(32000),
        "vat_regime": "exempt",
        "rate": Decimal(0),
    }
    with pytest.raises(InvalidInput) as refusal:
        rules.ensure_lines([PricedLine(**sound), PricedLine(**(sound | change))], REGIMES)  # type: ignore[arg-type]
    assert (refusal.value.code, refusal.value.params["line"]) == (code, 1)


def test_a_quote_has_a_line() -> None:
    with pytest.raises(InvalidInput):
        rules.ensure_lines([], REGIMES)


def test_an_engagement_number_is_tidied_and_never_empty_nor_too_long() -> None:
    assert rules.ensure_engagement("  EJ-2027-0042 ") == "EJ-2027-0042"
    for bad in ("", "   ", "9" * 51):
        with pytest.raises(InvalidInput):
            rules.ensure_engagement(bad)


@pytest.mark.parametrize(
    ("public", "ceiling", "basis", "accepted"),
    [
        (True, Money.of("59999.99"), "", True),
        (True, Money.of(60_000), "", False),
        (True, None, "", False),
        (True, None, "Marché n° 2026-118, procédure adaptée", True),
        (False, None, "", True),
    ],
)
def test_a_public_buyer_orders_without_procedure_below_the_threshold_only(
    *, public: bool, ceiling: Money | None, basis: str, accepted: bool
) -> None:
    def check() -> None:
        rules.ensure_procurement(public=public, ceiling=ceiling, basis=basis, threshold=Money.of(60_000))

    if accepted:
        check()
    else:
        with pytest.raises(InvalidInput):
            check()


def test_an_answer_is_given_once() -> None:
    answered = {QuoteState.ACCEPTED, QuoteState.REFUSED, QuoteState.SUPERSEDED}
    assert not [state for state, _ in QUOTE_TRANSITIONS if state in answered]
    late = [event for state, event in QUOTE_TRANSITIONS if state is QuoteState.EXPIRED]
    assert late == [QuoteEvent.ACCEPT_ON_PAPER], "a paper signed in time may come late"
    over = {AgreementState.EXPIRED, AgreementState.TERMINATED}
    assert not [state for state, _ in AGREEMENT_TRANSITIONS if state in over]
