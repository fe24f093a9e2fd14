"""Money: integer cents of euro, and the one rounding rule (half up, by line).

Floats raise everywhere: a rate is a `Decimal`, an amount is a `Money`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Self

CENT = Decimal(1)
MOST = Decimal(10) ** 13
"""Cents that an amount read from text may reach, a hundred billion euros: far inside what a column holds."""


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount in euro cents. May be negative (a credit)."""

    cents: int

    def __post_init__(self) -> None:
        if type(self.cents) is not int:
            msg = f"Money takes integer cents, not {type(self.cents).__name__}"
            raise TypeError(msg)

    @classmethod
    def of(cls, euros: Decimal | int | str) -> Self:
        """Build from euros: `Money.of("12.34")`. Raises ValueError below the cent or beyond `MOST`, TypeError on floats."""
        if isinstance(euros, float):
            msg = "floats lose cents: give a Decimal, an int or a str"
            raise TypeError(msg)
        scaled = Decimal(euros) * 100
        if scaled != scaled.to_integral_value():
            msg = f"{euros} has more than two decimals"
            raise ValueError(msg)
        if abs(scaled) > MOST:
            msg = "this is more than a sum of money can be here"
            raise ValueError(msg)
        return cls(int(scaled))

    @classmethod
    def sum(cls, amounts: Iterable["Money"]) -> Self:
        """Sum of the amounts; zero for none."""
        return cls(sum(amount.cents for amount in amounts))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.cents + other.cents)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.cents - other.cents)

    def __neg__(self) -> "Money":
        return Money(-self.cents)

    def __mul__(self, quantity: int | Decimal) -> "Money":
        """Times a quantity or a rate, rounded half up to the cent."""
        if not isinstance(quantity, int | Decimal):
            msg = "multiply money by an int or a Decimal"
            raise TypeError(msg)
        return Money(round_half_up(Decimal(self.cents) * quantity))

    def __bool__(self) -> bool:
        return self.cents != 0

    @property
    def euros(self) -> Decimal:
        """The amount in euros with two decimals."""
        return (Decimal(self.cents) / 100).quantize(Decimal("0.01"))

    def __str__(self) -> str:
        return f"{self.euros} EUR"


def round_half_up(value: Decimal) -> int:
    """Round to an integer, halves away from zero (the house's only rounding)."""
    return int(value.quantize(CENT, rounding=ROUND_HALF_UP))


def vat_of(net: Money, rate_percent: Decimal) -> Money:
    """VAT on a net amount; `rate_percent` is 20 for 20 %."""
    return Money(round_half_up(Decimal(net.cents) * rate_percent / 100))
