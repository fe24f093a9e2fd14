"""Rows are locked in the one order: demand, seats by id, peers by id, then the offers of the demand by id."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.db import locked
from entrepairs.demands.diary import lock_seats
from entrepairs.demands.models import Demand, Seat
from entrepairs.demands.scopes import lock_demand
from entrepairs.dispatch.models import Offer, OfferState
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.network.models import Peer


def find_offer(session: Session, ref: str, *, peer_id: int | None = None) -> Offer:
    """The offer of that reference, of that peer when given. Raises NotFound("offer"): foreign and absent are the same."""
    query = select(Offer).where(Offer.ref == ref)
    if peer_id is not None:
        query = query.where(Offer.peer_id == peer_id)
    offer = session.scalar(query)
    if offer is None:
        raise NotFound("offer", N_("This proposal does not exist."))
    return offer


def hold_rows(session: Session, ref: str) -> tuple[Offer, Demand, Sequence[Seat]]:
    """An offer to change with all it touches, locked in order and read afresh. Raises NotFound("offer")."""
    known = find_offer(session, ref)
    demand_ref = session.scalar(select(Demand.ref).where(Demand.id == known.demand_id)) or ""
    demand = lock_demand(session, demand_ref)
    seats = lock_seats(session, demand)
    concerned = {known.peer_id} | ({known.handover.assignment.peer_id} if known.handover is not None else set())
    for peer_id in sorted(concerned):
        locked(session, select(Peer).where(Peer.id == peer_id))
    offer = locked(session, select(Offer).where(Offer.ref == ref))
    if offer is None:
        raise NotFound("offer", N_("This proposal does not exist."))
    return offer, demand, seats


def open_offers(session: Session, demand: Demand) -> Sequence[Offer]:
    """The offers of a locked demand that still wait for an answer, locked."""
    return session.scalars(
        select(Offer)
        .where(Offer.demand_id == demand.id, Offer.state == OfferState.SENT)
        .order_by(Offer.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
