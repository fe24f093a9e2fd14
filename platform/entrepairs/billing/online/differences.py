"""Where Stripe and our books do not say the same: derived each time from what both hold, never stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.corrections import reason_of
from entrepairs.billing.online.models import StripeBooking, StripeCheck, StripeMovement
from entrepairs.db import locked
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_


class DifferenceKind(StrEnum):
    """What does not agree."""

    NOT_OURS = "not_ours"
    """Stripe moved money that is none of our payments."""
    NOT_AT_STRIPE = "not_at_stripe"
    """Our books hold a movement that Stripe does not list."""
    AMOUNTS = "amounts"
    FEES = "fees"


@dataclass(frozen=True, slots=True)
class Difference:
    """One movement on which the two disagree; amounts in cents, None where one side has nothing."""

    kind: DifferenceKind
    txn_id: str
    type: str
    subject: str
    theirs: int | None
    ours: int | None
    moved_at: datetime


def differences(session: Session) -> list[Difference]:
    """The oldest first. What the office said is none of our payments is left out."""
    both = session.execute(
        select(StripeMovement, StripeBooking)
        .outerjoin(StripeBooking, StripeBooking.txn_id == StripeMovement.txn_id)
        .where(
            StripeBooking.id.is_(None)
            | (StripeBooking.cents != StripeMovement.cents)
            | (StripeBooking.fee != StripeMovement.fee)
        )
        .where(StripeMovement.aside_why.is_(None))
    )
    found = [*(_of(movement, booking) for movement, booking in both), *_unlisted(session)]
    return sorted(found, key=lambda one: (one.moved_at, one.txn_id))


def _of(movement: StripeMovement, booking: StripeBooking | None) -> Difference:
    kind, theirs, ours = DifferenceKind.NOT_OURS, movement.cents, None
    if booking is not None:
        by_amount = booking.cents != movement.cents
        kind = DifferenceKind.AMOUNTS if by_amount else DifferenceKind.FEES
        theirs, ours = (movement.cents, booking.cents) if by_amount else (movement.fee, booking.fee)
    subject = booking.subject if booking is not None else ""
    return Difference(kind, movement.txn_id, movement.type, subject, theirs, ours, movement.moved_at)


def _unlisted(session: Session) -> Sequence[Difference]:
    """Bookings within what was compared that no list held."""
    since, until = session.execute(select(func.min(StripeCheck.since), func.max(StripeCheck.until))).one()
    if since is None:
        return []
    rows = session.scalars(
        select(StripeBooking)
        .outerjoin(StripeMovement, StripeMovement.txn_id == StripeBooking.txn_id)
        .where(StripeMovement.id.is_(None), StripeBooking.aside_why.is_(None))
        .where(StripeBooking.moved_at >= since, StripeBooking.moved_at < until)
    )
    return [
        Difference(DifferenceKind.NOT_AT_STRIPE, row.txn_id, "", row.subject, None, row.cents, row.moved_at)
        for row in rows
    ]


def explain_difference(session: Session, txn_id: str, *, reason: str, clock: Clock, actor: Actor) -> None:
    """The office says what a movement is, or how it was mended by hand: it is no difference any more. Twice is once.

    Raises NotFound, Conflict("no_difference"), InvalidInput("reason_missing", "reason_long", "identity_in_text").
    """
    said = reason_of(reason)
    movement = locked(session, select(StripeMovement).where(StripeMovement.txn_id == txn_id))
    booking = locked(session, select(StripeBooking).where(StripeBooking.txn_id == txn_id))
    row = movement or booking
    if row is None:
        raise NotFound("stripe_movement", N_("This movement does not exist."))
    if row.aside_why is not None:
        return
    if not any(one.txn_id == txn_id for one in differences(session)):
        raise Conflict("no_difference", N_("Stripe and the accounts agree on this movement."))
    row.aside_why, row.aside_at, row.aside_by = said, clock.now(), actor.label
    record(session, "stripe.explain", "stripe_movement", txn_id, actor=actor, clock=clock)
    session.flush()
