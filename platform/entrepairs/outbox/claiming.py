"""Taking a due effect under a lease, and marking how it ended. Committed by the worker between the two."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from entrepairs.outbox.models import ItemState, OutboxItem

LEASE: Final = timedelta(seconds=45)
"""Longer than a task may last (30 s), which is longer than a network call (10 s)."""
MOST_ATTEMPTS: Final = 6
_FIRST_PAUSE: Final = timedelta(seconds=5)


def claim_next(
    session: Session, *, business_now: datetime, real_now: datetime, lease: timedelta = LEASE
) -> OutboxItem | None:
    """The oldest due effect, leased to the caller; effects whose lease has lapsed (a killed worker) come back.

    An effect that was started `MOST_ATTEMPTS` times without ending is poison: it is put aside, others flow.
    """
    while True:
        item = session.scalars(
            select(OutboxItem)
            .where(
                OutboxItem.due_at <= business_now,
                or_(OutboxItem.not_before.is_(None), OutboxItem.not_before <= real_now),
                or_(
                    OutboxItem.state == ItemState.PENDING,
                    and_(OutboxItem.state == ItemState.CLAIMED, OutboxItem.lease_until < real_now),
                ),
            )
            .order_by(OutboxItem.due_at, OutboxItem.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if item is None:
            return None
        if item.attempts >= MOST_ATTEMPTS:
            item.state, item.last_error = ItemState.FAILED, item.last_error or "started too often without ending"
            session.flush()
            continue
        item.state, item.attempts, item.lease_until = ItemState.CLAIMED, item.attempts + 1, real_now + lease
        session.flush()
        return item


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
