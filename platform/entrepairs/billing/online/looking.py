"""Looking at a thing of Stripe because of news, or of the nightly comparison: it is fetched, and applied as it is now.

News only say where to look, so repeated, late, shuffled or forgotten ones end the same. `commit` ends a step: no
transaction is open while the network is spoken to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from entrepairs.billing.checkout import apply_facts, start_checkout
from entrepairs.billing.models import CheckoutPayment
from entrepairs.billing.online.disputes import apply_dispute
from entrepairs.billing.online.payouts import apply_payout
from entrepairs.billing.online.refunds import apply_refund
from entrepairs.billing.stripe_gateway import StripeGateway
from entrepairs.kernel.clock import Clock

PAYOUT: Final = "payout"
SESSION: Final = "checkout.session"
REFUND: Final = "refund"
DISPUTE: Final = "dispute"
FOLLOWED: Final = frozenset({SESSION, "payment_intent", "charge", REFUND, DISPUTE, PAYOUT})
"""Kinds of objects that say something of our money."""

Commit = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Thing:
    """What Stripe speaks of, and the payment it belongs to as far as it says: our reference, or Stripe's ids."""

    kind: str
    id: str
    payment_intent: str | None = None
    charge: str | None = None
    payment: str | None = None


def look_at(session: Session, thing: Thing, gateway: StripeGateway, *, clock: Clock, commit: Commit) -> bool:
    """Fetch a thing with its payment and apply both. False when it belongs to no payment of ours. Raises Unavailable.

    What is applied last is left to the caller's commit.
    """
    if thing.kind == PAYOUT:
        commit()
        apply_payout(session, gateway.fetch_payout(thing.id), clock=clock)
        return True
    payment_ref = _payment_of(session, thing, gateway, commit)
    if payment_ref is None:
        return False
    session_id = _session_of(session, payment_ref, thing, gateway, clock=clock, commit=commit)
    if session_id is None:
        return False
    facts = gateway.fetch_session(session_id)
    refund = gateway.fetch_refund(thing.id) if thing.kind == REFUND else None
    dispute = gateway.fetch_dispute(thing.id) if thing.kind == DISPUTE else None
    apply_facts(session, payment_ref, facts, clock=clock)
    if refund is not None:
        apply_refund(session, refund, payment_ref, clock=clock)
    if dispute is not None:
        apply_dispute(session, dispute, payment_ref, clock=clock)
    return True


def known_payment(session: Session, thing: Thing) -> CheckoutPayment | None:
    """By our own reference first (on sessions, intents and charges), then by Stripe's ids."""
    intent = thing.id if thing.kind == "payment_intent" else thing.payment_intent
    charge = thing.id if thing.kind == "charge" else thing.charge
    known = [CheckoutPayment.session_id == thing.id]
    if thing.payment:
        known.append(CheckoutPayment.ref == thing.payment)
    if intent:
        known.append(CheckoutPayment.payment_intent == intent)
    if charge:
        known.append(CheckoutPayment.charge_id == charge)
    return session.scalars(select(CheckoutPayment).where(or_(*known)).limit(1)).one_or_none()


def _payment_of(session: Session, thing: Thing, gateway: StripeGateway, commit: Commit) -> str | None:
    """Asked of Stripe when nothing here knows it yet: news of a dispute may come before those of the payment."""
    known = known_payment(session, thing)
    payment_ref = known.ref if known is not None else None
    commit()
    intent = thing.id if thing.kind == "payment_intent" else thing.payment_intent
    if payment_ref is not None or not intent:
        return payment_ref
    named = gateway.payment_named(intent)
    known = known_payment(session, Thing("", "", payment=named)) if named else None
    payment_ref = known.ref if known is not None else None
    commit()
    return payment_ref


def _session_of(
    session: Session, payment_ref: str, thing: Thing, gateway: StripeGateway, *, clock: Clock, commit: Commit
) -> str | None:
    payment = known_payment(session, Thing("", "", payment=payment_ref))
    session_id = payment.session_id if payment is not None else None
    commit()
    if session_id is None and thing.kind == SESSION:
        return thing.id
    if session_id is None:  # the answer that made it was lost: the same key finds it
        session_id = start_checkout(session, payment_ref, gateway, clock=clock).session_id
        commit()
    return session_id
