"""Reads of demands for pages: lists, counts, weeks, who comes. Scoped by viewer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, func, or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, joinedload, selectinload

from entrepairs.audit.models import Transition
from entrepairs.catalogue.models import Offering, OfferingKind
from entrepairs.demands.diary import live_assignments
from entrepairs.demands.models import Demand, DemandSession, Seat
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.scopes import Scope
from entrepairs.demands.states import OPEN_STATES, DemandState, SeatState, SessionState
from entrepairs.kernel.dates import Period, rhythm_of
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.network.models import Partner, Site

PAGE: Final = 25
GROUPS: Final[Mapping[str, frozenset[DemandState]]] = {
    "open": OPEN_STATES,
    "draft": frozenset({DemandState.DRAFT}),
    "over": frozenset({DemandState.COMPLETED, DemandState.CLOSED}),
    "dropped": frozenset({DemandState.CANCELLED, DemandState.UNFILLED, DemandState.REFUSED}),
}
"""What a partner's list may show; the office's list goes by state."""
PIPELINE: Final = (
    DemandState.SUBMITTED,
    DemandState.QUALIFIED,
    DemandState.QUOTED,
    DemandState.AWAITING_ENGAGEMENT,
    DemandState.CONFIRMED,
    DemandState.STAFFING,
    DemandState.STAFFED,
    DemandState.RUNNING,
    DemandState.COMPLETED,
)


@dataclass(frozen=True, slots=True)
class DemandFilters:
    """What a list shows. `states` empty: all but drafts for the office, all for a partner."""

    states: frozenset[DemandState] = frozenset()
    text: str = ""
    kind: OfferingKind | None = None


@dataclass(frozen=True, slots=True)
class ListedDemand:
    """A row of a list, with the instant it entered its state (None for a draft never moved)."""

    demand: Demand
    since: datetime | None


@dataclass(frozen=True, slots=True)
class DemandPage:
    """One page of a list; `total` counts every match."""

    rows: Sequence[ListedDemand]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class PipelineStep:
    """How many demands stand in a state, and since when the oldest does."""

    state: DemandState
    count: int
    oldest: datetime | None


def list_demands(session: Session, scope: Scope, filters: DemandFilters, *, page: int = 1) -> DemandPage:
    """The demands of a viewer, newest first."""
    query = _filtered(scope, filters)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    page = max(1, min(page, max(1, -(-total // PAGE))))
    rows = session.scalars(
        query.options(joinedload(Demand.offering), joinedload(Demand.site), joinedload(Demand.partner))
        .order_by(Demand.created_at.desc(), Demand.id.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    since = entered_at(session, [row.ref for row in rows])
    return DemandPage([ListedDemand(row, since.get(row.ref)) for row in rows], total, page)


def _filtered(scope: Scope, filters: DemandFilters) -> Select[Demand]:
    query = scope.narrow(select(Demand))
    if filters.states:
        query = query.where(Demand.state.in_(filters.states))
    elif scope.partner_id is None:
        query = query.where(Demand.state != DemandState.DRAFT)
    if filters.kind is not None:
        query = query.where(Demand.kind == filters.kind)
    if filters.text:
        words = f"%{filters.text.strip()}%"
        query = (
            query.join(Demand.partner)
            .join(Demand.offering)
            .outerjoin(Demand.site)
            .where(
                or_(
                    Demand.ref.ilike(words),
                    Demand.caller_code.ilike(words),
                    Partner.name.ilike(words),
                    Offering.name.ilike(words),
                    Site.name.ilike(words),
                )
            )
        )
    return query


def entered_at(session: Session, refs: Sequence[str]) -> Mapping[str, datetime]:
    """When each demand entered its present state."""
    rows = session.execute(
        select(Transition.subject_ref, func.max(Transition.at))
        .where(Transition.subject_kind == Demand.__tablename__, Transition.subject_ref.in_(refs))
        .group_by(Transition.subject_ref)
    )
    return dict(rows.all())


def count_by_state(session: Session, scope: Scope) -> Mapping[DemandState, int]:
    """How many demands a viewer has in each state."""
    query = scope.narrow(select(Demand)).with_only_columns(Demand.state, func.count()).group_by(Demand.state)
    return dict(session.execute(query).all())


def pipeline(session: Session) -> list[PipelineStep]:
    """The office's picture: each step with its count and the age of the oldest."""
    entered = (
        select(Transition.subject_ref.label("ref"), func.max(Transition.at).label("at"))
        .where(Transition.subject_kind == Demand.__tablename__)
        .group_by(Transition.subject_ref)
        .subquery()
    )
    rows = session.execute(
        select(Demand.state, func.count(), func.min(entered.c.at))
        .outerjoin(entered, entered.c.ref == Demand.ref)
        .where(Demand.state.in_(PIPELINE))
        .group_by(Demand.state)
    )
    found = {state: (count, oldest) for state, count, oldest in rows}
    return [PipelineStep(state, *found.get(state, (0, None))) for state in PIPELINE]


def last_demand(session: Session, scope: Scope) -> Demand | None:
    """The demand a home page follows: the latest sent one that is not over, else the latest sent."""
    sent = scope.narrow(select(Demand)).where(Demand.submitted_at.is_not(None))
    latest = Demand.submitted_at.desc()
    return session.scalar(sent.where(Demand.state.in_(OPEN_STATES)).order_by(latest).limit(1)) or session.scalar(
        sent.order_by(latest).limit(1)
    )


def drafts_of(session: Session, scope: Scope, account_id: int) -> Sequence[Demand]:
    """The drafts a member left, newest first."""
    return session.scalars(
        scope.narrow(select(Demand))
        .where(Demand.state == DemandState.DRAFT, Demand.requester_id == account_id)
        .options(joinedload(Demand.offering), joinedload(Demand.site))
        .order_by(Demand.created_at.desc())
        .limit(5)
    ).all()


def awaiting_approval(session: Session, scope: Scope) -> Sequence[Demand]:
    """The demands that wait for a signatory, oldest first."""
    return session.scalars(
        scope.narrow(select(Demand))
        .where(Demand.state == DemandState.AWAITING_APPROVAL)
        .options(joinedload(Demand.offering), joinedload(Demand.site), joinedload(Demand.requester))
        .order_by(Demand.created_at)
    ).all()


def sessions_between(session: Session, scope: Scope, between: Period) -> Sequence[DemandSession]:
    """The sessions of a viewer that touch a period, in order; cancelled ones and ended demands are left out."""
    query = (
        select(DemandSession)
        .join(DemandSession.demand)
        .where(
            DemandSession.during.overlaps(Range(between.start, between.end)),
            DemandSession.state != SessionState.CANCELLED,
            Demand.state.in_((*OPEN_STATES, DemandState.COMPLETED, DemandState.CLOSED)),
        )
        .options(
            joinedload(DemandSession.demand).joinedload(Demand.offering),
            joinedload(DemandSession.demand).joinedload(Demand.site),
            joinedload(DemandSession.demand).selectinload(Demand.seats),
        )
        .order_by(DemandSession.during)
    )
    if scope.partner_id is not None:
        query = query.where(Demand.partner_id == scope.partner_id)
    return session.scalars(query).all()


@dataclass(frozen=True, slots=True)
class Coming:
    """Somebody who comes, as a partner sees them: the first name and the words the person chose."""

    first_name: str
    wording: str


def who_comes(session: Session, demand: Demand) -> list[Coming]:
    """The people who hold a seat. Only a firm demand has any."""
    return [
        Coming(assignment.peer.first_name, assignment.peer.wording)
        for assignment in live_assignments(session, demand.id)
    ]


def free_seats(demand: Demand) -> int:
    """How many people are still missing."""
    return sum(1 for seat in demand.seats if seat.state in {SeatState.OPEN, SeatState.OFFERED})


def with_details(session: Session, ref: str, scope: Scope) -> Demand | None:
    """A demand with all a page shows, in few queries."""
    return session.scalar(
        scope.narrow(select(Demand))
        .where(Demand.ref == ref)
        .options(
            joinedload(Demand.offering),
            joinedload(Demand.partner),
            joinedload(Demand.site),
            selectinload(Demand.sessions),
            selectinload(Demand.seats).selectinload(Seat.assignments),
        )
    )


def title_of(demand: Demand) -> str:
    """« Groupe WRAP, CMP Les Tamaris »: the offering and the place, never a person."""
    place = demand.site.name if demand.site else (demand.commune.name if demand.commune else "")
    return f"{demand.offering.name}, {place}" if place else demand.offering.name


def dates_sentence(demand: Demand, periods: Sequence[Period] | None = None) -> Sentence:
    """When it is: one date, or how many sessions between two days."""
    dated = periods if periods is not None else _planned(demand)
    if not dated:
        return say("Dates to be agreed.")
    if len(dated) == 1:
        return say("One session, %(period)s.", period=dated[0])
    return say("%(count)s sessions %(rhythm)s.", count=len(dated), rhythm=rhythm_of(dated))


def _planned(demand: Demand) -> list[Period]:
    return [period_of(row) for row in demand.sessions if row.state is not SessionState.CANCELLED]
