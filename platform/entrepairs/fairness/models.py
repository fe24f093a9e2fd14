"""Tables of the studies: why demands are without anybody, and what a newcomer would change. Counts only, nobody's name."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.db import Base, Key, Ref, fk
from entrepairs.demands.models import Demand


class CoverageStudy(Base):
    """One study of the demands filed from `since` on, made in steps; `done_at` when it is whole. Business times."""

    __tablename__ = "coverage_study"
    __table_args__ = (
        CheckConstraint("done >= 0 AND total >= 0", name="counts_positive"),
        CheckConstraint("(done_at IS NULL) = (newcomers IS NULL)", name="whole_with_newcomers"),
        Index("ix_coverage_study_asked_at", "asked_at"),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    since: Mapped[date]
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    newcomers: Mapped[list[dict[str, object]] | None] = mapped_column(JSONB(none_as_null=True))
    """`{"departement", "qualifications", "demands", "members"}`, the most useful first."""
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]

    findings: Mapped[list["CoverageFinding"]] = relationship(back_populates="study")


class CoverageFinding(Base):
    """What a study found of one demand. A second pass over the same demand writes nothing new."""

    __tablename__ = "coverage_finding"
    __table_args__ = (
        UniqueConstraint("study_id", "demand_id"),
        CheckConstraint("needed > 0 AND eligible >= 0", name="counts_positive"),
    )

    id: Mapped[Key]
    study_id: Mapped[int] = fk("coverage_study.id", index=False)
    demand_id: Mapped[int] = fk("demand.id")
    needed: Mapped[int]
    """People missing."""
    eligible: Mapped[int]
    """People whom no ordinary rule keeps: the office can count them on the demand's page."""
    why: Mapped[str] = mapped_column(String(40))
    """Code of what was missing first; see `reasons.py`."""

    study: Mapped[CoverageStudy] = relationship(back_populates="findings")
    demand: Mapped[Demand] = relationship()
