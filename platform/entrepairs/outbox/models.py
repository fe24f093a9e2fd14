"""Tables of the outbox, the runs, the slots and the heartbeats."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from entrepairs.db import Base, Json, Key, Ref, fk, state_column


class ItemState(StrEnum):
    """Life of an effect. FAILED is a dead letter, shown to the office with a retry."""

    PENDING = "pending"
    CLAIMED = "claimed"
    DONE = "done"
    FAILED = "failed"


class OutboxItem(Base):
    """One effect that must happen. `due_at` is business time; `not_before`, `lease_until` are real time."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_pending", "due_at", "id", postgresql_where=text("state = 'pending'")),
        Index("ix_outbox_claimed", "lease_until", postgresql_where=text("state = 'claimed'")),
        CheckConstraint("attempts >= 0", name="attempts_positive"),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_ref: Mapped[str] = mapped_column(String(80))
    payload: Mapped[Json]
    due_at: Mapped[datetime]
    not_before: Mapped[datetime | None]
    state: Mapped[ItemState] = state_column(ItemState)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    dedup_key: Mapped[str] = mapped_column(String(160), unique=True)
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class RunState(StrEnum):
    """Life of a long work."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Run(Base):
    """A long work: steps under 30 s, progress in the row, resumable after a kill. Times are real."""

    __tablename__ = "run"

    id: Mapped[Key]
    ref: Mapped[Ref]
    kind: Mapped[str] = mapped_column(String(60))
    params: Mapped[Json]
    state: Mapped[RunState] = state_column(RunState)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    errors: Mapped[int] = mapped_column(default=0)
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    lease_until: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    created_by: Mapped[str] = mapped_column(String(80))


class RunItem(Base):
    """One step of a run; its unique key makes a second pass harmless."""

    __tablename__ = "run_item"
    __table_args__ = (UniqueConstraint("run_id", "key"),)

    id: Mapped[Key]
    run_id: Mapped[int] = fk("run.id")
    key: Mapped[str] = mapped_column(String(120))
    state: Mapped[RunState] = state_column(RunState)
    error: Mapped[str | None]
    result: Mapped[dict[str, Any] | None]


class Slot(Base):
    """One due time of a recurring job. Whoever inserts it first runs it."""

    __tablename__ = "slot"
    __table_args__ = (UniqueConstraint("job", "slot"),)

    id: Mapped[Key]
    job: Mapped[str] = mapped_column(String(60))
    slot: Mapped[datetime]
    at: Mapped[datetime]


class Heartbeat(Base):
    """Last sign of life of a process kind (`beat`, `worker`), real time."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]
