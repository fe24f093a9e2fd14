"""Queueing a mail in the transaction of the use case; the office's actions on the list."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.db import locked
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import new_reference
from entrepairs.messages.models import Message, MessageState
from entrepairs.outbox.adding import add


def queue_mail(
    session: Session,
    kind: str,
    *,
    to_ref: str,
    address: str,
    subject_kind: str,
    subject_ref: str,
    clock: Clock,
    dedup: str,
    params: Mapping[str, str] | None = None,
    due_at: datetime | None = None,
) -> Message | None:
    """Write the mail's row and its effect; None when `dedup` was queued already. `due_at` is business time."""
    ref = new_reference("MSG")
    fresh = add(
        session,
        "messages.send_mail",
        subject_kind="message",
        subject_ref=ref,
        due_at=due_at or clock.now(),
        dedup=f"mail:{dedup}",
    )
    if not fresh:
        return None
    message = Message(
        ref=ref,
        kind=kind,
        to_ref=to_ref,
        address=address,
        subject_kind=subject_kind,
        subject_ref=subject_ref,
        params=dict(params or {}),
        state=MessageState.QUEUED,
        created_at=clock.now(),
    )
    session.add(message)
    session.flush()
    return message


def send_again(session: Session, ref: str, *, clock: Clock) -> Message:
    """The office asks for a failed or doubtful mail to leave again: a fresh token is minted, the old one revoked.

    Raises NotFound, Conflict("mail_not_retryable").
    """
    message = locked(session, select(Message).where(Message.ref == ref))
    if message is None:
        raise NotFound("message", N_("This mail does not exist."))
    if message.state not in (MessageState.FAILED, MessageState.IN_DOUBT):
        raise Conflict("mail_not_retryable", N_("This mail has left or is about to: there is nothing to send again."))
    message.state, message.last_error = MessageState.QUEUED, None
    add(
        session,
        "messages.send_mail",
        subject_kind="message",
        subject_ref=ref,
        due_at=clock.now(),
        dedup=f"mail-again:{ref}:{message.attempts}",
    )
    return message
