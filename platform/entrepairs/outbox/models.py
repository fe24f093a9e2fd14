"""Tables of the outbox, the runs, the slots and the heartbeats."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from entrepairs.db import Base, Json, Key, Ref, state_column
from entrepairs.outbox.states import RunState


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
        Index("ix_outbox_done", text("coalesce(done_at, due_at)"), postgresql_where=text("state = 'done'")),
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


class Run(Base):
    """A long work. Times are real. `turn` tells its owners apart: one whose lease lapsed can write nothing more."""

    __tablename__ = "run"
    __table_args__ = (
        # One long work at a time: mails and papers keep a worker of their own.
        Index("uq_run_running", "state", unique=True, postgresql_where=text("state = 'running'")),
        Index("ix_run_queued", "id", postgresql_where=text("state = 'queued'")),
        CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="lease_while_running"),
        CheckConstraint("(state IN ('done', 'failed', 'stopped')) = (ended_at IS NOT NULL)", name="ended_at_the_end"),
        CheckConstraint("attempts >= 0 AND turn >= attempts", name="attempts_positive"),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    kind: Mapped[str] = mapped_column(String(60))
    subject_ref: Mapped[str] = mapped_column(String(80))
    """What it works for: a plan, a month."""
    params: Mapped[Json]
    state: Mapped[RunState] = state_column(RunState)
    stop_asked: Mapped[bool] = mapped_column(default=False)
    progress: Mapped[Json]
    """`done` of `total`, and what its kind adds."""
    kept: Mapped[dict[str, Any] | None]
    """What it has found so far, from which the next turn goes on."""
    turn: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    """Turns that ended badly or not at all."""
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
    failure: Mapped[dict[str, Any] | None]
    """The sentence said of a failure: `msgid` and `params`."""
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_label: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


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
