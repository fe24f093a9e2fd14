"""Tables of what Stripe does with the money: refunds, disputes, payouts, movements and what was booked for each."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.billing.models import CheckoutPayment
from entrepairs.billing.statements.models import StatementLine
from entrepairs.db import Base, Cents, Key, Ref, fk, state_column


class RefundState(StrEnum):
    """Life of money given back through Stripe. DONE may still fail days later; FAILED and REFUSED are the end."""

    WAITING = "waiting"
    """For a second person."""
    REFUSED = "refused"
    """By the second person: nothing left."""
    ASKED = "asked"
    """Our key is stored; Stripe is being asked."""
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class RefundOrigin(StrEnum):
    """Who asked for it."""

    OFFICE = "office"
    STRIPE = "stripe"
    """Made on Stripe's own pages: it was learnt, not asked."""


class StripeRefund(Base):
    """Money given back on an online payment. Our idempotency key is stored before the call."""

    __tablename__ = "stripe_refund"
    __table_args__ = (
        CheckConstraint("cents > 0", name="positive"),
        CheckConstraint("approved_by IS NULL OR approved_by <> prepared_by", name="two_people"),
        CheckConstraint("origin = 'office' OR refund_id IS NOT NULL", name="learnt_from_stripe"),
        CheckConstraint("origin = 'stripe' OR reason <> ''", name="reason_told"),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    payment_id: Mapped[int] = fk("checkout_payment.id")
    origin: Mapped[RefundOrigin] = state_column(RefundOrigin)
    state: Mapped[RefundState] = state_column(RefundState)
    cents: Mapped[Cents]
    reason: Mapped[str] = mapped_column(String(200), default="")
    idempotency_key: Mapped[str] = mapped_column(String(80), unique=True)
    refund_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    failure: Mapped[str] = mapped_column(String(60), default="")
    """Stripe's word for why it failed."""
    asked_on: Mapped[date]
    prepared_by: Mapped[str] = mapped_column(String(80))
    prepared_label: Mapped[str] = mapped_column(String(160))
    approved_by: Mapped[str | None] = mapped_column(String(80))
    called_at: Mapped[datetime | None]
    """When Stripe was first asked: from then on the answer may have been lost, and Stripe is looked at first."""
    seen_at: Mapped[datetime | None]
    """When the office said that it has read of a failure."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    payment: Mapped[CheckoutPayment] = relationship()


class DisputeState(StrEnum):
    """Where a dispute stands. WARNED: a question of the bank, no money withdrawn."""

    WARNED = "warned"
    OPENED = "opened"
    ANSWERED = "answered"
    CLOSED = "closed"
    LOST = "lost"
    WON = "won"


CONTESTED: Final = (DisputeState.OPENED, DisputeState.ANSWERED)
"""The bank holds the money and has not decided: the invoice is open again, and nobody is reminded of it."""
TO_ANSWER: Final = (DisputeState.WARNED, DisputeState.OPENED)


class StripeDispute(Base):
    """A payer asked their bank for the money back. It is answered on Stripe's pages; here stands what it does."""

    __tablename__ = "stripe_dispute"

    id: Mapped[Key]
    ref: Mapped[Ref]
    payment_id: Mapped[int] = fk("checkout_payment.id")
    dispute_id: Mapped[str] = mapped_column(String(120), unique=True)
    state: Mapped[DisputeState] = state_column(DisputeState)
    cents: Mapped[Cents]
    reason: Mapped[str] = mapped_column(String(60), default="")
    answer_by: Mapped[datetime | None]
    """Real time, as Stripe tells it; None when there is no way to answer (a direct debit)."""
    seen_at: Mapped[datetime | None]
    """When the office said that it has read how it ended."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    payment: Mapped[CheckoutPayment] = relationship()


class PayoutState(StrEnum):
    """Where a payout stands. PAID is Stripe's word: our bank may still send it back."""

    ON_ITS_WAY = "on_its_way"
    PAID = "paid"
    FAILED = "failed"


class StripePayout(Base):
    """What Stripe sent to our bank. `received_on` is the bank's word: a line of a statement, or the office's."""

    __tablename__ = "stripe_payout"
    __table_args__ = (
        CheckConstraint("(received_on IS NULL) = (received_by IS NULL)", name="receipt_whole"),
        Index("uq_stripe_payout_line", "line_id", unique=True, postgresql_where=text("line_id IS NOT NULL")),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    payout_id: Mapped[str] = mapped_column(String(120), unique=True)
    state: Mapped[PayoutState] = state_column(PayoutState)
    cents: Mapped[Cents]
    arrives_on: Mapped[date]
    failure: Mapped[str] = mapped_column(String(60), default="")
    received_on: Mapped[date | None]
    received_by: Mapped[str | None] = mapped_column(String(160))
    receipts: Mapped[int] = mapped_column(default=0)
    """How often it was said to be received: the entries of a receipt undone and said again differ."""
    line_id: Mapped[int | None] = fk("statement_line.id", nullable=True, index=False)
    seen_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    line: Mapped[StatementLine | None] = relationship()


class StripeMovement(Base):
    """A line of the Stripe balance, as Stripe lists it. Written once. Amounts in cents; `net = cents - fee`."""

    __tablename__ = "stripe_movement"
    __table_args__ = (CheckConstraint("net = cents - fee", name="net"),)

    id: Mapped[Key]
    txn_id: Mapped[str] = mapped_column(String(120), unique=True)
    type: Mapped[str] = mapped_column(String(60))
    source_id: Mapped[str] = mapped_column(String(120), default="")
    cents: Mapped[Cents]
    fee: Mapped[Cents]
    net: Mapped[Cents]
    moved_at: Mapped[datetime] = mapped_column(index=True)
    """Real time."""
    aside_why: Mapped[str | None] = mapped_column(String(200))
    """Said by the office of a movement that our books don't hold so: what it is, how it was mended."""
    aside_by: Mapped[str | None] = mapped_column(String(160))
    aside_at: Mapped[datetime | None]


class StripeBooking(Base):
    """What was written in account 5122 for one movement: twice is impossible by its unique id."""

    __tablename__ = "stripe_booking"

    id: Mapped[Key]
    txn_id: Mapped[str] = mapped_column(String(120), unique=True)
    subject: Mapped[str] = mapped_column(String(20))
    """Reference of our payment, refund, dispute or payout; the movement's own kind for a fee of the account."""
    cents: Mapped[Cents]
    fee: Mapped[Cents]
    moved_at: Mapped[datetime]
    booked_at: Mapped[datetime]
    aside_why: Mapped[str | None] = mapped_column(String(200))
    """Said by the office of a booking that Stripe does not list."""
    aside_by: Mapped[str | None] = mapped_column(String(160))
    aside_at: Mapped[datetime | None]


class StripeCheck(Base):
    """One comparison with Stripe: of which time, what was found, what Stripe says it holds."""

    __tablename__ = "stripe_check"

    id: Mapped[Key]
    since: Mapped[datetime]
    until: Mapped[datetime]
    """Real time, as the movements."""
    movements: Mapped[int]
    mended: Mapped[int]
    differences: Mapped[int]
    held: Mapped[Cents]
    done_at: Mapped[datetime]
