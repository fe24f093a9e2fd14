"""Giving an issued invoice to its channel: chosen when it leaves, asked of before it is sent again, never twice.

Two steps around the network, each its own transaction: `open_sending` (commit), the call, then `note_receipt` or what
went wrong (commit). Lock order: invoice, sending.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.einvoice.facturx import build_ubl
from entrepairs.billing.einvoices import einvoice_of
from entrepairs.billing.models import Invoice, InvoiceState
from entrepairs.billing.transmission.carriers import Parcel, Receipt
from entrepairs.billing.transmission.channels import FOLLOWED, Accounts, Channel
from entrepairs.billing.transmission.codes import LifeCode
from entrepairs.billing.transmission.events import say_event
from entrepairs.billing.transmission.mail import Mail
from entrepairs.billing.transmission.models import EventSource, Transmission
from entrepairs.billing.transmission.routes import billing_address, missing_of, recipient_of, route_of
from entrepairs.db import locked
from entrepairs.documents.storing import PDF, XML, read_file
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import new_reference
from entrepairs.outbox.adding import add

TRANSMIT: Final = "billing.transmit"
ALL_SET: Final = Accounts(chorus=True, platform=True)
FIRST_LOOK: Final = timedelta(minutes=10)
TRIED_AGAIN: Final = timedelta(minutes=30)


def send_invoice(session: Session, subject_ref: str, payload: Mapping[str, Any], *, clock: Clock) -> None:
    """Effect `billing.send_invoice`: by mail when mail is its channel; else a copy by mail, and an act that deposits it."""
    invoice = session.scalars(select(Invoice).where(Invoice.ref == subject_ref)).one_or_none()
    if invoice is None or invoice.file is None:
        return
    if session.scalar(select(Transmission.id).where(Transmission.invoice_id == invoice.id).limit(1)) is not None:
        return
    by_mail = route_of(session, invoice.partner, ALL_SET, clock).channel is Channel.EMAIL
    mail_invoice(session, invoice, copy=not by_mail, clock=clock)
    if not by_mail:
        ask_transmission(session, invoice, clock=clock)


def ask_transmission(session: Session, invoice: Invoice, *, clock: Clock, key: str = "first") -> None:
    """Plan the act that deposits an invoice; `key` tells one asking from another."""
    add(
        session,
        TRANSMIT,
        subject_kind="invoice",
        subject_ref=invoice.ref,
        due_at=clock.now(),
        dedup=f"transmit:{invoice.ref}:{key}",
    )


def mail_invoice(session: Session, invoice: Invoice, *, copy: bool, clock: Clock) -> Transmission | None:
    """Queue the letter that carries an invoice, once by sending; None when nobody would read it."""
    if billing_address(invoice.partner) is None:
        return None
    sending = Transmission(
        ref=new_reference("TRM"), invoice=invoice, channel=Channel.EMAIL, copy=copy, created_at=clock.now()
    )
    # The first letter keeps the key it always had: an invoice is never mailed twice by itself.
    first = session.scalar(select(Transmission.id).where(Transmission.invoice_id == invoice.id).limit(1)) is None
    parcel = parcel_of(session, invoice, sending, ref=invoice.ref if first else sending.ref)
    carrier = Mail(session, clock, subject_ref=invoice.ref, to_ref=invoice.partner.ref)
    sending.remote_ref = carrier.deposit(parcel).remote_ref
    sending.sent_at = clock.now()
    if copy:
        sending.closed_at = clock.now()
    else:
        sending.look_at = clock.now() + FIRST_LOOK
    session.add(sending)
    session.flush()
    return sending


def open_sending(session: Session, invoice_ref: str, accounts: Accounts, *, clock: Clock) -> Parcel | None:
    """What to give to the channel now, its attempt noted; None when there is nothing to do. Commit before the call.

    Nothing is done for an invoice that was deposited already, whose channel has no account, or whose recipient lacks
    something: the list of what is stuck says so. A private invoice whose channel turns out to be mail is mailed.
    """
    invoice = locked(session, select(Invoice).where(Invoice.ref == invoice_ref))
    if invoice is None or invoice.state is not InvoiceState.ISSUED or invoice.file is None:
        return None
    sending = _sending_to_make(session, invoice, accounts, clock)
    if sending is None or sending.sent_at is not None or missing_of(invoice, sending.channel, sending):
        session.flush()
        return None
    parcel = parcel_of(session, invoice, sending)
    sending.attempted_at = sending.attempted_at or clock.now()
    session.flush()
    return parcel


def _sending_to_make(session: Session, invoice: Invoice, accounts: Accounts, clock: Clock) -> Transmission | None:
    live = live_sending(session, invoice.id)
    if live is not None or deposited(session, invoice.id):
        return live
    route = route_of(session, invoice.partner, accounts, clock)
    if route.channel is Channel.EMAIL:
        if not mailed(session, invoice.id):
            mail_invoice(session, invoice, copy=False, clock=clock)
        return None
    if not route.ready:
        return None
    sending = Transmission(
        ref=new_reference("TRM"),
        invoice=invoice,
        channel=route.channel,
        created_at=clock.now(),
        look_at=clock.now() + TRIED_AGAIN,
    )
    session.add(sending)
    session.flush()
    return sending


def parcel_of(session: Session, invoice: Invoice, sending: Transmission, *, ref: str = "") -> Parcel:
    """The exact issued bytes (Factur-X), and whom for."""
    if invoice.file is None or invoice.number is None or invoice.issue_date is None:
        raise Conflict("not_drawn", N_("The PDF of this invoice is being prepared: try again in a moment."))
    by_mail = sending.channel is Channel.EMAIL
    return Parcel(
        ref=ref or sending.ref,
        number=invoice.number,
        issued_on=invoice.issue_date,
        recipient=recipient_of(invoice, sending),
        content=b"" if by_mail else read_file(session, invoice.file.pdf_id),
        filename=f"{invoice.number}.pdf",
        media=PDF,
        attempted_at=sending.attempted_at,
    )


def in_ubl(session: Session, invoice_ref: str, parcel: Parcel) -> Parcel:
    """The same parcel in UBL, for an account set to take that syntax; made from what was frozen at issue."""
    from dataclasses import replace

    invoice = session.scalars(select(Invoice).where(Invoice.ref == invoice_ref)).one()
    return replace(parcel, content=build_ubl(einvoice_of(invoice)), filename=f"{parcel.number}.xml", media=XML)


def note_receipt(session: Session, ref: str, receipt: Receipt, *, clock: Clock) -> Transmission:
    """It is there: its number, the event 200, and when to ask what became of it. Twice is once."""
    sending = locked_sending(session, ref)
    if sending.sent_at is not None:
        return sending
    sending.sent_at, sending.remote_ref = clock.now(), receipt.remote_ref
    sending.document_ref = receipt.document_ref or None
    sending.looks, sending.look_at, sending.note = 0, clock.now() + FIRST_LOOK, ""
    say_event(
        session,
        sending.invoice_id,
        sending,
        LifeCode.DEPOSITED,
        source=EventSource.HOUSE,
        key=f"{ref}:deposited",
        clock=clock,
        payload={"number": receipt.remote_ref},
    )
    session.flush()
    return sending


def note_attempt(session: Session, ref: str, *, clock: Clock) -> None:
    """What was not found is given anew: from now on it is this attempt whose answer is awaited. Commit before the call."""
    locked_sending(session, ref).attempted_at = clock.now()
    session.flush()


def note_not_reached(session: Session, ref: str, parcel: Parcel) -> None:
    """The call surely did nothing: the attempt is forgotten, unless a former one is still in doubt."""
    sending = locked_sending(session, ref)
    if parcel.attempted_at is None and sending.sent_at is None:
        sending.attempted_at = None
        session.flush()


def note_refused(session: Session, ref: str, said: str, *, clock: Clock) -> None:
    """The other end would not take it: this sending is over, its words are kept, another may be made."""
    sending = locked_sending(session, ref)
    if sending.sent_at is None:
        sending.closed_at, sending.look_at, sending.note = clock.now(), None, said[:200]
        session.flush()


def still_settling(parcel: Parcel, settles: timedelta, now: datetime) -> bool:
    """Whether « not found » may still mean « not there yet »."""
    return parcel.attempted_at is not None and now - parcel.attempted_at < settles


def live_sending(session: Session, invoice_id: int) -> Transmission | None:
    """The deposit under way of an invoice."""
    return session.scalars(
        select(Transmission).where(
            Transmission.invoice_id == invoice_id,
            Transmission.channel.in_(FOLLOWED),
            Transmission.closed_at.is_(None),
        )
    ).one_or_none()


def latest_sending(session: Session, invoice_id: int) -> Transmission | None:
    """The sending that counts now: the last by a channel that answers, else by hand, else by mail (no copy)."""
    rows = session.scalars(
        select(Transmission)
        .where(Transmission.invoice_id == invoice_id, Transmission.copy.is_(False))
        .order_by(Transmission.id)
    ).all()
    return counting(rows)


def counting(rows: Sequence[Transmission]) -> Transmission | None:
    """The one that counts among the sendings of an invoice, oldest first."""
    chosen = [row for row in rows if not row.copy]
    chosen = [row for row in chosen if row.channel is not Channel.EMAIL] or chosen
    return chosen[-1] if chosen else None


def deposited(session: Session, invoice_id: int) -> bool:
    """Whether a channel that counts has it already."""
    return (
        session.scalar(
            select(Transmission.id)
            .where(
                Transmission.invoice_id == invoice_id,
                Transmission.channel != Channel.EMAIL,
                Transmission.sent_at.is_not(None),
            )
            .limit(1)
        )
        is not None
    )


def mailed(session: Session, invoice_id: int) -> bool:
    """Whether a letter that counts carried it."""
    wanted = select(Transmission.id).where(
        Transmission.invoice_id == invoice_id, Transmission.channel == Channel.EMAIL, Transmission.copy.is_(False)
    )
    return session.scalar(wanted.limit(1)) is not None


def locked_sending(session: Session, ref: str) -> Transmission:
    """A sending, locked."""
    sending = locked(session, select(Transmission).where(Transmission.ref == ref))
    if sending is None:
        raise NotFound("sending", N_("This sending does not exist."))
    return sending
