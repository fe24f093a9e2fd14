"""Transmission's acts: what must talk to Chorus Pro or to the platform, with no transaction open meanwhile."""

from sqlalchemy import select

from entrepairs.billing.transmission import collecting, following, mending, sending
from entrepairs.billing.transmission.carriers import Carrier, InDoubt, NotReached, Parcel, Receipt, Refused
from entrepairs.billing.transmission.channels import Channel
from entrepairs.billing.transmission.chorus_pro import UBL
from entrepairs.billing.transmission.events import said_of
from entrepairs.billing.transmission.life import LifeState, Said, life_of
from entrepairs.billing.transmission.models import EventSource, InvoiceEvent, Transmission
from entrepairs.billing.transmission.routes import accounts_of, carrier_of
from entrepairs_workers.effects import Act

SOURCES = {Channel.CHORUS_PRO: EventSource.CHORUS_PRO, Channel.PLATFORM: EventSource.PLATFORM}


def transmit(act: Act) -> None:
    """Act of `billing.transmit`: deposit an invoice once. After a lost answer, ask before sending again. Raises Unavailable."""
    parcel = sending.open_sending(act.session, act.subject_ref, accounts_of(act.config), clock=act.clock)
    if parcel is None:
        act.commit()
        return
    channel = _channel(act, parcel.ref)
    former = mending.recycling_of(act.session, parcel.ref)
    if channel is Channel.CHORUS_PRO and act.config["CHORUS_SYNTAX"] == UBL:
        parcel = sending.in_ubl(act.session, act.subject_ref, parcel)
    carrier = carrier_of(channel, act.config)
    act.commit()
    try:
        receipt = _given(carrier, parcel, former, act)
    except NotReached:
        sending.note_not_reached(act.session, parcel.ref, parcel)
        act.commit()
        raise
    except Refused as refused:
        sending.note_refused(act.session, parcel.ref, refused.said, clock=act.clock)
        return
    sending.note_receipt(act.session, parcel.ref, receipt, clock=act.clock)


def _channel(act: Act, ref: str) -> Channel:
    return act.session.scalars(select(Transmission.channel).where(Transmission.ref == ref)).one()


def _given(carrier: Carrier, parcel: Parcel, former: Receipt | None, act: Act) -> Receipt:
    """What is there already, else what we give now."""
    if former is not None:
        return _recycled(carrier, parcel, former)
    if parcel.attempted_at is not None:
        found = carrier.find(parcel)
        if found is not None:
            return found
        if sending.still_settling(parcel, carrier.settles, act.clock.now()):
            raise InDoubt("not found yet")
        sending.note_attempt(act.session, parcel.ref, clock=act.clock)
        act.commit()
    return carrier.deposit(parcel)


def _recycled(carrier: Carrier, parcel: Parcel, former: Receipt) -> Receipt:
    """Recycle once: after a doubt, an invoice that is not « to recycle » any more has been."""
    if parcel.attempted_at is not None:
        heard = carrier.hear(former, parcel)
        said = [Said(one.code, one.at, one.reason) for one in heard.news if one.at is not None]
        if life_of(said).state is not LifeState.TO_RECYCLE:
            return heard.receipt
    return carrier.recycle(former, parcel)


def look_at_sending(act: Act) -> None:
    """Act of `billing.look_at_sending`: ask what became of a deposit, write what is new. Raises Unavailable."""
    asked = following.to_hear(act.session, act.subject_ref)
    act.commit()
    if asked is None:
        return
    parcel, receipt, channel = asked
    heard = carrier_of(channel, act.config).hear(receipt, parcel)
    following.apply_heard(act.session, act.subject_ref, heard, source=SOURCES[channel], clock=act.clock)


def complete_sending(act: Act) -> None:
    """Act of `billing.complete_sending`: give the documents a suspended invoice waits for. Raises Unavailable, Refused."""
    asked = mending.to_complete(act.session, act.subject_ref)
    act.commit()
    if asked is None:
        return
    parcel, receipt, channel, pieces = asked
    carrier = carrier_of(channel, act.config)
    heard = carrier.hear(receipt, parcel)
    following.apply_heard(act.session, act.subject_ref, heard, source=SOURCES[channel], clock=act.clock)
    row = act.session.scalars(select(Transmission).where(Transmission.ref == act.subject_ref)).one()
    waits = life_of(said_of(row)).state is LifeState.SUSPENDED
    act.commit()
    if waits:  # else a former attempt, whose answer was lost, gave them
        carrier.complete(receipt, pieces, "")
    mending.note_completed(act.session, act.subject_ref, [piece.name for piece in pieces], clock=act.clock)


def tell_platform(act: Act) -> None:
    """Act of `billing.tell_platform`: tell an event of ours, under its own reference. Raises Unavailable, Refused."""
    event = act.session.scalars(select(InvoiceEvent).where(InvoiceEvent.ref == act.subject_ref)).one_or_none()
    asked = collecting.to_tell(event) if event is not None else None
    act.commit()
    if asked is not None:
        carrier_of(Channel.PLATFORM, act.config).tell(*asked)
