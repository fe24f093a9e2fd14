"""Reading the accounts: balances by account and third party, and the entries with their lines.

Only validated lines count. Those that bring balances forward (à-nouveaux) repeat earlier years: they are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, selectinload

from entrepairs.kernel.money import Money
from entrepairs.ledger.models import Entry, EntryLine, EntryState, LedgerAccount


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """Totals of an account over a period; `balance` is debit less credit."""

    code: str
    label: str
    debit: Money
    credit: Money

    @property
    def balance(self) -> Money:
        """Positive when debtor."""
        return self.debit - self.credit


def balance(
    session: Session,
    account: str,
    *,
    aux_code: str | None = None,
    since: date | None = None,
    until: date | None = None,
    exact: bool = False,
) -> Money:
    """Debit less credit of an account and those below it (`706` counts 7061; not when `exact`), both days included."""
    account_is = (
        EntryLine.account_code == account if exact else EntryLine.account_code.startswith(account, autoescape=True)
    )
    total = session.scalar(
        select(func.coalesce(func.sum(EntryLine.debit - EntryLine.credit), 0))
        .where(account_is, *_period(since, until))
        .where(*([EntryLine.aux_code == aux_code] if aux_code is not None else []))
    )
    return Money(int(total or 0))


def trial_balance(session: Session, *, since: date | None = None, until: date | None = None) -> list[AccountBalance]:
    """Every account that moved, by code (la balance)."""
    rows = session.execute(
        select(LedgerAccount.code, LedgerAccount.label, func.sum(EntryLine.debit), func.sum(EntryLine.credit))
        .join(EntryLine, EntryLine.account_code == LedgerAccount.code)
        .where(*_period(since, until))
        .group_by(LedgerAccount.code)
        .order_by(LedgerAccount.code)
    )
    return [AccountBalance(code, label, Money(int(debit)), Money(int(credit))) for code, label, debit, credit in rows]


def third_parties(session: Session, account: str, *, until: date | None = None) -> list[AccountBalance]:
    """Balance of each third party of an auxiliary account, those at zero left out."""
    rows = session.execute(
        select(EntryLine.aux_code, func.max(EntryLine.aux_label), func.sum(EntryLine.debit), func.sum(EntryLine.credit))
        .where(EntryLine.account_code == account, EntryLine.aux_code.is_not(None), *_period(None, until))
        .group_by(EntryLine.aux_code)
        .having(func.sum(EntryLine.debit) != func.sum(EntryLine.credit))
        .order_by(func.max(EntryLine.aux_label))
    )
    return [
        AccountBalance(code or "", label or "", Money(int(debit)), Money(int(credit)))
        for code, label, debit, credit in rows
    ]


def monthly(session: Session, prefixes: Sequence[str], *, since: date, until: date) -> dict[date, Money]:
    """Credit less debit by month (first day), for accounts starting with one of `prefixes`, both days included."""
    month = func.date_trunc("month", EntryLine.counted_on)
    rows = session.execute(
        select(month, func.sum(EntryLine.credit - EntryLine.debit))
        .where(
            or_(*(EntryLine.account_code.startswith(prefix, autoescape=True) for prefix in prefixes)),
            *_period(since, until),
        )
        .group_by(month)
    )
    return {at.date(): Money(int(total)) for at, total in rows}


def entries(
    session: Session,
    *,
    journal: str | None = None,
    account: str | None = None,
    piece_ref: str | None = None,
    limit: int = 100,
) -> list[Entry]:
    """The latest validated entries with their lines, newest first."""
    chosen = (
        select(Entry)
        .where(Entry.state == EntryState.VALIDATED)
        .options(selectinload(Entry.lines))
        .order_by(Entry.entry_date.desc(), Entry.id.desc())
    )
    if journal:
        chosen = chosen.where(Entry.journal_code == journal)
    if account:
        chosen = chosen.where(Entry.lines.any(EntryLine.account_code.startswith(account, autoescape=True)))
    if piece_ref:
        chosen = chosen.where(Entry.piece_ref == piece_ref)
    return list(session.scalars(chosen.limit(limit)))


def _period(since: date | None, until: date | None) -> list[ColumnElement[bool]]:
    bounds: list[ColumnElement[bool]] = [EntryLine.counted_on.is_not(None), EntryLine.carried.is_(False)]
    if since is not None:
        bounds.append(EntryLine.counted_on >= since)
    if until is not None:
        bounds.append(EntryLine.counted_on <= until)
    return bounds
