"""The nightly comparison with Stripe: every line of its balance, one by one, against what our books hold.

What Stripe knows and we missed is fetched and booked: it is a fact. Fees of the account are booked (627). Everything
else is told to the office (`differences`). Movements are written once, so a night done twice changes nothing.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.billing.online.bookings import book
from entrepairs.billing.online.differences import differences
from entrepairs.billing.online.facts import Movement
from entrepairs.billing.online.looking import DISPUTE, PAYOUT, REFUND, Commit, Thing, look_at
from entrepairs.billing.online.models import StripeBooking, StripeCheck, StripeMovement
from entrepairs.billing.postings import post_stripe_fee
from entrepairs.billing.stripe_gateway import StripeGateway
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.money import Money
from entrepairs.outbox.adding import add

FIRST: Final = timedelta(days=35)
"""How far back the first comparison looks."""
AGAIN: Final = timedelta(days=3)
"""What is looked at once more each night: a movement may be listed late."""
AT_ONCE: Final = timedelta(days=40)
"""Of which one effect reads the movements; the next days are another effect's."""
MOST_MENDED: Final = 20
"""Things fetched by one effect, which must end within its time."""
_SOURCES: Final = {"charge": "charge", "refund": REFUND, "dispute": DISPUTE, "payout": PAYOUT}
"""Kind of a movement's source, as `looking` names it."""


def queue_reconciliation(session: Session, *, clock: Clock) -> bool:
    """Recurring job, and the office's button: plan a comparison. False when one of this minute is planned."""
    return _plan(session, clock, clock.now().strftime("%Y%m%dT%H%M"))


def _plan(session: Session, clock: Clock, slot: str) -> bool:
    return add(
        session,
        "billing.reconcile_stripe",
        subject_kind="stripe",
        subject_ref="stripe",
        due_at=clock.now(),
        dedup=f"reconcile-stripe:{slot}",
    )


def reconcile(
    session: Session,
    gateway: StripeGateway,
    *,
    clock: Clock,
    commit: Commit,
    now: datetime | None = None,
    period: tuple[datetime, datetime] | None = None,
) -> StripeCheck:
    """Read the movements since the last comparison, mend what is missing, note what differs.

    `now` is Stripe's time, the real one. `period`: another time to look at, however long (a story's, which may lie
    ahead). Raises Unavailable, to be tried again. What is left is planned.
    """
    real_now = now or datetime.now(UTC)
    since, until = period or _period(session, real_now)
    commit()
    listed, held = gateway.list_movements(since, until), gateway.held()
    for movement in listed:
        _keep(session, movement)
    commit()
    known = _booked(session, [movement.txn_id for movement in listed])
    missing = [movement for movement in listed if movement.txn_id not in known]
    mended = sum(_mend(session, movement, gateway, clock, commit) for movement in missing[:MOST_MENDED])
    done = StripeCheck(
        since=since,
        until=min(until, real_now),
        movements=len(listed),
        mended=mended,
        differences=0,
        held=held.cents,
        done_at=clock.now(),
    )
    session.add(done)
    session.flush()
    done.differences = len(differences(session))
    if until < real_now or (mended and len(missing) > MOST_MENDED):
        _plan(session, clock, f"after:{done.id}")
    session.flush()
    return done


def _period(session: Session, real_now: datetime) -> tuple[datetime, datetime]:
    last = session.scalar(select(func.max(StripeCheck.until)))
    since = (last if last is not None else real_now - FIRST) - AGAIN
    return since, min(real_now, since + AT_ONCE)


def _keep(session: Session, movement: Movement) -> None:
    session.execute(
        insert(StripeMovement)
        .values(
            txn_id=movement.txn_id,
            type=movement.kind,
            source_id=movement.source_id,
            cents=movement.cents,
            fee=movement.fee,
            net=movement.net,
            moved_at=movement.moved_at,
        )
        .on_conflict_do_nothing(index_elements=["txn_id"])
    )


def _booked(session: Session, wanted: list[str]) -> set[str]:
    return set(session.scalars(select(StripeBooking.txn_id).where(StripeBooking.txn_id.in_(wanted))))


def _mend(session: Session, movement: Movement, gateway: StripeGateway, clock: Clock, commit: Commit) -> bool:
    """Whether the books hold it now."""
    if movement.kind == "stripe_fee":
        _book_account_fee(session, movement, clock)
    elif (kind := _SOURCES.get(movement.source_kind)) is not None:
        thing = Thing(kind, movement.source_id, movement.payment_intent, movement.charge)
        try:
            look_at(session, thing, gateway, clock=clock, commit=commit)
        except NotFound:
            return False
    commit()
    return bool(_booked(session, [movement.txn_id]))


def _book_account_fee(session: Session, movement: Movement, clock: Clock) -> None:
    """A fee that is about no payment (a subscription of Stripe's): told as an amount, negative."""
    if not book(session, movement, movement.kind, clock=clock):
        return
    post_stripe_fee(
        session,
        None,
        Money(-movement.net),
        on=clock.today(),
        dedup=f"stripe-fee:{movement.txn_id}",
        clock=clock,
        piece=movement.txn_id[:40],
    )
