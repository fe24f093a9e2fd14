"""Billing's acts: what must talk to Stripe, with no transaction open meanwhile."""

from sqlalchemy import select

from entrepairs.billing.checkout import apply_facts, give_up_old_attempt, start_checkout
from entrepairs.billing.models import CheckoutPayment, PaymentState
from entrepairs.billing.online import refunds
from entrepairs.billing.online.reconciling import reconcile
from entrepairs.billing.stripe_events import handle_event
from entrepairs.billing.stripe_gateway import StripeGateway
from entrepairs_workers.effects import Act


def handle_stripe_event(act: Act) -> None:
    """Act of `billing.handle_stripe_event`: fetch what the event speaks of, apply it. Raises Unavailable."""
    gateway = StripeGateway.of(act.config)
    handle_event(act.session, act.subject_ref, gateway, clock=act.clock, commit=act.commit)


def send_refund(act: Act) -> None:
    """Act of `billing.send_refund`: give money back, once; a lost answer is found by our reference."""
    gateway = StripeGateway.of(act.config)
    refunds.send_refund(act.session, act.subject_ref, gateway, clock=act.clock, commit=act.commit)


def reconcile_stripe(act: Act) -> None:
    """Act of `billing.reconcile_stripe`: compare with Stripe, mend, tell. Nothing to do where nobody pays online."""
    if act.config["STRIPE_SECRET_KEY"]:
        reconcile(act.session, StripeGateway.of(act.config), clock=act.clock, commit=act.commit)


def check_payment(act: Act) -> None:
    """Act of `billing.check_payment`: finish an attempt whose answer or news were lost. Raises Unavailable."""
    payment = act.session.scalars(select(CheckoutPayment).where(CheckoutPayment.ref == act.subject_ref)).one_or_none()
    if payment is None:
        return
    gateway = StripeGateway.of(act.config)
    if payment.state is PaymentState.CREATING:
        if give_up_old_attempt(act.session, act.subject_ref, clock=act.clock):
            return
        start_checkout(act.session, act.subject_ref, gateway, clock=act.clock)
        return
    session_id = payment.session_id
    act.commit()
    if session_id is not None:
        apply_facts(act.session, act.subject_ref, gateway.fetch_session(session_id), clock=act.clock)
