"""What was written in our books for each movement of the Stripe balance: once, by its id."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.billing.online.facts import Movement
from entrepairs.billing.online.models import StripeBooking
from entrepairs.kernel.clock import Clock


def book(session: Session, movement: Movement, subject: str, *, clock: Clock) -> bool:
    """Note that the books hold a movement, in the transaction that posts it. False when they held it already."""
    fresh = session.execute(
        insert(StripeBooking)
        .values(
            txn_id=movement.txn_id,
            subject=subject[:20],
            cents=movement.cents,
            fee=movement.fee,
            moved_at=movement.moved_at,
            booked_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["txn_id"])
        .returning(StripeBooking.id)
    ).first()
    return fresh is not None
