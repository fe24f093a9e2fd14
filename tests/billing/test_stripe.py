"""Paying online against the local Stripe, through the real library; news lost, repeated, shuffled, forged."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.checkout import abandon_checkout, apply_facts, open_checkout, start_checkout
from entrepairs.billing.models import EventState, Invoice, PaymentState, Settlement, StripeEvent
from entrepairs.billing.payments import balance_of, record_transfer
from entrepairs.billing.queries import view_of
from entrepairs.billing.states import ShownState
from entrepairs.billing.stripe_events import queue_payment_checks, store_event
from entrepairs.billing.stripe_gateway import ForgedEvent, StripeGateway
from entrepairs.doubles.stripe_api.service import StripeApi
from entrepairs.kernel.errors import Conflict, Unavailable
from entrepairs.kernel.money import Money
from entrepairs.ledger import balances
from entrepairs.outbox.models import OutboxItem
from entrepairs_workers.billing import check_payment, handle_stripe_event
from entrepairs_workers.effects import Act
from tests.factories.billing import OFFICE, a_siret, an_issued_invoice, later, the_association
from tests.factories.network import a_public_hospital
from tests.factories.stripe import SECRET, a_client_of, a_started_payment, hear, news, pay, sign, turn


def test_a_card_payment_settles_gross_and_books_the_fee_apart(
    session: Session, stand: StripeApi, gateway: StripeGateway
):
    payment = a_started_payment(session, gateway)
    pay(payment)
    for body in news(stand):
        hear(session, gateway, body)
    assert view_of(session, payment.invoice, later().today()).shown is ShownState.PAID
    assert payment.fee_cents is not None
    assert balances.balance(session, "411") == Money(0)
    assert balances.balance(session, "5122") == Money(payment.cents - payment.fee_cents)
    assert balances.balance(session, "627") == Money(payment.fee_cents)


def test_news_three_times_in_any_order_end_the_same(
    session: Session, stand: StripeApi, gateway: StripeGateway, proof: Any
):
    payments = [a_started_payment(session, gateway) for _ in range(proof.size(3, 50))]
    for payment in payments:
        pay(payment)
    told = news(stand) * 3
    proof.random("webhooks").shuffle(told)
    for body in told:
        hear(session, gateway, body)
    assert {payment.state for payment in payments} == {PaymentState.PAID}
    assert len(session.scalars(select(Settlement)).all()) == len(payments)
    assert balances.balance(session, "411") == Money(0)
    fees = sum(payment.fee_cents or 0 for payment in payments)
    assert balances.balance(session, "627") == Money(fees)


def test_a_direct_debit_is_being_checked_until_the_bank_answers(
    session: Session, stand: StripeApi, gateway: StripeGateway
):
    payment = a_started_payment(session, gateway)
    pay(payment, "sepa_debit")
    for body in news(stand):
        hear(session, gateway, body)
    assert payment.state is PaymentState.PROCESSING
    with pytest.raises(Conflict, match="payment_processing"):
        open_checkout(session, payment.invoice.ref, clock=later(), actor=OFFICE)
    turn(stand, f"/_control/sepa/{payment.payment_intent}", outcome="failed")
    for body in news(stand):
        hear(session, gateway, body)
    assert payment.state is PaymentState.FAILED
    assert balance_of(session, payment.invoice) == Money(payment.cents)
    assert open_checkout(session, payment.invoice.ref, clock=later(), actor=OFFICE) is not payment


def test_a_lost_answer_is_asked_again_and_gives_the_same_page(
    session: Session, stand: StripeApi, gateway: StripeGateway
):
    invoice = an_issued_invoice(session)
    payment = open_checkout(session, invoice.ref, clock=later(), actor=OFFICE)
    turn(stand, lose_answers=1)
    with pytest.raises(Unavailable):
        start_checkout(session, payment.ref, gateway, clock=later())
    assert payment.state is PaymentState.CREATING
    again = open_checkout(session, invoice.ref, clock=later(), actor=OFFICE)
    assert again is payment
    start_checkout(session, payment.ref, gateway, clock=later())
    with a_client_of(stand) as client:
        assert [one.id for one in client.v1.checkout.sessions.list().data] == [payment.session_id]


def test_what_the_news_missed_is_found_by_looking(session: Session, stand: StripeApi, gateway: StripeGateway):
    turn(stand, balance_delay_seconds=0)
    payment = a_started_payment(session, gateway)
    pay(payment)
    soon = later()
    soon.advance(timedelta(minutes=10))
    assert queue_payment_checks(session, clock=soon) == 1
    planned = session.scalars(select(OutboxItem).where(OutboxItem.kind == "billing.check_payment")).one()
    assert planned.subject_ref == payment.ref
    assert payment.session_id is not None
    apply_facts(session, payment.ref, gateway.fetch_session(payment.session_id), clock=soon)
    assert payment.state is PaymentState.PAID


def test_a_transfer_arrived_meanwhile_closes_the_page_of_the_old_amount(
    session: Session, stand: StripeApi, gateway: StripeGateway
):
    payment = a_started_payment(session, gateway)
    record_transfer(session, payment.invoice.ref, Money(100000), later().today(), clock=later(), actor=OFFICE)
    abandon_checkout(session, payment.ref, gateway, clock=later())
    assert payment.state is PaymentState.EXPIRED
    fresh = open_checkout(session, payment.invoice.ref, clock=later(), actor=OFFICE)
    assert fresh.cents == 156000


def test_money_received_twice_is_never_lost(session: Session, stand: StripeApi, gateway: StripeGateway):
    payment = a_started_payment(session, gateway)
    pay(payment)
    record_transfer(session, payment.invoice.ref, Money(256000), later().today(), clock=later(), actor=OFFICE)
    for body in news(stand):
        hear(session, gateway, body)
    assert balance_of(session, payment.invoice) == Money(-256000) == balances.balance(session, "411")


def test_news_of_strangers_are_stored_and_put_aside(session: Session, stand: StripeApi, gateway: StripeGateway):
    with a_client_of(stand) as client:
        client.v1.payment_intents.create(
            {"amount": 5000, "currency": "eur", "confirm": True, "payment_method": "pm_card_visa"}
        )
    for body in news(stand):
        hear(session, gateway, body)
    assert {event.state for event in session.scalars(select(StripeEvent))} == {EventState.ASIDE}


def test_forged_old_or_foreign_mode_news_are_refused(session: Session, stand: StripeApi, gateway: StripeGateway):
    pay(a_started_payment(session, gateway))
    body = news(stand)[-1]
    live = json.dumps({**json.loads(body), "livemode": True}).encode()
    for text, signature in (
        (body, sign(body, secret="whsec_other")),
        (body, sign(body, timestamp=1_700_000_000)),
        (body + b" ", sign(body)),
        (body, None),
        (body, "nonsense"),
        (live, sign(live)),
        (b"[]", sign(b"[]")),
        (b"\xff\xfe", sign(body)),
    ):
        with pytest.raises(ForgedEvent):
            gateway.verify(text, signature)


def test_no_name_or_address_of_a_payer_is_kept(session: Session, stand: StripeApi, gateway: StripeGateway):
    pay(a_started_payment(session, gateway))
    for body in news(stand):
        assert set(gateway.verify(body, sign(body)).payload) == {
            *("object", "id", "payment_intent", "charge", "account", "payment"),
        }


def test_a_public_body_is_not_offered_online_payment(session: Session):
    the_association(session)
    hospital = a_public_hospital(session, siret=a_siret(), requires_engagement=False)
    invoice: Invoice = an_issued_invoice(session, hospital)
    with pytest.raises(Conflict, match="public_payer"):
        open_checkout(session, invoice.ref, clock=later(), actor=OFFICE)


def test_the_worker_brings_the_invoice_to_paid_and_does_it_once(session: Session, stand: StripeApi):
    config = {
        "STRIPE_SECRET_KEY": "sk_test_platform",
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_API_BASE": stand.address,
        "BASE_URL": "http://127.0.0.1:8000",
    }
    gateway = StripeGateway.of(config)
    payment = a_started_payment(session, gateway)
    pay(payment)
    for body in news(stand):
        store_event(session, gateway.verify(body, sign(body)), clock=later())
    for item in session.scalars(select(OutboxItem).where(OutboxItem.kind == "billing.handle_stripe_event")).all() * 2:
        handle_stripe_event(Act(session, item.subject_ref, item.payload, later(), config))
    check_payment(Act(session, payment.ref, {}, later(), config))
    assert payment.state is PaymentState.PAID
    assert balance_of(session, payment.invoice) == Money(0)
    assert EventState.RECEIVED not in {event.state for event in session.scalars(select(StripeEvent))}


def test_the_worker_finishes_an_attempt_whose_answer_was_lost(session: Session, stand: StripeApi):
    config = {
        "STRIPE_SECRET_KEY": "sk_test_platform",
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_API_BASE": stand.address,
        "BASE_URL": "http://127.0.0.1:8000",
    }
    payment = open_checkout(session, an_issued_invoice(session).ref, clock=later(), actor=OFFICE)
    turn(stand, lose_answers=1)
    with pytest.raises(Unavailable):
        check_payment(Act(session, payment.ref, {}, later(), config))
    check_payment(Act(session, payment.ref, {}, later(), config))
    assert payment.state is PaymentState.OPEN
