"""Tables of the plans: what was asked, what was found for each demand and who would come, hours before and after."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.db import Base, Json, Key, Ref, fk, state_column
from entrepairs.demands.models import Assignment, Demand
from entrepairs.network.models import Peer
from entrepairs.outbox.models import Run
from entrepairs.planning.states import Outcome, ProposalState


class Plan(Base):
    """One search over a period `[since, until)`, in Paris days. Its life is its run's; what it found never changes."""

    __tablename__ = "plan"
    __table_args__ = (
        CheckConstraint("since < until", name="until_after"),
        CheckConstraint("seconds BETWEEN 1 AND 600", name="seconds_bounded"),
        Index("ix_plan_created_at", "created_at"),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    run_id: Mapped[int | None] = fk("run.id", nullable=True, unique=True)
    since: Mapped[date]
    until: Mapped[date]
    departements: Mapped[list[str]]
    """Codes of the départements looked at; none: everywhere."""
    seconds: Mapped[int]
    """Time given to the search once everything is read."""
    seed: Mapped[int]
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_label: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    concluded_at: Mapped[datetime | None]
    objective: Mapped[Json]
    """The priorities and weights in force, as they were read."""
    found: Mapped[Json]
    """What the search says of itself: `best`, `bound`, `gap`, `seconds`, `rounds`."""

    run: Mapped[Run | None] = relationship(lazy="joined")
    demands: Mapped[list["PlanDemand"]] = relationship(back_populates="plan", order_by="PlanDemand.position")
    movable: Mapped[list["PlanMovable"]] = relationship(back_populates="plan", order_by="PlanMovable.id")


class PlanMovable(Base):
    """A seat accepted that the office allows a plan to question. Without such a row, what is accepted stays."""

    __tablename__ = "plan_movable"
    __table_args__ = (UniqueConstraint("plan_id", "assignment_id"),)

    id: Mapped[Key]
    plan_id: Mapped[int] = fk("plan.id")
    assignment_id: Mapped[int] = fk("assignment.id")

    plan: Mapped[Plan] = relationship(back_populates="movable")
    assignment: Mapped[Assignment] = relationship()


class PlanDemand(Base):
    """A demand looked at by a plan: how many people were missing, how many were found, and why not all."""

    __tablename__ = "plan_demand"
    __table_args__ = (
        UniqueConstraint("plan_id", "demand_id"),
        CheckConstraint("missing > 0 AND found BETWEEN 0 AND missing", name="counts_possible"),
    )

    id: Mapped[Key]
    plan_id: Mapped[int] = fk("plan.id")
    demand_id: Mapped[int] = fk("demand.id")
    position: Mapped[int]
    missing: Mapped[int]
    """People missing; for a demand held already, how many of its people may be asked to hand over."""
    found: Mapped[int] = mapped_column(default=0)
    held: Mapped[bool] = mapped_column(default=False)
    """Whether everybody comes already, and some of them may be asked to hand over."""
    outcome: Mapped[Outcome] = state_column(Outcome)
    reasons: Mapped[list[Any] | None] = mapped_column(JSONB)
    """Why not everybody: `[code, how many people]`, the most frequent first."""
    apply_asked_at: Mapped[datetime | None]
    """When the office asked that its proposals leave; business time."""
    apply_by: Mapped[str | None] = mapped_column(String(80))
    apply_label: Mapped[str | None] = mapped_column(String(200))

    plan: Mapped[Plan] = relationship(back_populates="demands")
    demand: Mapped[Demand] = relationship()
    proposals: Mapped[list["PlanProposal"]] = relationship(back_populates="line", order_by="PlanProposal.id")


class PlanProposal(Base):
    """Somebody a plan proposes for a demand, and what speaks for them."""

    __tablename__ = "plan_proposal"
    __table_args__ = (
        UniqueConstraint("line_id", "peer_id"),
        CheckConstraint("(state = 'sent') = (offer_ref IS NOT NULL)", name="offer_when_sent"),
        CheckConstraint("(replaces_id IS NULL) = (gain IS NULL)", name="gain_of_a_move"),
    )

    id: Mapped[Key]
    line_id: Mapped[int] = mapped_column(ForeignKey("plan_demand.id", ondelete="RESTRICT"), index=True)
    peer_id: Mapped[int] = fk("peer.id")
    state: Mapped[ProposalState] = state_column(ProposalState)
    km: Mapped[int | None]
    """Estimated road km from home; None for a remote session."""
    parts: Mapped[list[Any]] = mapped_column(JSONB)
    """The parts of the score: `kind`, `points` and `why`, see `telling`."""
    replaces_id: Mapped[int | None] = fk("assignment.id", nullable=True)
    """The hold this person would take over, for a demand held already."""
    gain: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """What a move gains: `minutes` nearer to the wishes of both, `km` of road spared, `serves`: demands it frees for."""
    offer_ref: Mapped[str | None] = mapped_column(String(16))
    ended_at: Mapped[datetime | None]

    replaces: Mapped[Assignment | None] = relationship()
    line: Mapped[PlanDemand] = relationship(back_populates="proposals")
    peer: Mapped[Peer] = relationship()


class PlanHours(Base):
    """Somebody's hours and journeys over the plan's period: what they hold already, and with what is proposed."""

    __tablename__ = "plan_hours"
    __table_args__ = (
        UniqueConstraint("plan_id", "peer_id"),
        CheckConstraint("minutes_before >= 0 AND minutes_after >= 0", name="hours_possible"),
    )

    id: Mapped[Key]
    plan_id: Mapped[int] = fk("plan.id")
    peer_id: Mapped[int] = fk("peer.id")
    wished_minutes: Mapped[int]
    """The hours wished a month, over the months of the period."""
    minutes_before: Mapped[int]
    minutes_after: Mapped[int]
    km_before: Mapped[int]
    """Road km there and back, estimated, for each session."""
    km_after: Mapped[int]

    peer: Mapped[Peer] = relationship()
