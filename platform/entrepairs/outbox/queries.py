"""Reads of the effects and the long works, for the office."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from entrepairs.outbox.models import Heartbeat, ItemState, OutboxItem, Run

LATE_AFTER: Final = timedelta(minutes=5)
"""An effect due is done within seconds; later, something is wrong with the workers or with the effect."""
_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class EffectCounts:
    """How many effects failed for good, are late, are still to come."""

    failed: int
    late: int
    coming: int


def effect_counts(session: Session, now: datetime) -> EffectCounts:
    """The counts at a business instant."""
    row = session.execute(
        select(
            func.count().filter(OutboxItem.state == ItemState.FAILED),
            func.count().filter(_late(now)),
            func.count().filter(OutboxItem.state == ItemState.PENDING, OutboxItem.due_at > now),
        ).where(OutboxItem.state != ItemState.DONE)
    ).one()
    return EffectCounts(*(int(count) for count in row))


def failed_effects(session: Session) -> Sequence[OutboxItem]:
    """Effects given up, newest first."""
    wanted = select(OutboxItem).where(OutboxItem.state == ItemState.FAILED).order_by(OutboxItem.id.desc())
    return session.scalars(wanted.limit(_SHOWN)).all()


def late_effects(session: Session, now: datetime) -> Sequence[OutboxItem]:
    """Effects due for more than five minutes and not done, oldest first."""
    wanted = select(OutboxItem).where(_late(now)).order_by(OutboxItem.due_at, OutboxItem.id)
    return session.scalars(wanted.limit(_SHOWN)).all()


def coming_effects(session: Session, now: datetime) -> Sequence[OutboxItem]:
    """Reminders and expiries still to come, soonest first."""
    wanted = select(OutboxItem).where(OutboxItem.state == ItemState.PENDING, OutboxItem.due_at > now)
    return session.scalars(wanted.order_by(OutboxItem.due_at, OutboxItem.id).limit(_SHOWN)).all()


def latest_runs(session: Session) -> Sequence[Run]:
    """Long works, newest first."""
    return session.scalars(select(Run).order_by(Run.id.desc()).limit(20)).all()


def heartbeats(session: Session) -> Mapping[str, datetime]:
    """The last sign of life of each kind of process; real time."""
    return {row.name: row.at for row in session.scalars(select(Heartbeat).order_by(Heartbeat.name))}


def _late(now: datetime) -> ColumnElement[bool]:
    waiting = OutboxItem.state.in_((ItemState.PENDING, ItemState.CLAIMED))
    return and_(waiting, OutboxItem.due_at < now - LATE_AFTER)
