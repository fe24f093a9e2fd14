"""The crowd's missions: series of half-days in diaries where nobody is in two places, told and confirmed up to today."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.audit.models import Transition
from entrepairs.catalogue.models import Facilitation, Offering, OfferingKind
from entrepairs.demands.models import Assignment, Booking, Demand, DemandSession, PlaceKind, Seat
from entrepairs.demands.states import AssignmentState, DemandState, SeatState, SessionState
from entrepairs.demo.copying import Rows
from entrepairs.demo.story import BEGINNING
from entrepairs.dispatch.models import Offer, OfferState
from entrepairs.kernel.dates import Period, paris_day, paris_period
from entrepairs.kernel.holidays_fr import holiday_name
from entrepairs.missions.models import Handover, Report, ReportActivity, ReportState, ServiceAnswer, ServiceDone
from entrepairs.missions.rules import Work, main_activity, next_morning
from entrepairs.outbox.models import ItemState, OutboxItem
from entrepairs.settings.demo_clock import START

Teller = Callable[[str, int, int], None]
HALF_DAYS: Final = tuple((weekday, wall) for weekday in range(5) for wall in (time(9, 30), time(14)))
WEEKS: Final = 84
"""Weeks in which a series may begin: from the first Monday to four weeks after the present."""
WRITTEN_BY: Final = 4000
"""Sessions written at a time."""
SYSTEM: Final = {"actor_ref": "system", "actor_label": "Entrepairs"}


@dataclass(frozen=True, slots=True)
class CrowdSite:
    """A service of the crowd."""

    id: int
    partner_id: int
    account_id: int
    welcomer: str
    insee: str
    departement: str


@dataclass(slots=True)
class CrowdPeer:
    """A peer of the crowd, with the half-days of weeks already promised."""

    id: int
    short_name: str
    departement: str
    held: frozenset[str]
    taken: set[tuple[int, int]] = field(default_factory=set)
    """(half-day, week)."""


@dataclass(frozen=True, slots=True)
class Series:
    """A demand of the crowd: who holds it, and its periods."""

    offering: Offering
    site: CrowdSite
    peers: tuple[CrowdPeer, ...]
    periods: tuple[Period, ...]


def fill_diaries(
    session: Session,
    peers: Sequence[CrowdPeer],
    sites: Sequence[CrowdSite],
    sessions: int,
    *,
    financed_by: str,
    draw: Random,
    tell: Teller,
) -> None:
    """Write series until that many sessions are dated."""
    writer = _Writer(session, financed_by, draw)
    planner = _Planner(session, peers, sites, draw)
    done = since_written = 0
    while done < sessions:
        series = planner.next_series(sessions - done)
        writer.add(series)
        done += len(series.periods)
        since_written += len(series.periods)
        if since_written >= WRITTEN_BY or done >= sessions:
            writer.write()
            since_written = 0
            tell("Séances de la foule", done, sessions)


def write_waiting(session: Session, sites: Sequence[CrowdSite], count: int, *, financed_by: str, draw: Random) -> None:
    """Firm demands of the weeks to come for which nobody has been found yet: what a plan is made of.

    One in twenty is in the evening, when few are free: some stay unserved, and the plan says why.
    """
    writer = _Writer(session, financed_by, draw)
    usual = session.scalars(select(Offering).where(Offering.active).order_by(Offering.code))
    offerings = [one for one in usual if not one.asks_person_wish]
    written = 0
    while written < count:
        offering, slot = draw.choice(offerings), draw.randrange(len(HALF_DAYS))
        wall = time(18, 30) if draw.randrange(20) == 0 else HALF_DAYS[slot][1]
        # From the second week after the present on: a plan is made ahead.
        week = WEEKS - 3 + draw.randrange(5)
        weeks = range(week, week + (1 if offering.sessions_usual == 1 else draw.randrange(2, 9)))
        periods = tuple(
            paris_period(paris_day(period.start), wall, period.minutes)
            for each in weeks
            if (period := _period(offering, slot, each)) is not None
        )
        if periods:
            writer.add(Series(offering, draw.choice(sites), (), periods))
            written += 1
    writer.write()


class _Planner:
    """Draws series that fit."""

    def __init__(self, session: Session, peers: Sequence[CrowdPeer], sites: Sequence[CrowdSite], draw: Random) -> None:
        self._draw = draw
        self._peers: dict[str, list[CrowdPeer]] = defaultdict(list)
        for peer in peers:
            self._peers[peer.departement].append(peer)
        self._sites = [site for site in sites if self._peers[site.departement]]
        wanted = (OfferingKind.SERIES, OfferingKind.PRESENCE, OfferingKind.ACCOMPANIMENT)
        offerings = session.scalars(select(Offering).where(Offering.kind.in_(wanted)).order_by(Offering.code))
        self._offerings = [(one, one.qualifications) for one in offerings if not one.asks_person_wish]

    def next_series(self, most: int) -> Series:
        """A series for which somebody is free: weekly, same half-day, holidays left out."""
        while True:
            offering, needed = self._draw.choice(self._offerings)
            site = self._draw.choice(self._sites)
            slot, week = self._draw.randrange(len(HALF_DAYS)), self._draw.randrange(WEEKS)
            weeks = [week + number for number in range(min(most, self._draw.randrange(4, 11)))]
            able = [
                peer
                for peer in self._draw.sample(
                    self._peers[site.departement], min(12, len(self._peers[site.departement]))
                )
                if needed <= peer.held and not any((slot, each) in peer.taken for each in weeks)
            ]
            seats = offering.facilitation.seats
            periods = tuple(period for each in weeks if (period := _period(offering, slot, each)) is not None)
            if len(able) < seats or not periods:
                continue
            for peer in able[:seats]:
                peer.taken.update((slot, each) for each in weeks)
            return Series(offering, site, tuple(able[:seats]), periods)


def _period(offering: Offering, slot: int, week: int) -> Period | None:
    weekday, wall = HALF_DAYS[slot]
    day = (
        paris_day(BEGINNING) - timedelta(days=paris_day(BEGINNING).weekday()) + timedelta(weeks=week + 1, days=weekday)
    )
    return None if holiday_name(day) else paris_period(day, wall, min(offering.session_minutes, 210))


class _Writer:
    """Turns series into rows."""

    def __init__(self, session: Session, financed_by: str, draw: Random) -> None:
        self._session, self._financed_by, self._draw = session, financed_by, draw
        self._tables: dict[type[Any], Rows] = {
            table: Rows(session, table)
            for table in (
                *(Demand, DemandSession, Seat, Assignment, Booking, Offer, Report, ReportActivity, ServiceDone),
                *(Transition, OutboxItem),
            )
        }

    def write(self) -> None:
        """Hand what is gathered to the database."""
        for rows in self._tables.values():
            rows.write()

    def add(self, series: Series) -> None:
        """The demand, its sessions, who holds them, and all that was lived before the present."""
        asked = min(max(series.periods[0].start - timedelta(days=21), BEGINNING), START - timedelta(days=5))
        ref, demand_id = self._demand(series, asked)
        sessions = [self._session_of(demand_id, number, each) for number, each in enumerate(series.periods, start=1)]
        for number, peer in enumerate(series.peers, start=1):
            self._hold(series, ref, demand_id, number, peer, asked, sessions)
        for number in range(len(series.peers) + 1, series.offering.facilitation.seats + 1):
            self._tables[Seat].add(demand_id=demand_id, number=number, state=SeatState.OPEN)
        for (session_id, _), period in zip(sessions, series.periods, strict=True):
            if period.end <= START:
                self._confirm(series, session_id, period)

    def _demand(self, series: Series, asked: datetime) -> tuple[str, int]:
        rows = self._tables[Demand]
        ref, first = rows.reference("DEM"), series.periods[0]
        state = self._state(series)
        demand_id = rows.add(
            ref=ref,
            partner_id=series.site.partner_id,
            site_id=series.site.id,
            offering_id=series.offering.id,
            kind=series.offering.kind,
            state=state,
            facilitation=series.offering.facilitation,
            requester_id=series.site.account_id,
            place_kind=PlaceKind.SITE,
            commune_insee=series.site.insee,
            colleague_function="soignant·e du service"
            if series.offering.facilitation is Facilitation.PEER_AND_PROFESSIONAL
            else "",
            themes=[],
            goals=series.offering.goals[:2],
            half_days=[],
            participants=series.offering.group_min,
            first_day=paris_day(first.start),
            start_time=first.start.astimezone(START.tzinfo).time(),
            session_minutes=first.minutes,
            sessions_count=len(series.periods),
            step="review",
            financed_by=self._financed_by,
            created_at=asked,
            submitted_at=asked,
            confirmed_at=asked + timedelta(days=1),
        )
        self._trail("demand", ref, "draft", [("submitted", "submit", asked), *_life(state, asked, series.periods)])
        return ref, demand_id

    def _state(self, series: Series) -> DemandState:
        if not series.peers:
            return DemandState.CONFIRMED
        if series.periods[-1].end <= START:
            return DemandState.COMPLETED
        return DemandState.RUNNING if series.periods[0].start <= START else DemandState.STAFFED

    def _session_of(self, demand_id: int, number: int, period: Period) -> tuple[int, str]:
        rows = self._tables[DemandSession]
        ref, over = rows.reference("SEA"), period.end <= START
        key = rows.add(
            ref=ref,
            demand_id=demand_id,
            number=number,
            during=Range(period.start, period.end),
            state=SessionState.DONE if over else SessionState.PLANNED,
        )
        if over:
            self._trail("demand_session", ref, "planned", [("done", "do", period.end + timedelta(days=1))])
        return key, ref

    def _hold(  # noqa: PLR0917 - one seat of one series
        self,
        series: Series,
        demand_ref: str,
        demand_id: int,
        number: int,
        peer: CrowdPeer,
        asked: datetime,
        sessions: Sequence[tuple[int, str]],
    ) -> None:
        over = series.periods[-1].end <= START
        seat_id = self._tables[Seat].add(demand_id=demand_id, number=number, state=SeatState.CONFIRMED)
        moves = (("offered", "offer", 2), ("held", "hold", 3), ("confirmed", "confirm", 3))
        self._trail(
            "seat", f"{demand_ref}/{number}", "open", [(to, event, asked + timedelta(days=n)) for to, event, n in moves]
        )
        answered = asked + timedelta(days=3)
        rows = self._tables[Assignment]
        ref = rows.reference("AFF")
        assignment_id = rows.add(
            ref=ref,
            demand_id=demand_id,
            seat_id=seat_id,
            peer_id=peer.id,
            state=AssignmentState.DONE if over else AssignmentState.CONFIRMED,
            created_at=answered,
            ended_at=series.periods[-1].end + timedelta(days=1) if over else None,
        )
        if over:
            self._trail(
                "assignment", ref, "confirmed", [("done", "finish", series.periods[-1].end + timedelta(days=1))]
            )
        self._offer(demand_id, peer, assignment_id, answered)
        for (session_id, session_ref), period in zip(sessions, series.periods, strict=True):
            during = Range(period.start, period.end)
            self._tables[Booking].add(
                assignment_id=assignment_id, session_id=session_id, peer_id=peer.id, during=during
            )
            if period.end <= START:
                self._tell_of(series, session_id, assignment_id, period)
            else:
                self._remind(session_ref, ref, period)

    def _offer(self, demand_id: int, peer: CrowdPeer, assignment_id: int, answered: datetime) -> None:
        rows = self._tables[Offer]
        ref = rows.reference("PRO")
        rows.add(
            ref=ref,
            demand_id=demand_id,
            peer_id=peer.id,
            state=OfferState.ACCEPTED,
            deadline=answered + timedelta(days=2),
            sent_at=answered - timedelta(days=1),
            seen_at=answered,
            answered_at=answered,
            assignment_id=assignment_id,
        )
        self._trail("offer", ref, "sent", [("accepted", "accept", answered)])

    def _tell_of(self, series: Series, session_id: int, assignment_id: int, period: Period) -> None:
        rows = self._tables[Report]
        ref, sent = rows.reference("CR"), period.end + timedelta(hours=2)
        report_id = rows.add(
            ref=ref,
            session_id=session_id,
            assignment_id=assignment_id,
            state=ReportState.CONFIRMED,
            headcount=series.offering.group_min,
            handover=self._draw.choice((Handover.TO_REFERENT, Handover.NOTHING)),
            submitted_at=sent,
        )
        offering = series.offering
        work = Work(offering.code, offering.kind, offering.facilitation, period.minutes)
        self._tables[ReportActivity].add(report_id=report_id, activity=main_activity(work), minutes=period.minutes)
        moves = [("submitted", "submit", sent), ("confirmed", "confirm", period.end + timedelta(days=1))]
        self._trail("report", ref, "draft", moves)

    def _remind(self, session_ref: str, assignment_ref: str, period: Period) -> None:
        due = next_morning(period.end)
        self._tables[OutboxItem].add(
            kind="missions.remind_report",
            subject_kind="demand_session",
            subject_ref=session_ref,
            payload={"assignment": assignment_ref},
            due_at=due,
            state=ItemState.PENDING,
            attempts=0,
            dedup_key=f"report-reminder:{session_ref}:{assignment_ref}:{due:%Y%m%d}",
            created_at=START,
        )

    def _confirm(self, series: Series, session_id: int, period: Period) -> None:
        rows = self._tables[ServiceDone]
        rows.add(
            ref=rows.reference("SF"),
            session_id=session_id,
            answer=ServiceAnswer.CONFIRMED,
            minutes=period.minutes,
            headcount=series.offering.group_min,
            by_label=series.site.welcomer,
            account_id=series.site.account_id,
            at=period.end + timedelta(days=1),
        )

    def _trail(self, kind: str, ref: str, start: str, moves: Sequence[tuple[str, str, datetime]]) -> None:
        before = start
        for after, event, at in moves:
            self._tables[Transition].add(
                subject_kind=kind, subject_ref=ref, from_state=before, to_state=after, event=event, at=at, **SYSTEM
            )
            before = after


def _life(state: DemandState, asked: datetime, periods: Sequence[Period]) -> list[tuple[str, str, datetime]]:
    moves = [("confirmed", "draw", asked + timedelta(days=1))]
    if state is DemandState.CONFIRMED:
        return moves
    moves += [("staffing", "offer", asked + timedelta(days=2)), ("staffed", "fill", asked + timedelta(days=3))]
    if state is not DemandState.STAFFED:
        moves.append(("running", "start", periods[0].start))
    if state is DemandState.COMPLETED:
        moves.append(("completed", "complete", periods[-1].end + timedelta(days=1)))
    return moves
