"""Stripe's news: stored first and answered at once; a worker fetches the thing itself and brings our rows to it.

Repeated, late, shuffled or unknown news are harmless: an event is one row by its id, and what is applied is the
fetched state, which only moves forward. What was missed is polled by `queue_payment_checks`.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.models import CheckoutPayment, EventState, PaymentState, StripeEvent
from entrepairs.billing.online.looking import FOLLOWED, Commit, Thing, look_at
from entrepairs.billing.states import LIVE_PAYMENTS
from entrepairs.billing.stripe_gateway import PAYMENT_KEY, SignedEvent, StripeGateway
from entrepairs.db import locked
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.outbox.adding import add

SETTLE_DOWN: Final = timedelta(minutes=2)
"""An attempt younger than this may still be being made by a request."""
QUIET: Final = frozenset(
    {
        *("account", "balance", "balance_settings", "capability", "customer", "mandate", "payment_method", "person"),
        *("bank_account", "card", "file", "price", "product", "radar.early_fraud_warning", "reporting.report_run"),
        *("setup_intent", "source", "tax_rate"),
    }
)
"""Kinds of objects that Stripe may tell of and that move none of our money. Any other unknown one is shown."""


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


def handle_event(session: Session, event_id: str, gateway: StripeGateway, *, clock: Clock, commit: Commit) -> None:
    """Look at what a stored event speaks of, apply it and mark the event, in one transaction.

    Done once. What is no business of ours is left; what should be and is not known is put aside for the office.
    Raises Unavailable, to be tried again.
    """
    event = session.scalars(select(StripeEvent).where(StripeEvent.event_id == event_id)).one_or_none()
    if event is None or event.state is not EventState.RECEIVED:
        return
    told, kind = event.payload, event.payload["object"]
    thing = Thing(kind, told["id"], _text(told["payment_intent"]), _text(told["charge"]), told[PAYMENT_KEY])
    if told["account"] or kind not in FOLLOWED:
        quiet = not told["account"] and kind in QUIET
        _end(session, event_id, EventState.IGNORED if quiet else EventState.ASIDE, clock)
        return
    try:
        ours = look_at(session, thing, gateway, clock=clock, commit=commit)
    except NotFound:  # made and deleted since, or of another environment
        ours = False
    _end(session, event_id, EventState.DONE if ours else EventState.ASIDE, clock)


def dismiss_event(session: Session, event_id: str, *, clock: Clock, actor: Actor) -> None:
    """The office has looked at news put aside. Twice is once. Raises NotFound."""
    event = locked(session, select(StripeEvent).where(StripeEvent.event_id == event_id))
    if event is None:
        raise NotFound("stripe_event", N_("These news do not exist."))
    if event.state is EventState.ASIDE:
        event.state, event.done_at = EventState.IGNORED, clock.now()
        record(session, "stripe_event.dismiss", "stripe_event", event_id, actor=actor, clock=clock, type=event.type)
        session.flush()


def events_aside(session: Session, limit: int = 50) -> list[StripeEvent]:
    """News of something we don't know, the oldest first."""
    wanted = select(StripeEvent).where(StripeEvent.state == EventState.ASIDE).order_by(StripeEvent.id)
    return list(session.scalars(wanted.limit(limit)))


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


def _text(told: object) -> str | None:
    """An id; an expanded object has it inside."""
    if isinstance(told, dict):
        told = told.get("id")
    return told if isinstance(told, str) and told else None


def _end(session: Session, event_id: str, state: EventState, clock: Clock) -> None:
    event = locked(session, select(StripeEvent).where(StripeEvent.event_id == event_id))
    if event is not None and event.state is EventState.RECEIVED:
        event.state, event.done_at = state, clock.now()
        session.flush()
