"""Whatever is heard, how often and in what order, and whatever answer is lost: the same books, and nobody pays twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.billing.checkout import apply_facts, open_checkout, start_checkout
from entrepairs.billing.models import CheckoutPayment, PaymentState, Settlement
from entrepairs.billing.online.differences import differences
from entrepairs.billing.online.models import RefundState, StripeBooking, StripeRefund
from entrepairs.billing.online.reconciling import reconcile
from entrepairs.billing.online.refunds import ask_refund, send_refund
from entrepairs.billing.payments import record_transfer
from entrepairs.billing.stripe_gateway import StripeGateway
from entrepairs.doubles.stripe_api.service import StripeApi
from entrepairs.kernel.errors import Unavailable
from entrepairs.kernel.money import Money
from entrepairs.ledger import balances
from entrepairs.ledger.models import EntryLine
from tests.factories.billing import OFFICE, a_client, an_issued_invoice, later
from tests.factories.stripe import a_client_of, debits_are_offered, hear, news, pay, turn


def the_books(session: Session) -> dict[str, int]:
    """Each account's balance, replayed line by line."""
    lines = session.execute(
        select(EntryLine.account_code, func.sum(EntryLine.debit - EntryLine.credit)).group_by("account_code")
    )
    return {account: int(cents) for account, cents in lines if cents}


def ensure_sound(session: Session) -> None:
    """Balanced, each account equal to its replay, 411 equal to what is owed."""
    books = the_books(session)
    assert sum(books.values()) == 0
    assert all(balances.balance(session, code, exact=True).cents == cents for code, cents in books.items())


def lived(stand: StripeApi, payment: CheckoutPayment, fate: int) -> None:
    """What becomes of a payment at Stripe, unheard of here."""
    pay(payment, "sepa_debit" if fate % 3 == 2 else "card")
    with a_client_of(stand) as client:
        intent = str(client.v1.checkout.sessions.retrieve(payment.session_id or "").payment_intent)
        if fate % 3 == 2:
            turn(stand, f"/_control/sepa/{intent}", outcome="failed" if fate % 2 else "succeeded")
        if fate % 5 == 1 and fate % 3 != 2:
            made = client.v1.refunds.create({"payment_intent": intent, "amount": 1000 + fate})
            if fate % 2:
                turn(stand, f"/_control/refunds/{made.id}", outcome="failed")
    if fate % 4 == 3 and fate % 3 != 2:
        told = turn(stand, f"/_control/disputes/of/{intent}")
        if fate % 8 == 3:
            turn(stand, f"/_control/disputes/{told['id']}", outcome="won" if fate % 16 == 3 else "lost")
    if fate % 7 == 6:
        told = turn(stand, "/_control/payouts")
        if fate % 2:
            turn(stand, f"/_control/payouts/{told['id']}", outcome="failed")


def test_payments_refunds_disputes_and_payouts_heard_thrice_in_any_order_end_in_the_same_books(
    session: Session, stand: StripeApi, gateway: StripeGateway, proof: Any
):
    fates = proof.size(4, 1000)
    debits_are_offered(session)
    partner = a_client(session)
    payments = []
    for fate in range(fates):
        payment = open_checkout(session, an_issued_invoice(session, partner).ref, clock=later(), actor=OFFICE)
        payments.append(start_checkout(session, payment.ref, gateway, clock=later()))
        lived(stand, payments[-1], fate)
    told = news(stand)
    seen: list[dict[str, int]] = []
    for order in range(2):
        with session.begin_nested() as attempt:
            heard = told * 3 if order else list(told)
            if order:
                proof.random("order").shuffle(heard)
            for body in heard:
                hear(session, gateway, body)
            ensure_sound(session)
            seen.append(the_books(session))
            settled = session.scalar(select(func.count(Settlement.id)))
            done = reconcile(
                session, gateway, clock=later(), commit=session.flush, now=datetime.now(UTC) + timedelta(seconds=5)
            )
            assert (done.mended, differences(session)) == (0, [])
            assert balances.balance(session, "5122") == Money(done.held)
            assert session.scalar(select(func.count(Settlement.id))) == settled
            assert session.scalar(select(func.count(StripeBooking.id))) == done.movements
            attempt.rollback()
        session.expire_all()
    assert seen[0] == seen[1]


def test_answers_lost_at_every_call_charge_and_give_back_once(
    session: Session, stand: StripeApi, gateway: StripeGateway, proof: Any
):
    partner, draw = a_client(session), proof.random("lost")
    for _ in range(proof.size(2, 250)):
        invoice = an_issued_invoice(session, partner)
        payment = open_checkout(session, invoice.ref, clock=later(), actor=OFFICE)
        turn(stand, lose_answers=(lost := draw.randint(1, 3)), calls_to="/v1/checkout")
        for _ in range(lost + 1):
            try:
                start_checkout(session, payment.ref, gateway, clock=later())
            except Unavailable:
                assert payment.state is PaymentState.CREATING
        pay(payment)
        apply_facts(session, payment.ref, gateway.fetch_session(payment.session_id or ""), clock=later())
        record_transfer(
            session, invoice.ref, Money(256000), later().today(), keep_surplus=True, clock=later(), actor=OFFICE
        )
        refund = ask_refund(
            session, invoice.ref, Money(256000), reason="Payée deux fois", dedup="one", clock=later(), actor=OFFICE
        )
        turn(stand, lose_answers=(lost := draw.randint(1, 3)), calls_to="/v1/refunds")
        for _ in range(lost + 1):
            try:
                send_refund(session, refund.ref, gateway, clock=later(), commit=session.flush)
            except Unavailable:
                assert refund.state is RefundState.ASKED
        turn(stand, lose_answers=0)
        assert refund.state is RefundState.DONE
    with a_client_of(stand) as client:
        api = client.v1
        lists = (api.charges.list({"limit": 100}), api.refunds.list({"limit": 100}), api.checkout.sessions.list())
        made = [len(list(one.auto_paging_iter())) for one in lists]
    assert made == [session.scalar(select(func.count(CheckoutPayment.id)))] * 3
    assert session.scalar(select(func.count(StripeRefund.id))) == made[1]
    ensure_sound(session)
