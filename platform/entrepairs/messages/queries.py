"""Reads of the mails, for the office: never a body, never a token."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.messages.models import Message, MessageState

PAGE = 50


def list_messages(
    session: Session, *, state: MessageState | None = None, page: int = 1
) -> tuple[Sequence[Message], bool]:
    """A page of mails, newest first, and whether more follow."""
    statement = select(Message).order_by(Message.id.desc()).offset((page - 1) * PAGE).limit(PAGE + 1)
    if state is not None:
        statement = statement.where(Message.state == state)
    rows = session.scalars(statement).all()
    return rows[:PAGE], len(rows) > PAGE


def counts_by_state(session: Session) -> dict[MessageState, int]:
    """How many mails stand in each state."""
    rows = session.execute(select(Message.state, func.count()).group_by(Message.state))
    return {state: count for state, count in rows}  # noqa: C416 - rows are not pairs for the type checker
