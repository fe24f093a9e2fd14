"""The T of an account as places of an SVG: one row for each month, its amounts on both sides of the stem."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _

from entrepairs.kernel.money import Money
from entrepairs.ledger.t_accounts import Side, TAccount
from entrepairs.web.filters import short_month

ROW: Final = 24
"""Height of a row, in the units of the picture (320 wide)."""
HEAD: Final = 34
HALF: Final = 154


@dataclass(frozen=True, slots=True)
class TRow:
    """A row: its label and, on each side, an amount (None: nothing) and the width of its bar."""

    y: int
    label: str
    debit: Money | None
    credit: Money | None
    debit_width: float
    credit_width: float
    balance: bool


@dataclass(frozen=True, slots=True)
class TPicture:
    """The rows between the head and the totals."""

    rows: tuple[TRow, ...]
    foot: int
    height: int
    total: Money


def t_picture(account: TAccount) -> TPicture:
    """Where everything stands. Bars are to the largest amount."""
    told = list(_told(account))
    most = max((one.cents for _label, *sides, _kept in told for one in sides if one is not None), default=0) or 1
    rows = []
    for at, (label, debit, credit, balance) in enumerate(told):
        widths = [round(HALF * one.cents / most, 1) if one is not None else 0.0 for one in (debit, credit)]
        rows.append(TRow(HEAD + at * ROW, label, debit, credit, widths[0], widths[1], balance))
    foot = HEAD + len(rows) * ROW
    return TPicture(tuple(rows), foot, foot + ROW + 6, account.total)


def _told(account: TAccount) -> Iterator[tuple[str, Money | None, Money | None, bool]]:
    if account.opening is not None:
        yield (_("Before"), *_on(account.opening), True)
    for month in account.months:
        yield short_month(month.first), month.debit or None, month.credit or None, False
    if account.closing is not None:
        yield (_("Balance"), *_on(account.closing), True)


def _on(placed: tuple[Side, Money]) -> tuple[Money | None, Money | None]:
    side, amount = placed
    return (amount, None) if side is Side.DEBIT else (None, amount)
