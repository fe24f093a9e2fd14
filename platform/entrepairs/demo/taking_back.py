"""Money paid online that goes back: in part after a credit note, or contested at the payer's bank."""

from datetime import UTC, datetime, time
from typing import Final

from sqlalchemy import select

from entrepairs.billing.models import CheckoutPayment, Invoice
from entrepairs.billing.online.disputes import apply_dispute
from entrepairs.billing.online.facts import DisputeFacts, Movement, RefundFacts
from entrepairs.billing.online.models import DisputeState, RefundState
from entrepairs.billing.online.refunds import apply_refund, ask_refund
from entrepairs.demo.reading import Page
from entrepairs.demo.story import Story
from entrepairs.kernel.dates import at_paris
from entrepairs.kernel.money import Money
from entrepairs.outbox.adding import withdraw

LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""Stripe's own time of what is told: before anything the local Stripe, which never heard of it, is compared on."""
DISPUTE_FEE: Final = Money.of(20)


def give_back_online(story: Story, ref: str, amount: Money, why: str) -> None:
    """The office asks for it; Stripe's answer of then is written, nothing is asked of it today."""
    refund = ask_refund(story.session, ref, amount, reason=why, dedup=ref, clock=story.clock, actor=story.bookkeeping)
    withdraw(story.session, f"stripe-refund:{refund.ref}")
    payment = refund.payment
    facts = RefundFacts(
        refund_id=f"re_demo_{refund.ref}",
        our_ref=refund.ref,
        payment_intent=payment.payment_intent,
        charge=payment.charge_id,
        amount=amount,
        state=RefundState.DONE,
        failure="",
        movement=None,
        failed_movement=None,
    )
    apply_refund(story.session, facts, payment.ref, clock=story.clock)


def contest(story: Story, ref: str, habit: Page) -> None:
    """The payer's accounts did not know the debit: their bank withdraws it, and waits for our answer."""
    wanted = select(CheckoutPayment).join(CheckoutPayment.invoice).where(Invoice.ref == ref)
    payment = story.session.scalars(wanted).one()
    movement = Movement(
        f"txn_demo_{payment.ref}", "adjustment", -payment.cents, DISPUTE_FEE.cents, LONG_AGO, f"du_demo_{payment.ref}"
    )
    facts = DisputeFacts(
        dispute_id=f"du_demo_{payment.ref}",
        payment_intent=payment.payment_intent,
        charge=payment.charge_id,
        amount=Money(payment.cents),
        state=DisputeState.OPENED,
        reason=habit["dispute"],
        answer_by=at_paris(habit["answer_by"], time(23, 59)),
        movements=(movement,),
    )
    apply_dispute(story.session, facts, payment.ref, clock=story.clock)
