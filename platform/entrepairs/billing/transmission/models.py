"""Tables of how invoices left and what was said of them. An event is written once; where an invoice stands is derived."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.billing.models import Invoice
from entrepairs.billing.transmission.channels import Channel
from entrepairs.billing.transmission.codes import REASONS
from entrepairs.db import Base, Json, Key, Ref, fk, state_column
from entrepairs.documents.models import StoredFile
from entrepairs.network.models import Partner

_WITH_REASON = ", ".join(str(int(code)) for code in sorted(REASONS))


class Transmission(Base):
    """One sending of an invoice by one channel. Routing data may be corrected here, never on the invoice.

    `attempted_at` without `sent_at`: the answer was lost, or is awaited; the other end is asked before sending again.
    """

    __tablename__ = "transmission"
    __table_args__ = (
        # Never deposited twice: one living deposit by invoice, whoever asks for it.
        Index(
            "uq_transmission_live",
            "invoice_id",
            unique=True,
            postgresql_where=text("closed_at IS NULL AND channel IN ('chorus_pro', 'platform')"),
        ),
        Index("ix_transmission_look", "look_at", postgresql_where=text("look_at IS NOT NULL")),
        CheckConstraint("sent_at IS NULL OR channel = 'chorus_deposit' OR remote_ref IS NOT NULL", name="sent_known"),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    invoice_id: Mapped[int] = fk("invoice.id")
    previous_id: Mapped[int | None] = fk("transmission.id", nullable=True)
    """The sending that this one takes up again, its recipient mended."""
    channel: Mapped[Channel] = state_column(Channel)
    copy: Mapped[bool] = mapped_column(default=False)
    """A mail for information, beside the channel that counts."""
    siret: Mapped[str | None] = mapped_column(String(14))
    service_code: Mapped[str | None] = mapped_column(String(40))
    engagement: Mapped[str | None] = mapped_column(String(50))
    electronic_address: Mapped[str | None] = mapped_column(String(125))
    """Recipient's data mended for this sending; absent, the invoice's own."""
    created_at: Mapped[datetime]
    attempted_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    remote_ref: Mapped[str | None] = mapped_column(String(120))
    """Number of the deposit there; of a mail, our message's reference."""
    document_ref: Mapped[str | None] = mapped_column(String(120))
    """Number of the invoice there, when it is not the deposit's."""
    look_at: Mapped[datetime | None]
    """When the other end is asked next (business time)."""
    looks: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
    """Nothing more is expected: an end was reached, or another sending took over."""
    note: Mapped[str] = mapped_column(String(200), default="")

    invoice: Mapped[Invoice] = relationship()
    previous: Mapped["Transmission | None"] = relationship(remote_side="Transmission.id")
    events: Mapped[list["InvoiceEvent"]] = relationship(back_populates="transmission", order_by="InvoiceEvent.id")
    pieces: Mapped[list["TransmissionPiece"]] = relationship(
        back_populates="transmission", order_by="TransmissionPiece.id"
    )


class EventSource(StrEnum):
    """Who said it."""

    HOUSE = "house"
    """Ourselves: a deposit made, a payment received."""
    OFFICE = "office"
    """Somebody of the association, by hand."""
    MAIL = "mail"
    CHORUS_PRO = "chorus_pro"
    PLATFORM = "platform"


class InvoiceEvent(Base):
    """One thing said of an invoice. Written once; the same news twice is one row (`dedup_key`)."""

    __tablename__ = "invoice_event"
    __table_args__ = (
        CheckConstraint("code BETWEEN 100 AND 999", name="three_digits"),
        CheckConstraint(f"code NOT IN ({_WITH_REASON}) OR reason_code IS NOT NULL", name="reason_compulsory"),
        CheckConstraint("code <> 212 OR source <> 'house' OR amounts IS NOT NULL", name="collected_amounts"),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    invoice_id: Mapped[int] = fk("invoice.id")
    transmission_id: Mapped[int | None] = fk("transmission.id", nullable=True)
    code: Mapped[int]
    """Of the life cycle (200 to 228, 501); one that this version does not know is kept as it came."""
    at: Mapped[datetime]
    """When it happened, as its source says."""
    recorded_at: Mapped[datetime]
    source: Mapped[EventSource] = state_column(EventSource)
    reason_code: Mapped[str | None] = mapped_column(String(40))
    reason_text: Mapped[str] = mapped_column(String(500), default="")
    amounts: Mapped[list[dict[str, str | int]] | None] = mapped_column(JSONB)
    """Of 212: `rate` (percent, as text) and `cents` with VAT, by rate."""
    payload: Mapped[Json]
    """What the source called it: its own status, its own number."""
    dedup_key: Mapped[str] = mapped_column(String(200), unique=True)

    invoice: Mapped[Invoice] = relationship()
    transmission: Mapped[Transmission | None] = relationship(back_populates="events")


class TransmissionPiece(Base):
    """A document given to a suspended invoice. `sent_at` once the other end has it."""

    __tablename__ = "transmission_piece"

    id: Mapped[Key]
    transmission_id: Mapped[int] = fk("transmission.id")
    file_id: Mapped[int] = fk("stored_file.id")
    name: Mapped[str] = mapped_column(String(50))
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(160))
    sent_at: Mapped[datetime | None]

    transmission: Mapped[Transmission] = relationship(back_populates="pieces")
    file: Mapped[StoredFile] = relationship()


class PayerChannel(Base):
    """The channel set by hand for a structure; without a row, the default for its kind."""

    __tablename__ = "payer_channel"

    id: Mapped[Key]
    partner_id: Mapped[int] = fk("partner.id", unique=True)
    channel: Mapped[Channel] = state_column(Channel)
    set_at: Mapped[datetime]
    set_by: Mapped[str] = mapped_column(String(160))

    partner: Mapped[Partner] = relationship()
