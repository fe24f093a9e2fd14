"""Writing an effect in the transaction of the use case, and nudging the workers once it is committed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast

from sqlalchemy import Table, event, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.outbox.models import ItemState, OutboxItem

_NUDGE = "entrepairs.outbox.nudge"
_WATCH = "entrepairs.outbox.watch"
_hook: Callable[[], None] | None = None
_TABLE: Final = cast("Table", OutboxItem.__table__)
_WRITE: Final = insert(_TABLE).on_conflict_do_nothing(index_elements=["dedup_key"]).returning(_TABLE.c.kind)


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect to add. `payload` holds references and values, never personal data."""

    kind: str
    dedup: str
    payload: Mapping[str, object] = field(default_factory=dict)


def set_nudge(hook: Callable[[], None] | None) -> None:
    """Give the function called after a commit that wrote effects. It must be quick and must not raise."""
    global _hook  # noqa: PLW0603 - one hook for the process, set once by the app
    _hook = hook


def watch(session: Session, told: Callable[[str, datetime], None]) -> None:
    """Have `told(kind, due_at)` called for each effect written in this session: the demo's story does them itself."""
    session.info[_WATCH] = told


def add(
    session: Session,
    kind: str,
    *,
    subject_kind: str,
    subject_ref: str,
    due_at: datetime,
    dedup: str,
    payload: Mapping[str, object] | None = None,
) -> bool:
    """Write the effect `kind` on a subject, due at the business instant `due_at`. False when `dedup` exists already.

    `payload` holds references and values, never personal data: it is kept.
    """
    effect = Effect(kind, dedup, payload or {})
    return add_all(session, (effect,), subject_kind=subject_kind, subject_ref=subject_ref, due_at=due_at) == 1


def add_all(
    session: Session, effects: Sequence[Effect], *, subject_kind: str, subject_ref: str, due_at: datetime
) -> int:
    """The same for several effects of one act, in one statement. How many are new."""
    return add_each(session, {subject_ref: effects}, subject_kind=subject_kind, due_at=due_at)


def add_each(session: Session, effects: Mapping[str, Sequence[Effect]], *, subject_kind: str, due_at: datetime) -> int:
    """The same for several subjects, by reference. How many are new."""
    session.flush()
    rows = [
        {
            "kind": one.kind,
            "subject_kind": subject_kind,
            "subject_ref": subject_ref,
            "payload": dict(one.payload),
            "due_at": due_at,
            "state": ItemState.PENDING,
            "attempts": 0,
            "dedup_key": one.dedup,
            "created_at": due_at,
        }
        for subject_ref, due in effects.items()
        for one in due
    ]
    if not rows:
        return 0
    inserted = session.scalars(_WRITE, rows).all()
    session.info[_NUDGE] = True
    if told := session.info.get(_WATCH):
        for kind in inserted:
            told(kind, due_at)
    return len(inserted)


def withdraw(session: Session, dedup: str) -> None:
    """An effect still pending has lost its object (an expiry, a reminder): mark it done without doing it."""
    session.execute(
        update(OutboxItem)
        .where(OutboxItem.dedup_key == dedup, OutboxItem.state == ItemState.PENDING)
        .values(state=ItemState.DONE, last_error="withdrawn")
    )


@event.listens_for(Session, "after_commit")
def _after_commit(session: Session) -> None:
    # A nested commit (savepoint) fires this too early only in tests, where the nudge hook is unset.
    if session.info.pop(_NUDGE, False) and _hook is not None:
        _hook()


@event.listens_for(Session, "after_rollback")
def _after_rollback(session: Session) -> None:
    session.info.pop(_NUDGE, None)
