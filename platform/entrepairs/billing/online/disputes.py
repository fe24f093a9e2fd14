"""A payer contests a payment at their bank: the money is withdrawn and owed again, until the bank decides.

Each movement of the dispute (money withdrawn, fee, money given back) is booked once. The answer itself, with its
papers, is given on Stripe's pages before the day told here. Lock order: invoice, dispute, journal.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.recording import record
from entrepairs.billing.checkout import BY_STRIPE
from entrepairs.billing.models import SettlementKind
from entrepairs.billing.online.bookings import book
from entrepairs.billing.online.facts import DisputeFacts, Movement
from entrepairs.billing.online.models import StripeDispute
from entrepairs.billing.online.refunds import lock_payment
from entrepairs.billing.online.states import furthest_dispute
from entrepairs.billing.online.telling import tell_dispute
from entrepairs.billing.payments import settle
from entrepairs.billing.postings import post_stripe_fee
from entrepairs.db import locked
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference


def apply_dispute(session: Session, facts: DisputeFacts, payment_ref: str, *, clock: Clock) -> StripeDispute:
    """Bring our row to what Stripe says, never back, and book what moved: Dr 411 / Cr 5122, its fee in 627; won, back."""
    invoice, payment = lock_payment(session, payment_ref)
    dispute = locked(session, select(StripeDispute).where(StripeDispute.dispute_id == facts.dispute_id))
    fresh = dispute is None
    if dispute is None:
        dispute = StripeDispute(
            ref=new_reference("LIT"),
            payment=payment,
            dispute_id=facts.dispute_id,
            state=facts.state,
            cents=facts.amount.cents,
            reason=facts.reason[:60],
            created_at=clock.now(),
            updated_at=clock.now(),
        )
        session.add(dispute)
        session.flush()
        record(session, "dispute.open", "invoice", invoice.ref, actor=BY_STRIPE, clock=clock, dispute=dispute.ref)
    before, dispute.state = dispute.state, furthest_dispute(dispute.state, facts.state)
    dispute.answer_by = _later(dispute.answer_by, facts.answer_by)
    for movement in facts.movements:
        _book_move(session, payment_ref, dispute, movement, clock)
    if dispute.state is not before:
        dispute.updated_at, dispute.seen_at = clock.now(), None
    session.flush()
    if fresh:
        tell_dispute(session, dispute, clock=clock)
    return dispute


def _book_move(session: Session, payment_ref: str, dispute: StripeDispute, movement: Movement, clock: Clock) -> None:
    if not book(session, movement, dispute.ref, clock=clock):
        return
    invoice = dispute.payment.invoice
    if movement.cents:
        settle(
            session,
            invoice,
            SettlementKind.DISPUTED if movement.cents < 0 else SettlementKind.DISPUTE_WON,
            Money(movement.cents),
            clock.today(),
            reference=dispute.dispute_id,
            dedup=f"stripe-move:{movement.txn_id}",
            clock=clock,
            actor=BY_STRIPE,
        )
    fee = Money(movement.fee)
    post_stripe_fee(session, invoice, fee, on=clock.today(), dedup=f"stripe-fee:{movement.txn_id}", clock=clock)


def _later(known: datetime | None, told: datetime | None) -> datetime | None:
    """News come in any order: a day that was moved is the later one."""
    return max(filter(None, (known, told)), default=None)
