"""Changing a state: the table decides, the row moves, the transition is written. Effects are elsewhere."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.models import Transition
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.transitions import next_state

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


def move(
    session: Session,
    subject: Any,
    table: Mapping[tuple[S, E], S],
    event: E,
    *,
    actor: Actor,
    clock: Clock,
    subject_ref: str | None = None,
) -> None:
    """Apply `event` to `subject.state` and write who, when, from, to. Raises TransitionRefused.

    The caller holds the subject's row lock (`db.locked`): two movers of one state are served in turn.
    `subject_ref` is for a subject without a public reference of its own (a seat, a version).
    """
    before = subject.state
    subject.state = next_state(table, before, event)
    session.add(
        Transition(
            subject_kind=subject.__tablename__,
            subject_ref=subject_ref or subject.ref,
            from_state=before.value,
            to_state=subject.state.value,
            event=event.value,
            actor_ref=actor.ref,
            actor_label=actor.label,
            at=clock.now(),
        )
    )


def history(session: Session, subject_kind: str, subject_ref: str) -> Sequence[Transition]:
    """The transitions of a subject, oldest first."""
    return session.scalars(
        select(Transition)
        .where(Transition.subject_kind == subject_kind, Transition.subject_ref == subject_ref)
        .order_by(Transition.id)
    ).all()
