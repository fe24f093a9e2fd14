"""Business time of the demo: it runs while the demo runs, stands still while it is stopped, and can be moved forward.

Never used outside the demo: `entrepairs.app` reads it only when the configuration says DEMO.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.kernel.clock import PARIS, FixedClock
from entrepairs.settings.models import DemoClock

START: Final = datetime(2027, 1, 11, 9, tzinfo=PARIS)
LONGEST_GAP: Final = timedelta(seconds=60)
"""The most real time one reading may add: beyond, the demo was stopped."""


def read(session: Session, *, real_now: datetime | None = None) -> FixedClock:
    """A clock standing at the demo's present instant."""
    row = session.get(DemoClock, 1)
    if row is None:
        return FixedClock(START)
    return FixedClock(_present(row, real_now or datetime.now(UTC)))


def tick(session: Session, *, real_now: datetime) -> None:
    """Add the real time passed since the last tick (called by the beat)."""
    row = session.get(DemoClock, 1, with_for_update=True)
    if row is None:
        start(session, real_now=real_now)
        return
    row.at, row.ticked_at = _present(row, real_now), real_now


def start(session: Session, *, real_now: datetime, at: datetime = START) -> None:
    """Set the clock going at `at` unless it exists."""
    session.execute(
        insert(DemoClock).values(id=1, at=at, ticked_at=real_now).on_conflict_do_nothing(index_elements=["id"])
    )


def advance(session: Session, by: timedelta, *, real_now: datetime) -> datetime:
    """Move business time forward; returns the new instant. A day keeps its wall time across DST."""
    row = session.get(DemoClock, 1, with_for_update=True)
    if row is None:
        start(session, real_now=real_now)
        session.flush()
        row = session.get_one(DemoClock, 1)
    wall = _present(row, real_now).astimezone(PARIS)
    row.at, row.ticked_at = (wall + by).astimezone(UTC), real_now
    return row.at


def _present(row: DemoClock, real_now: datetime) -> datetime:
    return row.at + max(timedelta(), min(real_now - row.ticked_at, LONGEST_GAP))
