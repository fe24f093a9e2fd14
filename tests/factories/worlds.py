"""Random teams with random lives, in the database: what the columns in memory must answer like the rules.

Everything is drawn from one generator, around three seasons of which two hold a change of hour, with a taste for edges:
missions across midnight, sessions that begin when another ends, or eleven hours later, or a minute less.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.catalogue.models import Facilitation, Offering, OfferingKind
from entrepairs.demands.models import Assignment, Booking, Demand, DemandSession, PlaceKind, Seat
from entrepairs.demands.states import AssignmentState, DemandState, SeatState, SessionState
from entrepairs.identity.models import Account
from entrepairs.kernel.dates import Period, at_paris
from entrepairs.kernel.references import new_reference
from entrepairs.matching.values import Place
from entrepairs.network.models import (
    Absence,
    Availability,
    Clearance,
    ClearanceKind,
    Employment,
    Exclusion,
    HomeWish,
    Learning,
    PairWish,
    Pause,
    Peer,
    PeerLanguage,
    PeerTheme,
    Qualification,
    RefusedColleague,
    Site,
    TrainingDays,
)
from entrepairs.network.territory import travel_minutes
from entrepairs.supervision.models import Support, SupportKind
from tests.factories.catalogue import an_offering
from tests.factories.network import COMMUNES, CREATED, a_partner, a_site, the_communes

SEASONS = (date(2027, 1, 18), date(2027, 3, 22), date(2027, 10, 25))
"""Mondays: an ordinary week, and the two in which the hour changes."""
SINCE = datetime(2026, 6, 1, tzinfo=UTC)
"""A horizon early enough for every season, and for sessions drawn beside others that were drawn beside others."""
KINDS = ("wrap_facilitator", "mediation", "trainer")
THEMES = ("street", "addictions", "work", "exile")
_numbers = itertools.count(1)


@dataclass
class World:
    """What a test needs to ask of a team."""

    peers: list[int]
    partners: list[int]
    sites: list[tuple[int, int, Place]]
    """Id, partner, place."""
    demands: list[Demand]
    held: dict[int, list[Period]] = field(default_factory=dict)
    """Missions by peer."""
    coming: set[tuple[int, int]] = field(default_factory=set)
    """Demand and peer of the holds in force."""


def add(session: Session, model: Any, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Many rows at once; their ids."""
    if not rows:
        return []
    return list(session.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), rows))


def a_world(session: Session, chance: random.Random, *, peers: int = 24, demands: int = 10) -> World:
    """Peers with every kind of term, and the missions they hold."""
    the_communes(session)
    partners = [a_partner(session) for _ in range(2)]
    sites = [a_site(session, chance.choice(partners), commune=chance.choice(list(COMMUNES))) for _ in range(4)]
    offerings = [
        an_offering(session, cents=None, preparation_minutes=minutes, kind=kind)
        for minutes, kind in ((0, OfferingKind.ONE_OFF), (30, OfferingKind.SERIES), (15, OfferingKind.EMERGENCY))
    ]
    ids = add_peers(session, chance, peers)
    world = World(
        peers=ids,
        partners=[partner.id for partner in partners],
        sites=[(site.id, site.partner_id, place_of(site)) for site in sites],
        demands=[a_demand(session, chance, chance.choice(sites), chance.choice(offerings)) for _ in range(demands)],
        held={peer_id: [] for peer_id in ids},
    )
    add_terms(session, chance, world, ids)
    for peer_id in ids:
        add_missions(session, chance, world, peer_id, chance.choice((0, 0, 2, 6, 14, 30)))
    session.flush()
    return world


def place_of(site: Site) -> Place:
    return Place(float(site.commune.latitude), float(site.commune.longitude), site.id)


def add_peers(session: Session, chance: random.Random, count: int) -> list[int]:
    numbers = [next(_numbers) for _ in range(count)]
    accounts = add(
        session,
        Account,
        [
            {"ref": new_reference("CPT"), "email": f"monde.{n}@example.org", "name": f"M {n}", "created_at": CREATED}
            for n in numbers
        ],
    )
    rows = []
    for account in accounts:
        easy = chance.random() < 0.65
        left = chance.choice([None] * 12 + [date(2027, 1, 20), date(2027, 4, 1), date(2027, 10, 31)])
        rows.append({
            "ref": new_reference("PAI"),
            "account_id": account,
            "first_name": chance.choice(["Samira", "Inès", "Paul", "Éloïse", "Noé"]),
            "last_name": chance.choice(["Abel", "Brun", "Çelik", "Éon"]),
            "employment": chance.choice([Employment.EMPLOYEE] * 5 + list(Employment)),
            "asks_missions": easy or chance.random() < 0.9,
            "commune_insee": chance.choice(list(COMMUNES)),
            "radius_km": 400 if easy else chance.choice((0, 10, 40, 60, 120)),
            "wished_hours": chance.choice((0, 10, 35, 70)),
            "weekly_max_hours": 60 if easy else chance.choice((3, 8, 20, 35)),
            "outside_hours": 0 if easy else chance.choice((0, 10, 30, 43, 50)),
            "monthly_max_hours": None if easy else chance.choice((None, 6, 20, 80)),
            "rests_on_holidays": not easy or chance.random() < 0.2,
            "waits_for_supervision": not easy and chance.random() < 0.4,
            "pair_wish": chance.choice([PairWish.EITHER] * 6 + list(PairWish)),
            "home_wish": chance.choice([HomeWish.AS_ALL, *HomeWish]),
            "full_time": chance.random() < 0.3,
            "joined_on": chance.choice([date(2026, 3, 1)] * 9 + [date(2027, 1, 21), date(2027, 3, 25)]),
            "left_on": left,
            "created_at": CREATED,
        })  # fmt: skip
    return add(session, Peer, rows)


def _day(chance: random.Random) -> date:
    return chance.choice(SEASONS) + timedelta(days=chance.randrange(-10, 60))


def add_terms(session: Session, chance: random.Random, world: World, ids: Sequence[int]) -> None:
    """Every other table, by peer."""
    tables: dict[Any, list[dict[str, Any]]] = {}
    for peer_id in ids:
        for model, values in itertools.chain(
            _known(chance), _when(chance), _papers(chance), _choices(chance, world, peer_id)
        ):
            tables.setdefault(model, []).append({"peer_id": peer_id} | values)
    for model, rows in tables.items():
        session.execute(insert(model), rows)


Row = tuple[Any, dict[str, Any]]


def _known(chance: random.Random) -> Iterator[Row]:
    for code in sorted({"fr", *chance.sample(["lsf", "ar", "it"], chance.choice((0, 0, 1)))}):
        yield PeerLanguage, {"language": code}
    for theme in chance.sample(THEMES, chance.choice((0, 1, 3))):
        yield PeerTheme, {"theme": theme}
    for kind in KINDS:
        for valid in _stretches(chance):
            yield Qualification, {"kind": kind, "valid": valid, "created_at": CREATED}
    if chance.random() < 0.2:
        day = _day(chance)
        yield Learning, {"kind": chance.choice(KINDS), "valid": Range(day, day + timedelta(days=200))}


def _when(chance: random.Random) -> Iterator[Row]:
    for row in _week(chance):
        yield Availability, row
    for away in _absences(chance):
        yield Absence, {"during": Range(away.start, away.end)}
    day = _day(chance)
    if chance.random() < 0.15:
        yield Pause, {"since": day, "until": chance.choice((None, day + timedelta(days=9)))}
    if chance.random() < 0.15:
        yield TrainingDays, {"days": Range(day, day + timedelta(days=chance.choice((1, 5))))}


def _papers(chance: random.Random) -> Iterator[Row]:
    checked = {"checked_on": date(2026, 3, 1), "checked_by": "La coordination"}
    for kind in ClearanceKind:
        for until in chance.choice([[None]] * 40 + [[], [_day(chance)], [_day(chance), _day(chance)]]):
            yield Clearance, {"kind": kind, "valid_until": until} | checked
    if chance.random() < 0.6:
        held = _day(chance) - timedelta(days=chance.choice((20, 90, 120)))
        recorded = {"recorded_by": "La coordination", "recorded_at": CREATED}
        yield Support, {"kind": SupportKind.SUPERVISION, "held_on": held} | recorded


def _choices(chance: random.Random, world: World, peer_id: int) -> Iterator[Row]:
    for place in chance.sample(range(len(world.sites)), chance.choice((0, 0, 0, 1))):
        yield Exclusion, {"site_id": world.sites[place][0], "partner_id": None}
    if chance.random() < 0.05:
        yield Exclusion, {"site_id": None, "partner_id": chance.choice(world.partners)}
    other = chance.choice(world.peers)
    if other != peer_id and chance.random() < 0.1:
        yield RefusedColleague, {"other_id": other}


def _stretches(chance: random.Random) -> list[Range[date]]:
    """None, one without end, one that ends, or several, touching or not."""
    draw, first = chance.random(), date(2026, 1, 1)
    if draw < 0.25:
        return []
    if draw < 0.75:
        return [Range(chance.choice((first, None)), None)]
    end = _day(chance)
    if draw < 0.85:
        return [Range(first, end)]
    again = end + timedelta(days=chance.choice((-3, 0, 0, 1, 7)))
    return [Range(first, end), Range(again, chance.choice((None, again + timedelta(days=30))))]


def _week(chance: random.Random) -> list[dict[str, Any]]:
    if chance.random() < 0.7:
        return [{"weekday": day, "starts": time(), "ends": time(23, 59)} for day in range(7)]
    rows = []
    for day in range(7):
        edges = sorted(chance.sample(range(24 * 4), chance.choice((0, 2, 2, 4, 10))))
        for begin, end in zip(edges[::2], edges[1::2], strict=True):
            stop = time(23, 59) if end > 90 else time(end // 4, end % 4 * 15)
            rows.append({"weekday": day, "starts": time(begin // 4, begin % 4 * 15), "ends": stop})
        if rows and chance.random() < 0.3 and rows[-1]["weekday"] == day and rows[-1]["ends"] < time(23):
            rows.append({"weekday": day, "starts": rows[-1]["ends"], "ends": time(23, 59)})
    return rows


def _absences(chance: random.Random) -> list[Period]:
    found: list[Period] = []
    for _ in range(chance.choice((0, 0, 0, 1, 3))):
        start = at_paris(_day(chance), time(chance.randrange(24)))
        one = Period(start, start + timedelta(hours=chance.choice((1, 24, 72))))
        if not any(one.overlaps(other) for other in found):
            found.append(one)
    return found


def a_demand(session: Session, chance: random.Random, site: Site, offering: Offering) -> Demand:
    """Somewhere, in a commune without a service, or remote; its sessions come with the missions."""
    kind = chance.choice([PlaceKind.SITE] * 4 + [PlaceKind.REMOTE, PlaceKind.HOME])
    row = Demand(
        ref=new_reference("DEM"),
        partner_id=site.partner_id,
        site_id=None if kind is PlaceKind.HOME else site.id,
        offering_id=offering.id,
        kind=offering.kind,
        state=DemandState.RUNNING,
        facilitation=Facilitation.TWO_PEERS,
        place_kind=kind,
        commune_insee=chance.choice([*COMMUNES, None]) if kind is PlaceKind.HOME else None,
        themes=[],
        goals=[],
        half_days=[],
        created_at=CREATED,
    )
    session.add(row)
    session.flush()
    return row


def add_missions(session: Session, chance: random.Random, world: World, peer_id: int, count: int) -> None:
    """Missions of one peer that do not overlap, spread over the demands; some holds have ended."""
    mine = world.held[peer_id]
    by_demand: dict[int, list[Period]] = {}
    for one in itertools.chain(_habit(chance), (a_period(chance, mine) for _ in range(count))):
        if not any(one.overlaps(other) for other in mine):
            mine.append(one)
            by_demand.setdefault(chance.randrange(len(world.demands)), []).append(one)
    seats = add(
        session,
        Seat,
        [{"demand_id": world.demands[n].id, "number": next(_numbers), "state": SeatState.CONFIRMED} for n in by_demand],
    )
    holds = add(
        session,
        Assignment,
        [
            {
                "ref": new_reference("AFF"),
                "demand_id": world.demands[n].id,
                "seat_id": seat,
                "peer_id": peer_id,
                "state": _state_of_hold(chance, world, world.demands[n].id, peer_id),
                "created_at": CREATED,
            }
            for n, seat in zip(by_demand, seats, strict=True)
        ],
    )
    names = {world.demands[n].id: hold for n, hold in zip(by_demand, holds, strict=True)}
    _book(session, chance, peer_id, names, {world.demands[n].id: times for n, times in by_demand.items()})


def _state_of_hold(chance: random.Random, world: World, demand_id: int, peer_id: int) -> AssignmentState:
    """One hold in force of a demand by peer; any other is done with."""
    state = chance.choice([AssignmentState.CONFIRMED] * 3 + list(AssignmentState))
    if state is AssignmentState.CONFIRMED:
        if (demand_id, peer_id) in world.coming:
            return AssignmentState.DONE
        world.coming.add((demand_id, peer_id))
    return state


def _book(
    session: Session, chance: random.Random, peer_id: int, holds: dict[int, int], times: dict[int, list[Period]]
) -> None:
    rows = [(demand, one) for demand, periods in times.items() for one in periods]
    sessions = add(
        session,
        DemandSession,
        [
            {
                "ref": new_reference("SEA"),
                "demand_id": demand,
                "number": next(_numbers),
                "during": Range(one.start, one.end),
                "state": SessionState.PLANNED,
            }
            for demand, one in rows
        ],
    )
    add(
        session,
        Booking,
        [
            {
                "assignment_id": holds[demand],
                "session_id": session_id,
                "peer_id": peer_id,
                "during": Range(one.start, one.end),
                "active": chance.random() < 0.9,
            }
            for (demand, one), session_id in zip(rows, sessions, strict=True)
        ],
    )


def _habit(chance: random.Random) -> list[Period]:
    """A mission a day for a week, or a week's work for months: what lengths and rests are counted over."""
    draw, monday = chance.random(), chance.choice(SEASONS)
    start = time(chance.choice((7, 9, 14, 21)), chance.choice((0, 30)))
    if draw < 0.12:
        days = [monday + timedelta(days=n) for n in range(chance.choice((5, 6, 7, 8)))]
        return [_lasting(day, start, chance.choice((60, 120, 480))) for day in days]
    if draw < 0.2:
        weeks = range(-chance.choice((3, 11, 12)), chance.choice((1, 12)))
        days = [monday + timedelta(weeks=n, days=day) for n in weeks for day in range(1, chance.choice((2, 5)))]
        return [_lasting(day, start, chance.choice((120, 540))) for day in days]
    return []


def _lasting(day: date, start: time, minutes: int) -> Period:
    begin = at_paris(day, start)
    return Period(begin, begin + timedelta(minutes=minutes))


def a_period(chance: random.Random, near: Sequence[Period] = ()) -> Period:
    """A session: by day, by night, across midnight, or at an edge of one held already."""
    minutes = chance.choice((30, 60, 60, 90, 120, 120, 180, 240, 480, 600))
    if near and chance.random() < 0.4:
        return beside(chance, chance.choice(near), timedelta(minutes=minutes))
    day = chance.choice(SEASONS) + timedelta(days=chance.choice((*range(7), *range(7), *range(-20, 60))))
    wall = time(chance.choice((0, 1, 2, 3, 7, 8, 9, 10, 14, 15, 17, 20, 22, 23)), chance.choice((0, 0, 0, 15, 30, 59)))
    start = at_paris(day, wall) + timedelta(seconds=chance.choice([0] * 30 + [30]))
    return Period(start, start + timedelta(minutes=minutes))


def beside(chance: random.Random, one: Period, length: timedelta) -> Period:
    """Beside another, at a distance where a rule turns."""
    travel = timedelta(minutes=travel_minutes(chance.choice((0.0, 31.0, 120.0))))
    gap = chance.choice((
        timedelta(0), travel, timedelta(hours=11), timedelta(hours=13) - length, timedelta(hours=24), timedelta(hours=35)
    )) + timedelta(minutes=chance.choice((0, 0, -1, 1)))  # fmt: skip
    if chance.random() < 0.5:
        return Period(one.end + gap, one.end + gap + length)
    return Period(one.start - gap - length, one.start - gap)
