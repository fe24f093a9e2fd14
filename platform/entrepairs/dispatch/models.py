"""Tables of the offers, and of the other times their peers suggest."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.db import Base, Key, Ref, fk, state_column
from entrepairs.demands.models import Assignment, Demand
from entrepairs.demands.states import OFFERABLE, DemandState
from entrepairs.network.models import Peer
from entrepairs.planning.models import PlanProposal


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
    handover_id: Mapped[int | None] = fk("handover.id", nullable=True)
    """The seat somebody agreed to hand over: a yes takes their place."""

    demand: Mapped[Demand] = relationship()
    peer: Mapped[Peer] = relationship()
    assignment: Mapped[Assignment | None] = relationship()
    handover: Mapped["Handover | None"] = relationship(back_populates="offers")

    @property
    def needed(self) -> bool:
        """Whether somebody is still looked for: a seat is missing, or somebody has agreed to hand theirs over."""
        return self.demand.state in OFFERABLE or (
            self.handover_id is not None and self.demand.state is DemandState.STAFFED
        )


STILL_NEEDED: Final = Demand.state.in_(OFFERABLE) | (
    Offer.handover_id.is_not(None) & (Demand.state == DemandState.STAFFED)
)
"""The same for the database, where the demand is joined."""


class HandoverState(StrEnum):
    """Life of a question to somebody who comes already. Without two yeses, nothing changes."""

    ASKED = "asked"
    AGREED = "agreed"
    """They can make room; the other person is asked."""
    KEPT = "kept"
    """They keep it, by their answer or without one. Nobody asks again, nobody counts it."""
    DONE = "done"
    """The other person has said yes: the seat has changed hands."""
    LAPSED = "lapsed"
    """They agreed and the other person does not come: they keep it."""


class HandoverEvent(StrEnum):
    """What may happen to that question."""

    AGREE = "agree"
    KEEP = "keep"
    TAKE_OVER = "take_over"
    LAPSE = "lapse"


_H, _HE = HandoverState, HandoverEvent
HANDOVER_TRANSITIONS: Final[dict[tuple[HandoverState, HandoverEvent], HandoverState]] = {
    (_H.ASKED, _HE.AGREE): _H.AGREED,
    (_H.ASKED, _HE.KEEP): _H.KEPT,
    (_H.AGREED, _HE.KEEP): _H.KEPT,  # changed their mind before the other person came
    (_H.AGREED, _HE.TAKE_OVER): _H.DONE,
    (_H.AGREED, _HE.LAPSE): _H.LAPSED,
    (_H.ASKED, _HE.LAPSE): _H.LAPSED,  # the demand, or their place in it, ended meanwhile
}
LIVE_HANDOVERS: Final = frozenset({_H.ASKED, _H.AGREED})


class Handover(Base):
    """« Une autre personne pourrait-elle y aller ? »: a move of a plan, put to who holds the seat. No reason is held."""

    __tablename__ = "handover"
    __table_args__ = (
        Index(
            "uq_handover_live_assignment",
            "assignment_id",
            unique=True,
            postgresql_where=text("state IN ('asked', 'agreed')"),
        ),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    proposal_id: Mapped[int] = fk("plan_proposal.id", unique=True)
    assignment_id: Mapped[int] = fk("assignment.id")
    peer_id: Mapped[int] = fk("peer.id")
    """Who would come."""
    state: Mapped[HandoverState] = state_column(HandoverState)
    deadline: Mapped[datetime]
    """Until when they may answer; without an answer they keep it. Business time."""
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    proposal: Mapped[PlanProposal] = relationship()
    assignment: Mapped[Assignment] = relationship()
    peer: Mapped[Peer] = relationship()
    offers: Mapped[list[Offer]] = relationship(back_populates="handover")


class OtherTimeState(StrEnum):
    """Life of another time suggested. It only matters while its offer is open."""

    SUGGESTED = "suggested"
    ASKED = "asked"
    """The structure has been asked."""
    AGREED = "agreed"
    """The sessions have moved; the offer goes on at the new time."""
    KEPT = "kept"
    """The structure keeps its own time."""
    THANKED = "thanked"
    """The association has thanked, without asking the structure."""


class OtherTimeEvent(StrEnum):
    """What may happen to another time suggested."""

    ASK = "ask"
    AGREE = "agree"
    KEEP = "keep"
    THANK = "thank"


_T, _TE = OtherTimeState, OtherTimeEvent
OTHER_TIME_TRANSITIONS: Final[dict[tuple[OtherTimeState, OtherTimeEvent], OtherTimeState]] = {
    (_T.SUGGESTED, _TE.ASK): _T.ASKED,
    (_T.SUGGESTED, _TE.THANK): _T.THANKED,
    (_T.SUGGESTED, _TE.AGREE): _T.AGREED,  # the structure said so on the telephone
    (_T.ASKED, _TE.AGREE): _T.AGREED,
    (_T.ASKED, _TE.KEEP): _T.KEPT,
}
LIVE_TIMES: Final = frozenset({_T.SUGGESTED, _T.ASKED})


class OtherTime(Base):
    """« Je propose un autre horaire »: a day and an hour, or for a series a weekday and an hour. No reason is held.

    The offer stays open as it was meanwhile. `starts` is a wall time of Paris; `weekday` 0 is Monday.
    """

    __tablename__ = "other_time"
    __table_args__ = (
        CheckConstraint("(day IS NULL) <> (weekday IS NULL)", name="one_shape"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_known"),
        Index(
            "uq_other_time_live_offer",
            "offer_id",
            unique=True,
            postgresql_where=text("state IN ('suggested', 'asked')"),
        ),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    offer_id: Mapped[int] = fk("offer.id")
    state: Mapped[OtherTimeState] = state_column(OtherTimeState)
    day: Mapped[date | None]
    weekday: Mapped[int | None]
    starts: Mapped[time]
    suggested_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str] = mapped_column(String(160), default="")

    offer: Mapped[Offer] = relationship()
