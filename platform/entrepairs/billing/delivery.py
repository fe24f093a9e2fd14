"""After the issue: the Factur-X drawn from the frozen data and the checked XML; a deposit made by hand."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.einvoice.drawing import draw_facturx
from entrepairs.billing.einvoices import einvoice_of
from entrepairs.billing.issuing import keep_until
from entrepairs.billing.models import Invoice, InvoiceFile, InvoiceState
from entrepairs.billing.transmission.channels import Channel
from entrepairs.billing.transmission.codes import LifeCode
from entrepairs.billing.transmission.events import say_event
from entrepairs.billing.transmission.models import EventSource, Transmission
from entrepairs.billing.transmission.sending import deposited, live_sending
from entrepairs.db import locked
from entrepairs.documents.models import StoredFile
from entrepairs.documents.storing import PDF, read_file, store_file
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import new_reference
from entrepairs.network.partners import PUBLIC_PAYERS
from entrepairs.outbox.adding import add


def produce_einvoice(session: Session, subject_ref: str, payload: Mapping[str, Any], *, clock: Clock) -> None:
    """Effect `billing.produce_einvoice`: draw the page, embed the XML checked at issue, keep both for ten years."""
    invoice = locked(session, select(Invoice).where(Invoice.ref == subject_ref))
    if invoice is None or invoice.state is not InvoiceState.ISSUED or invoice.file is not None:
        return
    document = einvoice_of(invoice)
    xml_file = session.scalars(select(StoredFile).where(StoredFile.ref == payload["xml"])).one()
    xml = read_file(session, xml_file.id)
    stored = store_file(
        session,
        draw_facturx(document, xml),
        PDF,
        kept_until=keep_until(session, document.issued_on),
        clock=clock,
        filename=f"{document.number}.pdf",
    )
    session.add(
        InvoiceFile(
            invoice_id=invoice.id, pdf_id=stored.id, xml_id=xml_file.id, checked_at=invoice.issued_at or clock.now()
        )
    )
    session.flush()
    add(
        session,
        "billing.send_invoice",
        subject_kind="invoice",
        subject_ref=invoice.ref,
        due_at=clock.now(),
        dedup=f"send-invoice:{invoice.ref}",
    )


def note_chorus_deposit(session: Session, ref: str, *, note: str, clock: Clock, actor: Actor) -> Transmission:
    """The office deposited the Factur-X on Chorus Pro by hand. `note` is the deposit's number there.

    Raises NotFound, Conflict("not_public", "invoice_draft", "deposited_already").
    """
    invoice = locked(session, select(Invoice).where(Invoice.ref == ref))
    if invoice is None:
        raise NotFound("invoice", N_("This invoice does not exist."))
    if invoice.state is not InvoiceState.ISSUED:
        raise Conflict("invoice_draft", N_("This invoice is a draft: issue it first."))
    if invoice.partner.payer_kind not in PUBLIC_PAYERS:
        raise Conflict("not_public", N_("Only the invoices of public bodies go through Chorus Pro."))
    live = live_sending(session, invoice.id)
    if deposited(session, invoice.id) or (live is not None and live.attempted_at is not None):
        raise Conflict("deposited_already", N_("The deposit of this invoice is already noted."))
    if live is not None:  # it could not leave by itself: the hand took over
        live.closed_at, live.look_at = clock.now(), None
    sent = Transmission(
        ref=new_reference("TRM"),
        invoice_id=invoice.id,
        channel=Channel.CHORUS_DEPOSIT,
        created_at=clock.now(),
        sent_at=clock.now(),
        closed_at=clock.now(),
        note=note.strip()[:200],
    )
    session.add(sent)
    session.flush()
    say_event(
        session,
        invoice.id,
        sent,
        LifeCode.DEPOSITED,
        source=EventSource.OFFICE,
        key=f"{sent.ref}:deposited",
        clock=clock,
        payload={"number": sent.note},
    )
    record(session, "invoice.deposit", "invoice", ref, actor=actor, clock=clock)
    session.flush()
    return sent
