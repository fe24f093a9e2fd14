"""Tables of invoices, what settles them, and Stripe's events. An issued invoice and its lines never change."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import CheckConstraint, Index, Numeric, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.contracting.models import Agreement
from entrepairs.db import Base, Cents, Json, Key, Ref, fk, state_column
from entrepairs.demands.models import Demand
from entrepairs.documents.models import StoredFile
from entrepairs.missions.models import ServiceDone
from entrepairs.network.models import Partner

if TYPE_CHECKING:
    from entrepairs.billing.drafts.models import InvoiceAttachment


class InvoiceKind(StrEnum):
    """Code 380, 386 or 381 of EN 16931. Amounts of a credit note are positive, as the norm wants."""

    INVOICE = "invoice"
    DEPOSIT = "deposit"
    """« Facture d'acompte »: part of a demand's price before anything is done; the invoices of the demand deduct it."""
    CREDIT_NOTE = "credit_note"


OWED: Final = (InvoiceKind.INVOICE, InvoiceKind.DEPOSIT)
"""What a structure pays; a credit note settles by itself."""


class InvoiceState(StrEnum):
    """ISSUED is frozen by the database. Paid, part paid and credited are derived, never stored."""

    DRAFT = "draft"
    ISSUED = "issued"


class Invoice(Base):
    """An invoice or a credit note. Parties and texts are copied at issue."""

    __tablename__ = "invoice"
    __table_args__ = (
        CheckConstraint(
            "state = 'draft' OR (number IS NOT NULL AND issue_date IS NOT NULL AND due_date IS NOT NULL)",
            name="issued_numbered",
        ),
        CheckConstraint("state <> 'draft' OR number IS NULL", name="no_number_on_draft"),
        CheckConstraint("kind <> 'credit_note' OR corrected_id IS NOT NULL", name="credit_note_corrects"),
        CheckConstraint("(kind = 'deposit') = (demand_id IS NOT NULL)", name="deposit_of_demand"),
        CheckConstraint("interest_of_id IS NULL OR kind = 'invoice'", name="interest_is_an_invoice"),
        CheckConstraint("gross = net + vat", name="totals"),
        CheckConstraint("gross >= 0 AND net >= 0", name="never_negative"),
        CheckConstraint("approved_by IS NULL OR approved_by <> prepared_by", name="two_people"),
        CheckConstraint("discount >= 0 AND (discount = 0 OR discount_reason <> '')", name="discount_told"),
        Index("ix_invoice_partner_state", "partner_id", "state"),
        Index("ix_invoice_issued_on", "issue_date", postgresql_where=text("state = 'issued'")),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    kind: Mapped[InvoiceKind] = state_column(InvoiceKind)
    state: Mapped[InvoiceState] = state_column(InvoiceState)
    number: Mapped[str | None] = mapped_column(String(20), unique=True)
    partner_id: Mapped[int] = fk("partner.id", index=False)
    corrected_id: Mapped[int | None] = fk("invoice.id", nullable=True)
    demand_id: Mapped[int | None] = fk("demand.id", nullable=True)
    """Of a deposit: what it is asked for."""
    bill_again: Mapped[bool] = mapped_column(default=False)
    """Of a credit note: its services are to be billed once more when it is issued."""
    interest_of_id: Mapped[int | None] = fk("invoice.id", nullable=True)
    """The invoice paid late whose interest and recovery costs this one asks for."""
    prepared_by: Mapped[str | None] = mapped_column(String(80))
    approved_by: Mapped[str | None] = mapped_column(String(80))
    """Of a credit note above the voted threshold: two people (`Actor.ref`), held by a trigger."""
    approved_at: Mapped[datetime | None]
    issue_date: Mapped[date | None]
    due_date: Mapped[date | None]
    late_rate: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    """Late interest agreed with a private payer, in percent a year, as printed; None: the law's."""
    period_start: Mapped[date]
    period_end: Mapped[date]
    seller: Mapped[Json]
    buyer: Mapped[Json]
    notes: Mapped[Json]
    """Legal notes by code: PMT, PMD, AAB…"""
    service_code: Mapped[str | None] = mapped_column(String(40))
    engagement: Mapped[str | None] = mapped_column(String(50))
    agreement_number: Mapped[str | None] = mapped_column(String(40))
    project: Mapped[str | None] = mapped_column(String(50))
    """The buyer's project or convention (BT-11), as its agreement has it."""
    discount: Mapped[Cents] = mapped_column(default=0, server_default="0")
    """On the whole invoice, without VAT; each line has its share."""
    discount_percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    discount_code: Mapped[str | None] = mapped_column(String(3))
    """UNTDID 5189."""
    discount_reason: Mapped[str] = mapped_column(String(100), default="", server_default="")
    net: Mapped[Cents]
    vat: Mapped[Cents]
    gross: Mapped[Cents]
    created_at: Mapped[datetime]
    issued_at: Mapped[datetime | None]

    partner: Mapped[Partner] = relationship()
    corrected: Mapped["Invoice | None"] = relationship(remote_side="Invoice.id", foreign_keys=[corrected_id])
    interest_of: Mapped["Invoice | None"] = relationship(remote_side="Invoice.id", foreign_keys=[interest_of_id])
    demand: Mapped[Demand | None] = relationship()
    lines: Mapped[list["InvoiceLine"]] = relationship(
        back_populates="invoice", order_by="InvoiceLine.position", cascade="all, delete-orphan"
    )
    vat_lines: Mapped[list["VatLine"]] = relationship(
        back_populates="invoice", order_by="VatLine.id", cascade="all, delete-orphan"
    )
    settlements: Mapped[list["Settlement"]] = relationship(
        back_populates="invoice", foreign_keys="Settlement.invoice_id", order_by="Settlement.id"
    )
    file: Mapped["InvoiceFile | None"] = relationship(back_populates="invoice")
    attachments: Mapped[list["InvoiceAttachment"]] = relationship(
        back_populates="invoice", order_by="InvoiceAttachment.id", cascade="all, delete-orphan"
    )


class InvoiceLine(Base):
    """A line; `net = round(quantity × unit_cents) − discount − shared`, half up.

    `discount` is its own; `shared` its part of the discount on the whole invoice.
    """

    __tablename__ = "invoice_line"
    __table_args__ = (
        UniqueConstraint("invoice_id", "position"),
        CheckConstraint("discount >= 0 AND (discount = 0 OR discount_reason <> '')", name="discount_told"),
        CheckConstraint("shared >= 0", name="shared_not_negative"),
    )

    id: Mapped[Key]
    invoice_id: Mapped[int] = fk("invoice.id", index=False)
    position: Mapped[int]
    label: Mapped[str] = mapped_column(String(300))
    quantity: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    unit: Mapped[str] = mapped_column(String(40))
    unit_cents: Mapped[Cents]
    discount: Mapped[Cents] = mapped_column(default=0, server_default="0")
    discount_percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    discount_code: Mapped[str | None] = mapped_column(String(3))
    discount_reason: Mapped[str] = mapped_column(String(100), default="", server_default="")
    shared: Mapped[Cents] = mapped_column(default=0, server_default="0")
    net: Mapped[Cents]
    vat_regime: Mapped[str] = mapped_column(String(40))
    vat_category: Mapped[str] = mapped_column(String(2))
    vat_rate: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    service_id: Mapped[int | None] = fk("service_done.id", nullable=True)
    session_date: Mapped[date | None]
    axes: Mapped[Json]
    """Analytic codes by axis (offering, territory); under `peer`, the cents of each peer who did it (`spreading`)."""
    account: Mapped[str | None] = mapped_column(String(10))
    """The income account, where it is not the offering's: late interest is no turnover."""
    credited_id: Mapped[int | None] = fk("invoice_line.id", nullable=True)
    """On a credit note: the line taken back, whole or in part."""
    deducts_id: Mapped[int | None] = fk("invoice_line.id", nullable=True)
    """The line of a deposit that this one takes off (its quantity is -1); on a credit note, the one it gives back."""
    cancellation_id: Mapped[int | None] = fk("late_cancellation.id", nullable=True)

    invoice: Mapped[Invoice] = relationship(back_populates="lines")
    service: Mapped[ServiceDone | None] = relationship()
    cancellation: Mapped["LateCancellation | None"] = relationship(foreign_keys=[cancellation_id])
    deducts: Mapped["InvoiceLine | None"] = relationship(foreign_keys=[deducts_id], remote_side="InvoiceLine.id")


class BilledService(Base):
    """A service, or a late cancellation, stands on one living invoice only; a full credit note releases it."""

    __tablename__ = "billed_service"
    __table_args__ = (
        Index("uq_billed_service_live", "service_id", unique=True, postgresql_where=text("released_at IS NULL")),
        Index(
            "uq_billed_cancellation_live", "cancellation_id", unique=True, postgresql_where=text("released_at IS NULL")
        ),
        CheckConstraint("num_nonnulls(service_id, cancellation_id) = 1", name="one_source"),
    )

    id: Mapped[Key]
    service_id: Mapped[int | None] = fk("service_done.id", nullable=True, index=False)
    cancellation_id: Mapped[int | None] = fk("late_cancellation.id", nullable=True, index=False)
    line_id: Mapped[int] = fk("invoice_line.id")
    released_at: Mapped[datetime | None]


class LateCancellation(Base):
    """What a structure owes for an intervention it cancelled too late, by the terms agreed. Written once.

    `base` is the agreed price of what was left to be done, without VAT; `cents = round(base × percent / 100)`. Invoiced
    like a service, or waived with a reason: never both, never twice.
    """

    __tablename__ = "late_cancellation"
    __table_args__ = (
        CheckConstraint("cents > 0 AND base >= cents", name="positive"),
        CheckConstraint("sessions > 0", name="some_sessions"),
        CheckConstraint("(waived_at IS NULL) = (waived_by IS NULL)", name="waiver_whole"),
        CheckConstraint("waived_at IS NULL OR waived_why <> ''", name="waiver_told"),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    demand_id: Mapped[int] = fk("demand.id", unique=True)
    agreement_id: Mapped[int | None] = fk("agreement.id", nullable=True)
    cancelled_on: Mapped[date]
    first_day: Mapped[date]
    """Of the sessions that were let go."""
    sessions: Mapped[int]
    notice_days: Mapped[int]
    percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    base: Mapped[Cents]
    cents: Mapped[Cents]
    vat_regime: Mapped[str] = mapped_column(String(40))
    waived_at: Mapped[datetime | None]
    waived_by: Mapped[str | None] = mapped_column(String(160))
    waived_why: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]

    demand: Mapped[Demand] = relationship()
    agreement: Mapped[Agreement | None] = relationship()


class VatLine(Base):
    """The VAT breakdown by category and rate, with the legal text of an exemption."""

    __tablename__ = "vat_line"

    id: Mapped[Key]
    invoice_id: Mapped[int] = fk("invoice.id")
    regime: Mapped[str] = mapped_column(String(40))
    category: Mapped[str] = mapped_column(String(2))
    rate: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    base: Mapped[Cents]
    vat: Mapped[Cents]
    reason: Mapped[str | None] = mapped_column(String(200))
    vatex: Mapped[str | None] = mapped_column(String(40))

    invoice: Mapped[Invoice] = relationship(back_populates="vat_lines")


class InvoiceFile(Base):
    """The exact issued bytes: Factur-X PDF and its XML."""

    __tablename__ = "invoice_file"

    id: Mapped[Key]
    invoice_id: Mapped[int] = fk("invoice.id", unique=True)
    pdf_id: Mapped[int] = fk("stored_file.id")
    xml_id: Mapped[int] = fk("stored_file.id")
    checked_at: Mapped[datetime]

    invoice: Mapped[Invoice] = relationship(back_populates="file")
    pdf: Mapped[StoredFile] = relationship(foreign_keys=[pdf_id])
    xml: Mapped[StoredFile] = relationship(foreign_keys=[xml_id])


class SettlementKind(StrEnum):
    """What reduced an invoice's balance."""

    TRANSFER = "transfer"
    STRIPE = "stripe"
    CREDIT_NOTE = "credit_note"
    REFUND = "refund"
    REVERSAL = "reversal"
    """The opposite of a transfer or a refund recorded by mistake."""
    MOVED_OUT = "moved_out"
    """A surplus that goes to another invoice of the same structure."""
    MOVED_IN = "moved_in"
    STRIPE_REFUND = "stripe_refund"
    STRIPE_REFUND_FAILED = "stripe_refund_failed"
    """The bank of the payer did not take it: it is still to be given back."""
    DISPUTED = "disputed"
    """Withdrawn by the payer's bank."""
    DISPUTE_WON = "dispute_won"


class Settlement(Base):
    """Money received, credited or (negative) given back on an invoice. A row never changes: its opposite is written.

    `counterpart` is what a reversal undoes, or the row a moved surplus comes from: once at most.
    """

    __tablename__ = "settlement"
    __table_args__ = (
        CheckConstraint("cents <> 0", name="not_zero"),
        CheckConstraint("(kind IN ('reversal', 'moved_in')) = (counterpart_id IS NOT NULL)", name="counterpart_told"),
        CheckConstraint("kind NOT IN ('reversal', 'moved_out', 'moved_in') OR reason <> ''", name="reason_told"),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    invoice_id: Mapped[int] = fk("invoice.id")
    kind: Mapped[SettlementKind] = state_column(SettlementKind)
    cents: Mapped[Cents]
    received_on: Mapped[date]
    reference: Mapped[str] = mapped_column(String(120), default="")
    credit_note_id: Mapped[int | None] = fk("invoice.id", nullable=True)
    counterpart_id: Mapped[int | None] = fk("settlement.id", nullable=True, unique=True)
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Why a correction was made; nothing about a person."""
    dedup_key: Mapped[str] = mapped_column(String(160), unique=True)
    created_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(160))

    invoice: Mapped[Invoice] = relationship(back_populates="settlements", foreign_keys=[invoice_id])
    counterpart: Mapped["Settlement | None"] = relationship(remote_side="Settlement.id")


class PaymentState(StrEnum):
    """Where a Stripe payment stands, as last fetched. Monotone: PAID never goes back to OPEN."""

    CREATING = "creating"
    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


class CheckoutPayment(Base):
    """One attempt to pay through Stripe. Our idempotency key is stored before the call."""

    __tablename__ = "checkout_payment"
    __table_args__ = (
        Index(
            "uq_checkout_payment_live",
            "invoice_id",
            unique=True,
            postgresql_where=text("state IN ('creating', 'open', 'processing')"),
        ),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    invoice_id: Mapped[int] = fk("invoice.id")
    idempotency_key: Mapped[str] = mapped_column(String(80), unique=True)
    state: Mapped[PaymentState] = state_column(PaymentState)
    cents: Mapped[Cents]
    session_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    session_url: Mapped[str | None]
    payment_intent: Mapped[str | None] = mapped_column(String(120), unique=True)
    charge_id: Mapped[str | None] = mapped_column(String(120), index=True)
    offered: Mapped[str] = mapped_column(String(40), default="card")
    """The ways to pay its page was asked with: the same when asked again with the same key."""
    method: Mapped[str | None] = mapped_column(String(40))
    """How it was paid in the end, in Stripe's words."""
    mandate: Mapped[str | None] = mapped_column(String(120))
    """Reference of the mandate of a direct debit."""
    failure: Mapped[str] = mapped_column(String(60), default="")
    fee_cents: Mapped[int | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    invoice: Mapped[Invoice] = relationship()


class EventState(StrEnum):
    """Life of a stored webhook event."""

    RECEIVED = "received"
    DONE = "done"
    IGNORED = "ignored"
    ASIDE = "aside"
    """Of something we don't know: kept for the office to look at."""
    FAILED = "failed"


class StripeEvent(Base):
    """A signed webhook, stored first and answered at once; a worker acts on it."""

    __tablename__ = "stripe_event"

    id: Mapped[Key]
    event_id: Mapped[str] = mapped_column(String(120), unique=True)
    type: Mapped[str] = mapped_column(String(80))
    livemode: Mapped[bool]
    payload: Mapped[dict[str, Any]]
    state: Mapped[EventState] = state_column(EventState)
    error: Mapped[str | None]
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
