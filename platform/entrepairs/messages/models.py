"""The table of mails."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from entrepairs.db import Base, Json, Key, Ref, state_column


class MessageState(StrEnum):
    """Life of a mail."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    IN_DOUBT = "in_doubt"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class Message(Base):
    """One mail to one address. `kind` names its template and builder; `params` holds references only."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_subject", "subject_kind", "subject_ref"),
        Index("ix_message_state", "state", "created_at"),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    kind: Mapped[str] = mapped_column(String(60))
    to_ref: Mapped[str] = mapped_column(String(80))
    """Reference of the account written to, or of the partner for an address of a service."""
    address: Mapped[str] = mapped_column(String(254))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_ref: Mapped[str] = mapped_column(String(80))
    params: Mapped[Json]
    state: Mapped[MessageState] = state_column(MessageState)
    message_id: Mapped[str | None] = mapped_column(String(160), unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
