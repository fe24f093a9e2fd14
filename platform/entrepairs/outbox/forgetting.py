"""Effects done long ago and recurring dates past are erased, so that the tables stay the size of a year. Real time.

What failed or is under way stays, whatever its age: somebody has to look at it. The trail of what happened is elsewhere.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, aliased

from entrepairs.kernel.clock import Clock
from entrepairs.kernel.parameters import figures
from entrepairs.outbox.models import ItemState, OutboxItem, Slot

EFFECTS_DAYS: Final = "retention.effects_days"
BATCH: Final = 2000
MOST_BATCHES: Final = 20
"""A day's work at most: what is left waits for the next day."""


def forget_done(session: Session, *, clock: Clock, real_now: datetime | None = None) -> int:
    """Recurring job: erase the effects done, or withdrawn, more than `retention.effects_days` ago; gives how many.

    By batches, each a short statement. `clock` says which figure is in force; ages are real time.
    """
    before = (real_now or datetime.now(UTC)) - timedelta(days=figures().whole(EFFECTS_DAYS, clock.today()))
    _forget_slots(session, before)
    ended = func.coalesce(OutboxItem.done_at, OutboxItem.due_at)
    gone = 0
    for _ in range(MOST_BATCHES):
        old = select(OutboxItem.id).where(OutboxItem.state == ItemState.DONE, ended < before).limit(BATCH)
        # Chosen once: as a plain subquery it may be run again by row, and erase more than its limit.
        chosen = old.with_for_update(skip_locked=True).cte("chosen").prefix_with("MATERIALIZED")
        ids = session.scalars(
            delete(OutboxItem)
            .where(OutboxItem.id.in_(select(chosen.c.id)))
            .returning(OutboxItem.id)
            .execution_options(synchronize_session=False)
        ).all()
        gone += len(ids)
        if len(ids) < BATCH:
            break
    return gone


def _forget_slots(session: Session, before: datetime) -> None:
    """Dates past, but the last one of each job: it says what was caught up."""
    later = aliased(Slot)
    old = (
        select(Slot.id)
        .where(Slot.at < before, select(later.id).where(later.job == Slot.job, later.slot > Slot.slot).exists())
        .limit(BATCH * MOST_BATCHES)
    )
    session.execute(delete(Slot).where(Slot.id.in_(old)).execution_options(synchronize_session=False))
