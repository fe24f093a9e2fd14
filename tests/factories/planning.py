"""A small region drawn at random: structures, people with every kind of term, firm demands where people are missing."""

import itertools
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.catalogue.models import OfferingKind
from entrepairs.demands.diary import hold_seat
from entrepairs.demands.models import Demand
from entrepairs.kernel.clock import PARIS, Clock
from entrepairs.kernel.errors import Conflict
from entrepairs.network.models import (
    Absence,
    Availability,
    Employment,
    Exclusion,
    Learning,
    Pause,
    Peer,
    RefusedColleague,
    TrainingDays,
)
from entrepairs.network.models.peers import PairWish
from tests.factories.catalogue import a_wrap_group, an_offering
from tests.factories.demands import ACTOR, a_confirmed_demand
from tests.factories.network import COMMUNES, a_partner, a_peer, a_site

FIRST = date(2027, 1, 21)


@dataclass
class Region:
    """What was drawn."""

    peers: list[Peer]
    demands: list[Demand]


def a_region(session: Session, draw: Random, *, peers: int, demands: int, clock: Clock) -> Region:
    """People and demands; some seats are held already."""
    sites = [a_site(session, a_partner(session), commune=draw.choice(list(COMMUNES))) for _ in range(4)]
    offerings = [
        an_offering(session, qualifications=("pssm_instructor",)),
        an_offering(session),
        an_offering(session, kind=OfferingKind.EMERGENCY),
        a_wrap_group(session, learner_seat=True),
        a_wrap_group(session, second_optional=True, sessions_usual=3, sessions_min=1, qualifications=()),
    ]
    people = [_somebody(session, draw, sites) for _ in range(peers)]
    for one, other in itertools.pairwise(people):
        if draw.random() < 0.3:
            session.add(RefusedColleague(peer_id=one.id, other_id=other.id))
    asked = []
    for _ in range(demands):
        site = draw.choice(sites)
        demand = a_confirmed_demand(
            session,
            site.partner,
            site,
            draw.choice(offerings),
            first_day=FIRST + timedelta(days=draw.randrange(12)),
            start=time(draw.choice((8, 9, 14, 16))),
        )
        demand.language = draw.choice((None, None, "ar"))
        demand.within_km = draw.choice((None, None, 60))
        asked.append(demand)
    session.flush()
    for demand in draw.sample(asked, demands // 2):
        for peer in draw.sample(people, draw.randrange(3)):
            _somebody_holds(session, demand, peer, clock)
    return Region(people, asked)


def _somebody_holds(session: Session, demand: Demand, peer: Peer, clock: Clock) -> None:
    with suppress(Conflict), session.begin_nested():
        hold_seat(session, demand, peer.id, actor=ACTOR, clock=clock)


def _somebody(session: Session, draw: Random, sites: list) -> Peer:  # type: ignore[type-arg]
    peer = a_peer(
        session,
        commune=draw.choice(list(COMMUNES)),
        qualifications=[kind for kind in ("wrap_facilitator", "pssm_instructor") if draw.random() < 0.5],
        languages=draw.choice((("fr",), ("fr", "ar"))),
        week=False,
        cleared=draw.random() < 0.9,
        employment=draw.choice(list(Employment)),
        asks_missions=draw.random() < 0.9,
        radius_km=draw.choice((30, 90, 300)),
        weekly_max_hours=draw.choice((4, 20, 35)),
        monthly_max_hours=draw.choice((None, None, 6)),
        outside_hours=draw.choice((0, 0, 30)),
        left_on=draw.choice((None, None, None, FIRST + timedelta(days=5))),
        pair_wish=draw.choice([PairWish.EITHER, *PairWish]),
    )
    for day in range(7):
        if draw.random() < 0.8:
            session.add(Availability(peer_id=peer.id, weekday=day, starts=time(8), ends=time(draw.choice((13, 20)))))
    site = draw.choice(sites)
    if draw.random() < 0.3:
        session.add(Exclusion(peer_id=peer.id, **draw.choice(({"site_id": site.id}, {"partner_id": site.partner_id}))))
    start = datetime.combine(FIRST + timedelta(days=draw.randrange(12)), time(8), tzinfo=PARIS)
    if draw.random() < 0.2:
        session.add(Absence(peer_id=peer.id, during=Range(start, start + timedelta(days=2))))
    if draw.random() < 0.1:
        session.add(Pause(peer_id=peer.id, since=FIRST, until=None))
    if draw.random() < 0.3:
        session.add(Learning(peer_id=peer.id, kind="wrap_facilitator", valid=Range(date(2026, 9, 1), date(2027, 9, 1))))
    if draw.random() < 0.1:
        session.add(TrainingDays(peer_id=peer.id, days=Range(FIRST, FIRST + timedelta(days=3))))
    session.flush()
    return peer
