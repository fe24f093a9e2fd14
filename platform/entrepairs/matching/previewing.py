"""What other weights would have changed: last month's demands looked at again with both, rules run once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.demands.models import Booking, Demand, DemandSession
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import DemandState, SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import at_paris, month_start, paris_day
from entrepairs.matching.explaining import Answer, consider, weighed
from entrepairs.matching.gathering import gather_ask, gather_pool
from entrepairs.matching.index import holding
from entrepairs.matching.looking import limits_on
from entrepairs.matching.pairs import pairs
from entrepairs.matching.scoring import Weights
from entrepairs.matching.values import Ask, Candidate
from entrepairs.network.models import Peer

MOST: Final = 12
"""Demands looked at again: the latest."""
_NOT_LOOKED_AT: Final = (DemandState.CANCELLED, DemandState.REFUSED)


@dataclass(frozen=True, slots=True)
class Preview:
    """Who would be thought of first for a demand, with the weights of today and with others."""

    demand: Demand
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def changes(self) -> bool:
        """Whether it would be somebody else."""
        return set(self.before) != set(self.after)


def last_month(clock: Clock) -> tuple[datetime, datetime]:
    """The calendar month before this one, `[start, end)`."""
    this = month_start(clock.today())
    return at_paris(month_start(this - timedelta(days=1)), time()), at_paris(this, time())


def preview(session: Session, today: Weights, proposed: Weights, *, clock: Clock, most: int = MOST) -> list[Preview]:
    """The demands that became firm last month, the latest first; somebody possible for each. Changes nothing.

    The team is read as it is now, the demand as it was when it was firm: all its sessions, nobody there yet.
    """
    start, end = last_month(clock)
    rows = session.scalars(
        select(Demand)
        .where(Demand.confirmed_at >= start, Demand.confirmed_at < end, Demand.state.not_in(_NOT_LOOKED_AT))
        .order_by(Demand.confirmed_at.desc(), Demand.id)
        .limit(most)
    ).all()
    found = [_looked_again(session, row, today, proposed, clock) for row in rows]
    return [each for each in found if each is not None]


def _looked_again(session: Session, demand: Demand, today: Weights, proposed: Weights, clock: Clock) -> Preview | None:
    sessions = tuple(period_of(row) for row in demand.sessions if row.state is not SessionState.CANCELLED)
    if not sessions or demand.confirmed_at is None:
        return None
    asked = gather_ask(session, demand.ref, clock=clock, periods=sessions)
    ask = replace(
        asked,
        today=paris_day(demand.confirmed_at),
        holders=(),
        free_seats=asked.seats,
        learners_here=0,
        learner_seats=1 if demand.offering.learner_seat else 0,
    )
    answer = _answer(session, demand, ask, today)
    before = _first(ask, answer, today)
    return Preview(demand, before, _first(ask, weighed(answer, proposed), proposed)) if before else None


def _answer(session: Session, demand: Demand, ask: Ask, weights: Weights) -> Answer:
    """Who could have come: those who came since are looked at without it, the others from memory when it is held."""
    limits = limits_on(session, paris_day(ask.span.start))
    came = session.scalars(
        select(Peer.ref)
        .join(Booking, Booking.peer_id == Peer.id)
        .join(DemandSession, DemandSession.id == Booking.session_id)
        .where(DemandSession.demand_id == demand.id, Booking.active)
        .distinct()
    ).all()
    others = holding.answer(session, ask, limits, weights)
    if others is None:
        others = consider(ask, gather_pool(session, ask), limits, weights)
    freed = [_without(one, ask) for one in gather_pool(session, ask, came)] if came else []
    possible = [each for each in others.possible if each.candidate.ref not in came]
    possible += consider(ask, freed, limits, weights).possible
    return weighed(replace(others, possible=possible), weights)


def _without(peer: Candidate, ask: Ask) -> Candidate:
    """As if the demand's own sessions were not theirs."""
    return replace(peer, bookings=tuple(work for work in peer.bookings if work.period not in ask.sessions))


def _first(ask: Ask, answer: Answer, weights: Weights) -> tuple[str, ...]:
    """The names thought of first: a pair for two seats."""
    if ask.seats > 1:
        made: Sequence[str] = [
            name for pair in pairs(ask, answer.possible, weights, most=1) for name in (pair.one.name, pair.other.name)
        ]
        return tuple(made)
    return tuple(each.explanation.name for each in answer.possible[:1])
