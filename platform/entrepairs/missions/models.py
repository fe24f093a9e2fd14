"""Tables of mission orders, reports and services done."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.db import Base, Key, Ref, fk, state_column
from entrepairs.demands.models import Assignment, Booking, DemandSession
from entrepairs.documents.models import StoredFile


class MissionOrder(Base):
    """The document that sends a peer: object, deliverable, supervisor."""

    __tablename__ = "mission_order"

    id: Mapped[Key]
    ref: Mapped[Ref]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    assignment_id: Mapped[int] = fk("assignment.id", unique=True)
    file_id: Mapped[int | None] = fk("stored_file.id", nullable=True)
    """None until the worker has drawn it."""
    issued_at: Mapped[datetime]

    assignment: Mapped[Assignment] = relationship()
    file: Mapped[StoredFile | None] = relationship()


class OnSite(Base):
    """« Je suis sur place », said in one tap on the day, when somebody likes to. For the office only, never the ward;
    no place is recorded, no time is paid by it, and the row is erased a few days later.
    """

    __tablename__ = "on_site"
    __table_args__ = (CheckConstraint("back_at IS NULL OR back_at >= here_at", name="back_after"),)

    id: Mapped[Key]
    booking_id: Mapped[int] = fk("booking.id", unique=True)
    here_at: Mapped[datetime]
    back_at: Mapped[datetime | None]
    """« Bien rentré·e », after a visit at home."""

    booking: Mapped[Booking] = relationship()


class ReportState(StrEnum):
    """Life of a report."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    CORRECTED = "corrected"


class ReportEvent(StrEnum):
    """What may happen to a report."""

    SUBMIT = "submit"
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    CORRECT = "correct"


REPORT_TRANSITIONS: Final[dict[tuple[ReportState, ReportEvent], ReportState]] = {
    (ReportState.DRAFT, ReportEvent.SUBMIT): ReportState.SUBMITTED,
    (ReportState.SUBMITTED, ReportEvent.CONFIRM): ReportState.CONFIRMED,
    (ReportState.SUBMITTED, ReportEvent.DISPUTE): ReportState.DISPUTED,
    (ReportState.DISPUTED, ReportEvent.CORRECT): ReportState.CORRECTED,
    (ReportState.CORRECTED, ReportEvent.CONFIRM): ReportState.CONFIRMED,
    (ReportState.CORRECTED, ReportEvent.DISPUTE): ReportState.DISPUTED,
}


class Handover(StrEnum):
    """How what mattered was handed over; its content is never stored."""

    TO_REFERENT = "to_referent"
    IN_OWN_TAB = "in_own_tab"
    NOTHING = "nothing"


class Report(Base):
    """What a peer did in a session: minutes by activity, head-count, hand-over."""

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("session_id", "assignment_id"),
        CheckConstraint("headcount IS NULL OR headcount >= 0", name="headcount_positive"),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    session_id: Mapped[int] = fk("demand_session.id", index=False)
    assignment_id: Mapped[int] = fk("assignment.id")
    state: Mapped[ReportState] = state_column(ReportState)
    headcount: Mapped[int | None]
    did_something_else: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(400), default="")
    """Checked like every free text: never who was met."""
    handover: Mapped[Handover | None] = state_column(Handover, nullable=True)
    submitted_at: Mapped[datetime | None]

    session: Mapped[DemandSession] = relationship()
    assignment: Mapped[Assignment] = relationship()
    activities: Mapped[list["ReportActivity"]] = relationship(back_populates="report", cascade="all, delete-orphan")

    @property
    def minutes(self) -> int:
        """All activities together."""
        return sum(row.minutes for row in self.activities)


class ReportActivity(Base):
    """Minutes spent in one activity of the closed list."""

    __tablename__ = "report_activity"
    __table_args__ = (
        UniqueConstraint("report_id", "activity"),
        CheckConstraint("minutes > 0", name="minutes_positive"),
    )

    id: Mapped[Key]
    report_id: Mapped[int] = fk("report.id", index=False)
    activity: Mapped[str] = mapped_column(String(40))
    minutes: Mapped[int]

    report: Mapped[Report] = relationship(back_populates="activities")


class ServiceAnswer(StrEnum):
    """What the partner said of a session."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    DISPUTED = "disputed"
    TACIT = "tacit"


class ServiceDone(Base):
    """The partner's word on a session. CONFIRMED, CORRECTED and TACIT are billable, with `minutes` and `headcount`."""

    __tablename__ = "service_done"

    id: Mapped[Key]
    ref: Mapped[Ref]
    session_id: Mapped[int] = fk("demand_session.id", unique=True)
    answer: Mapped[ServiceAnswer] = state_column(ServiceAnswer)
    minutes: Mapped[int]
    headcount: Mapped[int | None]
    comment: Mapped[str] = mapped_column(String(400), default="")
    by_label: Mapped[str] = mapped_column(String(160))
    account_id: Mapped[int | None] = fk("account.id", nullable=True)
    at: Mapped[datetime]

    session: Mapped[DemandSession] = relationship()
