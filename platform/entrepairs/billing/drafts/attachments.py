"""Files that go with an invoice: inside its XML (BG-24), so that Chorus Pro, a platform or an accountant has them with it."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.drafting import draft_for_update
from entrepairs.billing.drafts.models import InvoiceAttachment
from entrepairs.billing.einvoice.model import AttachmentKind
from entrepairs.billing.issuing import keep_until
from entrepairs.billing.models import InvoiceKind
from entrepairs.billing.transmission.pieces import MEDIA, MEGABYTE, ensure_piece, extension_of
from entrepairs.documents.storing import store_file
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import new_reference

MOST: Final = 5
TOGETHER: Final = 8 * MEGABYTE
"""Of the files of one invoice: they make its XML a third larger, and a checker reads twenty megabytes at most."""
KINDS: Final = (AttachmentKind.SUPPORTING, AttachmentKind.ORDER, AttachmentKind.ANNEX)
"""What the office may say a file is (BR-FR-17)."""


def attach_file(
    session: Session, ref: str, name: str, content: bytes, kind: AttachmentKind, *, clock: Clock, actor: Actor
) -> InvoiceAttachment:
    """Join a PDF or an image to a draft. Raises NotFound, Conflict("invoice_issued", "no_file_here"), InvalidInput."""
    invoice = draft_for_update(session, ref)
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        raise Conflict("no_file_here", N_("A file goes with an invoice, not with a credit note."))
    if extension_of(name) not in MEDIA:
        raise InvalidInput("piece_kind", N_("Choose a PDF or an image (PNG, JPEG)."), field="file")
    ensure_piece(name, content)
    if any(one.name == name for one in invoice.attachments):
        raise InvalidInput("piece_twice", N_("A file of this name is already with the invoice."), field="file")
    if len(invoice.attachments) >= MOST or sum(one.file.size for one in invoice.attachments) + len(content) > TOGETHER:
        raise InvalidInput(
            "piece_too_many", N_("An invoice takes five files at most, eight megabytes together."), field="file"
        )
    stored = store_file(
        session,
        content,
        MEDIA[extension_of(name)],
        kept_until=keep_until(session, clock.today()),
        clock=clock,
        filename=name,
    )
    made = InvoiceAttachment(
        ref=new_reference("PJ"),
        invoice=invoice,
        file=stored,
        kind=kind,
        name=name,
        added_at=clock.now(),
        added_by=actor.label,
    )
    session.add(made)
    record(session, "invoice.attach", "invoice", ref, actor=actor, clock=clock, name=name)
    session.flush()
    return made


def detach_file(session: Session, ref: str, attachment_ref: str, *, clock: Clock, actor: Actor) -> None:
    """Take a file off a draft. Raises NotFound, Conflict("invoice_issued")."""
    invoice = draft_for_update(session, ref)
    row = attachment_of(session, ref, attachment_ref)
    invoice.attachments.remove(row)
    record(session, "invoice.detach", "invoice", ref, actor=actor, clock=clock, name=row.name)
    session.flush()


def attachment_of(session: Session, ref: str, attachment_ref: str) -> InvoiceAttachment:
    """A file of this invoice; whether the invoice may be read is the caller's. Raises NotFound."""
    row = session.scalars(select(InvoiceAttachment).where(InvoiceAttachment.ref == attachment_ref)).one_or_none()
    if row is None or row.invoice.ref != ref:
        raise NotFound("file", N_("This document does not exist, or is not yours to read."))
    return row
