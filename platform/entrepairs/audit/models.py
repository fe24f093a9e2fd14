"""Tables of the audit trail. No foreign key: an entry outlives what it speaks of."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from entrepairs.db import Base, Json, Key


class AuditEntry(Base):
    """One act. `at` is business time, `real_at` real time. `data` holds ids and values, never free text or health data."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject_kind", "subject_ref"),)

    id: Mapped[Key]
    at: Mapped[datetime]
    real_at: Mapped[datetime]
    actor_ref: Mapped[str] = mapped_column(String(80))
    actor_label: Mapped[str] = mapped_column(String(160))
    action: Mapped[str] = mapped_column(String(80))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_ref: Mapped[str] = mapped_column(String(80))
    data: Mapped[Json]


class Transition(Base):
    """One change of state of one machine."""

    __tablename__ = "transition"
    __table_args__ = (Index("ix_transition_subject", "subject_kind", "subject_ref"),)

    id: Mapped[Key]
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_ref: Mapped[str] = mapped_column(String(80))
    from_state: Mapped[str] = mapped_column(String(40))
    to_state: Mapped[str] = mapped_column(String(40))
    event: Mapped[str] = mapped_column(String(40))
    actor_ref: Mapped[str] = mapped_column(String(80))
    actor_label: Mapped[str] = mapped_column(String(160))
    at: Mapped[datetime]


class AuditSeal(Base):
    """A link of the chain: the HMAC of everything up to `upto_id` and of the previous seal."""

    __tablename__ = "audit_seal"

    id: Mapped[Key]
    upto_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    seal: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
