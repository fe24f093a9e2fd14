"""What the accounting pages read: balance, one account, journals, third parties by age, axes. All bounded by a page.

A balance sheet account opens on everything before the period, one of costs or income on what the year already had; the
opening entries are not needed and not counted. Only validated lines are.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Date, and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.ledger import chart
from entrepairs.ledger.models import AxisValue, Entry, EntryLine, EntryState, LedgerAccount, LineAxis
from entrepairs.ledger.years import exercise_shown

PAGE: Final = 60
AGES: Final = (0, 30, 60, 90)
"""Days past due that bound the bands: not due, up to 30, up to 60, up to 90, more."""

_COUNTED: Final = and_(EntryLine.counted_on.is_not(None), EntryLine.carried.is_(False))
_OF_THE_YEAR: Final = func.left(EntryLine.account_code, 1).in_(("6", "7", "8"))


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """An account over a period, debit less credit before it, and what moved."""

    code: str
    label: str
    opening: Money
    debit: Money
    credit: Money

    @property
    def closing(self) -> Money:
        """Debit less credit at the end."""
        return self.opening + self.debit - self.credit


def balance_rows(session: Session, since: date, until: date, *, classes: str = "") -> list[BalanceRow]:
    """Every account with a balance or a movement, by code; `classes` keeps those that start with one of these digits."""
    year = exercise_shown(session, since).first_day
    before = case(
        (_OF_THE_YEAR, and_(EntryLine.counted_on >= year, EntryLine.counted_on < since)),
        else_=EntryLine.counted_on < since,
    )
    inside = EntryLine.counted_on >= since
    total = func.coalesce
    rows = session.execute(
        select(
            EntryLine.account_code,
            total(func.sum(EntryLine.debit - EntryLine.credit).filter(before), 0),
            total(func.sum(EntryLine.debit).filter(inside), 0),
            total(func.sum(EntryLine.credit).filter(inside), 0),
            total(func.sum(EntryLine.debit - EntryLine.credit).filter(_OF_THE_YEAR, EntryLine.counted_on < year), 0),
        )
        .where(_COUNTED, EntryLine.counted_on <= until)
        .group_by(EntryLine.account_code)
    ).all()
    labels = {row.code: row.label for row in session.execute(select(LedgerAccount.code, LedgerAccount.label))}
    found = {code: (int(opening), int(debit), int(credit)) for code, opening, debit, credit, _ in rows}
    if result := sum(int(earlier) for *_, earlier in rows):
        _bring_result(found, result)
    return [
        BalanceRow(code, labels.get(code, ""), Money(opening), Money(debit), Money(credit))
        for code, (opening, debit, credit) in sorted(found.items())
        if (opening or debit or credit) and (not classes or code[0] in classes)
    ]


def _bring_result(found: dict[str, tuple[int, int, int]], result: int) -> None:
    """What earlier years made, until the assembly's vote takes it away: 120 for a gain, 129 for a loss."""
    left = {code: found.pop(code, (0, 0, 0)) for code in (chart.RESULT_GAIN, chart.RESULT_LOSS)}
    opening = result + sum(each[0] for each in left.values())
    code = chart.RESULT_LOSS if opening > 0 else chart.RESULT_GAIN
    debit, credit = (sum(each[side] for each in left.values()) for side in (1, 2))
    found[code] = (opening, debit, credit)


# --- one account ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A line of an account with the balance after it."""

    line: EntryLine
    balance: Money


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One page of an account over a period; `opening` is before the period, the totals are those of all of it."""

    opening: Money
    debit: Money
    credit: Money
    lines: list[AccountLine]
    count: int
    more: bool

    @property
    def closing(self) -> Money:
        """Debit less credit at the end of the period."""
        return self.opening + self.debit - self.credit


def account_page(
    session: Session, code: str, since: date, until: date, *, aux_code: str | None = None, page: int = 1
) -> AccountPage:
    """The lines of an account (those below it are others), by day."""
    mine = [_COUNTED, EntryLine.account_code == code]
    if aux_code is not None:
        mine.append(EntryLine.aux_code == aux_code)
    first = exercise_shown(session, since).first_day if code[0] in "678" else date(1900, 1, 1)
    opening = _sum(session, *mine, EntryLine.counted_on >= first, EntryLine.counted_on < since)
    period = [*mine, EntryLine.counted_on >= since, EntryLine.counted_on <= until]
    debit, credit, count = session.execute(
        select(
            func.coalesce(func.sum(EntryLine.debit), 0), func.coalesce(func.sum(EntryLine.credit), 0), func.count()
        ).where(*period)
    ).one()
    order = (EntryLine.counted_on, EntryLine.id)
    skipped = (page - 1) * PAGE
    earlier = select(EntryLine.debit, EntryLine.credit).where(*period).order_by(*order).limit(skipped).subquery()
    running = opening.cents
    if skipped:
        passed = session.scalar(select(func.coalesce(func.sum(earlier.c.debit - earlier.c.credit), 0)))
        running += int(passed or 0)
    wanted = select(EntryLine).where(*period).order_by(*order).offset(skipped).limit(PAGE)
    lines = []
    for line in session.scalars(wanted.options(joinedload(EntryLine.entry), joinedload(EntryLine.lettering))):
        running += line.debit - line.credit
        lines.append(AccountLine(line, Money(running)))
    return AccountPage(opening, Money(int(debit)), Money(int(credit)), lines, count, skipped + PAGE < count)


def _sum(session: Session, *conditions: ColumnElement[bool]) -> Money:
    total = session.scalar(select(func.coalesce(func.sum(EntryLine.debit - EntryLine.credit), 0)).where(*conditions))
    return Money(int(total or 0))


# --- journals -------------------------------------------------------------------------------------------------------


def journal_page(
    session: Session, since: date, until: date, *, journal: str = "", words: str = "", page: int = 1
) -> tuple[list[Entry], bool]:
    """Validated entries with their lines, the latest first; whether there are more. `words`: in the piece or the label."""
    wanted = select(Entry).where(
        Entry.state == EntryState.VALIDATED, Entry.entry_date >= since, Entry.entry_date <= until
    )
    if journal:
        wanted = wanted.where(Entry.journal_code == journal)
    if words:
        wanted = wanted.where(
            or_(Entry.piece_ref.istartswith(words, autoescape=True), Entry.label.icontains(words, autoescape=True))
        )
    rows = session.scalars(
        wanted.order_by(Entry.entry_date.desc(), Entry.id.desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
        .options(selectinload(Entry.lines))
    ).all()
    return list(rows[:PAGE]), len(rows) > PAGE


# --- third parties --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgedRow:
    """What a third party owes (or is owed, below zero) on lines that nothing settles yet, by age past due."""

    code: str
    label: str
    bands: tuple[Money, ...]

    @property
    def total(self) -> Money:
        """All bands."""
        return Money.sum(self.bands)


def aged_rows(session: Session, account: str, today: date, *, page: int = 1) -> tuple[list[AgedRow], bool]:
    """Third parties with open lines, the largest debt first; whether there are more."""
    total = func.sum(EntryLine.debit - EntryLine.credit)
    rows = session.execute(
        select(EntryLine.aux_code, func.max(EntryLine.aux_label), *_bands(today))
        .where(*_open(account))
        .group_by(EntryLine.aux_code)
        .having(total != 0)
        .order_by(total.desc(), EntryLine.aux_code)
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    ).all()
    return [AgedRow(code, label, _money(bands)) for code, label, *bands in rows[:PAGE]], len(rows) > PAGE


def aged_total(session: Session, account: str, today: date) -> AgedRow:
    """All third parties together."""
    return AgedRow("", "", _money(session.execute(select(*_bands(today)).where(*_open(account))).one()))


def _open(account: str) -> tuple[ColumnElement[bool], ...]:
    return (
        EntryLine.account_code == account,
        EntryLine.aux_code.is_not(None),
        EntryLine.lettering_id.is_(None),
        EntryLine.carried.is_(False),
        EntryLine.counted_on.is_not(None),
    )


def _bands(today: date) -> list[ColumnElement[Any]]:
    due = func.coalesce(EntryLine.due_on, EntryLine.counted_on, type_=Date)
    edges = [today - timedelta(days=days) for days in AGES]
    tests = [due >= edges[0]]
    tests += [and_(due < later, due >= earlier) for later, earlier in itertools.pairwise(edges)]
    tests.append(due < edges[-1])
    amount = func.sum(EntryLine.debit - EntryLine.credit)
    return [func.coalesce(amount.filter(test), 0) for test in tests]


def _money(values: Sequence[Any]) -> tuple[Money, ...]:
    return tuple(Money(int(value)) for value in values)


def third_party_lines(
    session: Session, account: str, aux_code: str, *, lettered: bool, page: int = 1
) -> tuple[list[EntryLine], bool]:
    """Open lines, the oldest first; or the lettered ones, the latest first. Whether there are more."""
    wanted = select(EntryLine).where(
        EntryLine.account_code == account, EntryLine.aux_code == aux_code, EntryLine.counted_on.is_not(None)
    )
    if lettered:
        wanted = wanted.where(EntryLine.lettering_id.is_not(None)).order_by(
            EntryLine.lettering_id.desc(), EntryLine.counted_on, EntryLine.id
        )
    else:
        wanted = wanted.where(EntryLine.lettering_id.is_(None), EntryLine.carried.is_(False)).order_by(
            EntryLine.counted_on, EntryLine.id
        )
    options = (joinedload(EntryLine.entry), joinedload(EntryLine.lettering))
    rows = session.scalars(wanted.offset((page - 1) * PAGE).limit(PAGE + 1).options(*options)).all()
    return list(rows[:PAGE]), len(rows) > PAGE


def find_account(session: Session, code: str) -> LedgerAccount:
    """An account of the chart. Raises NotFound."""
    account = session.get(LedgerAccount, code)
    if account is None:
        raise NotFound("ledger_account", N_("The account %(account)s is not in the chart."), account=code)
    return account


def find_entry(session: Session, year: int, number: int) -> Entry:
    """A validated entry with its lines. Raises NotFound."""
    wanted = select(Entry).where(Entry.fiscal_year == year, Entry.number == number, Entry.state == EntryState.VALIDATED)
    entry = session.scalars(wanted.options(selectinload(Entry.lines))).one_or_none()
    if entry is None:
        raise NotFound("entry", N_("This entry does not exist."))
    return entry


def accounts_on(session: Session, day: date) -> list[LedgerAccount]:
    """The chart of a day, by code."""
    wanted = select(LedgerAccount).where(
        or_(LedgerAccount.since.is_(None), LedgerAccount.since <= day),
        or_(LedgerAccount.until.is_(None), LedgerAccount.until >= day),
    )
    return list(session.scalars(wanted.order_by(LedgerAccount.code)))


def known_third_parties(session: Session, *, limit: int = 500) -> dict[str, str]:
    """Code and name of those that a line names already."""
    rows = session.execute(
        select(EntryLine.aux_code, func.max(EntryLine.aux_label))
        .where(EntryLine.aux_code.is_not(None))
        .group_by(EntryLine.aux_code)
        .order_by(func.max(EntryLine.aux_label))
        .limit(limit)
    )
    return {code: label or code for code, label in rows if code}


# --- axes -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AxisRow:
    """Income and costs of one value of an axis over a period; both above zero in the usual case."""

    code: str
    label: str
    income: Money
    costs: Money

    @property
    def result(self) -> Money:
        """Income less costs."""
        return self.income - self.costs


def axis_rows(session: Session, axis: str, since: date, until: date, *, limit: int = 200) -> list[AxisRow]:
    """The values of an axis with the most income first, then what has no value on it."""
    sums = _income_and_costs()
    period = (_COUNTED, EntryLine.counted_on >= since, EntryLine.counted_on <= until, _is_result())
    rows = session.execute(
        select(AxisValue.code, AxisValue.label, *sums)
        .join(LineAxis, LineAxis.axis_value_id == AxisValue.id)
        .join(EntryLine, EntryLine.id == LineAxis.line_id)
        .where(AxisValue.axis == axis, *period)
        .group_by(AxisValue.id)
        .order_by(sums[0].desc(), AxisValue.code)
        .limit(limit)
    ).all()
    found = [AxisRow(code, label, Money(int(income)), Money(int(costs))) for code, label, income, costs in rows]
    income, costs = session.execute(select(*sums).where(*period)).one()
    rest = AxisRow(
        "",
        "",
        Money(int(income)) - Money.sum(row.income for row in found),
        Money(int(costs)) - Money.sum(row.costs for row in found),
    )
    return [*found, rest] if rest.income or rest.costs else found


def _is_result() -> ColumnElement[bool]:
    return or_(EntryLine.account_code.startswith("6"), EntryLine.account_code.startswith("7"))


def _income_and_costs() -> list[ColumnElement[Any]]:
    amount = func.sum(EntryLine.credit - EntryLine.debit)
    return [
        func.coalesce(amount.filter(EntryLine.account_code.startswith("7")), 0),
        func.coalesce(-amount.filter(EntryLine.account_code.startswith("6")), 0),
    ]
