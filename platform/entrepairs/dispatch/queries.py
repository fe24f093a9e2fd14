"""Reads of offers and of other times suggested: a peer's own, a demand's, what waits for whom."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from entrepairs.demands.models import Demand
from entrepairs.demands.states import OFFERABLE
from entrepairs.dispatch.models import STILL_NEEDED, Offer, OfferState, OtherTime, OtherTimeState
from entrepairs.kernel.clock import Clock


def open_offers_of(session: Session, peer_id: int, *, clock: Clock) -> Sequence[Offer]:
    """The offers a peer may still answer, the nearest deadline first."""
    return session.scalars(
        _with_demand()
        .where(
            Offer.peer_id == peer_id,
            Offer.state == OfferState.SENT,
            Offer.deadline > clock.now(),
            STILL_NEEDED,
        )
        .order_by(Offer.deadline, Offer.id)
    ).all()


def count_open_offers(session: Session, peer_id: int, *, clock: Clock) -> int:
    """How many offers wait for a peer's answer."""
    query = (
        select(func.count(Offer.id))
        .join(Offer.demand)
        .where(
            Offer.peer_id == peer_id,
            Offer.state == OfferState.SENT,
            Offer.deadline > clock.now(),
            STILL_NEEDED,
        )
    )
    return session.scalar(query) or 0


def past_offers_of(session: Session, peer_id: int, *, clock: Clock, most: int = 20) -> Sequence[Offer]:
    """The offers a peer need not answer any more, the latest first."""
    waiting = [offer.id for offer in open_offers_of(session, peer_id, clock=clock)]
    return session.scalars(
        _with_demand()
        .where(Offer.peer_id == peer_id, Offer.id.not_in(waiting))
        .order_by(Offer.sent_at.desc(), Offer.id.desc())
        .limit(most)
    ).all()


def _with_demand() -> Select[Offer]:
    return (
        select(Offer)
        .join(Offer.demand)
        .options(
            joinedload(Offer.demand).joinedload(Demand.offering),
            joinedload(Offer.demand).joinedload(Demand.site),
            joinedload(Offer.demand).selectinload(Demand.sessions),
        )
    )


def offers_of_demand(session: Session, demand_id: int) -> Sequence[Offer]:
    """Every offer of a demand with its peer, the latest first. For the office only."""
    return session.scalars(
        select(Offer)
        .where(Offer.demand_id == demand_id)
        .options(selectinload(Offer.peer))
        .order_by(Offer.sent_at.desc(), Offer.id.desc())
    ).all()


def latest_by_peer(offers: Sequence[Offer]) -> Mapping[str, Offer]:
    """The latest offer of each peer, by the peer's reference."""
    found: dict[str, Offer] = {}
    for offer in offers:
        found.setdefault(offer.peer.ref, offer)
    return found


def live_times(
    session: Session,
    *states: OtherTimeState,
    clock: Clock,
    demand_id: int | None = None,
    partner_id: int | None = None,
) -> Sequence[OtherTime]:
    """The other times suggested in these states whose offer is still open, oldest first; of a demand, of a structure."""
    query = (
        select(OtherTime)
        .join(OtherTime.offer)
        .join(Offer.demand)
        .where(
            OtherTime.state.in_(states),
            Offer.state == OfferState.SENT,
            Offer.deadline > clock.now(),
            Demand.state.in_(OFFERABLE),
        )
        .options(
            joinedload(OtherTime.offer).joinedload(Offer.peer),
            joinedload(OtherTime.offer).joinedload(Offer.demand).selectinload(Demand.sessions),
        )
        .order_by(OtherTime.suggested_at, OtherTime.id)
    )
    if demand_id is not None:
        query = query.where(Offer.demand_id == demand_id)
    if partner_id is not None:
        query = query.where(Demand.partner_id == partner_id)
    return session.scalars(query).all()


def find_time(session: Session, ref: str) -> OtherTime | None:
    """The other time of that reference, with its offer and demand."""
    return session.scalars(
        select(OtherTime)
        .where(OtherTime.ref == ref)
        .options(joinedload(OtherTime.offer).joinedload(Offer.demand).selectinload(Demand.sessions))
    ).one_or_none()
