"""Totals and VAT of invoices beside an oracle that shares no code with them: plain decimals, rounded half up."""

import random
from decimal import ROUND_HALF_UP, Decimal

from entrepairs.billing import rules
from entrepairs.billing.einvoice import mentions
from entrepairs.kernel.money import Money
from tests.conftest import Proof

REDUCED, FULL = 1_500, 100_000
CENT = Decimal("0.01")
TREATMENTS = [mentions.treatment(code, standard_rate=Decimal(20)) for code in mentions.CODES]
RATES = [Decimal(20), Decimal("5.5"), Decimal("2.1"), Decimal(10)]


def half_up(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def test_every_invoice_has_the_totals_of_the_oracle_to_the_cent(proof: Proof) -> None:
    draw = proof.random("totals")
    wrong = 0
    for _ in range(proof.size(REDUCED, FULL)):
        lines = [_line(draw) for _ in range(draw.randrange(1, 13))]
        nets = [Money(price) * quantity for _treated, quantity, price in lines]
        totals = rules.vat_totals([(treated, net) for (treated, _q, _p), net in zip(lines, nets, strict=True)])
        told = (
            [net.euros for net in nets],
            {one.treatment: (one.base.euros, one.vat.euros) for one in totals},
        )
        wrong += told != _oracle(lines)
    assert wrong == 0


def _line(draw: random.Random) -> tuple[mentions.Treatment, Decimal, int]:
    treated = draw.choice([*TREATMENTS, *(mentions.standard(rate) for rate in RATES)])
    quantity = Decimal(draw.choice([draw.randrange(1, 2000), draw.randrange(1, 40) * 25, 100])) / 100
    return treated, quantity, draw.choice([draw.randrange(1, 100), draw.randrange(1, 100_000), 0, 12_345])


def _oracle(
    lines: list[tuple[mentions.Treatment, Decimal, int]],
) -> tuple[list[Decimal], dict[mentions.Treatment, tuple[Decimal, Decimal]]]:
    nets = [half_up(quantity * Decimal(price) / 100) for _treated, quantity, price in lines]
    bases: dict[mentions.Treatment, Decimal] = {}
    for (treated, _q, _p), net in zip(lines, nets, strict=True):
        bases[treated] = bases.get(treated, Decimal(0)) + net
    return nets, {one: (base, half_up(base * one.rate / 100)) for one, base in bases.items()}


def test_the_parts_of_a_price_spread_over_sessions_make_the_price(proof: Proof) -> None:
    draw = proof.random("totals")
    for _ in range(proof.size(500, 20_000)):
        price, count = Money(draw.randrange(10_000_000)), draw.randrange(1, 60)
        parts = [rules.share(price, number, count) for number in range(1, count + 1)]
        assert Money.sum(parts) == price
        assert max(parts) - min(parts) <= Money(1)
