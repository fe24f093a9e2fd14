"""What the office reads of money paid online: what waits for somebody, what is on its way, what differs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from entrepairs.billing.models import CheckoutPayment, Invoice, PaymentState, StripeEvent
from entrepairs.billing.online.differences import Difference, differences
from entrepairs.billing.online.models import (
    CONTESTED,
    DisputeState,
    PayoutState,
    RefundOrigin,
    RefundState,
    StripeCheck,
    StripeDispute,
    StripePayout,
    StripeRefund,
)
from entrepairs.billing.stripe_events import events_aside
from entrepairs.kernel.money import Money
from entrepairs.ledger import chart
from entrepairs.ledger.balances import balance

RECENT = 12


@dataclass(frozen=True)
class Overview:
    """The page of Stripe. `held` is Stripe's word at the last comparison, `booked` the account 5122."""

    check: StripeCheck | None
    booked: Money
    differences: Sequence[Difference]
    disputes: Sequence[StripeDispute]
    refunds: Sequence[StripeRefund]
    payouts: Sequence[StripePayout]
    debits: Sequence[CheckoutPayment]
    events: Sequence[StripeEvent]

    @property
    def to_do(self) -> int:
        """How many things wait for the office."""
        waiting = [one for one in self.refunds if one.state is not RefundState.ASKED]
        back = [one for one in self.payouts if one.state is PayoutState.FAILED and one.seen_at is None]
        return len(self.differences) + len(self.disputes) + len(waiting) + len(back) + len(self.events)


def overview(session: Session) -> Overview:
    """What waits and what is on its way; what was read or is over is left out, but the latest payouts."""
    return Overview(
        check=session.scalars(select(StripeCheck).order_by(StripeCheck.id.desc()).limit(1)).one_or_none(),
        booked=balance(session, chart.STRIPE),
        differences=differences(session),
        disputes=disputes_open(session),
        refunds=refunds_open(session),
        payouts=session.scalars(select(StripePayout).order_by(StripePayout.id.desc()).limit(RECENT)).all(),
        debits=session.scalars(
            select(CheckoutPayment)
            .where(CheckoutPayment.state == PaymentState.PROCESSING)
            .options(joinedload(CheckoutPayment.invoice))
            .order_by(CheckoutPayment.id)
        ).all(),
        events=events_aside(session),
    )


def disputes_open(session: Session) -> Sequence[StripeDispute]:
    """Undecided, or decided and not read yet; the nearest last day first."""
    ended = StripeDispute.state.in_((DisputeState.LOST, DisputeState.WON, DisputeState.CLOSED))
    return session.scalars(
        select(StripeDispute)
        .where(~ended | StripeDispute.seen_at.is_(None))
        .options(joinedload(StripeDispute.payment).joinedload(CheckoutPayment.invoice))
        .order_by(StripeDispute.answer_by.nulls_last(), StripeDispute.id)
    ).all()


def refunds_open(session: Session) -> Sequence[StripeRefund]:
    """Waiting for a second person, leaving, failed or learnt from Stripe and not read yet; the oldest first."""
    moving = StripeRefund.state.in_((RefundState.WAITING, RefundState.ASKED))
    told = (StripeRefund.state == RefundState.FAILED) | (StripeRefund.origin == RefundOrigin.STRIPE)
    return session.scalars(
        select(StripeRefund)
        .where(moving | (told & StripeRefund.seen_at.is_(None)))
        .options(joinedload(StripeRefund.payment).joinedload(CheckoutPayment.invoice))
        .order_by(StripeRefund.id)
    ).all()


def online_history(session: Session, invoice: Invoice) -> tuple[Sequence[StripeRefund], StripeDispute | None]:
    """Of an invoice: what was given back online, the oldest first, and the latest dispute."""
    mine = CheckoutPayment.invoice_id == invoice.id
    refunds = session.scalars(select(StripeRefund).join(CheckoutPayment).where(mine).order_by(StripeRefund.id)).all()
    dispute = session.scalars(
        select(StripeDispute).join(CheckoutPayment).where(mine).order_by(StripeDispute.id.desc()).limit(1)
    ).one_or_none()
    return refunds, dispute


def is_contested(dispute: StripeDispute) -> bool:
    """Whether the bank has not decided."""
    return dispute.state in CONTESTED


def paid_online(session: Session, invoice: Invoice) -> CheckoutPayment | None:
    """The latest payment of an invoice that went through."""
    wanted = select(CheckoutPayment).where(
        CheckoutPayment.invoice_id == invoice.id, CheckoutPayment.state == PaymentState.PAID
    )
    return session.scalars(wanted.order_by(CheckoutPayment.id.desc()).limit(1)).one_or_none()
