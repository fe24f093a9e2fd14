"""The office says that it has read how something ended: it leaves the list of what waits."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.online.models import StripeDispute, StripePayout, StripeRefund
from entrepairs.db import locked
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_


def mark_read(session: Session, ref: str, *, clock: Clock, actor: Actor) -> None:
    """Of a refund, a dispute or a payout, by its reference. Twice is once. Raises NotFound."""
    row = (
        locked(session, select(StripeRefund).where(StripeRefund.ref == ref))
        or locked(session, select(StripeDispute).where(StripeDispute.ref == ref))
        or locked(session, select(StripePayout).where(StripePayout.ref == ref))
    )
    if row is None:
        raise NotFound("stripe_news", N_("This does not exist any more."))
    if row.seen_at is None:
        row.seen_at = clock.now()
        record(session, "stripe.read", row.__tablename__, ref, actor=actor, clock=clock)
        session.flush()
