"""Stripe's news: stored first and answered at once; a worker fetches the thing itself and brings our rows to it.

Repeated, late, shuffled or unknown news are harmless: an event is one row by its id, and what is applied is the
fetched state, which only moves forward. What was missed is polled by `queue_payment_checks`.
"""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.billing.checkout import apply_facts
from entrepairs.billing.models import CheckoutPayment, EventState, PaymentState, StripeEvent
from entrepairs.billing.states import LIVE_PAYMENTS
from entrepairs.billing.stripe_gateway import PAYMENT_KEY, SessionFacts, SignedEvent
from entrepairs.db import locked
from entrepairs.kernel.clock import Clock
from entrepairs.outbox.adding import add

SETTLE_DOWN: Final = timedelta(minutes=2)
"""An attempt younger than this may still be being made by a request."""


def store_event(session: Session, event: SignedEvent, *, clock: Clock) -> bool:
    """Keep a verified event and plan its handling; False when it was known. The caller commits and answers 2xx."""
    fresh = session.execute(
        insert(StripeEvent)
        .values(
            event_id=event.event_id,
            type=event.type,
            livemode=event.livemode,
            payload=event.payload,
            state=EventState.RECEIVED,
            received_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["event_id"])
        .returning(StripeEvent.id)
    ).first()
    if fresh is None:
        return False
    add(
        session,
        "billing.handle_stripe_event",
        subject_kind="stripe_event",
        subject_ref=event.event_id,
        due_at=clock.now(),
        dedup=f"stripe-event:{event.event_id}",
    )
    return True


def payment_of_event(session: Session, event_id: str, *, clock: Clock) -> CheckoutPayment | None:
    """The payment an event speaks of; None when it is done already, or none of our business (then marked so)."""
    event = session.scalars(select(StripeEvent).where(StripeEvent.event_id == event_id)).one_or_none()
    if event is None or event.state in (EventState.DONE, EventState.IGNORED):
        return None
    payment = _spoken_of(session, event.payload)
    if payment is None or payment.session_id is None:
        _end(session, event_id, EventState.IGNORED, clock)
        return None
    return payment


def apply_event(session: Session, event_id: str, payment_ref: str, facts: SessionFacts, *, clock: Clock) -> None:
    """Apply what was fetched because of an event, and mark the event done, in one transaction."""
    apply_facts(session, payment_ref, facts, clock=clock)
    _end(session, event_id, EventState.DONE, clock)


def queue_payment_checks(session: Session, *, clock: Clock) -> int:
    """Recurring job: plan a look at every payment whose end or fee we don't know. Returns how many."""
    old = CheckoutPayment.updated_at <= clock.now() - SETTLE_DOWN
    unfinished = or_(
        CheckoutPayment.state.in_(LIVE_PAYMENTS),
        and_(CheckoutPayment.state == PaymentState.PAID, CheckoutPayment.fee_cents.is_(None)),
    )
    refs = session.scalars(select(CheckoutPayment.ref).where(old, unfinished)).all()
    slot = clock.now().strftime("%Y%m%dT%H%M")
    for ref in refs:
        add(
            session,
            "billing.check_payment",
            subject_kind="checkout_payment",
            subject_ref=ref,
            due_at=clock.now(),
            dedup=f"check-payment:{ref}:{slot}",
        )
    return len(refs)


def _spoken_of(session: Session, thing: dict[str, Any]) -> CheckoutPayment | None:
    """By our own reference first (on sessions and intents), then by session or intent id (on charges)."""
    intent = thing["id"] if thing["object"] == "payment_intent" else thing["payment_intent"]
    known = [CheckoutPayment.session_id == thing["id"]]
    if thing[PAYMENT_KEY]:
        known.append(CheckoutPayment.ref == thing[PAYMENT_KEY])
    if isinstance(intent, str):
        known.append(CheckoutPayment.payment_intent == intent)
    return session.scalars(select(CheckoutPayment).where(or_(*known)).limit(1)).one_or_none()


def _end(session: Session, event_id: str, state: EventState, clock: Clock) -> None:
    event = locked(session, select(StripeEvent).where(StripeEvent.event_id == event_id))
    if event is not None and event.state is not EventState.DONE:
        event.state, event.done_at = state, clock.now()
        session.flush()
