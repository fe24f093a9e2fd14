"""What is accepted and may move, because the office asked for it: who holds what, and what a move would gain.

A move is only ever a question put to who holds the seat. The plan knows three things: somebody whose seat may move is
looked at, for the demands still missing people, as if they were free; a seat may go to somebody who is free for it
today; and a move costs `MOVE_HOURS` of the objective, so that nobody is asked for next to nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from entrepairs.demands.models import Assignment, Demand, DemandSession
from entrepairs.demands.states import AssignmentState, DemandState, SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import day_bounds, paris_day
from entrepairs.kernel.holidays_fr import working_days_between
from entrepairs.matching.looking import limits_on
from entrepairs.matching.values import Ask, Candidate
from entrepairs.planning.models import PlanMovable
from entrepairs.settings.decisions import decision_or

MOVE_HOURS: Final = "planning.move_hours"
"""Decision: the hours nearer to everybody's wishes, or as much on journeys and choices, a move is worth asking for."""
MOVE_HOURS_DEFAULT: Final = 3
MOST_MOVABLE: Final = 200


@dataclass(frozen=True, slots=True)
class Accepted:
    """A seat accepted that may move: its hold, and who holds it."""

    assignment_id: int
    demand_id: int
    peer_id: int


def movable(
    session: Session, since: date, until: date, *, clock: Clock, skip: Collection[int] = ()
) -> Sequence[Assignment]:
    """The holds one may ask to move: everybody is found for the demand, nothing of it has begun, it begins within
    `[since, until)`, Paris days, and beyond the legal notice of a change of hours (C. trav. L3123-31), for everybody.
    `skip`: holds not to be asked about again.
    """
    notice = limits_on(session, clock.today()).notice_days
    first = _first_start().subquery()
    rows = session.execute(
        select(Assignment, first.c.starts)
        .join(Demand, Demand.id == Assignment.demand_id)
        .join(first, first.c.demand_id == Demand.id)
        .where(
            Assignment.state == AssignmentState.CONFIRMED,
            Demand.state == DemandState.STAFFED,
            Assignment.id.not_in(skip),
            first.c.starts >= day_bounds(since).start,
            first.c.starts < day_bounds(until).start,
        )
        .options(
            joinedload(Assignment.peer),
            joinedload(Assignment.demand).joinedload(Demand.offering),
            joinedload(Assignment.demand).joinedload(Demand.site),
            joinedload(Assignment.demand).joinedload(Demand.commune),
        )
        .order_by(first.c.starts, Assignment.id)
    )
    today = clock.today()
    return [row for row, starts in rows if working_days_between(today, paris_day(starts)) >= notice]


def _first_start() -> Select[int, Any]:
    return (
        select(DemandSession.demand_id, func.min(func.lower(DemandSession.during)).label("starts"))
        .where(DemandSession.state != SessionState.CANCELLED)
        .group_by(DemandSession.demand_id)
    )


def still_movable(session: Session, plan_id: int, *, clock: Clock) -> tuple[Accepted, ...]:
    """Of the holds a plan may ask to move, those nothing has happened to since it was asked."""
    rows = session.execute(
        select(Assignment.id, Assignment.demand_id, Assignment.peer_id)
        .join(PlanMovable, PlanMovable.assignment_id == Assignment.id)
        .join(Demand, Demand.id == Assignment.demand_id)
        .where(
            PlanMovable.plan_id == plan_id,
            Assignment.state == AssignmentState.CONFIRMED,
            Demand.state == DemandState.STAFFED,
            ~select(DemandSession.id)
            .where(
                DemandSession.demand_id == Demand.id,
                DemandSession.state != SessionState.CANCELLED,
                func.lower(DemandSession.during) <= clock.now(),
            )
            .exists(),
        )
        .order_by(Assignment.demand_id, Assignment.peer_id)
    )
    return tuple(Accepted(*row) for row in rows)


def move_hours(session: Session, day: date) -> int:
    """Hours a move has to be worth, as the association decides."""
    return max(0, int(decision_or(session, MOVE_HOURS, day, MOVE_HOURS_DEFAULT)))


@dataclass(frozen=True)
class Holds:
    """What may move, beside the team: holders by the demand's reference, and everybody concerned with the diary they
    have today. Without anything to move, it changes nothing.
    """

    by_demand: Mapping[str, tuple[int, ...]]
    today: Mapping[int, Candidate]

    def is_held(self, ref: str) -> bool:
        """Whether a demand is one whose people may move."""
        return ref in self.by_demand

    def seen(self, peer: Candidate, ask: Ask) -> Candidate:
        """Somebody as they are looked at for a demand.

        For one that misses people, free of all that may move; for one that is held, as they stand today, its own
        sessions aside for who holds it.
        """
        held = self.today.get(peer.id)
        holders = self.by_demand.get(ask.ref)
        if held is None or holders is None:
            return peer
        return free_of(held, [ask]) if peer.id in holders else held


NOTHING: Final = Holds({}, {})


def free_of(peer: Candidate, asks: Collection[Ask]) -> Candidate:
    """The same person without those demands in their diary: nobody holds two things at one hour."""
    gone = {work.period for ask in asks for work in ask.work}
    return replace(peer, bookings=tuple(work for work in peer.bookings if work.period not in gone))


def freed(
    team: Sequence[Candidate], asks: Sequence[Ask], holders: Mapping[str, tuple[int, ...]]
) -> tuple[tuple[Candidate, ...], Holds]:
    """The team with everything that may move out of their diaries; and what was there."""
    mine: dict[int, list[Ask]] = defaultdict(list)
    for ask in asks:
        for peer_id in holders.get(ask.ref, ()):
            mine[peer_id].append(ask)
    if not mine:
        return tuple(team), NOTHING
    today = {peer.id: peer for peer in team if peer.id in mine}
    out = tuple(free_of(peer, mine[peer.id]) if peer.id in mine else peer for peer in team)
    return out, Holds({ref: tuple(peers) for ref, peers in holders.items()}, today)
