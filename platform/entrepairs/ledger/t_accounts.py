"""An account as a T: what is before, each month's debits on the left and credits on the right, the balance that levels both."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Date, cast, func, select
from sqlalchemy.orm import Session

from entrepairs.kernel.money import Money
from entrepairs.ledger.models import EntryLine

NOTHING = Money(0)


class Side(StrEnum):
    """A side of the T."""

    DEBIT = "debit"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Month:
    """What a month moved."""

    first: date
    debit: Money
    credit: Money


@dataclass(frozen=True, slots=True)
class TAccount:
    """Both sides add up to `total`, the balances included. A balance is on the side that levels, or None when nil.

    `opening` sits on its own side; `closing` on the other side than its own: it is what is missing there.
    """

    opening: tuple[Side, Money] | None
    months: tuple[Month, ...]
    closing: tuple[Side, Money] | None
    total: Money

    def side(self, side: Side) -> Money:
        """Everything on a side."""
        own = Money.sum(month.debit if side is Side.DEBIT else month.credit for month in self.months)
        return own + Money.sum(one[1] for one in (self.opening, self.closing) if one and one[0] is side)


def t_account(opening: Money, months: tuple[Month, ...]) -> TAccount:
    """The T of an account that opens on a balance (debit positive) and moves by month."""
    closing = opening + Money.sum(month.debit for month in months) - Money.sum(month.credit for month in months)
    before = _placed(opening, Side.DEBIT, Side.CREDIT)
    after = _placed(closing, Side.CREDIT, Side.DEBIT)
    found = TAccount(before, months, after, NOTHING)
    return TAccount(before, months, after, found.side(Side.DEBIT))


def _placed(balance: Money, positive: Side, negative: Side) -> tuple[Side, Money] | None:
    if not balance:
        return None
    return (positive, balance) if balance > NOTHING else (negative, -balance)


def months_of(
    session: Session, code: str, since: date, until: date, *, aux_code: str | None = None
) -> tuple[Month, ...]:
    """What each month of a period moved on an account, those that moved nothing left out.

    The opening entry of a year moves nothing: what it carries is the balance before.
    """
    month = cast(func.date_trunc("month", EntryLine.counted_on), Date)
    wanted = (
        select(month, func.sum(EntryLine.debit), func.sum(EntryLine.credit))
        .where(EntryLine.account_code == code, EntryLine.counted_on.between(since, until), EntryLine.carried.is_(False))
        .group_by(month)
        .order_by(month)
    )
    if aux_code is not None:
        wanted = wanted.where(EntryLine.aux_code == aux_code)
    return tuple(
        Month(first, Money(int(debit)), Money(int(credit))) for first, debit, credit in session.execute(wanted)
    )
