"""Prices, VAT and room left: pure functions over values."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money, vat_of


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line of a quote; `rate` is the VAT in percent (0 when exempt or out of scope)."""

    label: str
    quantity: Decimal
    unit: str
    unit_price: Money
    vat_regime: str
    rate: Decimal

    @property
    def net(self) -> Money:
        """Quantity times unit price, rounded half up by line."""
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of a quote. VAT is taken once on the sum of each rate, as an invoice will."""

    net: Money
    vat_by_rate: tuple[tuple[Decimal, Money], ...]

    @property
    def vat(self) -> Money:
        """All rates together."""
        return Money.sum(amount for _, amount in self.vat_by_rate)

    @property
    def gross(self) -> Money:
        """What the partner would pay."""
        return self.net + self.vat


def totals(lines: Iterable[PricedLine]) -> Totals:
    """Sums of the lines."""
    bases: dict[Decimal, Money] = {}
    for line in lines:
        bases[line.rate] = bases.get(line.rate, Money(0)) + line.net
    by_rate = tuple((rate, vat_of(base, rate)) for rate, base in sorted(bases.items()) if rate)
    return Totals(Money.sum(bases.values()), by_rate)


def room_left(ceiling: Money | None, drawn: Money) -> Money | None:
    """What an agreement can still take, without VAT; None when it has no ceiling."""
    return None if ceiling is None else ceiling - drawn


def has_room(ceiling: Money | None, drawn: Money, wanted: Money) -> bool:
    """Whether `wanted` fits under the ceiling."""
    left = room_left(ceiling, drawn)
    return left is None or wanted <= left


def covers(first: date, end: date | None, days: Collection[date]) -> bool:
    """Whether every day of the sessions falls in the agreement, from `first` to the day before `end`."""
    return bool(days) and first <= min(days) and (end is None or max(days) < end)


def ensure_engagement(number: str) -> str:
    """The public buyer's commitment number, tidied: 1 to 50 signs. Raises InvalidInput("engagement_number")."""
    tidy = " ".join(number.split())
    if not tidy or len(tidy) > 50:
        raise InvalidInput(
            "engagement_number",
            N_("Give the engagement number as your accounts department wrote it, 50 characters at most."),
            field="engagement",
        )
    return tidy
