"""Billing's acts: what must talk to Stripe, with no transaction open meanwhile."""

from sqlalchemy import select

from entrepairs.billing.checkout import apply_facts, start_checkout
from entrepairs.billing.models import CheckoutPayment, PaymentState
from entrepairs.billing.stripe_events import apply_event, payment_of_event
from entrepairs.billing.stripe_gateway import StripeGateway
from entrepairs_workers.effects import Act


def handle_stripe_event(act: Act) -> None:
    """Act of `billing.handle_stripe_event`: fetch what the event speaks of, apply it. Raises Unavailable."""
    payment = payment_of_event(act.session, act.subject_ref, clock=act.clock)
    reference, session_id = (payment.ref, payment.session_id) if payment else (None, None)
    act.commit()
    if reference is None or session_id is None:
        return
    facts = StripeGateway.of(act.config).fetch_session(session_id)
    apply_event(act.session, act.subject_ref, reference, facts, clock=act.clock)


def check_payment(act: Act) -> None:
    """Act of `billing.check_payment`: finish an attempt whose answer or news were lost. Raises Unavailable."""
    payment = act.session.scalars(select(CheckoutPayment).where(CheckoutPayment.ref == act.subject_ref)).one_or_none()
    if payment is None:
        return
    gateway = StripeGateway.of(act.config)
    if payment.state is PaymentState.CREATING:
        start_checkout(act.session, act.subject_ref, gateway, clock=act.clock)
        return
    session_id = payment.session_id
    act.commit()
    if session_id is not None:
        apply_facts(act.session, act.subject_ref, gateway.fetch_session(session_id), clock=act.clock)
