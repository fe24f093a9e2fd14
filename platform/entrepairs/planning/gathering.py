"""Reading what a plan compares: the demands where people are missing and the whole team, in a fixed number of queries.

The team is read once, as matching reads it, over a span that holds every demand; what depends on one demand (places
not wished, missions held there) is read for all of them and put on each peer when that demand is looked at.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, aliased, joinedload

from entrepairs.demands.diary import TAKEN
from entrepairs.demands.models import Assignment, Demand, DemandSession, Seat
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import OFFERABLE, AssignmentState, SeatState, SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import Period, day_bounds, paris_day
from entrepairs.matching.gathering import HELD, ask_of, count_learners, gather_pool
from entrepairs.matching.looking import limits_on, weights_on
from entrepairs.matching.scoring import Weights
from entrepairs.matching.values import LOOK_AROUND, Ask, Candidate, Limits
from entrepairs.network.models import Commune, Exclusion, Site
from entrepairs.planning.moving import NOTHING, Accepted, Holds, freed

MISSING = (SeatState.OPEN, SeatState.OFFERED)


@dataclass(frozen=True, slots=True)
class Needed:
    """A demand of a plan: its row's id, its kind's code, and what it asks of each of those missing."""

    demand_id: int
    kind: str
    ask: Ask
    second_optional: bool = False
    """Of two people missing, whether one may come alone."""


@dataclass(frozen=True)
class Gathered:
    """Everything a plan compares, as values. `declined`: who said no to which demand, by the demand's reference."""

    needed: tuple[Needed, ...]
    team: tuple[Candidate, ...]
    limits: Mapping[date, Limits]
    weights: Weights
    excluded_partners: Mapping[int, frozenset[int]]
    excluded_sites: Mapping[int, frozenset[int]]
    visits: Mapping[tuple[int, int], int]
    """Missions held by a peer on a site, by (peer, site)."""
    own_visits: frozenset[tuple[int, str]]
    """Of those, the ones held for the demand looked at itself: (peer, demand's reference)."""
    declined: Mapping[str, frozenset[int]]
    holds: Holds = NOTHING
    """What is accepted and may move; the team is free of it."""

    @cached_property
    def by_id(self) -> Mapping[int, Candidate]:
        """The team by peer id."""
        return {peer.id: peer for peer in self.team}

    def limits_of(self, ask: Ask) -> Limits:
        """The legal figures in force on the first day of a demand's sessions to come."""
        return self.limits[paris_day(ask.span.start)]

    def candidates(self, ask: Ask) -> Iterator[Candidate]:
        """Everybody who is in the team when the demand begins, as matching would read them for it."""
        first_day = paris_day(ask.span.start)
        for peer in self.team:
            if peer.left_on is None or peer.left_on > first_day:
                yield self.candidate(peer, ask)

    def candidate(self, peer: Candidate, ask: Ask) -> Candidate:
        """A peer as matching would read them for a demand."""
        peer = self.holds.seen(peer, ask)
        around = Period(ask.span.start - LOOK_AROUND, ask.span.end + LOOK_AROUND)
        visits = 0
        if ask.site_id is not None:
            visits = self.visits.get((peer.id, ask.site_id), 0) - ((peer.id, ask.ref) in self.own_visits)
        paired = ask.seats > 1
        return replace(
            peer,
            excluded=self.is_excluded(peer.id, ask),
            bookings=tuple(work for work in peer.bookings if work.period.overlaps(around)),
            visits=visits,
            together=peer.together if paired else {},
            refused=peer.refused if paired else frozenset(),
        )

    def is_excluded(self, peer_id: int, ask: Ask) -> bool:
        """Whether the demand's structure or site is among the places they do not wish to go."""
        there = ask.partner_id in self.excluded_partners.get(peer_id, ())
        return there or (ask.site_id is not None and ask.site_id in self.excluded_sites.get(peer_id, ()))


def plannable(since: date, until: date, departements: Collection[str] = ()) -> Select[Demand]:
    """The firm demands where somebody is missing, with a session still planned in `[since, until)`, Paris days."""
    within = Range(day_bounds(since).start, day_bounds(until).start)
    query = select(Demand).where(
        Demand.state.in_(OFFERABLE),
        exists().where(Seat.demand_id == Demand.id, Seat.state.in_(MISSING)),
        exists().where(
            DemandSession.demand_id == Demand.id,
            DemandSession.state == SessionState.PLANNED,
            DemandSession.during.overlaps(within),
        ),
    )
    if departements:
        there, here = aliased(Commune), aliased(Site)
        query = (
            query.outerjoin(here, here.id == Demand.site_id)
            .join(there, there.insee == func.coalesce(here.commune_insee, Demand.commune_insee))
            .where(there.departement.in_(departements))
        )
    return query.order_by(Demand.id)


def gather(
    session: Session,
    demand_ids: Sequence[int],
    *,
    clock: Clock,
    declined: Mapping[str, frozenset[int]] | None = None,
    accepted: Sequence[Accepted] = (),
) -> Gathered:
    """Read the demands, in the order given, and the whole team. Demands with nobody missing or nothing to come are
    left out. `accepted`: holds that may move; their demands are looked at as if those seats were free. Changes nothing.
    """
    may_move: dict[int, list[int]] = defaultdict(list)
    for hold in accepted:
        may_move[hold.demand_id].append(hold.peer_id)
    rows = _demands(session, demand_ids, may_move)
    coming, states, holders = _sessions(session, rows, clock), _seats(session, rows), _holders(session, rows)
    for row in rows:
        _set_aside(states[row.id], holders.get(row.id, []), may_move.get(row.id, ()))
    kept = [row for row in rows if coming[row.id] and any(state in MISSING for state in states[row.id])]
    span = _whole_span([period for row in kept for period in coming[row.id]])
    team = () if span is None else gather_pool(session, _asking_everything(span, clock.today()))
    held = {peer.id: peer.qualifications for peer in team}
    needed = []
    for row in kept:
        here = holders.get(row.id, ())
        known = [held[peer_id] for peer_id in here if peer_id in held]
        learners = 0
        if row.offering.learner_seat:
            learners = count_learners(row.offering.qualifications, coming[row.id], known)
        ask = ask_of(row, coming[row.id], states=states[row.id], holders=here, learners=learners, today=clock.today())
        needed.append(Needed(row.id, row.kind.value, ask, ask.second_optional))
    days = sorted({paris_day(each.ask.span.start) for each in needed})
    by_ref = {row.ref: tuple(may_move[row.id]) for row in kept if row.id in may_move}
    team, holds = freed(team, [each.ask for each in needed], by_ref)
    partners, sites = _exclusions(session)
    visits, own = _visits(session, needed)
    return Gathered(
        needed=tuple(needed),
        team=team,
        limits={day: limits_on(session, day) for day in days},
        weights=weights_on(session, clock.today()),
        excluded_partners=partners,
        excluded_sites=sites,
        visits=visits,
        own_visits=own,
        declined=declined or {},
        holds=holds,
    )


def _set_aside(states: list[SeatState], holders: list[int], moving: Collection[int]) -> None:
    """Look at a demand as if those who may move did not hold it."""
    for peer_id in set(moving).intersection(holders):
        holders.remove(peer_id)
        states[next(at for at, state in enumerate(states) if state in TAKEN)] = SeatState.OPEN


def _demands(session: Session, demand_ids: Sequence[int], held: Collection[int]) -> list[Demand]:
    found = session.scalars(
        select(Demand)
        .where(Demand.id.in_(demand_ids), or_(Demand.state.in_(OFFERABLE), Demand.id.in_(held)))
        .options(
            joinedload(Demand.offering),
            joinedload(Demand.site).joinedload(Site.commune),
            joinedload(Demand.commune),
        )
    ).unique()
    by_id = {row.id: row for row in found}
    return [by_id[demand_id] for demand_id in demand_ids if demand_id in by_id]


def _sessions(session: Session, rows: Sequence[Demand], clock: Clock) -> Mapping[int, tuple[Period, ...]]:
    found: dict[int, list[Period]] = defaultdict(list)
    for row in session.scalars(
        select(DemandSession)
        .where(DemandSession.demand_id.in_([row.id for row in rows]), DemandSession.state == SessionState.PLANNED)
        .order_by(DemandSession.during)
    ):
        if (period := period_of(row)).end > clock.now():
            found[row.demand_id].append(period)
    return {row.id: tuple(found[row.id]) for row in rows}


def _seats(session: Session, rows: Sequence[Demand]) -> Mapping[int, list[SeatState]]:
    found: dict[int, list[SeatState]] = {row.id: [] for row in rows}
    query = select(Seat.demand_id, Seat.state).where(Seat.demand_id.in_(list(found)))
    for demand_id, state in session.execute(query):
        found[demand_id].append(state)
    return found


def _holders(session: Session, rows: Sequence[Demand]) -> Mapping[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    query = (
        select(Assignment.demand_id, Assignment.peer_id)
        .where(Assignment.demand_id.in_([row.id for row in rows]), Assignment.state == AssignmentState.CONFIRMED)
        .order_by(Assignment.peer_id)
    )
    for demand_id, peer_id in session.execute(query):
        found[demand_id].append(peer_id)
    return found


def _whole_span(periods: Sequence[Period]) -> Period | None:
    if not periods:
        return None
    return Period(min(p.start for p in periods), max(p.end for p in periods))


def _asking_everything(span: Period, today: date) -> Ask:
    """An ask over the whole span, of a pair, nowhere: the team read for it has every term that no demand decides."""
    return Ask("", (span,), None, today, partner_id=0, seats=2)


def _exclusions(session: Session) -> tuple[dict[int, frozenset[int]], dict[int, frozenset[int]]]:
    partners: dict[int, set[int]] = defaultdict(set)
    sites: dict[int, set[int]] = defaultdict(set)
    for peer_id, partner_id, site_id in session.execute(
        select(Exclusion.peer_id, Exclusion.partner_id, Exclusion.site_id)
    ):
        if partner_id is not None:
            partners[peer_id].add(partner_id)
        if site_id is not None:
            sites[peer_id].add(site_id)
    return (
        {peer_id: frozenset(ids) for peer_id, ids in partners.items()},
        {peer_id: frozenset(ids) for peer_id, ids in sites.items()},
    )


def _visits(
    session: Session, needed: Sequence[Needed]
) -> tuple[dict[tuple[int, int], int], frozenset[tuple[int, str]]]:
    sites = {each.ask.site_id for each in needed if each.ask.site_id is not None}
    held = (
        select(Assignment.peer_id, Demand.site_id, func.count(Assignment.demand_id.distinct()))
        .join(Demand, Demand.id == Assignment.demand_id)
        .where(Demand.site_id.in_(sites), Assignment.state.in_(HELD))
        .group_by(Assignment.peer_id, Demand.site_id)
    )
    own = (
        select(Assignment.peer_id, Demand.ref)
        .join(Demand, Demand.id == Assignment.demand_id)
        .where(Demand.id.in_([each.demand_id for each in needed]), Assignment.state.in_(HELD))
    )
    counts = {(peer_id, site_id): count for peer_id, site_id, count in session.execute(held) if site_id is not None}
    return counts, frozenset((peer_id, ref) for peer_id, ref in session.execute(own))
