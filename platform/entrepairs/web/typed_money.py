"""Reading an amount as people type it."""

from decimal import Decimal, InvalidOperation

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money


def typed_money(text: str, *, field: str = "amount") -> Money:
    """« 1 234,50 € » as money. Raises InvalidInput("amount_unreadable")."""
    try:
        return Money.of(Decimal("".join(text.replace("€", "").split()).replace(",", ".")))
    except (InvalidOperation, ValueError):
        raise InvalidInput("amount_unreadable", N_("Write an amount such as 320 or 320,50."), field=field) from None
