"""Recurring jobs: each due time is a row, executed once however many beats tick, caught up after a stop."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.outbox.models import Heartbeat, Slot

MOST_CAUGHT_UP: Final = 60


def due_slots(session: Session, job: str, every: timedelta, now: datetime) -> list[datetime]:
    """The slots of `job` due and not yet taken, oldest first: at most `MOST_CAUGHT_UP`, the latest of them."""
    step = every.total_seconds()
    latest = datetime.fromtimestamp(now.timestamp() // step * step, UTC)
    last = session.scalar(select(func.max(Slot.slot)).where(Slot.job == job))
    if last is None:
        return [latest]
    missed = int((latest - last).total_seconds() // step)
    return [latest - every * back for back in range(min(missed, MOST_CAUGHT_UP) - 1, -1, -1)]


def take_slot(session: Session, job: str, slot: datetime, *, real_now: datetime) -> bool:
    """True for the one caller that inserts the row. The job runs in the same transaction."""
    return (
        session.execute(
            insert(Slot)
            .values(job=job, slot=slot, at=real_now)
            .on_conflict_do_nothing(index_elements=["job", "slot"])
            .returning(Slot.id)
        ).first()
        is not None
    )


def beat(session: Session, name: str, *, real_now: datetime) -> None:
    """Note a sign of life."""
    statement = insert(Heartbeat).values(name=name, at=real_now)
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": real_now}))


def age(session: Session, name: str, *, real_now: datetime) -> timedelta | None:
    """Time since the last sign of life; None when there never was one."""
    at = session.scalar(select(Heartbeat.at).where(Heartbeat.name == name))
    return real_now - at if at else None
