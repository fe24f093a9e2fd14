"""Table of the files attached to an invoice."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.billing.einvoice.model import AttachmentKind
from entrepairs.billing.models import Invoice
from entrepairs.db import Base, Key, Ref, fk, state_column
from entrepairs.documents.models import StoredFile


class InvoiceAttachment(Base):
    """A file that travels with an invoice (BG-24). Frozen with it."""

    __tablename__ = "invoice_attachment"
    __table_args__ = (UniqueConstraint("invoice_id", "name"), CheckConstraint("name <> ''", name="named"))

    id: Mapped[Key]
    ref: Mapped[Ref]
    invoice_id: Mapped[int] = fk("invoice.id", index=False)
    file_id: Mapped[int] = fk("stored_file.id")
    kind: Mapped[AttachmentKind] = state_column(AttachmentKind)
    name: Mapped[str] = mapped_column(String(50))
    """As Chorus Pro takes it: 50 characters at most, its ending included."""
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(160))

    invoice: Mapped[Invoice] = relationship(back_populates="attachments")
    file: Mapped[StoredFile] = relationship()
