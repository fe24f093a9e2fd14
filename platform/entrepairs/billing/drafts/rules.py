"""Discounts as arithmetic: pure, in whole cents, never a cent lost between a whole and its parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money

REASONS: Final = {
    "95": "Remise",
    "100": "Remise exceptionnelle",
    "64": "Remise convenue avec la structure",
    "102": "Remise pour un engagement dans la durée",
    "105": "Remise selon le volume de l’année",
    "65": "Remise après un incident",
}
"""Codes of UNTDID 5189 (BT-98, BT-140) that an association has a use for, with what is printed."""
LONGEST_REASON: Final = 100


@dataclass(frozen=True, slots=True)
class Discount:
    """What is taken off: an amount without VAT, or a percentage; why, by its code and a few words more if need be."""

    code: str
    amount: Money | None = None
    percent: Decimal | None = None
    more: str = ""

    @property
    def reason(self) -> str:
        """As printed: « Remise après un incident : séance écourtée »."""
        said = REASONS[self.code]
        return f"{said} : {self.more.strip()}" if self.more.strip() else said


def ensure_sound(given: Discount) -> None:
    """Raise InvalidInput("discount_reason", "discount_reason_long", "discount_one_way", "discount_value")."""
    if given.code not in REASONS:
        raise InvalidInput("discount_reason", N_("Choose why the discount is given: it is printed."), field="code")
    if len(given.reason) > LONGEST_REASON:
        raise InvalidInput("discount_reason_long", N_("Say it in fewer words: it is printed."), field="more")
    if (given.amount is None) == (given.percent is None):
        raise InvalidInput("discount_one_way", N_("Write an amount or a percentage, one of the two."), field="amount")
    if given.amount is not None and given.amount <= Money(0):
        raise InvalidInput("discount_value", N_("Write an amount above zero."), field="amount")
    if given.percent is not None and not (
        given.percent.is_finite() and 0 < given.percent < 100 and given.percent == round(given.percent, 2)
    ):
        raise InvalidInput(
            "discount_value", N_("Write a percentage between 0 and 100, with two decimals at most."), field="percent"
        )


def taken_off(given: Discount, base: Money) -> Money:
    """What a discount takes off an amount; a percentage is rounded half up."""
    if given.amount is not None:
        return given.amount
    return base * ((given.percent or Decimal(0)) / 100)


def shared_out(amount: Money, parts: Sequence[Money]) -> list[Money]:
    """`amount` in parts as the parts given (none negative), to the cent: they add up to it, none is above its own."""
    whole, so_far, given, found = sum(part.cents for part in parts), 0, 0, []
    for part in parts:
        so_far += part.cents
        until = amount.cents * so_far // whole if whole else 0
        found.append(Money(until - given))
        given = until
    return found
