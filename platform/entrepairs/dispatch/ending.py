"""How an offer ends without its peer: somebody else came, time is over, nobody is needed any more."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.demands.diary import FREE, free_offered_seats, lock_seats
from entrepairs.demands.models import Demand
from entrepairs.demands.states import OFFERABLE
from entrepairs.dispatch.holding import hold_rows, open_offers
from entrepairs.dispatch.mails import tell_offices, tell_peer
from entrepairs.dispatch.models import OFFER_TRANSITIONS, STILL_NEEDED, Handover, Offer, OfferEvent, OfferState
from entrepairs.kernel.clock import Clock
from entrepairs.outbox.adding import add, withdraw


def end_offer(session: Session, offer: Offer, event: OfferEvent, *, actor: Actor, clock: Clock) -> None:
    """Move a locked offer to its end; its expiry has nothing left to do."""
    move(session, offer, OFFER_TRANSITIONS, event, actor=actor, clock=clock)
    if event is not OfferEvent.EXPIRE:
        withdraw(session, expiry_key(offer))
    if event is not OfferEvent.ACCEPT and offer.handover is not None:
        _tell_handover(session, offer, offer.handover, clock)


def _tell_handover(session: Session, offer: Offer, row: Handover, clock: Clock) -> None:
    """Who agreed to hand a seat over keeps it: that is done by itself, once this offer is over."""
    add(
        session,
        "dispatch.end_handover",
        subject_kind="handover",
        subject_ref=row.ref,
        due_at=clock.now(),
        dedup=f"dispatch.end_handover:{row.ref}:{offer.ref}",
    )


def expiry_key(offer: Offer) -> str:
    """The outbox key of an offer's expiry."""
    return f"expire-offer:{offer.ref}"


def supersede_others(session: Session, demand: Demand, *, clock: Clock) -> None:
    """The last seat of a locked demand is taken: who has not answered is told kindly."""
    for offer in open_offers(session, demand):
        if offer.handover_id is not None:
            continue  # it takes the place of somebody who comes already
        end_offer(session, offer, OfferEvent.SUPERSEDE, actor=Actor.SYSTEM, clock=clock)
        tell_peer(session, "dispatch.offer_closed", offer, clock=clock)


def expire_offer(session: Session, subject_ref: str, payload: Mapping[str, Any], *, clock: Clock) -> None:
    """Outbox `dispatch.expire_offer`, due at the deadline. Nothing happens to an offer answered meanwhile."""
    offer, demand, _seats = hold_rows(session, subject_ref)
    if offer.state is not OfferState.SENT or clock.now() < offer.deadline:
        return
    end_offer(session, offer, OfferEvent.EXPIRE, actor=Actor.SYSTEM, clock=clock)
    look_further(session, demand, offer, clock=clock)


def withdraw_offer(session: Session, ref: str, *, actor: Actor, clock: Clock) -> Offer:
    """The office takes a proposal back; its peer is told kindly. Twice changes nothing.

    Raises NotFound, TransitionRefused once it is answered.
    """
    offer, demand, _seats = hold_rows(session, ref)
    if offer.state is OfferState.WITHDRAWN:
        return offer
    end_offer(session, offer, OfferEvent.WITHDRAW, actor=actor, clock=clock)
    tell_peer(session, "dispatch.offer_closed", offer, clock=clock)
    free_when_nobody_is_asked(session, demand, actor=actor, clock=clock)
    return offer


def withdraw_idle_offers(session: Session, *, clock: Clock) -> int:
    """Job: the offers of demands cancelled or ended meanwhile are taken back; gives how many."""
    refs = session.scalars(
        select(Offer.ref)
        .join(Demand, Demand.id == Offer.demand_id)
        .where(Offer.state == OfferState.SENT, ~STILL_NEEDED)
        .order_by(Offer.demand_id, Offer.id)
    ).all()
    for ref in refs:
        withdraw_offer(session, ref, actor=Actor.SYSTEM, clock=clock)
    return len(refs)


def look_further(session: Session, demand: Demand, offer: Offer, *, clock: Clock) -> None:
    """An offer ended without a yes: when it was the last one open and somebody is missing, the office is told."""
    if free_when_nobody_is_asked(session, demand, actor=Actor.SYSTEM, clock=clock) and demand.state in OFFERABLE:
        tell_offices(session, "dispatch.still_looking", demand, since=offer.ref, clock=clock)


def free_when_nobody_is_asked(session: Session, demand: Demand, *, actor: Actor, clock: Clock) -> bool:
    """Without an open offer, the seats offered of a locked demand are open again; True when one is free."""
    session.flush()
    if open_offers(session, demand):
        return False
    free_offered_seats(session, demand, actor=actor, clock=clock)
    return any(seat.state in FREE for seat in lock_seats(session, demand))
