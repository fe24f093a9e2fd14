"""Paying an invoice online: our key is committed before Stripe is called, so that nothing is ever paid twice.

Two steps around the network, each its own transaction: `open_checkout` (commit), then `start_checkout` (commit).
"""

import contextlib
from datetime import date, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.models import CheckoutPayment, Invoice, PaymentState, SettlementKind
from entrepairs.billing.online.bookings import book
from entrepairs.billing.online.facts import SessionFacts
from entrepairs.billing.online.telling import tell_payment_failed
from entrepairs.billing.payments import balance_of, payable_for_update, settle
from entrepairs.billing.postings import post_stripe_fee
from entrepairs.billing.states import LIVE_PAYMENTS, furthest
from entrepairs.billing.stripe_gateway import CARD, SEPA_DEBIT, StripeGateway
from entrepairs.db import locked
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference
from entrepairs.network.models import PayerKind
from entrepairs.settings.decisions import decision_or

BY_STRIPE: Final = Actor("stripe", "Stripe")
KEY_REMEMBERED: Final = timedelta(hours=23)
"""Stripe keeps an idempotency key for a day at least."""
DEBIT_OFFERED: Final = "billing.sepa_debit"
"""Decision: whether private payers may also pay by SEPA direct debit."""


def open_checkout(session: Session, ref: str, *, clock: Clock, actor: Actor) -> CheckoutPayment:
    """The payment attempt of an invoice: the live one if there is one, else a new one with its own idempotency key.

    Commit before `start_checkout`. Raises NotFound, Conflict("not_payable", "public_payer", "already_paid",
    "payment_processing").
    """
    invoice = payable_for_update(session, ref)
    if invoice.partner.payer_kind is not PayerKind.PRIVATE:
        raise Conflict("public_payer", N_("A public body pays by bank transfer."))
    live = live_payment(session, invoice.id)
    if live is not None and live.state is PaymentState.PROCESSING:
        raise Conflict("payment_processing", N_("A payment of this invoice is being checked by the bank."))
    left = balance_of(session, invoice)
    if left.cents <= 0:
        raise Conflict("already_paid", N_("This invoice is already paid. Thank you."))
    if live is not None:
        return live
    payment = CheckoutPayment(
        ref=new_reference("CHK"),
        invoice=invoice,
        state=PaymentState.CREATING,
        cents=left.cents,
        created_at=clock.now(),
        updated_at=clock.now(),
        idempotency_key="",
        offered=",".join(methods_offered(session, clock.today())),
        failure="",
    )
    payment.idempotency_key = f"checkout-{payment.ref}"
    session.add(payment)
    record(session, "payment.open", "invoice", ref, actor=actor, clock=clock, payment=payment.ref, cents=payment.cents)
    session.flush()
    return payment


def methods_offered(session: Session, on: date) -> tuple[str, ...]:
    """The ways a structure may pay online on a day: by card, and by direct debit once the association voted it."""
    return (CARD, SEPA_DEBIT) if decision_or(session, DEBIT_OFFERED, on, False) else (CARD,)


def start_checkout(session: Session, payment_ref: str, gateway: StripeGateway, *, clock: Clock) -> CheckoutPayment:
    """Ask Stripe for the page of an attempt, once; `session_url` is where to send the payer.

    A lost answer is asked again with the same key and gives the same page. Raises NotFound, Unavailable, Conflict.
    """
    payment = session.scalars(select(CheckoutPayment).where(CheckoutPayment.ref == payment_ref)).one_or_none()
    if payment is None:
        raise NotFound("payment", N_("This payment does not exist."))
    if payment.state is not PaymentState.CREATING:
        return payment
    amount, key, invoice = Money(payment.cents), payment.idempotency_key, payment.invoice
    methods = payment.offered.split(",")
    made = gateway.create_session(
        payment_ref=payment_ref,
        invoice_ref=invoice.ref,
        number=invoice.number or "",
        amount=amount,
        idempotency_key=key,
        methods=methods,
    )
    payment = _locked(session, payment_ref)
    if payment.session_id is None:
        payment.session_id, payment.session_url = made.session_id, made.url
        payment.state = furthest(payment.state, PaymentState.OPEN)
        payment.updated_at = clock.now()
        session.flush()
    return payment


def give_up_old_attempt(session: Session, payment_ref: str, *, clock: Clock) -> bool:
    """Let go of an attempt whose answer never came, before Stripe forgets our key: asked again, it would be a new one.

    Nobody has the address of its page. If it were paid all the same, the news of it still find it.
    """
    payment = _locked(session, payment_ref)
    if payment.state is not PaymentState.CREATING or clock.now() - payment.created_at < KEY_REMEMBERED:
        return False
    payment.state, payment.updated_at = PaymentState.EXPIRED, clock.now()
    session.flush()
    return True


def abandon_checkout(session: Session, payment_ref: str, gateway: StripeGateway, *, clock: Clock) -> CheckoutPayment:
    """Close the page of an attempt whose amount is no longer what is owed, then read how it ended (it may be paid)."""
    payment = start_checkout(session, payment_ref, gateway, clock=clock)
    session_id = payment.session_id
    if session_id is None:
        return payment
    with contextlib.suppress(Conflict):  # no longer open: the facts say what it became
        gateway.expire_session(session_id)
    return apply_facts(session, payment_ref, gateway.fetch_session(session_id), clock=clock)


def apply_facts(session: Session, payment_ref: str, facts: SessionFacts, *, clock: Clock) -> CheckoutPayment:
    """Bring our row to what Stripe says, never back; a payment is settled and posted once, its fee too.

    The money has been received whatever the invoice became meanwhile: a surplus stays on the structure's account.
    """
    invoice_ref = session.scalars(select(CheckoutPayment).where(CheckoutPayment.ref == payment_ref)).one().invoice.ref
    invoice = payable_for_update(session, invoice_ref)
    payment = _locked(session, payment_ref)
    _learn(payment, facts)
    before, payment.state = payment.state, furthest(payment.state, facts.state)
    if payment.state is PaymentState.PAID:
        _settle_payment(session, invoice, payment, facts, clock)
    if payment.state is PaymentState.FAILED and before is not PaymentState.FAILED:
        tell_payment_failed(session, payment, clock=clock)
    if payment.state is not before:
        payment.updated_at = clock.now()
    session.flush()
    return payment


def _learn(payment: CheckoutPayment, facts: SessionFacts) -> None:
    payment.payment_intent = payment.payment_intent or facts.payment_intent
    payment.session_id = payment.session_id or facts.session_id
    payment.charge_id = facts.charge or payment.charge_id
    payment.method = facts.method or payment.method
    payment.mandate = facts.mandate or payment.mandate
    payment.failure = facts.failure


def _settle_payment(
    session: Session, invoice: Invoice, payment: CheckoutPayment, facts: SessionFacts, clock: Clock
) -> None:
    settle(
        session,
        invoice,
        SettlementKind.STRIPE,
        facts.amount,
        clock.today(),
        reference=facts.payment_intent or facts.session_id,
        dedup=f"stripe:{payment.ref}",
        clock=clock,
        actor=BY_STRIPE,
    )
    if facts.fee is None or payment.fee_cents is not None:
        return
    payment.fee_cents = facts.fee.cents
    if facts.movement is not None:
        book(session, facts.movement, payment.ref, clock=clock)
    post_stripe_fee(session, invoice, facts.fee, on=clock.today(), dedup=f"stripe-fee:{payment.ref}", clock=clock)


def live_payment(session: Session, invoice_id: int) -> CheckoutPayment | None:
    """The attempt whose end is not known yet."""
    return session.scalars(
        select(CheckoutPayment).where(
            CheckoutPayment.invoice_id == invoice_id, CheckoutPayment.state.in_(LIVE_PAYMENTS)
        )
    ).one_or_none()


def _locked(session: Session, payment_ref: str) -> CheckoutPayment:
    payment = locked(session, select(CheckoutPayment).where(CheckoutPayment.ref == payment_ref))
    if payment is None:
        raise NotFound("payment", N_("This payment does not exist."))
    return payment
