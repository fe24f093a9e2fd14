"""What the office may do of a sending that does not go on: mend its recipient, give a document, send again, ask now."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.issuing import keep_until
from entrepairs.billing.models import Invoice, InvoiceState
from entrepairs.billing.transmission.carriers import Parcel, Piece, Receipt
from entrepairs.billing.transmission.channels import FOLLOWED, Channel, Missing, Recipient, Wanted, missing_for
from entrepairs.billing.transmission.codes import LifeCode
from entrepairs.billing.transmission.events import life_of_sending, say_event
from entrepairs.billing.transmission.following import ask_look
from entrepairs.billing.transmission.life import LifeState
from entrepairs.billing.transmission.models import EventSource, Transmission, TransmissionPiece
from entrepairs.billing.transmission.pieces import MEDIA, ensure_piece, extension_of
from entrepairs.billing.transmission.sending import (
    FIRST_LOOK,
    TRIED_AGAIN,
    ask_transmission,
    deposited,
    latest_sending,
    locked_sending,
    mail_invoice,
    parcel_of,
)
from entrepairs.db import locked
from entrepairs.documents.storing import read_file, store_file
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.identifiers import parse_siret
from entrepairs.kernel.references import new_reference
from entrepairs.outbox.adding import add

COMPLETE: Final = "billing.complete_sending"
AGAIN: Final = frozenset({LifeState.INADMISSIBLE})
"""Ends after which the same invoice may be sent again: the file was never admitted, so nothing was received."""
SOON: Final = timedelta(minutes=1)


def mend_recipient(
    session: Session, invoice_ref: str, mended: Recipient, *, clock: Clock, actor: Actor
) -> Transmission:
    """Send the same invoice, same number, to a mended recipient. The invoice itself never changes.

    For one to recycle, or that could not leave for want of routing data. Raises NotFound,
    Conflict("nothing_to_mend"), InvalidInput (SIRET; what is still missing, on its field).
    """
    invoice = _invoice(session, invoice_ref)
    former = latest_sending(session, invoice.id)
    if former is not None and former.channel not in FOLLOWED:
        former = None
    recyclable = former is not None and former.closed_at is None and _may_mend(former)
    if former is not None and not recyclable and former.sent_at is not None:
        raise Conflict("nothing_to_mend", N_("The recipient of this invoice was found: there is nothing to mend."))
    channel = former.channel if former is not None else Channel.CHORUS_PRO
    siret = parse_siret(mended.siret, field="siret") if mended.siret else None
    lacks = missing_for(channel, _whole(mended, siret), _wanted(invoice))
    _ensure_whole(lacks)
    if former is not None and former.sent_at is None and former.closed_at is None:
        sending = former
    else:
        if former is not None:
            former.closed_at, former.look_at = former.closed_at or clock.now(), None
            session.flush()
        sending = Transmission(
            ref=new_reference("TRM"),
            invoice=invoice,
            channel=channel,
            previous=former if recyclable else None,
            created_at=clock.now(),
        )
        session.add(sending)
    sending.siret, sending.service_code = siret, mended.service_code.strip()[:40] or None
    sending.engagement = mended.engagement.strip()[:50] or None
    sending.electronic_address = mended.electronic_address.strip()[:125] or None
    sending.look_at = clock.now() + TRIED_AGAIN
    session.flush()
    record(session, "invoice.mend_recipient", "invoice", invoice_ref, actor=actor, clock=clock, sending=sending.ref)
    ask_transmission(session, invoice, clock=clock, key=f"{sending.ref}:{clock.now():%Y%m%dT%H%M%S}")
    return sending


def mendable(session: Session, invoice: Invoice) -> bool:
    """Whether the recipient of an invoice may be mended: it has not been received by anybody."""
    former = latest_sending(session, invoice.id)
    if former is None or former.channel not in FOLLOWED:
        return former is None
    return (former.closed_at is None and _may_mend(former)) or former.sent_at is None


def _may_mend(sending: Transmission) -> bool:
    return sending.sent_at is None or life_of_sending(sending).state is LifeState.TO_RECYCLE


def _whole(mended: Recipient, siret: str | None) -> Recipient:
    return Recipient(siret or "", mended.service_code, mended.engagement, mended.electronic_address, mended.email)


def _wanted(invoice: Invoice) -> Wanted:
    return Wanted(service=invoice.partner.requires_service_code, engagement=invoice.partner.requires_engagement)


def _ensure_whole(lacks: tuple[Missing, ...]) -> None:
    if lacks:
        raise InvalidInput("recipient_incomplete", lacks[0].sentence.msgid, field=lacks[0].field)


def recycling_of(session: Session, ref: str) -> Receipt | None:
    """The deposit that a sending takes up again: to be recycled there, not deposited anew."""
    sending = session.scalars(select(Transmission).where(Transmission.ref == ref)).one()
    former = sending.previous
    if former is None or former.remote_ref is None:
        return None
    if sending.channel is Channel.CHORUS_PRO and not former.document_ref:
        return None
    return Receipt(former.remote_ref, former.document_ref or "")


def send_again(session: Session, invoice_ref: str, *, clock: Clock, actor: Actor) -> None:
    """Send an invoice that has not left, or whose file was never admitted; or mail it again.

    Raises NotFound, Conflict("sent_already").
    """
    invoice = _invoice(session, invoice_ref)
    former = latest_sending(session, invoice.id)
    if former is not None and former.channel is Channel.EMAIL:
        former.closed_at, former.look_at = former.closed_at or clock.now(), None
        mail_invoice(session, invoice, copy=False, clock=clock)
    elif former is not None and former.sent_at is not None and life_of_sending(former).state in AGAIN:
        session.add(
            Transmission(
                ref=new_reference("TRM"),
                invoice=invoice,
                channel=former.channel,
                siret=former.siret,
                service_code=former.service_code,
                engagement=former.engagement,
                electronic_address=former.electronic_address,
                created_at=clock.now(),
                look_at=clock.now() + TRIED_AGAIN,
            )
        )
        session.flush()
        ask_transmission(session, invoice, clock=clock, key=f"again:{clock.now():%Y%m%dT%H%M%S}")
    elif deposited(session, invoice.id):
        raise Conflict("sent_already", N_("This invoice was received already: it is not sent twice."))
    else:
        ask_transmission(session, invoice, clock=clock, key=f"again:{clock.now():%Y%m%dT%H%M%S}")
    record(session, "invoice.send_again", "invoice", invoice_ref, actor=actor, clock=clock)
    session.flush()


def look_now(session: Session, invoice_ref: str, *, clock: Clock) -> bool:
    """Ask the other end at once; False when nothing is expected of it. Raises NotFound."""
    invoice = _invoice(session, invoice_ref)
    sending = latest_sending(session, invoice.id)
    if sending is None or sending.closed_at is not None or sending.channel not in FOLLOWED:
        return False
    if sending.sent_at is None:
        ask_transmission(session, invoice, clock=clock, key=f"now:{clock.now():%Y%m%dT%H%M%S}")
        return True
    return ask_look(session, sending, clock=clock, key=f"now:{clock.now():%Y%m%dT%H%M%S}")


def add_piece(
    session: Session, invoice_ref: str, name: str, content: bytes, *, clock: Clock, actor: Actor
) -> TransmissionPiece:
    """Give a document that the payer waits for; the act that sends it is planned.

    Raises NotFound, Conflict("not_suspended"), InvalidInput (`piece_…`).
    """
    invoice = _invoice(session, invoice_ref)
    sending = latest_sending(session, invoice.id)
    if sending is None or life_of_sending(sending).state is not LifeState.SUSPENDED:
        raise Conflict("not_suspended", N_("Nobody waits for a document of this invoice."))
    ensure_piece(name, content, [piece.file.size for piece in sending.pieces])
    stored = store_file(
        session,
        content,
        MEDIA.get(extension_of(name), "application/octet-stream"),
        kept_until=keep_until(session, clock.today()),
        clock=clock,
        filename=name,
    )
    piece = TransmissionPiece(
        transmission=sending, file_id=stored.id, name=name, added_at=clock.now(), added_by=actor.label
    )
    session.add(piece)
    session.flush()
    record(session, "invoice.piece", "invoice", invoice_ref, actor=actor, clock=clock, name=name)
    add(
        session,
        COMPLETE,
        subject_kind="transmission",
        subject_ref=sending.ref,
        due_at=clock.now(),
        dedup=f"complete:{sending.ref}:{piece.id}",
    )
    return piece


def to_complete(session: Session, ref: str) -> tuple[Parcel, Receipt, Channel, list[Piece]] | None:
    """The documents not given yet; None when there are none."""
    sending = session.scalars(select(Transmission).where(Transmission.ref == ref)).one()
    waiting = [piece for piece in sending.pieces if piece.sent_at is None]
    if not waiting or sending.remote_ref is None:
        return None
    given = [
        Piece(piece.name, MEDIA.get(extension_of(piece.name), piece.file.media), read_file(session, piece.file_id))
        for piece in waiting
    ]
    parcel = parcel_of(session, sending.invoice, sending)
    return parcel, Receipt(sending.remote_ref, sending.document_ref or ""), sending.channel, given


def note_completed(session: Session, ref: str, names: list[str], *, clock: Clock) -> None:
    """The documents are there: the event 209, and a look soon."""
    sending = locked_sending(session, ref)
    done = [piece for piece in sending.pieces if piece.sent_at is None and piece.name in names]
    for piece in done:
        piece.sent_at = clock.now()
    if done:
        say_event(
            session,
            sending.invoice_id,
            sending,
            LifeCode.COMPLETED,
            source=EventSource.HOUSE,
            key=f"{ref}:completed:{done[-1].id}",
            clock=clock,
            text=", ".join(names),
        )
        sending.look_at = clock.now() + FIRST_LOOK
    session.flush()


def _invoice(session: Session, ref: str) -> Invoice:
    invoice = locked(session, select(Invoice).where(Invoice.ref == ref))
    if invoice is None:
        raise NotFound("invoice", N_("This invoice does not exist."))
    if invoice.state is not InvoiceState.ISSUED:
        raise Conflict("invoice_draft", N_("This invoice is a draft: issue it first."))
    return invoice
