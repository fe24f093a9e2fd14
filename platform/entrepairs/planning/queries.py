"""Reads of plans for the office: the demands one may plan, the plans made, one plan part by part."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from entrepairs.demands.models import Assignment, Demand
from entrepairs.network.models import Peer
from entrepairs.planning.gathering import plannable
from entrepairs.planning.models import Plan, PlanDemand, PlanHours, PlanProposal
from entrepairs.planning.states import Outcome, ProposalState

PAGE: Final = 25
SHOWN: Final = 200
"""Demands that may be chosen one by one; further ones are planned with the rest or by a narrower period."""
PLANS: Final = 20
T = TypeVar("T")

FOUND: Final = (Outcome.SERVED, Outcome.PARTLY)
MISSED: Final = (Outcome.UNSERVED, Outcome.PARTLY)


@dataclass(frozen=True, slots=True)
class Paged(Generic[T]):
    """A page of a list; `total` counts every row."""

    rows: Sequence[T]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class PlanCounts:
    """What a plan found, in numbers."""

    demands: int
    served: int
    partly: int
    unserved: int
    filled: int
    proposed: int
    """Proposals nobody has asked to leave."""
    asked: int
    """Proposals asked to leave, not gone yet."""
    sent: int
    gone: int
    moves: int = 0
    """Seats accepted that would change hands."""
    moves_to_ask: int = 0
    """Of those, the ones nobody has asked to put to who holds them; they are among `proposed`."""

    @property
    def to_serve(self) -> int:
        """Demands where somebody was still missing."""
        return self.demands - self.filled


@dataclass(frozen=True, slots=True)
class HoursCounts:
    """What a plan changes in the team's hours."""

    gaining: int
    minutes: int
    without: int
    """People who wish hours and have none, even with the plan."""


def demands_to_plan(
    session: Session, since: date, until: date, departements: Collection[str] = ()
) -> tuple[Sequence[Demand], int]:
    """The first demands one may plan, and how many there are in all."""
    query = plannable(since, until, departements)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.scalars(
        query.options(
            joinedload(Demand.offering),
            joinedload(Demand.site),
            joinedload(Demand.partner),
            joinedload(Demand.commune),
            selectinload(Demand.sessions),
            selectinload(Demand.seats),
        ).limit(SHOWN)
    )
    return rows.unique().all(), total


def refs_to_plan(session: Session, since: date, until: date, departements: Collection[str] = ()) -> Sequence[str]:
    """The references of all the demands one may plan."""
    return session.scalars(plannable(since, until, departements).with_only_columns(Demand.ref)).all()


def latest_plans(session: Session) -> Sequence[Plan]:
    """The plans made, newest first."""
    return session.scalars(select(Plan).order_by(Plan.id.desc()).limit(PLANS)).unique().all()


def counts_of(session: Session, plan_ids: Collection[int]) -> Mapping[int, PlanCounts]:
    """What each plan found, by its id."""
    outcomes = session.execute(
        select(PlanDemand.plan_id, PlanDemand.outcome, func.count())
        .where(PlanDemand.plan_id.in_(plan_ids), ~PlanDemand.held)
        .group_by(PlanDemand.plan_id, PlanDemand.outcome)
    )
    of: dict[int, dict[Outcome, int]] = {plan_id: {} for plan_id in plan_ids}
    for plan_id, outcome, count in outcomes:
        of[plan_id][outcome] = count
    waiting = PlanProposal.state == ProposalState.PROPOSED
    asked = PlanDemand.apply_asked_at.is_not(None)
    proposals = session.execute(
        select(
            PlanDemand.plan_id,
            func.count().filter(waiting, ~asked),
            func.count().filter(waiting, asked),
            func.count().filter(PlanProposal.state == ProposalState.SENT),
            func.count().filter(PlanProposal.state == ProposalState.GONE),
            func.count().filter(PlanProposal.replaces_id.is_not(None)),
            func.count().filter(waiting, ~asked, PlanProposal.replaces_id.is_not(None)),
        )
        .join(PlanProposal.line)
        .where(PlanDemand.plan_id.in_(plan_ids))
        .group_by(PlanDemand.plan_id)
    )
    numbers = {row[0]: tuple(row[1:]) for row in proposals}
    return {
        plan_id: PlanCounts(
            sum(found.values()),
            *(found.get(one, 0) for one in (Outcome.SERVED, Outcome.PARTLY, Outcome.UNSERVED, Outcome.FILLED)),
            *numbers.get(plan_id, (0, 0, 0, 0, 0, 0)),
        )
        for plan_id, found in of.items()
    }


def found_lines(session: Session, plan_id: int, page: int) -> Paged[PlanDemand]:
    """The demands for which somebody is proposed, by date asked."""
    return _lines(session, plan_id, FOUND, page)


def missed_lines(session: Session, plan_id: int, page: int) -> Paged[PlanDemand]:
    """The demands for which not everybody was found."""
    return _lines(session, plan_id, MISSED, page)


def _lines(session: Session, plan_id: int, outcomes: Collection[Outcome], page: int) -> Paged[PlanDemand]:
    query = select(PlanDemand).where(PlanDemand.plan_id == plan_id, PlanDemand.outcome.in_(outcomes))
    query = query.order_by(PlanDemand.position).options(
        joinedload(PlanDemand.demand).joinedload(Demand.offering),
        joinedload(PlanDemand.demand).joinedload(Demand.site),
        joinedload(PlanDemand.demand).joinedload(Demand.commune),
        joinedload(PlanDemand.demand).selectinload(Demand.sessions),
        selectinload(PlanDemand.proposals).joinedload(PlanProposal.peer).lazyload(Peer.account),
    )
    return _paged(session, query, page)


def move_lines(session: Session, plan_id: int, page: int) -> Paged[PlanDemand]:
    """The demands held already of which a seat would change hands, with who leaves and who would come."""
    query = select(PlanDemand).where(PlanDemand.plan_id == plan_id, PlanDemand.outcome == Outcome.MOVED)
    query = query.order_by(PlanDemand.position).options(
        joinedload(PlanDemand.demand).joinedload(Demand.offering),
        joinedload(PlanDemand.demand).joinedload(Demand.site),
        joinedload(PlanDemand.demand).joinedload(Demand.commune),
        joinedload(PlanDemand.demand).selectinload(Demand.sessions),
        selectinload(PlanDemand.proposals).joinedload(PlanProposal.peer).lazyload(Peer.account),
        selectinload(PlanDemand.proposals).joinedload(PlanProposal.replaces).joinedload(Assignment.peer),
    )
    return _paged(session, query, page)


def titles_of(session: Session, refs: Collection[str]) -> Mapping[str, Demand]:
    """The demands of those references."""
    rows = session.scalars(
        select(Demand).where(Demand.ref.in_(refs)).options(joinedload(Demand.offering), joinedload(Demand.site))
    )
    return {row.ref: row for row in rows}


def leaving(session: Session, plan_id: int) -> Mapping[int, Demand]:
    """Who would be asked to hand a seat over, by peer id, with the demand they hold it in."""
    rows = session.execute(
        select(Assignment.peer_id, Demand)
        .join(PlanProposal, PlanProposal.replaces_id == Assignment.id)
        .join(PlanDemand, PlanDemand.id == PlanProposal.line_id)
        .join(Demand, Demand.id == Assignment.demand_id)
        .where(PlanDemand.plan_id == plan_id)
        .options(joinedload(Demand.offering), joinedload(Demand.site))
    )
    return dict(rows.all())


def hours_lines(session: Session, plan_id: int, page: int) -> Paged[PlanHours]:
    """Whose hours change, by first name; nobody before anybody."""
    query = (
        select(PlanHours)
        .join(PlanHours.peer)
        .where(PlanHours.plan_id == plan_id, PlanHours.minutes_after != PlanHours.minutes_before)
        .order_by(Peer.first_name, Peer.last_name, Peer.id)
        .options(contains_eager(PlanHours.peer).lazyload(Peer.account))
    )
    return _paged(session, query, page)


def hours_counts(session: Session, plan_id: int) -> HoursCounts:
    """In numbers."""
    gained = PlanHours.minutes_after - PlanHours.minutes_before
    row = session.execute(
        select(
            func.count().filter(gained > 0),
            func.coalesce(func.sum(gained).filter(gained > 0), 0),
            func.count().filter(PlanHours.wished_minutes > 0, PlanHours.minutes_after == 0),
        ).where(PlanHours.plan_id == plan_id)
    ).one()
    return HoursCounts(int(row[0]), int(row[1]), int(row[2]))


def _paged(session: Session, query: Select[T], page: int) -> Paged[T]:
    total = session.scalar(select(func.count()).select_from(query.order_by(None).options().subquery())) or 0
    page = max(1, min(page, max(1, -(-total // PAGE))))
    rows = session.scalars(query.limit(PAGE).offset((page - 1) * PAGE)).unique().all()
    return Paged(rows, total, page)
