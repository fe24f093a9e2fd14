"""Loading what matching compares: the ask of a demand and the terms of the team, in a fixed number of queries.

Internal to the office and to dispatch: what is read here (pauses, excluded places…) never leaves but through
`explaining`, which tells it apart from nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, lazyload

from entrepairs.catalogue.models import Facilitation, Offering, OfferingKind
from entrepairs.demands.diary import TAKEN
from entrepairs.demands.models import Assignment, Booking, Demand, DemandSession, PlaceKind, Seat
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import AssignmentState, DemandState, SeatState, SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import Period, paris_day
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.matching.terms import read_terms
from entrepairs.matching.values import LOOK_AROUND, Ask, Candidate, Paper, Place, Spell, Work, days_touched
from entrepairs.network.models import (
    ClearanceKind,
    Commune,
    Exclusion,
    Peer,
    Qualification,
    RefusedColleague,
    Site,
)
from entrepairs.network.rules import Held, WeeklySlot, holds
from entrepairs.supervision.due import due_dates

Team = Select[int]
"""The ids of the peers looked at."""
HELD = (AssignmentState.CONFIRMED, AssignmentState.DONE)


def gather_ask(
    session: Session,
    demand_ref: str,
    *,
    clock: Clock,
    periods: tuple[Period, ...] | None = None,
    without: int | None = None,
) -> Ask:
    """What a demand asks of each peer, over its sessions still to come, or over the `periods` a draft wishes.

    `without`: a holder's id; the demand is looked at as if their seat were free.
    Raises NotFound("demand"), Conflict("nothing_to_come").
    """
    demand = session.scalar(
        select(Demand)
        .where(Demand.ref == demand_ref)
        .options(
            joinedload(Demand.offering),
            joinedload(Demand.site).joinedload(Site.commune),
            joinedload(Demand.commune),
        )
    )
    if demand is None:
        raise NotFound("demand", N_("This demand does not exist."))
    coming = _sessions_to_come(session, demand, clock) if periods is None else periods
    if not coming:
        raise Conflict("nothing_to_come", N_("The sessions of this demand are over. Thank you for your answer."))
    states = list(session.scalars(select(Seat.state).where(Seat.demand_id == demand.id)))
    holders = session.scalars(
        select(Assignment.peer_id)
        .where(Assignment.demand_id == demand.id, Assignment.state == AssignmentState.CONFIRMED)
        .order_by(Assignment.peer_id)
    ).all()
    if without in holders:
        holders = [peer_id for peer_id in holders if peer_id != without]
        states[next(at for at, state in enumerate(states) if state in TAKEN)] = SeatState.OPEN
    learners = _learners(session, demand, coming, holders)
    return ask_of(demand, coming, states=states, holders=holders, learners=learners, today=clock.today())


def ask_of(
    demand: Demand,
    coming: tuple[Period, ...],
    *,
    states: Sequence[SeatState],
    holders: Sequence[int],
    learners: int,
    today: date,
) -> Ask:
    """The ask as a value. `coming`: its sessions still to come; `states`: of its seats, none for a draft; `holders`:
    who comes already, of whom `learners` are learning. Offering, site and communes are read already.
    """
    free = sum(1 for state in states if state in (SeatState.OPEN, SeatState.OFFERED))
    return Ask(
        ref=demand.ref,
        sessions=coming,
        place=_place_of(demand),
        today=today,
        partner_id=demand.partner_id,
        site_id=demand.site_id,
        qualifications=demand.offering.qualifications,
        language=demand.language,
        themes=frozenset(demand.themes),
        preparation_minutes=demand.offering.preparation_minutes,
        seats=demand.facilitation.seats,
        free_seats=free if states else demand.facilitation.seats,
        holders=tuple(holders),
        learner_seats=1 if demand.offering.learner_seat and not learners else 0,
        learners_here=learners,
        with_professional=demand.facilitation is Facilitation.PEER_AND_PROFESSIONAL,
        within_km=demand.within_km,
        call_out=demand.kind is OfferingKind.EMERGENCY,
        second_optional=demand.offering.second_optional and demand.place_kind is not PlaceKind.HOME,
        at_home=demand.place_kind is PlaceKind.HOME,
        known_home=demand.state is DemandState.RUNNING,
    )


def _learners(session: Session, demand: Demand, coming: tuple[Period, ...], holders: Sequence[int]) -> int:
    """How many of those who come are still learning what the offering asks."""
    if not demand.offering.learner_seat or not holders:
        return 0
    held: dict[int, list[Held]] = {peer_id: [] for peer_id in holders}
    rows = select(Qualification.peer_id, Qualification.kind, Qualification.valid)
    for peer_id, kind, valid in session.execute(rows.where(Qualification.peer_id.in_(holders))):
        held[peer_id].append(Held(kind, valid.lower, valid.upper))
    return count_learners(demand.offering.qualifications, coming, held.values())


def count_learners(asked: Collection[str], coming: tuple[Period, ...], held: Iterable[Sequence[Held]]) -> int:
    """How many, by what each holds, lack something asked on some day of the sessions."""
    days = days_touched(coming)
    return sum(1 for mine in held if not all(holds(mine, kind, days) for kind in asked))


def _sessions_to_come(session: Session, demand: Demand, clock: Clock) -> tuple[Period, ...]:
    rows = session.scalars(
        select(DemandSession)
        .where(DemandSession.demand_id == demand.id, DemandSession.state == SessionState.PLANNED)
        .order_by(DemandSession.during)
    )
    return tuple(period for row in rows if (period := period_of(row)).end > clock.now())


def _place_of(demand: Demand) -> Place | None:
    if demand.place_kind is PlaceKind.REMOTE:
        return None
    commune = demand.site.commune if demand.site else demand.commune
    return None if commune is None else _at(commune.latitude, commune.longitude, demand.site_id)


def _at(latitude: Decimal, longitude: Decimal, site_id: int | None = None) -> Place:
    return Place(float(latitude), float(longitude), site_id)


def _period(during: Range[datetime]) -> Period:
    if during.lower is None or during.upper is None:
        msg = "a stretch of time has a start and an end"
        raise ValueError(msg)
    return Period(during.lower, during.upper)


def gather_pool(
    session: Session, ask: Ask, peer_refs: Sequence[str] | None = None, *, around: timedelta = LOOK_AROUND
) -> tuple[Candidate, ...]:
    """The team's members of that time with all their terms, or only those of the references given.

    `around`: how far around the ask's sessions their missions are read.
    """
    first_day = paris_day(ask.span.start)
    here = or_(Peer.left_on.is_(None), Peer.left_on > first_day)
    chosen = here if peer_refs is None else and_(here, Peer.ref.in_(peer_refs))
    people = session.scalars(
        select(Peer)
        .join(Peer.commune)
        .where(chosen)
        .options(contains_eager(Peer.commune), lazyload(Peer.account))
        .order_by(Peer.id)
    ).all()
    terms = _Terms(session, ask, select(Peer.id).where(chosen), [peer.id for peer in people], around)
    return tuple(terms.candidate(peer) for peer in people)


class _Terms:
    """Every term of the team by peer id, `team` being their ids as a query and `peers` as they were read."""

    def __init__(self, session: Session, ask: Ask, team: Team, peers: Sequence[int], around: timedelta) -> None:
        self._session, self._ask, self._team, self._around = session, ask, team, around
        told = read_terms(session, peers)
        self.languages, self.themes, self.held = told["languages"], told["themes"], told["held"]
        self.week, self.absences, self.pauses = told["week"], told["absences"], told["pauses"]
        self.papers, self.learning, self.training = told["papers"], told["learning"], told["training"]
        self.excluded = self._excluded()
        self.bookings = self._bookings()
        self.visits = self._visits()
        self.together = self._together() if ask.seats > 1 else {}
        self.refused = self._refused() if ask.seats > 1 else {}
        self.supervision = due_dates(session, team, on=ask.today)

    def candidate(self, peer: Peer) -> Candidate:
        """One peer as a value."""
        return Candidate(
            id=peer.id,
            ref=peer.ref,
            first_name=peer.first_name,
            short_name=peer.short_name,
            home=_at(peer.commune.latitude, peer.commune.longitude),
            employment=peer.employment,
            asks_missions=peer.asks_missions,
            joined_on=peer.joined_on,
            left_on=peer.left_on,
            radius_km=peer.radius_km,
            wished_hours=peer.wished_hours,
            weekly_max_hours=peer.weekly_max_hours,
            outside_hours=peer.outside_hours,
            languages=frozenset(code for (code,) in self.languages[peer.id]),
            themes=frozenset(code for (code,) in self.themes[peer.id]),
            qualifications=tuple(Held(kind, valid.lower, valid.upper) for kind, valid in self.held[peer.id]),
            week=tuple(WeeklySlot(*row) for row in self.week[peer.id]),
            absences=tuple(_period(during) for (during,) in self.absences[peer.id]),
            pauses=tuple(Spell(*row) for row in self.pauses[peer.id]),
            papers=tuple(Paper(ClearanceKind(kind), until) for kind, until in self.papers[peer.id]),
            excluded=peer.id in self.excluded,
            bookings=tuple(self.bookings[peer.id]),
            visits=self.visits.get(peer.id, 0),
            together=self.together.get(peer.id, {}),
            learning=tuple(Held(kind, valid.lower, valid.upper) for kind, valid in self.learning[peer.id]),
            training=tuple(Spell(days.lower, days.upper) for (days,) in self.training[peer.id]),
            rests_on_holidays=peer.rests_on_holidays,
            monthly_max_hours=peer.monthly_max_hours,
            supervision_due_on=self.supervision.get(peer.id),
            waits_for_supervision=peer.waits_for_supervision,
            pair_wish=peer.pair_wish,
            refused=self.refused.get(peer.id, frozenset()),
            full_time=peer.full_time,
            home_wish=peer.home_wish,
        )

    def _excluded(self) -> frozenset[int]:
        there = [Exclusion.partner_id == self._ask.partner_id]
        if self._ask.site_id is not None:
            there.append(Exclusion.site_id == self._ask.site_id)
        return frozenset(
            self._session.scalars(select(Exclusion.peer_id).where(or_(*there), Exclusion.peer_id.in_(self._team)))
        )

    def _refused(self) -> Mapping[int, frozenset[int]]:
        """Both ways: who was refused is not proposed with who refused."""
        found: dict[int, set[int]] = defaultdict(set)
        for one, other in self._session.execute(select(RefusedColleague.peer_id, RefusedColleague.other_id)):
            found[one].add(other)
            found[other].add(one)
        return {peer_id: frozenset(others) for peer_id, others in found.items()}

    def _bookings(self) -> Mapping[int, list[Work]]:
        span = self._ask.span
        around = Range(span.start - self._around, span.end + self._around)
        insee = func.coalesce(Site.commune_insee, Demand.commune_insee)
        rows = self._session.execute(
            select(
                Booking.peer_id,
                Booking.during,
                Offering.preparation_minutes,
                Demand.place_kind,
                Demand.site_id,
                Commune.latitude,
                Commune.longitude,
                Demand.kind,
            )
            .join(DemandSession, DemandSession.id == Booking.session_id)
            .join(Demand, Demand.id == DemandSession.demand_id)
            .join(Offering, Offering.id == Demand.offering_id)
            .outerjoin(Site, Site.id == Demand.site_id)
            .outerjoin(Commune, Commune.insee == insee)
            .where(Booking.active, Booking.during.overlaps(around), Booking.peer_id.in_(self._team))
            .order_by(Booking.during)
        )
        found: dict[int, list[Work]] = defaultdict(list)
        for peer_id, during, minutes, place_kind, site_id, latitude, longitude, kind in rows:
            somewhere = place_kind is not PlaceKind.REMOTE and latitude is not None
            place = _at(latitude, longitude, site_id) if somewhere else None
            call_out = kind is OfferingKind.EMERGENCY
            found[peer_id].append(Work(_period(during), place, minutes, call_out=call_out))
        return found

    def _visits(self) -> Mapping[int, int]:
        if self._ask.site_id is None:
            return {}
        rows = self._session.execute(
            select(Assignment.peer_id, func.count(Assignment.demand_id.distinct()))
            .join(Demand, Demand.id == Assignment.demand_id)
            .where(
                Demand.site_id == self._ask.site_id,
                Demand.ref != self._ask.ref,
                Assignment.state.in_(HELD),
                Assignment.peer_id.in_(self._team),
            )
            .group_by(Assignment.peer_id)
        )
        return dict(rows.all())

    def _together(self) -> Mapping[int, Mapping[int, int]]:
        """Missions two peers held on the same demand, by each of them."""
        other = aliased(Assignment)
        rows = self._session.execute(
            select(Assignment.peer_id, other.peer_id, func.count(Assignment.demand_id.distinct()))
            .join(other, and_(other.demand_id == Assignment.demand_id, other.peer_id != Assignment.peer_id))
            .where(Assignment.state.in_(HELD), other.state.in_(HELD), Assignment.peer_id.in_(self._team))
            .group_by(Assignment.peer_id, other.peer_id)
        )
        found: dict[int, dict[int, int]] = defaultdict(dict)
        for one, with_whom, count in rows:
            found[one][with_whom] = count
        return found
