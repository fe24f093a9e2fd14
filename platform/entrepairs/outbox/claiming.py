"""Taking a due effect under a lease, and marking how it ended. Committed by the worker between the two."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from entrepairs.outbox.models import ItemState, OutboxItem

LEASE: Final = timedelta(seconds=45)
"""Longer than a task may last (30 s), which is longer than a network call (10 s)."""
MOST_ATTEMPTS: Final = 6
_FIRST_PAUSE: Final = timedelta(seconds=5)


def claim_next(
    session: Session, *, business_now: datetime, real_now: datetime, lease: timedelta = LEASE
) -> OutboxItem | None:
    """The oldest due effect, leased to the caller; effects whose lease has lapsed (a killed worker) come back first.

    An effect that was started `MOST_ATTEMPTS` times without ending is poison: it is put aside, others flow.
    """
    while True:
        item = _oldest(session, _LAPSED, business_now, real_now) or _oldest(session, _WAITING, business_now, real_now)
        if item is None:
            return None
        if item.attempts >= MOST_ATTEMPTS:
            item.state, item.last_error = ItemState.FAILED, item.last_error or "started too often without ending"
            session.flush()
            continue
        item.state, item.attempts, item.lease_until = ItemState.CLAIMED, item.attempts + 1, real_now + lease
        session.flush()
        return item


# Two questions, each answered by an index of its own: asked together, they would sort all that is due, each time.
_WAITING: Final = OutboxItem.state == ItemState.PENDING
_LAPSED: Final = and_(OutboxItem.state == ItemState.CLAIMED, OutboxItem.lease_until < bindparam("real_now"))


def _oldest(
    session: Session, which: ColumnElement[bool], business_now: datetime, real_now: datetime
) -> OutboxItem | None:
    wanted = (
        select(OutboxItem)
        .where(which, OutboxItem.due_at <= business_now)
        .where(or_(OutboxItem.not_before.is_(None), OutboxItem.not_before <= real_now))
        .order_by(OutboxItem.due_at, OutboxItem.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(wanted, {"real_now": real_now}).one_or_none()


def mark_done(item: OutboxItem, *, real_now: datetime) -> None:
    """The effect happened."""
    item.state, item.done_at, item.lease_until, item.last_error = ItemState.DONE, real_now, None, None


def mark_failed(item: OutboxItem, error: str, *, retry: bool, real_now: datetime) -> None:
    """The effect did not happen: try again later (pauses double), or put it before the office."""
    item.last_error, item.lease_until = error[:500], None
    if retry and item.attempts < MOST_ATTEMPTS:
        item.state = ItemState.PENDING
        item.not_before = real_now + _FIRST_PAUSE * 2 ** (item.attempts - 1)
    else:
        item.state = ItemState.FAILED


def retry_failed(item: OutboxItem) -> None:
    """The office asks for another round."""
    item.state, item.attempts, item.not_before, item.lease_until = ItemState.PENDING, 0, None, None
