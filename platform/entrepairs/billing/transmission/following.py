"""What became of what was sent: asked at growing intervals, each answer applied as a set of events."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.transmission.carriers import Heard, News, Parcel, Receipt
from entrepairs.billing.transmission.channels import Channel
from entrepairs.billing.transmission.codes import LifeCode
from entrepairs.billing.transmission.events import life_of_sending, say_event
from entrepairs.billing.transmission.life import FINAL, LifeState
from entrepairs.billing.transmission.mail import Mail
from entrepairs.billing.transmission.models import EventSource, Transmission
from entrepairs.billing.transmission.sending import ask_transmission, locked_sending, parcel_of
from entrepairs.kernel.clock import Clock
from entrepairs.outbox.adding import add

LOOK: Final = "billing.look_at_sending"
INTERVALS: Final = (
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
)
SLOWEST: Final = timedelta(days=1)
AFTER_NEWS: Final = 2
"""When something is heard, the interval goes back to this one (an hour)."""
AT_ONCE: Final = 200
"""Sendings looked at by one slot."""
APART: Final = timedelta(days=1)
"""An event said to precede the deposit, or to be to come, by more than this is from a clock that is not ours."""
LETTERS: Final = timedelta(days=7)
"""A letter that has left is not asked about any more after this."""


def interval(looks: int) -> timedelta:
    """How long to wait after the given number of looks."""
    return INTERVALS[looks] if looks < len(INTERVALS) else SLOWEST


def follow_sendings(session: Session, *, clock: Clock) -> int:
    """Recurring job: ask again of every sending whose hour has come; deposits that have not left are tried again."""
    now = clock.now()
    due = (
        select(Transmission)
        .where(Transmission.look_at <= now, Transmission.closed_at.is_(None))
        .order_by(Transmission.look_at, Transmission.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, of=Transmission)
    )
    rows = session.scalars(due).all()
    for sending in rows:
        if sending.channel is Channel.EMAIL:
            _hear_letter(session, sending, clock)
            continue
        sending.look_at, sending.looks = now + interval(sending.looks), sending.looks + 1
        if sending.sent_at is None:
            ask_transmission(session, sending.invoice, clock=clock, key=f"{sending.ref}:{sending.looks}")
        else:
            ask_look(session, sending, clock=clock, key=f"{sending.looks}:{now:%Y%m%dT%H%M}")
    session.flush()
    return len(rows)


def ask_look(session: Session, sending: Transmission, *, clock: Clock, key: str) -> bool:
    """Plan an act that asks the other end; False when this asking is planned already."""
    return add(
        session,
        LOOK,
        subject_kind="transmission",
        subject_ref=sending.ref,
        due_at=clock.now(),
        dedup=f"look:{sending.ref}:{key}",
    )


def to_hear(session: Session, ref: str) -> tuple[Parcel, Receipt, Channel] | None:
    """What to ask about a sending; None when nothing more is expected of it."""
    sending = session.scalars(select(Transmission).where(Transmission.ref == ref)).one_or_none()
    if sending is None or sending.closed_at is not None or sending.remote_ref is None:
        return None
    parcel = parcel_of(session, sending.invoice, sending)
    return parcel, Receipt(sending.remote_ref, sending.document_ref or ""), sending.channel


def apply_heard(session: Session, ref: str, heard: Heard, *, source: EventSource, clock: Clock) -> int:
    """Write what was said that is new; returns how many. An end closes the sending; anything new makes us ask sooner."""
    sending = locked_sending(session, ref)
    if heard.receipt.document_ref and not sending.document_ref:
        sending.document_ref = heard.receipt.document_ref
    fresh = 0
    shift = _shift(heard.news, sending.sent_at, clock.now())
    for one in heard.news:
        written = say_event(
            session,
            sending.invoice_id,
            sending,
            one.code,
            source=source,
            key=f"{source}:{_origin(sending)}:{one.key}",
            clock=clock,
            at=one.at + shift if one.at else None,
            reason=one.reason,
            text=one.text,
            payload={**one.payload, "at": one.at.isoformat() if one.at else None},
        )
        fresh += written is not None
    life = life_of_sending(sending)
    if sending.received_at is None:  # from then on the payer's term runs (CCP R2192-12)
        sending.received_at = life.first.get(LifeState.AVAILABLE)
    if life.state in FINAL:
        sending.closed_at, sending.look_at = clock.now(), None
    elif fresh:
        sending.looks = AFTER_NEWS
        sending.look_at = clock.now() + interval(AFTER_NEWS)
    session.flush()
    return fresh


def _origin(sending: Transmission) -> str:
    """The number there: the same news told of two sendings of one deposit (one was recycled) is one event."""
    return sending.remote_ref or sending.ref


def _shift(news: tuple[News, ...], sent_at: datetime | None, now: datetime) -> timedelta:
    """How far the other clock is from ours, when what it says last happened well before we sent anything, or is to come."""
    told = [one.at for one in news if one.at is not None]
    if not told or sent_at is None or sent_at - APART <= max(told) <= now + APART:
        return timedelta(0)
    return now - max(told)


def _hear_letter(session: Session, sending: Transmission, clock: Clock) -> None:
    letter = Mail(session, clock, subject_ref=sending.invoice.ref, to_ref=sending.invoice.partner.ref)
    parcel = parcel_of(session, sending.invoice, sending)
    heard = letter.hear(Receipt(sending.remote_ref or ""), parcel)
    apply_heard(session, sending.ref, heard, source=EventSource.MAIL, clock=clock)
    old = sending.sent_at is not None and clock.now() - sending.sent_at > LETTERS
    left = any(one.code == LifeCode.ISSUED for one in heard.news)
    sending.look_at, sending.looks = clock.now() + interval(sending.looks), sending.looks + 1
    if left or old:
        sending.look_at = None
    if left:
        sending.closed_at = clock.now()
    session.flush()
