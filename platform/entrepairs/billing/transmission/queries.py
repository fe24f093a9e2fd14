"""Reads: how an invoice left, what was said of it, and what is stuck, each with what to do."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from entrepairs.billing.models import Invoice, InvoiceFile, InvoiceKind, InvoiceState, Settlement
from entrepairs.billing.transmission.channels import FOLLOWED, Accounts, Channel, Missing
from entrepairs.billing.transmission.events import life_of_sending
from entrepairs.billing.transmission.life import ENDS, STEPS, Life, LifeState
from entrepairs.billing.transmission.models import InvoiceEvent, PayerChannel, Transmission
from entrepairs.billing.transmission.routes import missing_of, route_of
from entrepairs.billing.transmission.sending import latest_sending
from entrepairs.kernel.clock import Clock
from entrepairs.network.models import Partner
from entrepairs.network.partners import PUBLIC_PAYERS

SILENT_AFTER: Final = timedelta(days=3)
"""A deposit of which nobody has said anything for so long is told to the office."""
LEAVES_WITHIN: Final = timedelta(hours=2)
"""What has not left after this is told too: usually it leaves within a minute."""
MOST: Final = 300
HEARD: Final = tuple(int(code) for code, step in STEPS.items() if step is not LifeState.DEPOSITED)
"""Codes that show that the other end has it."""


class Stuck(StrEnum):
    """Why an invoice does not go on, the most urgent first."""

    REFUSED = "refused"
    REJECTED = "rejected"
    TO_RECYCLE = "to_recycle"
    SUSPENDED = "suspended"
    DISPUTED = "disputed"
    INADMISSIBLE = "inadmissible"
    TURNED_DOWN = "turned_down"
    """The deposit itself was answered no."""
    INCOMPLETE = "incomplete"
    """Something of the recipient is missing before it can leave."""
    NO_CHANNEL = "no_channel"
    """Its channel has no account set up, or nobody reads the mail of this structure."""
    NOT_SENT = "not_sent"
    """It should have left, and has not."""
    SILENT = "silent"
    """Deposited, and nothing heard since."""


_BY_STATE: Final = {
    LifeState.REFUSED: Stuck.REFUSED,
    LifeState.REJECTED: Stuck.REJECTED,
    LifeState.CANCELLED: Stuck.REJECTED,
    LifeState.INADMISSIBLE: Stuck.INADMISSIBLE,
    LifeState.TO_RECYCLE: Stuck.TO_RECYCLE,
    LifeState.SUSPENDED: Stuck.SUSPENDED,
    LifeState.DISPUTED: Stuck.DISPUTED,
}
CORRECTED: Final = frozenset({Stuck.REFUSED, Stuck.REJECTED})
"""Mended by a credit note and a new invoice."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an invoice left and where it stands. `sending` is the one that counts; None when none was made."""

    sending: Transmission | None
    life: Life | None
    stuck: Stuck | None
    since: datetime | None = None
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class StuckInvoice:
    """One line of the list."""

    invoice: Invoice
    standing: Standing


def sendings_of(session: Session, invoice: Invoice) -> Sequence[Transmission]:
    """Every sending, oldest first."""
    wanted = select(Transmission).where(Transmission.invoice_id == invoice.id).order_by(Transmission.id)
    return session.scalars(wanted.options(selectinload(Transmission.events))).all()


def events_of(session: Session, invoice: Invoice) -> Sequence[InvoiceEvent]:
    """All that was said, in the order it happened."""
    wanted = select(InvoiceEvent).where(InvoiceEvent.invoice_id == invoice.id)
    return session.scalars(wanted.order_by(InvoiceEvent.at, InvoiceEvent.code, InvoiceEvent.id)).all()


def standing_of(session: Session, invoice: Invoice, accounts: Accounts, clock: Clock) -> Standing:
    """Where one issued invoice stands."""
    return _standing(session, invoice, latest_sending(session, invoice.id), accounts, clock)


def deposit_numbers(session: Session, invoice_ids: Collection[int]) -> dict[int, str]:
    """By invoice, the number of its latest deposit at Chorus Pro, ours or made by hand; absent when there is none."""
    rows = session.execute(
        select(Transmission.invoice_id, Transmission.remote_ref)
        .where(
            Transmission.invoice_id.in_(invoice_ids),
            Transmission.channel.in_((Channel.CHORUS_PRO, Channel.CHORUS_DEPOSIT)),
            Transmission.remote_ref.is_not(None),
        )
        .order_by(Transmission.id)
    )
    return {invoice_id: number for invoice_id, number in rows if number}


def _standing(
    session: Session, invoice: Invoice, sending: Transmission | None, accounts: Accounts, clock: Clock
) -> Standing:
    if sending is None:
        return _without(session, invoice, accounts, clock)
    now, life = clock.now(), life_of_sending(sending)
    if sending.sent_at is None:
        missing = missing_of(invoice, sending.channel, sending)
        kind = _unsent(sending, now, missing)
        return Standing(sending, life, kind, sending.created_at, missing)
    stuck = _BY_STATE.get(life.state)
    if stuck is not None:
        return Standing(sending, life, stuck, life.why.at if life.why else sending.sent_at)
    silent = (
        sending.channel in FOLLOWED
        and sending.closed_at is None
        and life.state in (LifeState.WAITING, LifeState.DEPOSITED)
        and now - sending.sent_at > SILENT_AFTER
    )
    return Standing(sending, life, Stuck.SILENT if silent else None, sending.sent_at)


def _unsent(sending: Transmission, now: datetime, missing: tuple[Missing, ...]) -> Stuck | None:
    if sending.note:
        return Stuck.TURNED_DOWN
    if missing:
        return Stuck.INCOMPLETE
    return Stuck.NOT_SENT if now - sending.created_at > LEAVES_WITHIN else None


def _without(session: Session, invoice: Invoice, accounts: Accounts, clock: Clock) -> Standing:
    route = route_of(session, invoice.partner, accounts, clock)
    since = invoice.issued_at
    missing = missing_of(invoice, route.channel)
    if not route.ready or (route.channel is Channel.EMAIL and missing):
        return Standing(None, None, Stuck.NO_CHANNEL, since, missing)
    if missing:
        return Standing(None, None, Stuck.INCOMPLETE, since, missing)
    late = since is not None and clock.now() - since > LEAVES_WITHIN
    return Standing(None, None, Stuck.NOT_SENT if late else None, since)


def stuck_invoices(session: Session, accounts: Accounts, clock: Clock) -> list[StuckInvoice]:
    """What is stuck, the most urgent kind first, the oldest first in each."""
    rows = session.scalars(
        select(Invoice)
        .options(joinedload(Invoice.partner).selectinload(Partner.members))
        .where(Invoice.state == InvoiceState.ISSUED, exists().where(InvoiceFile.invoice_id == Invoice.id))
        .where(or_(_unfinished(clock), _ended_badly(), _never_sent()))
        .order_by(Invoice.id)
        .limit(MOST)
    ).all()
    found = [StuckInvoice(row, standing_of(session, row, accounts, clock)) for row in rows]
    order = list(Stuck)
    return sorted(
        (one for one in found if one.standing.stuck is not None),
        key=lambda one: (order.index(one.standing.stuck or Stuck.SILENT), one.invoice.id),
    )


def _unfinished(clock: Clock) -> ColumnElement[bool]:
    """A sending that counts is open, and has something to tell: halted, silent for long, or not gone."""
    halted = exists().where(InvoiceEvent.transmission_id == Transmission.id, InvoiceEvent.code.in_((207, 208, 221)))
    heard = exists().where(InvoiceEvent.transmission_id == Transmission.id, InvoiceEvent.code.in_(HEARD))
    quiet = and_(Transmission.sent_at <= clock.now() - SILENT_AFTER, ~heard)
    return exists().where(
        Transmission.invoice_id == Invoice.id,
        Transmission.copy.is_(False),
        Transmission.closed_at.is_(None),
        or_(Transmission.sent_at.is_(None), halted, quiet),
    )


def _ended_badly() -> ColumnElement[bool]:
    """Refused, rejected or never admitted, and no credit note yet; or a deposit answered no, and nothing since."""
    note, later = aliased(Invoice), aliased(Transmission)
    ended = exists().where(InvoiceEvent.invoice_id == Invoice.id, InvoiceEvent.code.in_([int(code) for code in ENDS]))
    turned_down = exists().where(
        Transmission.invoice_id == Invoice.id,
        Transmission.sent_at.is_(None),
        Transmission.closed_at.is_not(None),
        ~exists().where(later.invoice_id == Invoice.id, later.id > Transmission.id, later.copy.is_(False)),
    )
    return or_(and_(ended, ~exists().where(note.corrected_id == Invoice.id)), turned_down)


def _never_sent() -> ColumnElement[bool]:
    """No sending that counts, though one is wanted; what is paid or credited whole needs none any more."""
    wants = exists().where(
        Partner.id == Invoice.partner_id,
        or_(
            Partner.payer_kind.in_(PUBLIC_PAYERS),
            exists().where(PayerChannel.partner_id == Partner.id, PayerChannel.channel.in_(FOLLOWED)),
            ~exists().where(Transmission.invoice_id == Invoice.id),
        ),
    )
    settled = (
        select(func.coalesce(func.sum(Settlement.cents), 0))
        .where(Settlement.invoice_id == Invoice.id)
        .scalar_subquery()
    )
    return and_(
        ~exists().where(Transmission.invoice_id == Invoice.id, Transmission.copy.is_(False)),
        wants,
        or_(Invoice.kind == InvoiceKind.CREDIT_NOTE, settled < Invoice.gross),
    )
