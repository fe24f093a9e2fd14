"""Money paid online that goes back: in part after a credit note, or contested at the payer's bank."""

from datetime import time

from sqlalchemy import select

from entrepairs.billing.models import CheckoutPayment, Invoice
from entrepairs.billing.online.disputes import apply_dispute
from entrepairs.billing.online.refunds import ask_refund, send_refund
from entrepairs.demo.reading import Page
from entrepairs.demo.story import Story
from entrepairs.kernel.dates import at_paris
from entrepairs.kernel.money import Money
from entrepairs.outbox.adding import withdraw


def give_back_online(story: Story, ref: str, amount: Money, why: str) -> None:
    """The office asks for it, and it leaves at once."""
    session, clock = story.session, story.clock
    refund = ask_refund(session, ref, amount, reason=why, dedup=ref, clock=clock, actor=story.bookkeeping)
    withdraw(session, f"stripe-refund:{refund.ref}")  # the worker's way would ask the Stripe of the settings
    send_refund(session, refund.ref, story.stripe.gateway, clock=clock, commit=session.flush)


def contest(story: Story, ref: str, habit: Page) -> None:
    """The payer's accounts did not know the debit: their bank withdraws it, and waits for our answer."""
    wanted = select(CheckoutPayment).join(CheckoutPayment.invoice).where(Invoice.ref == ref)
    payment = story.session.scalars(wanted).one()
    dispute_id = story.stripe.contest(
        str(payment.payment_intent), reason=habit["dispute"], answer_by=at_paris(habit["answer_by"], time(23, 59))
    )
    apply_dispute(story.session, story.stripe.gateway.fetch_dispute(dispute_id), payment.ref, clock=story.clock)
