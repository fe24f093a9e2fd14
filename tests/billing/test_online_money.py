"""What follows a payment online: given back, contested, sent to our bank; always what Stripe says, booked once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.billing.corrections import reverse_settlement
from entrepairs.billing.credit_notes import CREDIT_APPROVAL
from entrepairs.billing.models import CheckoutPayment, EventState, Settlement, SettlementKind, StripeEvent
from entrepairs.billing.online.differences import DifferenceKind, differences, explain_difference
from entrepairs.billing.online.models import (
    DisputeState,
    PayoutState,
    RefundOrigin,
    RefundState,
    StripeBooking,
    StripeDispute,
    StripePayout,
    StripeRefund,
)
from entrepairs.billing.online.payouts import receive_payout, undo_receipt
from entrepairs.billing.online.reconciling import queue_reconciliation, reconcile
from entrepairs.billing.online.refunds import approve_refund, ask_refund, refundable, refuse_refund, send_refund
from entrepairs.billing.payments import balance_of, record_refund, record_transfer
from entrepairs.billing.queries import view_of
from entrepairs.billing.states import ShownState
from entrepairs.billing.stripe_events import dismiss_event, events_aside
from entrepairs.billing.stripe_gateway import StripeGateway
from entrepairs.doubles.stripe_api.disputes import FEE
from entrepairs.doubles.stripe_api.service import StripeApi
from entrepairs.kernel.errors import Conflict, InvalidInput, Unavailable
from entrepairs.kernel.money import Money
from entrepairs.ledger import balances
from entrepairs.messages.models import Message
from entrepairs.settings.decisions import vote
from tests.factories.billing import OFFICE, later
from tests.factories.stripe import a_client_of, a_paid_invoice, hear_all, turn

SECOND = Actor("CPT-AUTR-PERS", "Une autre personne")


def paid_twice(session: Session, stand: StripeApi, gateway: StripeGateway) -> CheckoutPayment:
    """Online, and by a transfer that crossed it: 2 560 € too much."""
    payment = a_paid_invoice(session, stand, gateway)
    record_transfer(
        session, payment.invoice.ref, Money(256000), later().today(), keep_surplus=True, clock=later(), actor=OFFICE
    )
    return payment


def give_back(session: Session, payment: CheckoutPayment, cents: int = 256000, dedup: str = "one") -> StripeRefund:
    return ask_refund(
        session, payment.invoice.ref, Money(cents), reason="Payée deux fois", dedup=dedup, clock=later(), actor=OFFICE
    )


def send(session: Session, gateway: StripeGateway, refund: StripeRefund) -> StripeRefund:
    return send_refund(session, refund.ref, gateway, clock=later(), commit=session.flush)


def compare(session: Session, gateway: StripeGateway) -> Any:
    return reconcile(
        session, gateway, clock=later(), commit=session.flush, now=datetime.now(UTC) + timedelta(seconds=5)
    )


def at_stripe(session: Session) -> Money:
    return balances.balance(session, "5122")


def test_a_surplus_goes_back_to_the_card_once_whatever_answer_is_lost(
    session: Session, stand: StripeApi, gateway: StripeGateway
):
    payment = paid_twice(session, stand, gateway)
    refund = give_back(session, payment)
    assert give_back(session, payment) is refund
    with pytest.raises(InvalidInput, match="refund_too_high"):  # what is promised is not given twice
        give_back(session, payment, 100, dedup="two")
    with pytest.raises(InvalidInput, match="refund_too_high"):
        record_refund(session, payment.invoice.ref, Money(100), later().today(), clock=later(), actor=OFFICE)
    turn(stand, lose_answers=1, calls_to="/v1/refunds")
    with pytest.raises(Unavailable):
        send(session, gateway, refund)
    assert refund.state is RefundState.ASKED
    before = at_stripe(session)
    assert send(session, gateway, refund).state is RefundState.DONE
    hear_all(session, stand, gateway)
    with a_client_of(stand) as client:
        assert len(client.v1.refunds.list().data) == 1
    assert at_stripe(session) == before - Money(256000)
    assert balance_of(session, payment.invoice) == balances.balance(session, "411") == Money(0)


def test_a_refund_that_the_bank_does_not_take_is_owed_again(session: Session, stand: StripeApi, gateway: StripeGateway):
    payment = paid_twice(session, stand, gateway)
    refund = send(session, gateway, give_back(session, payment, 56000))
    before = at_stripe(session)
    turn(stand, f"/_control/refunds/{refund.refund_id}", outcome="failed")
    hear_all(session, stand, gateway)
    assert (refund.state, refund.failure) == (RefundState.FAILED, "expired_or_canceled_card")
    assert balance_of(session, payment.invoice) == Money(-256000)
    assert at_stripe(session) == before + Money(56000)
    assert refundable(session, payment.invoice) == [(payment, Money(256000))]
    assert give_back(session, payment, dedup="again").state is RefundState.ASKED
    compare(session, gateway)
    assert differences(session) == []


def test_above_the_voted_amount_a_second_person_lets_it_leave(
    session: Session, stand: StripeApi, gateway: StripeGateway
):
    day = date(2027, 1, 1)
    vote(session, CREDIT_APPROVAL, 50000, since=day, voted_on=day, source="CA", clock=later())
    payment = paid_twice(session, stand, gateway)
    refund = give_back(session, payment)
    assert refund.state is RefundState.WAITING
    assert send(session, gateway, refund).refund_id is None
    with pytest.raises(Conflict, match="same_person"):
        approve_refund(session, refund.ref, clock=later(), actor=OFFICE)
    with pytest.raises(IntegrityError, match="two people"), session.begin_nested():
        session.execute(text("UPDATE stripe_refund SET state = 'asked'"))
    session.refresh(refund)
    approve_refund(session, refund.ref, clock=later(), actor=SECOND)
    assert send(session, gateway, refund).state is RefundState.DONE
    for change in ("UPDATE stripe_refund SET cents = 1", "DELETE FROM stripe_refund", "DELETE FROM stripe_booking"):
        with pytest.raises(IntegrityError, match="Stripe"), session.begin_nested():
            session.execute(text(change))


def test_refunds_of_one_invoice_count_together(session: Session, stand: StripeApi, gateway: StripeGateway):
    day = date(2027, 1, 1)
    vote(session, CREDIT_APPROVAL, 50000, since=day, voted_on=day, source="CA", clock=later())
    payment = paid_twice(session, stand, gateway)
    assert give_back(session, payment, 30000, dedup="one").state is RefundState.ASKED
    assert give_back(session, payment, 20000, dedup="two").state is RefundState.ASKED
    kept = "payment_id, origin, reason, failure, asked_on, prepared_by, prepared_label, created_at, updated_at"
    forged = f"""INSERT INTO stripe_refund (ref, idempotency_key, state, cents, {kept})
        SELECT 'RMB-2222-2222', 'forged', 'asked', 1, {kept} FROM stripe_refund LIMIT 1"""
    with pytest.raises(IntegrityError, match="two people"), session.begin_nested():
        session.execute(text(forged))
    assert give_back(session, payment, 1, dedup="three").state is RefundState.WAITING


def test_nothing_is_approved_once_the_payment_too_much_was_undone(
    session: Session, stand: StripeApi, gateway: StripeGateway
):
    day = date(2027, 1, 1)
    vote(session, CREDIT_APPROVAL, 50000, since=day, voted_on=day, source="CA", clock=later())
    payment = paid_twice(session, stand, gateway)
    refund = give_back(session, payment)
    (transfer,) = [one for one in payment.invoice.settlements if one.kind is SettlementKind.TRANSFER]
    reverse_settlement(
        session, payment.invoice.ref, transfer.ref, reason="Saisi deux fois", clock=later(), actor=OFFICE
    )
    with pytest.raises(Conflict, match="surplus_gone"):
        approve_refund(session, refund.ref, clock=later(), actor=SECOND)
    assert refuse_refund(session, refund.ref, clock=later(), actor=SECOND).state is RefundState.REFUSED


def test_what_the_second_person_refuses_is_free_again(session: Session, stand: StripeApi, gateway: StripeGateway):
    day = date(2027, 1, 1)
    vote(session, CREDIT_APPROVAL, 50000, since=day, voted_on=day, source="CA", clock=later())
    payment = paid_twice(session, stand, gateway)
    refund = give_back(session, payment)
    assert refuse_refund(session, refund.ref, clock=later(), actor=SECOND).state is RefundState.REFUSED
    assert refuse_refund(session, refund.ref, clock=later(), actor=SECOND).state is RefundState.REFUSED
    assert give_back(session, payment, 40000, dedup="less").state is RefundState.ASKED


def test_a_refund_made_on_stripes_pages_is_learnt_and_the_invoice_is_owed_again(
    session: Session, stand: StripeApi, gateway: StripeGateway
):
    payment = a_paid_invoice(session, stand, gateway)
    with a_client_of(stand) as client:
        client.v1.refunds.create({"payment_intent": payment.payment_intent, "amount": 6000})
    hear_all(session, stand, gateway)
    learnt = session.scalars(select(StripeRefund)).one()
    assert (learnt.origin, learnt.state, learnt.cents) == (RefundOrigin.STRIPE, RefundState.DONE, 6000)
    assert balance_of(session, payment.invoice) == Money(6000)


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_a_contested_payment_is_owed_until_the_bank_decides(
    session: Session, stand: StripeApi, gateway: StripeGateway, outcome: str
):
    payment = paid_twice(session, stand, gateway)
    record_refund(session, payment.invoice.ref, Money(256000), later().today(), clock=later(), actor=OFFICE)
    before = at_stripe(session)
    fees = balances.balance(session, "627")
    told = turn(stand, f"/_control/disputes/of/{payment.payment_intent}")
    hear_all(session, stand, gateway)
    hear_all(session, stand, gateway)
    dispute = session.scalars(select(StripeDispute)).one()
    assert (dispute.state, dispute.cents) == (DisputeState.OPENED, 256000)
    assert dispute.answer_by is not None
    view = view_of(session, payment.invoice, later().today())
    assert (view.shown, view.balance, view.payable_online) == (ShownState.BANK_DISPUTED, Money(256000), False)
    assert at_stripe(session) == before - Money(256000 + FEE)
    assert balances.balance(session, "627") == fees + Money(FEE)
    turn(stand, f"/_control/disputes/{told['id']}", outcome=outcome)
    hear_all(session, stand, gateway)
    won = outcome == "won"
    assert balance_of(session, payment.invoice) == Money(0 if won else 256000)
    assert view_of(session, payment.invoice, later().today()).shown is (ShownState.PAID if won else ShownState.ISSUED)
    compare(session, gateway)
    assert differences(session) == []


def test_a_contested_debit_cannot_be_answered_and_the_failed_one_is_told_kindly(
    session: Session, stand: StripeApi, gateway: StripeGateway
):
    payment = a_paid_invoice(session, stand, gateway, "sepa_debit")
    assert (payment.method, len(payment.mandate or "")) == ("sepa_debit", 16)
    turn(stand, f"/_control/disputes/of/{payment.payment_intent}")
    hear_all(session, stand, gateway)
    dispute = session.scalars(select(StripeDispute)).one()
    assert (dispute.state, dispute.answer_by) == (DisputeState.LOST, None)
    assert view_of(session, payment.invoice, later().today()).shown is ShownState.ISSUED
    kinds = session.scalars(select(Message.kind).where(Message.kind == "billing.debit_failed")).all()
    assert kinds == []


def test_a_payout_stands_in_58_until_our_bank_credits_it(session: Session, stand: StripeApi, gateway: StripeGateway):
    a_paid_invoice(session, stand, gateway)
    held = at_stripe(session)
    told = turn(stand, "/_control/payouts")
    hear_all(session, stand, gateway)
    payout = session.scalars(select(StripePayout)).one()
    assert (at_stripe(session), balances.balance(session, "580")) == (Money(0), held)
    turn(stand, f"/_control/payouts/{told['id']}", outcome="paid")
    hear_all(session, stand, gateway)
    assert payout.state is PayoutState.PAID
    day = later().today()
    for _ in range(2):
        receive_payout(session, payout.ref, day, clock=later(), actor=OFFICE)
    assert (balances.balance(session, "580"), balances.balance(session, "512")) == (Money(0), held)
    undo_receipt(session, payout.ref, clock=later(), actor=OFFICE)
    undo_receipt(session, payout.ref, clock=later(), actor=OFFICE)
    assert balances.balance(session, "580") == held
    turn(stand, f"/_control/payouts/{told['id']}", outcome="failed")
    hear_all(session, stand, gateway)
    assert (at_stripe(session), balances.balance(session, "580")) == (held, Money(0))
    with pytest.raises(Conflict, match="payout_failed"):
        receive_payout(session, payout.ref, day, clock=later(), actor=OFFICE)


def test_the_night_finds_what_no_news_told(session: Session, stand: StripeApi, gateway: StripeGateway):
    from tests.factories.stripe import a_started_payment, pay

    payment = a_started_payment(session, gateway)
    pay(payment)
    with a_client_of(stand) as client:
        intent = client.v1.checkout.sessions.retrieve(payment.session_id or "").payment_intent
        client.v1.refunds.create({"payment_intent": str(intent), "amount": 6000})
    turn(stand, "/_control/payouts")
    done = compare(session, gateway)
    assert (done.movements, done.mended, done.differences) == (3, 3, 0)
    assert at_stripe(session) == Money(done.held) == Money(0)
    assert balance_of(session, payment.invoice) == Money(6000)
    again = compare(session, gateway)
    assert (again.mended, len(session.scalars(select(Settlement)).all())) == (0, 2)
    assert queue_reconciliation(session, clock=later())


def test_each_difference_is_told_until_it_is_explained(session: Session, stand: StripeApi, gateway: StripeGateway):
    a_paid_invoice(session, stand, gateway)
    compare(session, gateway)
    booked = session.scalars(select(StripeBooking)).one()
    session.add(
        StripeBooking(
            txn_id="txn_of_nowhere",
            subject="CHK-AAAA-BBBB",
            cents=100,
            fee=0,
            moved_at=booked.moved_at,
            booked_at=later().now(),
        )
    )
    with a_client_of(stand) as client:
        client.v1.payment_intents.create(
            {"amount": 5000, "currency": "eur", "confirm": True, "payment_method": "pm_card_visa"}
        )
    hear_all(session, stand, gateway)
    assert len(events_aside(session)) == 3
    assert compare(session, gateway).differences == 2
    found = {one.kind: one for one in differences(session)}
    assert set(found) == {DifferenceKind.NOT_OURS, DifferenceKind.NOT_AT_STRIPE}
    foreign = found[DifferenceKind.NOT_OURS].txn_id
    for _ in range(2):
        explain_difference(session, foreign, reason="Un don, écrit à la main", clock=later(), actor=OFFICE)
    assert [one.kind for one in differences(session)] == [DifferenceKind.NOT_AT_STRIPE]
    with pytest.raises(Conflict, match="no_difference"):
        explain_difference(session, booked.txn_id, reason="Erreur", clock=later(), actor=OFFICE)
    for event in events_aside(session):
        dismiss_event(session, event.event_id, clock=later(), actor=OFFICE)
    assert events_aside(session) == []
    assert EventState.RECEIVED not in {event.state for event in session.scalars(select(StripeEvent))}
