"""Tables of identity. A token or a session is stored as the SHA-256 of its secret, never the secret."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.db import Base, Key, Ref, fk, state_column


class OfficeRoleKind(StrEnum):
    """What a person may do for the association."""

    COORDINATOR = "coordinator"
    BILLING = "billing"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Account(Base):
    """A person who can log in. `email` is compared without case."""

    __tablename__ = "account"

    id: Mapped[Key]
    ref: Mapped[Ref]
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(5), default="fr")
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    office_roles: Mapped[list["OfficeRole"]] = relationship(back_populates="account", lazy="selectin")


Index("uq_account_email_lower", func.lower(Account.email), unique=True)


class OfficeRole(Base):
    """A role in the association."""

    __tablename__ = "office_role"
    __table_args__ = (UniqueConstraint("account_id", "role"),)

    id: Mapped[Key]
    account_id: Mapped[int] = fk("account.id")
    role: Mapped[OfficeRoleKind] = state_column(OfficeRoleKind)

    account: Mapped[Account] = relationship(back_populates="office_roles")


class WebSession(Base):
    """A browser logged in. Real time. Revoked rows end at the next request."""

    __tablename__ = "web_session"

    id: Mapped[Key]
    account_id: Mapped[int] = fk("account.id")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    user_agent: Mapped[str] = mapped_column(String(200))

    account: Mapped[Account] = relationship(lazy="joined")


class TokenPurpose(StrEnum):
    """What one mail link may do, and nothing else."""

    LOGIN = "login"
    SET_PASSWORD = "set_password"  # noqa: S105 - a purpose, not a secret
    OFFER = "offer"
    QUOTE = "quote"
    APPROVAL = "approval"
    SERVICE = "service"
    INVOICE = "invoice"
    OTHER_TIME = "other_time"
    HANDOVER = "handover"


class ActionToken(Base):
    """Single-use right behind a mail link. Real time. `message_ref` is the mail that carries it: a retry revokes it."""

    __tablename__ = "action_token"
    __table_args__ = (Index("ix_action_token_subject", "purpose", "subject_ref"),)

    id: Mapped[Key]
    purpose: Mapped[TokenPurpose] = state_column(TokenPurpose)
    subject_ref: Mapped[str] = mapped_column(String(80))
    account_id: Mapped[int | None] = fk("account.id", nullable=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    message_ref: Mapped[str | None] = mapped_column(String(16), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SentForm(Base):
    """A form somebody sent, written in the transaction of what it did: sent again, it does nothing. Real time.

    `digest` is a keyed hash of the form's key, the person, the address and what was typed; `twin` the same without the
    key, for forms that create something; `location` is where the answer led: NULL until it left, empty for no address.
    """

    __tablename__ = "sent_form"
    __table_args__ = (Index("ix_sent_form_account_id_id", "account_id", "id"),)

    id: Mapped[Key]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    twin: Mapped[str | None] = mapped_column(String(64))
    account_id: Mapped[int | None] = fk("account.id", nullable=True, index=False)
    at: Mapped[datetime] = mapped_column(index=True)
    location: Mapped[str | None]
