"""Offers in the state a test needs, sent by the use case itself."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.demands.models import Demand
from entrepairs.dispatch.models import Offer
from entrepairs.dispatch.sending import send_offers
from entrepairs.kernel.clock import Clock, FixedClock
from entrepairs.network.models import Peer
from tests.factories.catalogue import a_wrap_group
from tests.factories.demands import a_confirmed_demand
from tests.factories.network import a_partner, a_peer, a_site

OFFICE_ACTOR = Actor("CPT-TEST-COOR", "Claire, coordination")


def a_firm_wrap_group(session: Session, **given: Any) -> Demand:
    """Eight Thursdays from 21 January 2027, 14 h to 16 h, in Marseille: two certified peers are missing."""
    partner = given.pop("partner", None) or a_partner(session)
    site = given.pop("site", None) or a_site(session, partner)
    offering = given.pop("offering", None) or a_wrap_group(session)
    return a_confirmed_demand(session, partner, site, offering, **given)


def a_certified_peer(session: Session, **given: Any) -> Peer:
    """A peer for whom the group is possible."""
    return a_peer(session, **({"qualifications": ("wrap_facilitator",)} | given))


def an_offer(session: Session, demand: Demand, peer: Peer, **given: Any) -> Offer:
    """An open offer, to be answered within three days."""
    return offers_to(session, demand, [peer], **given)[0]


def offers_to(
    session: Session,
    demand: Demand,
    peers: Sequence[Peer],
    *,
    deadline: datetime | None = None,
    clock: Clock | None = None,
) -> list[Offer]:
    """Open offers of one demand."""
    clock = clock or FixedClock()
    until = deadline or clock.now() + timedelta(days=3)
    return send_offers(
        session, demand.ref, [peer.ref for peer in peers], deadline=until, actor=OFFICE_ACTOR, clock=clock
    )
