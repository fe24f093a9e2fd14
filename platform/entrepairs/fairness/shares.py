"""Reading everybody's hours: five queries, however many people and sessions. For the office, or for the person themselves.

Hours done are those of the reports, promised ones those of the diary without a report, as on a peer's own pages.
Nothing of a pause, an absence, a place not wished is read here, nor, for the office, of a monthly maximum.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Date, Integer, Row, Select, and_, cast, exists, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.catalogue.models import Offering
from entrepairs.demands.models import Assignment, Booking, Demand, DemandSession
from entrepairs.demands.states import SessionState
from entrepairs.fairness.figures import Thresholds
from entrepairs.fairness.hours import Alert, AlertKind, MonthOfHours, Share, Window, alerts
from entrepairs.kernel.dates import at_paris, week_start
from entrepairs.kernel.parameters import figures
from entrepairs.kernel.text_checks import fold
from entrepairs.matching.looking import limits_on
from entrepairs.missions.models import Report, ReportActivity, ReportState
from entrepairs.network.models import Commune, Employment, Peer
from entrepairs.network.queries import PAGE_SIZE, Page

PARIS: Final[ColumnElement[str]] = literal_column("'Europe/Paris'")
"""Written in the query: a grouping is known again by its text, which a parameter would change."""
MONTH: Final[ColumnElement[str]] = literal_column("'month'")
WEEK: Final[ColumnElement[str]] = literal_column("'week'")
Minutes = Select[int, date, int]


@dataclass(frozen=True, slots=True)
class Watched:
    """A share with what is looked at in it."""

    share: Share
    alerts: tuple[Alert, ...]

    def has(self, kind: AlertKind) -> bool:
        """Whether an alert of the kind is there."""
        return any(alert.kind is kind for alert in self.alerts)


@dataclass(frozen=True, slots=True)
class ShareFilter:
    """What the office looks for."""

    departement: str = ""
    alert: AlertKind | None = None

    @property
    def empty(self) -> bool:
        """Whether everyone is asked for."""
        return not self.departement and self.alert is None

    def keeps(self, one: Watched) -> bool:
        """Whether a person is among those looked for."""
        return (not self.departement or one.share.departement == self.departement) and (
            self.alert is None or one.has(self.alert)
        )


def all_shares(session: Session, today: date) -> tuple[Watched, ...]:
    """Everybody in the team who wishes missions or has some, by name: no order of merit. For the office."""
    thresholds, limits = thresholds_on(today), limits_on(session, today)
    found = _shares(session, Span(today, thresholds.weeks_ahead, limits.mean_weeks))
    shown = [share for share in found if share.wished or any(month.total for month in share.months)]
    shown.sort(key=lambda share: (fold(share.first_name), fold(share.last_name), share.ref))
    return tuple(Watched(share, alerts(share, thresholds, limits)) for share in shown)


def share_of(session: Session, peer: Peer, today: date, *, own: bool = False) -> Watched:
    """One person's share, for the office; `own`: for their own page, where their monthly maximum counts too."""
    thresholds, limits = thresholds_on(today), limits_on(session, today)
    share = _shares(session, Span(today, thresholds.weeks_ahead, limits.mean_weeks), peer.id)[0]
    if own and peer.monthly_max_hours is not None:
        share = replace(share, monthly_most=peer.monthly_max_hours * 60)
    return Watched(share, alerts(share, thresholds, limits))


def thresholds_on(today: date) -> Thresholds:
    """The dated figures in force. Raises ParameterUnknown."""
    return Thresholds.on(figures(), today)


def paged(everybody: Sequence[Watched], wanted: ShareFilter, number: int) -> Page[Watched]:
    """One page of those looked for."""
    kept = [one for one in everybody if wanted.keeps(one)]
    number = max(1, min(number, -(-len(kept) // PAGE_SIZE) or 1))
    return Page(kept[(number - 1) * PAGE_SIZE : number * PAGE_SIZE], number, len(kept))


def count_alerts(everybody: Iterable[Watched]) -> Mapping[AlertKind, int]:
    """How many people by kind of alert."""
    counts = dict.fromkeys(AlertKind, 0)
    for one in everybody:
        for kind in {alert.kind for alert in one.alerts}:
            counts[kind] += 1
    return counts


@dataclass(frozen=True, slots=True)
class Span:
    """What is read: the months around a day, and the weeks around it, before (the legal mean counts them) and ahead."""

    today: date
    weeks_ahead: int
    mean_weeks: int


def _shares(session: Session, span: Span, peer_id: int | None = None) -> list[Share]:
    today, window = span.today, Window(span.today)
    done = _by_peer(session.execute(_done(window, peer_id)))
    promised = _by_peer(session.execute(_promised(window, peer_id)))
    weeks = _by_peer(session.execute(_weeks(span, peer_id)))
    months = window.months
    return [
        Share(
            peer_id=row.id,
            ref=row.ref,
            first_name=row.first_name,
            last_name=row.last_name,
            departement=row.departement,
            commune=row.commune,
            wished=row.wished_hours * 60 if row.asks_missions else 0,
            weekly_most=row.weekly_max_hours * 60,
            outside=row.outside_hours * 60,
            volunteer=row.employment is Employment.VOLUNTEER,
            joined_on=row.joined_on,
            today=today,
            months=tuple(
                MonthOfHours(month, done[row.id].get(month, 0), promised[row.id].get(month, 0)) for month in months
            ),
            weeks=weeks[row.id],
        )
        for row in session.execute(_people(today, peer_id))
    ]


def _by_peer(rows: Iterable[Row[int, date, int]]) -> Mapping[int, dict[date, int]]:
    found: dict[int, dict[date, int]] = defaultdict(dict)
    for peer_id, day, minutes in rows:
        found[peer_id][day] = minutes
    return found


def _people(today: date, peer_id: int | None) -> Any:
    present = or_(Peer.left_on.is_(None), Peer.left_on >= today)
    return (
        select(
            Peer.id,
            Peer.ref,
            Peer.first_name,
            Peer.last_name,
            Peer.wished_hours,
            Peer.asks_missions,
            Peer.weekly_max_hours,
            Peer.outside_hours,
            Peer.employment,
            Peer.joined_on,
            Commune.departement,
            Commune.name.label("commune"),
        )
        .join(Commune, Commune.insee == Peer.commune_insee)
        .where(present if peer_id is None else Peer.id == peer_id)
    )


def _done(window: Window, peer_id: int | None) -> Minutes:
    month = _start_of(MONTH, DemandSession.during)
    minutes = cast(func.sum(ReportActivity.minutes), Integer)
    query = (
        select(Assignment.peer_id, month, minutes)
        .join(Report, Report.assignment_id == Assignment.id)
        .join(ReportActivity, ReportActivity.report_id == Report.id)
        .join(DemandSession, DemandSession.id == Report.session_id)
        .where(Report.state != ReportState.DRAFT, _starts_in(DemandSession.during, window.first, window.until))
        .group_by(Assignment.peer_id, month)
    )
    return query if peer_id is None else query.where(Assignment.peer_id == peer_id)


def _promised(window: Window, peer_id: int | None) -> Minutes:
    told = exists().where(
        Report.session_id == Booking.session_id,
        Report.assignment_id == Booking.assignment_id,
        Report.state != ReportState.DRAFT,
    )
    return _booked(MONTH, window.first, window.until, peer_id).where(DemandSession.state == SessionState.PLANNED, ~told)


def _weeks(span: Span, peer_id: int | None) -> Minutes:
    monday = week_start(span.today)
    since = monday - timedelta(weeks=span.mean_weeks - 1)
    return _booked(WEEK, since, monday + timedelta(weeks=span.weeks_ahead), peer_id)


def _booked(unit: ColumnElement[str], since: date, until: date, peer_id: int | None) -> Minutes:
    """Paid minutes of the diary: the sessions held and their preparation."""
    start = _start_of(unit, Booking.during)
    length = func.extract("epoch", func.upper(Booking.during) - func.lower(Booking.during)) / 60
    query = (
        select(Booking.peer_id, start, cast(func.sum(length + Offering.preparation_minutes), Integer))
        .join(DemandSession, DemandSession.id == Booking.session_id)
        .join(Demand, Demand.id == DemandSession.demand_id)
        .join(Offering, Offering.id == Demand.offering_id)
        .where(Booking.active, DemandSession.state != SessionState.CANCELLED, _starts_in(Booking.during, since, until))
        .group_by(Booking.peer_id, start)
    )
    return query if peer_id is None else query.where(Booking.peer_id == peer_id)


def _start_of(unit: ColumnElement[str], during: Any) -> ColumnElement[date]:
    """The first day of the month, or the Monday, in Paris, of what starts then."""
    return cast(func.date_trunc(unit, func.timezone(PARIS, func.lower(during))), Date)


def _starts_in(during: Any, since: date, until: date) -> ColumnElement[bool]:
    """What starts between two days, `[since, until)`; the overlap lets the index serve."""
    first, last = at_paris(since, time()), at_paris(until, time())
    return and_(during.overlaps(Range(first, last)), func.lower(during) >= first)
