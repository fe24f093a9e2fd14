"""Tables of agreements, quotes, acceptances and engagements."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, Numeric, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.catalogue.models import Offering
from entrepairs.contracting.states import AgreementState, QuoteState
from entrepairs.db import Base, Cents, Key, Ref, fk, state_column
from entrepairs.demands.models import Demand
from entrepairs.documents.models import StoredFile
from entrepairs.network.models import Partner


class RecordAccess(StrEnum):
    """What the peer may read and write of the care record (clause of the agreement)."""

    NONE = "none"
    OWN_TAB = "own_tab"
    FULL = "full"


class InvoiceGrouping(StrEnum):
    """What goes on one invoice, besides what the law or the buyer's routing already sets apart."""

    MISSION = "mission"
    MONTH = "month"
    SITE = "site"
    """One a month for each place."""
    ENGAGEMENT = "engagement"
    """All the services of one commitment number."""


class Agreement(Base):
    """A framework agreement. `ceiling` without VAT over the whole period; None for no ceiling."""

    __tablename__ = "agreement"
    __table_args__ = (
        CheckConstraint("ceiling IS NULL OR ceiling > 0", name="ceiling_positive"),
        CheckConstraint("(cancel_notice_days IS NULL) = (cancel_percent IS NULL)", name="cancellation_whole"),
        CheckConstraint("late_rate > 0", name="late_rate_positive"),
        CheckConstraint("cancel_notice_days >= 0 AND cancel_percent BETWEEN 0 AND 100", name="cancellation_range"),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    number: Mapped[str | None] = mapped_column(String(20), unique=True)
    partner_id: Mapped[int] = fk("partner.id")
    title: Mapped[str] = mapped_column(String(160))
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)
    ceiling: Mapped[int | None]
    record_access: Mapped[RecordAccess] = state_column(RecordAccess)
    payment_days: Mapped[int]
    end_of_month: Mapped[bool] = mapped_column(default=False)
    """A private payer pays at the end of the month in which these days end."""
    late_rate: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    """Late interest agreed with a private payer, in percent a year; None: the law's."""
    tacit_days: Mapped[int | None]
    """Days of silence after which a service counts as confirmed; None: never tacitly."""
    grouping: Mapped[InvoiceGrouping] = state_column(InvoiceGrouping, default=InvoiceGrouping.MONTH)
    yearly_engagement: Mapped[bool] = mapped_column(default=False)
    """The buyer commits once a year for the whole agreement, not demand by demand."""
    cancel_notice_days: Mapped[int | None]
    """Cancelling is free until so many days before; None, with the percent: the rule voted for everybody."""
    cancel_percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    """What a later cancellation costs, in percent of what was left to be done."""
    procurement_basis: Mapped[str] = mapped_column(String(120), default="")
    project: Mapped[str] = mapped_column(String(50), default="", server_default="")
    """The buyer's own reference of its project or convention, repeated on each invoice (BT-11)."""
    partner_signatory: Mapped[str] = mapped_column(String(120), default="")
    partner_signatory_function: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[AgreementState] = state_column(AgreementState)
    file_id: Mapped[int | None] = fk("stored_file.id", nullable=True)
    signed_file_id: Mapped[int | None] = fk("stored_file.id", nullable=True)
    signed_on: Mapped[date | None]
    created_at: Mapped[datetime]

    partner: Mapped[Partner] = relationship()
    prices: Mapped[list["AgreementPrice"]] = relationship(back_populates="agreement")
    draws: Mapped[list["AgreementDraw"]] = relationship(back_populates="agreement")
    engagements: Mapped[list["AgreementEngagement"]] = relationship(
        back_populates="agreement", order_by="AgreementEngagement.year"
    )
    file: Mapped[StoredFile | None] = relationship(foreign_keys=[file_id])
    signed_file: Mapped[StoredFile | None] = relationship(foreign_keys=[signed_file_id])


class AgreementPrice(Base):
    """The agreed price of an offering, without VAT, for the offering's unit."""

    __tablename__ = "agreement_price"
    __table_args__ = (
        UniqueConstraint("agreement_id", "offering_id"),
        CheckConstraint("cents >= 0", name="not_negative"),
    )

    id: Mapped[Key]
    agreement_id: Mapped[int] = fk("agreement.id", index=False)
    offering_id: Mapped[int] = fk("offering.id")
    cents: Mapped[Cents]

    agreement: Mapped[Agreement] = relationship(back_populates="prices")
    offering: Mapped[Offering] = relationship()


class AgreementEngagement(Base):
    """The public buyer's commitment for one year of an agreement (« bon de commande » of the year)."""

    __tablename__ = "agreement_engagement"
    __table_args__ = (
        UniqueConstraint("agreement_id", "year"),
        CheckConstraint("year BETWEEN 2000 AND 2200", name="year_range"),
    )

    id: Mapped[Key]
    agreement_id: Mapped[int] = fk("agreement.id", index=False)
    year: Mapped[int]
    number: Mapped[str] = mapped_column(String(50))
    service_code: Mapped[str | None] = mapped_column(String(40))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(160))

    agreement: Mapped[Agreement] = relationship(back_populates="engagements")


class AgreementDraw(Base):
    """What a demand takes of an agreement's ceiling, without VAT. Released when the demand is cancelled.

    What is owed for having cancelled it too late stays: it is invoiced under the same agreement.
    """

    __tablename__ = "agreement_draw"
    __table_args__ = (
        CheckConstraint("late_cents >= 0", name="late_positive"),
        CheckConstraint("forgone >= 0", name="forgone_positive"),
    )

    id: Mapped[Key]
    agreement_id: Mapped[int] = fk("agreement.id")
    demand_id: Mapped[int] = fk("demand.id", unique=True)
    cents: Mapped[Cents]
    drawn_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    late_cents: Mapped[Cents] = mapped_column(default=0, server_default=text("0"))
    """Owed for a late cancellation and not given up; billing says it."""
    forgone: Mapped[Cents] = mapped_column(default=0, server_default=text("0"))
    """Discounts and credit notes on what was invoiced of it: nobody pays that, so it is room again. Billing says it."""

    agreement: Mapped[Agreement] = relationship(back_populates="draws")
    demand: Mapped[Demand] = relationship()


class Quote(Base):
    """A numbered offer of price for a demand; its content is in versions."""

    __tablename__ = "quote"

    id: Mapped[Key]
    ref: Mapped[Ref]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    demand_id: Mapped[int] = fk("demand.id", unique=True)
    created_at: Mapped[datetime]

    demand: Mapped[Demand] = relationship()
    versions: Mapped[list["QuoteVersion"]] = relationship(back_populates="quote", order_by="QuoteVersion.number")


class QuoteVersion(Base):
    """A version. From SENT on, its content never changes (trigger); only its state moves."""

    __tablename__ = "quote_version"
    __table_args__ = (
        UniqueConstraint("quote_id", "number"),
        Index("uq_quote_version_live", "quote_id", unique=True, postgresql_where="state IN ('sent', 'accepted')"),
    )

    id: Mapped[Key]
    quote_id: Mapped[int] = fk("quote.id", index=False)
    number: Mapped[int]
    state: Mapped[QuoteState] = state_column(QuoteState)
    net: Mapped[Cents]
    vat: Mapped[Cents]
    gross: Mapped[Cents]
    issued_on: Mapped[date]
    valid_until: Mapped[date]
    file_id: Mapped[int | None] = fk("stored_file.id", nullable=True)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    quote: Mapped[Quote] = relationship(back_populates="versions")
    lines: Mapped[list["QuoteLine"]] = relationship(back_populates="version", order_by="QuoteLine.position")
    file: Mapped[StoredFile | None] = relationship()
    acceptance: Mapped["Acceptance | None"] = relationship(back_populates="version")


class QuoteLine(Base):
    """A priced line; `net = round(quantity × unit_cents)`, half up."""

    __tablename__ = "quote_line"
    __table_args__ = (UniqueConstraint("version_id", "position"),)

    id: Mapped[Key]
    version_id: Mapped[int] = fk("quote_version.id", index=False)
    position: Mapped[int]
    label: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    unit: Mapped[str] = mapped_column(String(40))
    unit_cents: Mapped[Cents]
    net: Mapped[Cents]
    vat_regime: Mapped[str] = mapped_column(String(40))

    version: Mapped[QuoteVersion] = relationship(back_populates="lines")


class Acceptance(Base):
    """« Bon pour accord »: identity, function, instant, address, hash of the PDF read (C. civ. 1366-1367). Frozen.

    One given on paper keeps the scan, the day written on it and who recorded it instead of an address.
    """

    __tablename__ = "acceptance"
    __table_args__ = (
        CheckConstraint(
            "(paper_file_id IS NULL) = (signed_on IS NULL) AND (paper_file_id IS NULL) = (recorded_by IS NULL)",
            name="paper_whole",
        ),
    )

    id: Mapped[Key]
    version_id: Mapped[int] = fk("quote_version.id", unique=True)
    name: Mapped[str] = mapped_column(String(120))
    function: Mapped[str] = mapped_column(String(120))
    statement: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[int | None] = fk("account.id", nullable=True)
    at: Mapped[datetime]
    """Real time."""
    ip: Mapped[str] = mapped_column(String(45))
    user_agent: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    paper_file_id: Mapped[int | None] = fk("stored_file.id", nullable=True)
    signed_on: Mapped[date | None]
    recorded_by: Mapped[str | None] = mapped_column(String(160))

    version: Mapped[QuoteVersion] = relationship(back_populates="acceptance")
    paper: Mapped[StoredFile | None] = relationship()


class Engagement(Base):
    """The public buyer's commitment for one demand, and its routing inside the buyer."""

    __tablename__ = "engagement"

    id: Mapped[Key]
    demand_id: Mapped[int] = fk("demand.id", unique=True)
    number: Mapped[str] = mapped_column(String(50))
    service_code: Mapped[str | None] = mapped_column(String(40))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(160))

    demand: Mapped[Demand] = relationship()
