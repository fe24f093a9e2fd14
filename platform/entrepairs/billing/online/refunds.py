"""Money given back through Stripe, from the office: asked with a reason, approved above the voted amount, then sent.

Our key is stored before the call. From the first call on, Stripe is looked at before it is asked again: what a lost
answer did is found by our reference, however late (Stripe forgets keys after a day). Lock order: invoice, refund,
journal.
"""

from collections.abc import Callable
from datetime import date
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.checkout import BY_STRIPE
from entrepairs.billing.corrections import reason_of
from entrepairs.billing.credit_notes import CREDIT_APPROVAL
from entrepairs.billing.models import CheckoutPayment, Invoice, PaymentState, SettlementKind
from entrepairs.billing.online.bookings import book
from entrepairs.billing.online.facts import RefundFacts
from entrepairs.billing.online.models import DisputeState, RefundOrigin, RefundState, StripeDispute, StripeRefund
from entrepairs.billing.online.states import furthest_refund
from entrepairs.billing.payments import payable_for_update, settle, surplus_of
from entrepairs.billing.stripe_gateway import StripeGateway
from entrepairs.db import locked
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference
from entrepairs.outbox.adding import add
from entrepairs.settings.decisions import decision_or

GIVEN: Final = (RefundState.WAITING, RefundState.ASKED, RefundState.PENDING, RefundState.DONE)
"""Refunds that take from what can still be given back of a payment."""
KEPT: Final = (DisputeState.OPENED, DisputeState.ANSWERED, DisputeState.LOST)
"""Disputes whose money the payer's bank holds."""


def ask_refund(
    session: Session, invoice_ref: str, amount: Money, *, reason: str, dedup: str, clock: Clock, actor: Actor
) -> StripeRefund:
    """Give back what was paid too much (or credited) on an invoice, to the card or the account that paid it.

    Above the voted amount it waits for a second person; else it leaves at once, by an effect. `dedup` names the
    gesture: sent twice, it is one. Raises NotFound, Conflict("not_payable", "nothing_online"),
    InvalidInput("reason_missing", "reason_long", "identity_in_text", "amount_not_positive", "refund_too_high",
    "refund_above_payment").
    """
    said = reason_of(reason)
    invoice = payable_for_update(session, invoice_ref)
    key = f"refund:{invoice_ref}:{dedup}"[:80]
    known = session.scalars(select(StripeRefund).where(StripeRefund.idempotency_key == key)).one_or_none()
    if known is not None:
        return known
    payment = _payment_for(session, invoice, amount)
    waits = needs_second_person(session, invoice, amount, clock.today())
    refund = StripeRefund(
        ref=new_reference("RMB"),
        payment=payment,
        origin=RefundOrigin.OFFICE,
        state=RefundState.WAITING if waits else RefundState.ASKED,
        cents=amount.cents,
        reason=said,
        idempotency_key=key,
        failure="",
        asked_on=clock.today(),
        prepared_by=actor.ref,
        prepared_label=actor.label,
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    session.add(refund)
    record(
        session,
        "refund.ask",
        "invoice",
        invoice_ref,
        actor=actor,
        clock=clock,
        refund=refund.ref,
        cents=amount.cents,
    )
    session.flush()
    if not waits:
        _plan(session, refund, clock)
    return refund


def _payment_for(session: Session, invoice: Invoice, amount: Money) -> CheckoutPayment:
    if amount.cents <= 0:
        raise InvalidInput("amount_not_positive", N_("Enter an amount greater than zero."), field="amount")
    surplus = surplus_of(session, invoice)
    if amount > surplus:
        raise InvalidInput(
            "refund_too_high", N_("Only what was paid too much can be given back."), field="amount", left=surplus
        )
    open_to = refundable(session, invoice)
    if not open_to:
        raise Conflict("nothing_online", N_("Nothing can be given back online on this invoice: make a bank transfer."))
    payment, most = max(open_to, key=lambda one: one[1].cents)
    if amount > most:
        raise InvalidInput(
            "refund_above_payment",
            N_("At most %(most)s can go back by this way: give the rest back by bank transfer."),
            field="amount",
            most=most,
        )
    return payment


def refundable(session: Session, invoice: Invoice) -> list[tuple[CheckoutPayment, Money]]:
    """The online payments of an invoice on which something can go back, with how much at most."""
    given: dict[int, int] = {
        payment_id: int(cents)
        for payment_id, cents in session.execute(
            select(StripeRefund.payment_id, func.sum(StripeRefund.cents))
            .where(StripeRefund.state.in_(GIVEN))
            .group_by(StripeRefund.payment_id)
        )
    }
    contested = select(StripeDispute.payment_id).where(StripeDispute.state.in_(KEPT))
    paid = session.scalars(
        select(CheckoutPayment)
        .where(
            CheckoutPayment.invoice_id == invoice.id,
            CheckoutPayment.state == PaymentState.PAID,
            CheckoutPayment.payment_intent.is_not(None),
            CheckoutPayment.id.not_in(contested),
        )
        .order_by(CheckoutPayment.id)
    ).all()
    left = [(one, Money(one.cents - given.get(one.id, 0))) for one in paid]
    return [(one, most) for one, most in left if most.cents > 0]


def needs_second_person(session: Session, invoice: Invoice, amount: Money, on: date) -> bool:
    """As for a credit note: an amount that passes what is voted for that day, with what one person gave back alone before.

    None voted: one person is enough. What Stripe or the bank did not take does not count.
    """
    threshold = decision_or(session, CREDIT_APPROVAL, on, None)
    if threshold is None:
        return False
    alone = session.scalar(
        select(func.coalesce(func.sum(StripeRefund.cents), 0))
        .join(StripeRefund.payment)
        .where(
            CheckoutPayment.invoice_id == invoice.id,
            StripeRefund.origin == RefundOrigin.OFFICE,
            StripeRefund.approved_by.is_(None),
            StripeRefund.state.not_in((RefundState.WAITING, RefundState.REFUSED, RefundState.FAILED)),
        )
    )
    return amount.cents + int(alone or 0) > int(threshold)


def approve_refund(session: Session, ref: str, *, clock: Clock, actor: Actor) -> StripeRefund:
    """A second person lets it leave. Twice is once.

    Raises NotFound, Conflict("not_waiting", "same_person"), and "surplus_gone" when what came in was undone meanwhile.
    """
    refund = _locked_with_invoice(session, ref)
    if refund.approved_by == actor.ref and refund.state is not RefundState.WAITING:
        return refund
    _ensure_waits(refund)
    if refund.prepared_by == actor.ref:
        raise Conflict("same_person", N_("You asked for this money to be given back: somebody else approves it."))
    if surplus_of(session, refund.payment.invoice).cents < 0:
        raise Conflict(
            "surplus_gone",
            N_("This invoice has no longer been paid too much: a payment was undone since. Refuse this one."),
        )
    refund.approved_by, refund.state, refund.updated_at = actor.ref, RefundState.ASKED, clock.now()
    record(session, "refund.approve", "stripe_refund", ref, actor=actor, clock=clock, cents=refund.cents)
    session.flush()
    _plan(session, refund, clock)
    return refund


def refuse_refund(session: Session, ref: str, *, clock: Clock, actor: Actor) -> StripeRefund:
    """It does not leave; who asked for it may take it back so. Twice is once. Raises NotFound, Conflict("not_waiting")."""
    refund = _locked_with_invoice(session, ref)
    if refund.state is RefundState.REFUSED:
        return refund
    _ensure_waits(refund)
    refund.state, refund.updated_at = RefundState.REFUSED, clock.now()
    record(session, "refund.refuse", "stripe_refund", ref, actor=actor, clock=clock, cents=refund.cents)
    session.flush()
    return refund


def _ensure_waits(refund: StripeRefund) -> None:
    if refund.state is not RefundState.WAITING:
        raise Conflict("not_waiting", N_("This money does not wait for an approval any more."))


def begin_refund(session: Session, ref: str, *, clock: Clock) -> tuple[StripeRefund, bool]:
    """Before the call: the refund, and whether Stripe was asked before. Commit, then call. Raises NotFound."""
    refund = _locked_with_invoice(session, ref)
    before = refund.called_at is not None
    if refund.state is RefundState.ASKED and not before:
        refund.called_at = clock.now()
        session.flush()
    return refund, before


def send_refund(
    session: Session, ref: str, gateway: StripeGateway, *, clock: Clock, commit: Callable[[], None]
) -> StripeRefund:
    """Ask Stripe, once in all. `commit` ends a step before the network. Raises NotFound, Unavailable (try again)."""
    refund, asked_before = begin_refund(session, ref, clock=clock)
    state, intent, payment_ref = refund.state, refund.payment.payment_intent, refund.payment.ref
    amount, key = Money(refund.cents), refund.idempotency_key
    commit()
    if state is not RefundState.ASKED or intent is None:
        return refund
    facts = gateway.find_refund(intent, ref) if asked_before else None
    if facts is None:
        try:
            facts = gateway.create_refund(refund_ref=ref, payment_intent=intent, amount=amount, idempotency_key=key)
        except Conflict as refused:
            return _refused(session, ref, str(refused.params.get("why") or refused.code), clock)
    return apply_refund(session, facts, payment_ref, clock=clock)


def _refused(session: Session, ref: str, why: str, clock: Clock) -> StripeRefund:
    refund = _locked_with_invoice(session, ref)
    if refund.state is RefundState.ASKED:
        refund.state, refund.failure, refund.updated_at = RefundState.FAILED, why[:60], clock.now()
        record(session, "refund.fail", "stripe_refund", ref, actor=BY_STRIPE, clock=clock, why=refund.failure)
        session.flush()
    return refund


def apply_refund(session: Session, facts: RefundFacts, payment_ref: str, *, clock: Clock) -> StripeRefund:
    """Bring our row to what Stripe says, never back. One made on Stripe's pages is learnt and booked too.

    The money leaves the Stripe balance when the refund is made (Dr 411 / Cr 5122); a refund that fails brings it back
    (Dr 5122 / Cr 411): we owe it again.
    """
    invoice, payment = lock_payment(session, payment_ref)
    refund = _row_of(session, facts, payment, clock)
    before, refund.state = refund.state, furthest_refund(refund.state, facts.state)
    refund.refund_id, refund.failure = facts.refund_id, facts.failure or refund.failure
    _move(session, invoice, refund, SettlementKind.STRIPE_REFUND, clock)
    if facts.movement is not None:
        book(session, facts.movement, refund.ref, clock=clock)
    if refund.state is RefundState.FAILED:
        _move(session, invoice, refund, SettlementKind.STRIPE_REFUND_FAILED, clock)
        if facts.failed_movement is not None:
            book(session, facts.failed_movement, refund.ref, clock=clock)
    if refund.state is not before:
        refund.updated_at = clock.now()
    session.flush()
    return refund


def _move(session: Session, invoice: Invoice, refund: StripeRefund, kind: SettlementKind, clock: Clock) -> None:
    settle(
        session,
        invoice,
        kind,
        Money(refund.cents if kind is SettlementKind.STRIPE_REFUND_FAILED else -refund.cents),
        clock.today(),
        reference=refund.refund_id or refund.ref,
        dedup=f"{kind.value}:{refund.ref}",
        clock=clock,
        actor=BY_STRIPE,
    )


def _row_of(session: Session, facts: RefundFacts, payment: CheckoutPayment, clock: Clock) -> StripeRefund:
    mine = StripeRefund.refund_id == facts.refund_id
    if facts.our_ref:
        mine |= StripeRefund.ref == facts.our_ref
    found = locked(session, select(StripeRefund).where(mine, StripeRefund.payment_id == payment.id))
    if found is not None:
        return found
    learnt = StripeRefund(
        ref=new_reference("RMB"),
        payment=payment,
        origin=RefundOrigin.STRIPE,
        state=RefundState.PENDING,
        cents=facts.amount.cents,
        idempotency_key=f"learnt:{facts.refund_id}"[:80],
        refund_id=facts.refund_id,
        reason="",
        failure="",
        asked_on=clock.today(),
        prepared_by=BY_STRIPE.ref,
        prepared_label=BY_STRIPE.label,
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    session.add(learnt)
    session.flush()
    return learnt


def lock_payment(session: Session, payment_ref: str) -> tuple[Invoice, CheckoutPayment]:
    """A payment and its invoice, locked in that order: the invoice first. Raises NotFound."""
    payment = session.scalars(select(CheckoutPayment).where(CheckoutPayment.ref == payment_ref)).one_or_none()
    if payment is None:
        raise NotFound("payment", N_("This payment does not exist."))
    return payable_for_update(session, payment.invoice.ref), payment


def _locked_with_invoice(session: Session, ref: str) -> StripeRefund:
    known = session.scalars(select(StripeRefund).where(StripeRefund.ref == ref)).one_or_none()
    if known is None:
        raise NotFound("refund", N_("This money given back does not exist."))
    payable_for_update(session, known.payment.invoice.ref)
    session.refresh(known, with_for_update=True)
    return known


def _plan(session: Session, refund: StripeRefund, clock: Clock) -> None:
    add(
        session,
        "billing.send_refund",
        subject_kind="stripe_refund",
        subject_ref=refund.ref,
        due_at=clock.now(),
        dedup=f"stripe-refund:{refund.ref}",
    )
