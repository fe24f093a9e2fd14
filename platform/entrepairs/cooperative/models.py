"""Tables of the contribution and the grants."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, Numeric, String
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.billing.models import Invoice
from entrepairs.cooperative.rules import GrantSpan
from entrepairs.db import Base, Cents, Key, Ref, fk, state_column
from entrepairs.demands.models import Demand
from entrepairs.kernel.money import Money


class GrantState(StrEnum):
    """Life of a grant."""

    APPLIED = "applied"
    NOTIFIED = "notified"
    RUNNING = "running"
    REPORTED = "reported"
    CLOSED = "closed"


class GrantEvent(StrEnum):
    """What may happen to a grant."""

    NOTIFY = "notify"
    START = "start"
    REPORT = "report"
    CLOSE = "close"


GRANT_TRANSITIONS: Final[dict[tuple[GrantState, GrantEvent], GrantState]] = {
    (GrantState.APPLIED, GrantEvent.NOTIFY): GrantState.NOTIFIED,
    (GrantState.NOTIFIED, GrantEvent.START): GrantState.RUNNING,
    (GrantState.RUNNING, GrantEvent.REPORT): GrantState.REPORTED,
    (GrantState.REPORTED, GrantEvent.CLOSE): GrantState.CLOSED,
}


class Grant(Base):
    """A grant; its amount counts in income day by day over its period."""

    __tablename__ = "grant_funding"
    __table_args__ = (CheckConstraint("cents > 0", name="positive"),)

    id: Mapped[Key]
    ref: Mapped[Ref]
    funder: Mapped[str] = mapped_column(String(120))
    purpose: Mapped[str] = mapped_column(String(200))
    cents: Mapped[Cents]
    period: Mapped[Range[date]] = mapped_column(DATERANGE)
    notified_on: Mapped[date | None]
    report_due_on: Mapped[date | None]
    state: Mapped[GrantState] = state_column(GrantState)
    created_at: Mapped[datetime]

    @property
    def span(self) -> GrantSpan:
        """The grant as income spread over its days. Both ends are always set."""
        if self.period.lower is None or self.period.upper is None:
            msg = f"{self.ref} has no period"
            raise ValueError(msg)
        return GrantSpan(Money(self.cents), self.period.lower, self.period.upper)


class FinancedDemand(Base):
    """A demand that a grant finances: nobody is invoiced for it. Frozen once the grant's report has left (trigger)."""

    __tablename__ = "financed_demand"

    id: Mapped[Key]
    grant_id: Mapped[int] = fk("grant_funding.id")
    demand_id: Mapped[int] = fk("demand.id", unique=True)
    tied_at: Mapped[datetime]
    tied_by: Mapped[str] = mapped_column(String(160))

    grant: Mapped[Grant] = relationship()
    demand: Mapped[Demand] = relationship()


class ContributionShare(Base):
    """The contribution taken on an issued invoice, at the rate in force that day."""

    __tablename__ = "contribution_share"

    id: Mapped[Key]
    invoice_id: Mapped[int] = fk("invoice.id", unique=True)
    base: Mapped[Cents]
    rate: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    cents: Mapped[Cents]
    """Negative on a credit note."""
    created_at: Mapped[datetime]

    invoice: Mapped[Invoice] = relationship()
