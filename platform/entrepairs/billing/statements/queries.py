"""Reads of bank statements, for the office only."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from entrepairs.billing.models import Invoice, Settlement, SettlementKind
from entrepairs.billing.online.models import StripePayout
from entrepairs.billing.online.payouts import may_be, payouts_awaited, payouts_of_lines
from entrepairs.billing.statements.books import book_of, credit_of
from entrepairs.billing.statements.matching import Book, Proposal, propose
from entrepairs.billing.statements.models import BankStatement, LineSettlement, StatementLine
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_

NEAR: Final = timedelta(days=10)
"""How far from the bank's day somebody may have dated the transfer they typed."""


class LineState(StrEnum):
    """Where a line stands; derived."""

    WAITING = "waiting"
    MATCHED = "matched"
    ASIDE = "aside"
    OUT = "out"


@dataclass(frozen=True)
class LineView:
    """A line as a page shows it."""

    line: StatementLine
    state: LineState
    payments: Sequence[Settlement] = ()
    by_itself: bool = False
    proposals: Sequence[Proposal] = ()
    typed: Sequence[Settlement] = ()
    """Transfers typed by hand that may be this very line."""
    payout: StripePayout | None = None
    """What Stripe sent, when it was said that this line is it."""
    payouts: Sequence[StripePayout] = ()
    """Payouts of Stripe that may be this very line."""


@dataclass(frozen=True, slots=True)
class StatementSummary:
    """A statement of the list, and how many of its credits wait."""

    statement: BankStatement
    lines: int
    waiting: int


def statements(session: Session, *, limit: int = 100) -> list[StatementSummary]:
    """The latest first."""
    rows = session.scalars(
        select(BankStatement).order_by(BankStatement.closed_on.desc(), BankStatement.id.desc()).limit(limit)
    ).all()
    ids = [one.id for one in rows]
    counted = select(StatementLine.statement_id, func.count()).where(StatementLine.statement_id.in_(ids))
    lines = _counts(session, counted)
    waiting = _counts(session, counted.where(_is_waiting()))
    return [StatementSummary(one, lines.get(one.id, 0), waiting.get(one.id, 0)) for one in rows]


def statement_of(session: Session, ref: str) -> BankStatement:
    """A statement. Raises NotFound."""
    found = session.scalars(select(BankStatement).where(BankStatement.ref == ref)).one_or_none()
    if found is None:
        raise NotFound("bank_statement", N_("This statement does not exist."))
    return found


def line_of(session: Session, ref: str) -> StatementLine:
    """A line. Raises NotFound."""
    found = session.scalars(select(StatementLine).where(StatementLine.ref == ref)).one_or_none()
    if found is None:
        raise NotFound("statement_line", N_("This movement does not exist."))
    return found


def views_of(session: Session, lines: Sequence[StatementLine], today: date) -> list[LineView]:
    """The lines with their payments, or what they may pay."""
    paid = _payments(session, lines)
    typed = _typed(session, [line for line in lines if line.cents > 0 and line.id not in paid])
    sent, awaited = payouts_of_lines(session, lines), payouts_awaited(session)
    book: Book | None = None
    views = []
    for line in lines:
        if line.id in paid:
            payments = [one for one, _ in paid[line.id]]
            views.append(LineView(line, LineState.MATCHED, payments, any(alone for _, alone in paid[line.id])))
        elif line.id in sent:
            views.append(LineView(line, LineState.MATCHED, payout=sent[line.id]))
        elif line.aside_why is not None:
            views.append(LineView(line, LineState.ASIDE))
        elif line.cents <= 0:
            views.append(LineView(line, LineState.OUT))
        else:
            book = book or book_of(session, today)
            same = [one for one in typed.get(line.cents, ()) if abs(one.received_on - line.booked_on) <= NEAR]
            stripe = [one for one in awaited if may_be(line, one)]
            proposals = propose(credit_of(line), book)
            views.append(LineView(line, LineState.WAITING, proposals=proposals, typed=same, payouts=stripe))
    return views


def invoices_named(session: Session, views: Sequence[LineView]) -> Mapping[str, Invoice]:
    """The invoices of the proposals, by reference."""
    refs = {part.ref for view in views for one in view.proposals for part in one.parts}
    return {one.ref: one for one in session.scalars(select(Invoice).where(Invoice.ref.in_(refs)))}


def _is_waiting() -> ColumnElement[bool]:
    undone = select(Settlement.counterpart_id).where(Settlement.kind == SettlementKind.REVERSAL)
    paid = select(LineSettlement.line_id).where(LineSettlement.settlement_id.not_in(undone))
    sent = select(StripePayout.line_id).where(StripePayout.line_id.is_not(None))
    waits = StatementLine.aside_why.is_(None) & StatementLine.id.not_in(paid) & StatementLine.id.not_in(sent)
    return (StatementLine.cents > 0) & waits


def _counts(session: Session, counted: Select[int, int]) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(counted.group_by(StatementLine.statement_id))}


def _payments(session: Session, lines: Sequence[StatementLine]) -> dict[int, list[tuple[Settlement, bool]]]:
    undone = select(Settlement.counterpart_id).where(Settlement.kind == SettlementKind.REVERSAL)
    found: dict[int, list[tuple[Settlement, bool]]] = defaultdict(list)
    for line_id, settlement, alone in session.execute(
        select(LineSettlement.line_id, Settlement, LineSettlement.by_itself)
        .join(Settlement, Settlement.id == LineSettlement.settlement_id)
        .where(LineSettlement.line_id.in_([line.id for line in lines]), Settlement.id.not_in(undone))
        .order_by(Settlement.id)
    ):
        found[line_id].append((settlement, alone))
    return found


def _typed(session: Session, lines: Sequence[StatementLine]) -> dict[int, list[Settlement]]:
    """Transfers of those amounts that no line explains, by amount."""
    undone = select(Settlement.counterpart_id).where(Settlement.kind == SettlementKind.REVERSAL)
    found: dict[int, list[Settlement]] = defaultdict(list)
    for one in session.scalars(
        select(Settlement)
        .where(Settlement.kind == SettlementKind.TRANSFER, Settlement.cents.in_({line.cents for line in lines}))
        .where(Settlement.id.not_in(undone), Settlement.id.not_in(select(LineSettlement.settlement_id)))
        .order_by(Settlement.received_on, Settlement.id)
    ):
        found[one.cents].append(one)
    return found
