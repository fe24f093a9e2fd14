"""What Stripe sends to our bank: out of 5122 into 580 when it leaves, into 512 when our bank says that it arrived.

Lock order: line of a statement, payout, journal.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.online.bookings import book
from entrepairs.billing.online.facts import PayoutFacts
from entrepairs.billing.online.models import PayoutState, StripePayout
from entrepairs.billing.online.states import furthest_payout
from entrepairs.billing.postings import post_payout, post_payout_received
from entrepairs.billing.statements.models import StatementLine
from entrepairs.billing.statements.standing import standing_payments
from entrepairs.db import locked
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference
from entrepairs.kernel.text_checks import fold

NEAR: Final = timedelta(days=10)
"""How far from the day that Stripe told our bank may have booked a payout."""


def apply_payout(session: Session, facts: PayoutFacts, *, clock: Clock) -> StripePayout:
    """Bring our row to what Stripe says, never back: Dr 580 / Cr 5122 once, the opposite once if the bank refuses it."""
    session.execute(
        insert(StripePayout)
        .values(
            ref=new_reference("VST"),
            payout_id=facts.payout_id,
            state=PayoutState.ON_ITS_WAY,
            cents=facts.amount.cents,
            arrives_on=facts.arrives_on,
            failure="",
            receipts=0,
            created_at=clock.now(),
            updated_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["payout_id"])
    )
    payout = _locked(session, StripePayout.payout_id == facts.payout_id)
    before, payout.state = payout.state, furthest_payout(payout.state, facts.state)
    payout.failure = facts.failure[:60] or payout.failure
    amount = Money(payout.cents)
    if facts.movement is not None:
        book(session, facts.movement, payout.ref, clock=clock)
    post_payout(session, payout.ref, amount, on=clock.today(), clock=clock)
    if payout.state is PayoutState.FAILED:
        if facts.failed_movement is not None:
            book(session, facts.failed_movement, payout.ref, clock=clock)
        post_payout(session, payout.ref, amount, on=clock.today(), back=True, clock=clock)
    if payout.state is not before:
        payout.updated_at = clock.now()
    session.flush()
    return payout


def receive_payout(
    session: Session, ref: str, on: date, *, line_ref: str | None = None, clock: Clock, actor: Actor
) -> StripePayout:
    """Our bank credited a payout on a day: Dr 512 / Cr 580, once. `line_ref`: the line of a statement that says so.

    The same one said twice is one. Raises NotFound, Conflict("payout_received", "payout_failed", "line_taken"),
    InvalidInput("received_ahead", "payout_differs").
    """
    line = _line(session, line_ref) if line_ref else None
    payout = _locked(session, StripePayout.ref == ref)
    if payout.received_on is not None:
        if payout.line_id == (line.id if line else None) and payout.received_on == on:
            return payout
        raise Conflict("payout_received", N_("This payout is recorded as received already."))
    if payout.state is PayoutState.FAILED:
        raise Conflict("payout_failed", N_("The bank did not take this payout: Stripe has the money back."))
    if on > clock.today():
        raise InvalidInput(
            "received_ahead", N_("This day has not come yet: enter the day the bank credited it."), field="received_on"
        )
    if line is not None:
        if line.cents != payout.cents:
            raise InvalidInput("payout_differs", N_("The amounts differ: it is another payout."), field="payout")
        if line.aside_why is not None or payout_of_line(session, line) or standing_payments(session, line):
            raise Conflict("line_taken", N_("This movement is recorded already, or was put aside."))
    payout.received_on, payout.received_by, payout.line_id = on, actor.label, line.id if line else None
    payout.receipts += 1
    session.flush()
    post_payout_received(session, ref, Money(payout.cents), on=on, time=payout.receipts, clock=clock)
    record(session, "payout.receive", "stripe_payout", ref, actor=actor, clock=clock, cents=payout.cents, on=on)
    session.flush()
    return payout


def undo_receipt(session: Session, ref: str, *, clock: Clock, actor: Actor) -> StripePayout:
    """It was another movement: the opposite is written, dated today. Twice is once. Raises NotFound."""
    payout = _locked(session, StripePayout.ref == ref)
    if payout.received_on is None:
        return payout
    payout.received_on = payout.received_by = payout.line_id = None
    session.flush()
    amount = Money(payout.cents)
    post_payout_received(session, ref, amount, on=clock.today(), time=payout.receipts, undone=True, clock=clock)
    record(session, "payout.undo_receipt", "stripe_payout", ref, actor=actor, clock=clock, cents=payout.cents)
    session.flush()
    return payout


def payout_of_line(session: Session, line: StatementLine) -> StripePayout | None:
    """The payout that a line is, if it was said so."""
    return session.scalars(select(StripePayout).where(StripePayout.line_id == line.id)).one_or_none()


def payouts_of_lines(session: Session, lines: Sequence[StatementLine]) -> dict[int, StripePayout]:
    """The same for several lines, by line."""
    rows = session.scalars(select(StripePayout).where(StripePayout.line_id.in_([line.id for line in lines])))
    return {row.line_id: row for row in rows if row.line_id is not None}


def payouts_awaited(session: Session) -> list[StripePayout]:
    """Those that our bank has not credited, as far as we were told."""
    wanted = select(StripePayout).where(StripePayout.received_on.is_(None), StripePayout.state != PayoutState.FAILED)
    return list(session.scalars(wanted.order_by(StripePayout.arrives_on, StripePayout.id)))


def may_be(line: StatementLine, payout: StripePayout) -> bool:
    """Whether a credit looks like a payout: it says Stripe, and has its amount."""
    said = fold(f"{line.counterparty} {line.label} {line.reference}").lower()
    return line.cents == payout.cents and "stripe" in said and abs(line.booked_on - payout.arrives_on) <= NEAR


def _locked(session: Session, which: ColumnElement[bool]) -> StripePayout:
    payout = locked(session, select(StripePayout).where(which))
    if payout is None:
        raise NotFound("payout", N_("This payout does not exist."))
    return payout


def _line(session: Session, ref: str) -> StatementLine:
    line = locked(session, select(StatementLine).where(StatementLine.ref == ref))
    if line is None:
        raise NotFound("statement_line", N_("This movement does not exist."))
    return line
