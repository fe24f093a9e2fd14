"""Reads of missions for pages, scoped by viewer: a peer's own, a structure's own, the office."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Exists, Select, and_, exists, func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, joinedload, selectinload

from entrepairs.demands.models import Assignment, Booking, Demand, DemandSession
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.scopes import Scope
from entrepairs.demands.states import AssignmentState, SessionState
from entrepairs.dispatch.models import Offer, OfferState
from entrepairs.kernel.dates import Period, add_months, day_bounds, month_start
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.missions.models import (
    MissionOrder,
    Report,
    ReportActivity,
    ReportState,
    ServiceAnswer,
    ServiceDone,
)
from entrepairs.network.models import Peer, Site
from entrepairs.network.territory import road_km

PAGE: Final = 100


# --- the peer's own ----------------------------------------------------------------------------------------


def _bookings(peer: Peer) -> Select[Booking]:
    session_ = joinedload(Booking.session)
    return (
        select(Booking)
        .join(DemandSession, DemandSession.id == Booking.session_id)
        .where(Booking.peer_id == peer.id, Booking.active, DemandSession.state != SessionState.CANCELLED)
        .options(
            session_.joinedload(DemandSession.demand).joinedload(Demand.offering),
            session_.joinedload(DemandSession.demand).joinedload(Demand.site),
            joinedload(Booking.assignment),
        )
        .order_by(Booking.during)
    )


def next_bookings(session: Session, peer: Peer, now: datetime, *, limit: int = 1) -> Sequence[Booking]:
    """The peer's sessions under way or to come, soonest first."""
    return session.scalars(
        _bookings(peer)
        .where(DemandSession.state == SessionState.PLANNED, func.upper(Booking.during) > now)
        .limit(limit)
    ).all()


def bookings_between(session: Session, peer: Peer, between: Period) -> Sequence[Booking]:
    """The peer's sessions that touch a period."""
    return session.scalars(_bookings(peer).where(Booking.during.overlaps(Range(between.start, between.end)))).all()


def reports_to_write(session: Session, peer: Peer, now: datetime) -> Sequence[Booking]:
    """The peer's sessions that are over and have no report sent, oldest first."""
    return session.scalars(
        _bookings(peer).where(
            DemandSession.state == SessionState.PLANNED, func.upper(Booking.during) <= now, ~_report_sent()
        )
    ).all()


def _report_sent() -> Exists:
    return exists().where(
        Report.session_id == Booking.session_id,
        Report.assignment_id == Booking.assignment_id,
        Report.state != ReportState.DRAFT,
    )


def open_offers(session: Session, peer: Peer, now: datetime) -> Sequence[Offer]:
    """The proposals that wait for the peer, soonest deadline first."""
    return session.scalars(
        select(Offer)
        .where(Offer.peer_id == peer.id, Offer.state == OfferState.SENT, Offer.deadline > now)
        .options(
            joinedload(Offer.demand).joinedload(Demand.offering), joinedload(Offer.demand).selectinload(Demand.sessions)
        )
        .order_by(Offer.deadline, Offer.id)
    ).all()


@dataclass(frozen=True, slots=True)
class MonthHours:
    """A peer's month in minutes: reported, still planned (both count), and the hours wished, theirs to change."""

    done: int
    planned: int
    wished: int

    @property
    def total(self) -> int:
        """Reported and planned together."""
        return self.done + self.planned


def month_hours(session: Session, peer: Peer, day: date) -> MonthHours:
    """The month of `day`: what is reported by its reports, the rest by its dates."""
    first = month_start(day)
    start, end = day_bounds(first).start, day_bounds(add_months(first, 1)).start
    inside = and_(func.lower(DemandSession.during) >= start, func.lower(DemandSession.during) < end)
    done = session.scalar(
        select(func.coalesce(func.sum(ReportActivity.minutes), 0))
        .join(Report, Report.id == ReportActivity.report_id)
        .join(Assignment, Assignment.id == Report.assignment_id)
        .join(DemandSession, DemandSession.id == Report.session_id)
        .where(Assignment.peer_id == peer.id, Report.state != ReportState.DRAFT, inside)
    )
    rows = session.scalars(
        _bookings(peer).where(inside, DemandSession.state == SessionState.PLANNED, ~_report_sent())
    ).all()
    planned = sum(period_of(row).minutes + row.session.demand.offering.preparation_minutes for row in rows)
    return MonthHours(int(done or 0), planned, peer.wished_hours * 60)


@dataclass(frozen=True, slots=True)
class MissionPage:
    """One mission of a peer, with all its page shows."""

    assignment: Assignment
    demand: Demand
    sessions: Sequence[DemandSession]
    sent: frozenset[int]
    """Ids of the sessions whose report is sent."""
    companions: Sequence[Peer]
    order: MissionOrder | None
    offer: Offer | None
    """The proposal it was accepted from."""


def mission_of(session: Session, peer: Peer, ref: str) -> MissionPage:
    """The peer's own mission, also once it is over. Raises NotFound: somebody else's looks absent."""
    assignment = session.scalars(
        select(Assignment)
        .where(Assignment.ref == ref, Assignment.peer_id == peer.id)
        .options(joinedload(Assignment.demand).joinedload(Demand.offering))
    ).one_or_none()
    if assignment is None:
        raise NotFound("mission", N_("This mission does not exist."))
    held = session.scalars(_bookings(peer).where(Booking.assignment_id == assignment.id)).all()
    sent = session.scalars(
        select(Report.session_id).where(Report.assignment_id == assignment.id, Report.state != ReportState.DRAFT)
    )
    others = session.scalars(
        select(Peer)
        .join(Assignment, Assignment.peer_id == Peer.id)
        .where(
            Assignment.demand_id == assignment.demand_id,
            Assignment.state.in_((AssignmentState.CONFIRMED, AssignmentState.DONE)),
            Peer.id != peer.id,
        )
    ).all()
    order = session.scalars(select(MissionOrder).where(MissionOrder.assignment_id == assignment.id)).one_or_none()
    offer = session.scalars(select(Offer).where(Offer.assignment_id == assignment.id)).first()
    rows = [row.session for row in held]
    return MissionPage(assignment, assignment.demand, rows, frozenset(sent), others, order, offer)


def kilometres(peer: Peer, site: Site) -> int:
    """Estimated road distance from the peer's commune to the site's."""
    home, there = peer.commune, site.commune
    return round(road_km(home.latitude, home.longitude, there.latitude, there.longitude))


# --- the structure's own, and the office -------------------------------------------------------------------


def _reported(scope: Scope) -> Select[DemandSession]:
    """Sessions reported by everyone who came, without the structure's word."""
    reported = exists().where(Report.session_id == DemandSession.id, Report.state == ReportState.SUBMITTED)
    missing = exists().where(Booking.session_id == DemandSession.id, Booking.active, ~_report_submitted())
    answered = exists().where(ServiceDone.session_id == DemandSession.id)
    return _sessions(scope).where(DemandSession.state == SessionState.PLANNED, reported, ~missing, ~answered)


def _report_submitted() -> Exists:
    return exists().where(
        Report.session_id == Booking.session_id,
        Report.assignment_id == Booking.assignment_id,
        Report.state == ReportState.SUBMITTED,
    )


def _sessions(scope: Scope) -> Select[DemandSession]:
    demand = joinedload(DemandSession.demand)
    query = (
        select(DemandSession)
        .join(DemandSession.demand)
        .options(
            demand.joinedload(Demand.offering),
            demand.joinedload(Demand.site),
            demand.joinedload(Demand.partner),
            selectinload(DemandSession.bookings).joinedload(Booking.peer),
        )
        .order_by(DemandSession.during)
        .limit(PAGE)
    )
    return query if scope.partner_id is None else query.where(Demand.partner_id == scope.partner_id)


def services_to_confirm(session: Session, scope: Scope, *, demand_id: int | None = None) -> Sequence[DemandSession]:
    """The sessions that wait for the structure's word, oldest first."""
    query = _reported(scope)
    if demand_id is not None:
        query = query.where(Demand.id == demand_id)
    return session.scalars(query).unique().all()


def services_answered(session: Session, scope: Scope, *, answer: ServiceAnswer | None = None) -> Sequence[ServiceDone]:
    """The structure's words, newest first."""
    query = (
        select(ServiceDone)
        .join(ServiceDone.session)
        .join(DemandSession.demand)
        .options(
            joinedload(ServiceDone.session).joinedload(DemandSession.demand).joinedload(Demand.offering),
            joinedload(ServiceDone.session).joinedload(DemandSession.demand).joinedload(Demand.site),
            joinedload(ServiceDone.session).joinedload(DemandSession.demand).joinedload(Demand.partner),
        )
        .order_by(ServiceDone.at.desc(), ServiceDone.id.desc())
        .limit(PAGE)
    )
    if scope.partner_id is not None:
        query = query.where(Demand.partner_id == scope.partner_id)
    if answer is not None:
        query = query.where(ServiceDone.answer == answer)
    return session.scalars(query).all()


def find_session(session: Session, ref: str, scope: Scope) -> DemandSession:
    """A session as a viewer may see it. Raises NotFound."""
    row = session.scalars(_sessions(scope).where(DemandSession.ref == ref)).unique().one_or_none()
    if row is None:
        raise NotFound("session", N_("This session does not exist."))
    return row


def awaited_reports(session: Session, now: datetime) -> Sequence[Booking]:
    """For the office: sessions over whose report is still to come, oldest first."""
    return session.scalars(
        select(Booking)
        .join(DemandSession, DemandSession.id == Booking.session_id)
        .where(
            Booking.active,
            DemandSession.state == SessionState.PLANNED,
            func.upper(Booking.during) <= now,
            ~_report_sent(),
        )
        .options(
            joinedload(Booking.peer),
            joinedload(Booking.session).joinedload(DemandSession.demand).joinedload(Demand.offering),
            joinedload(Booking.session).joinedload(DemandSession.demand).joinedload(Demand.partner),
            joinedload(Booking.session).joinedload(DemandSession.demand).joinedload(Demand.site),
        )
        .order_by(Booking.during)
        .limit(PAGE)
    ).all()


def office_counts(session: Session, now: datetime) -> dict[str, int]:
    """How many wait: reports awaited, structures asked, discussions, tacit confirmations."""
    awaited = select(func.count()).select_from(
        select(Booking.id)
        .join(DemandSession, DemandSession.id == Booking.session_id)
        .where(
            Booking.active,
            DemandSession.state == SessionState.PLANNED,
            func.upper(Booking.during) <= now,
            ~_report_sent(),
        )
        .subquery()
    )
    asked = select(func.count()).select_from(
        _reported(Scope(None)).with_only_columns(DemandSession.id).order_by(None).limit(None).subquery()
    )
    by_answer = dict(session.execute(select(ServiceDone.answer, func.count()).group_by(ServiceDone.answer)).all())
    return {
        "awaited": session.scalar(awaited) or 0,
        "asked": session.scalar(asked) or 0,
        "disputed": by_answer.get(ServiceAnswer.DISPUTED, 0),
        "corrected": by_answer.get(ServiceAnswer.CORRECTED, 0),
        "tacit": by_answer.get(ServiceAnswer.TACIT, 0),
    }
