"""Table of the offers."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, relationship

from entrepairs.db import Base, Key, Ref, fk, state_column
from entrepairs.demands.models import Assignment, Demand
from entrepairs.network.models import Peer


class OfferState(StrEnum):
    """Life of an offer. SUPERSEDED: somebody else took the last seat."""

    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


class OfferEvent(StrEnum):
    """What may happen to an offer."""

    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    SUPERSEDE = "supersede"


OFFER_TRANSITIONS: Final[dict[tuple[OfferState, OfferEvent], OfferState]] = {
    (OfferState.SENT, OfferEvent.ACCEPT): OfferState.ACCEPTED,
    (OfferState.SENT, OfferEvent.DECLINE): OfferState.DECLINED,
    (OfferState.SENT, OfferEvent.EXPIRE): OfferState.EXPIRED,
    (OfferState.SENT, OfferEvent.WITHDRAW): OfferState.WITHDRAWN,
    (OfferState.SENT, OfferEvent.SUPERSEDE): OfferState.SUPERSEDED,
}


class Offer(Base):
    """A seat of a demand proposed to a peer. Which seat is decided when it is accepted: the first still free."""

    __tablename__ = "offer"
    __table_args__ = (
        Index(
            "uq_offer_open_demand_peer", "demand_id", "peer_id", unique=True, postgresql_where=text("state = 'sent'")
        ),
        Index("ix_offer_deadline", "deadline", postgresql_where=text("state = 'sent'")),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    demand_id: Mapped[int] = fk("demand.id")
    peer_id: Mapped[int] = fk("peer.id")
    state: Mapped[OfferState] = state_column(OfferState)
    deadline: Mapped[datetime]
    sent_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    short_notice_agreed_at: Mapped[datetime | None]
    """When a part-time employee agreed expressly to a first session nearer than the legal notice (L3123-31)."""
    assignment_id: Mapped[int | None] = fk("assignment.id", nullable=True)

    demand: Mapped[Demand] = relationship()
    peer: Mapped[Peer] = relationship()
    assignment: Mapped[Assignment | None] = relationship()
