"""Table of the supports that took place. No content, no evaluation: there is no column to hold any."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.db import Base, Key, fk, state_column
from entrepairs.network.models import Peer


class SupportKind(StrEnum):
    """How a peer was supported."""

    SUPERVISION = "supervision"
    PRACTICE_GROUP = "practice_group"


class Support(Base):
    """A peer took part, that day."""

    __tablename__ = "support"
    __table_args__ = (UniqueConstraint("peer_id", "held_on", "kind"),)

    id: Mapped[Key]
    peer_id: Mapped[int] = fk("peer.id")
    kind: Mapped[SupportKind] = state_column(SupportKind)
    held_on: Mapped[date]
    recorded_by: Mapped[str] = mapped_column(String(120))
    recorded_at: Mapped[datetime]

    peer: Mapped[Peer] = relationship()
