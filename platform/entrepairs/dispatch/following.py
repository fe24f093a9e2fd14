"""« Besoin aujourd'hui », as who asked follows it: what was done and when, counts without names, who comes once it is sure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.contracting.considering import is_being_considered
from entrepairs.demands.diary import live_assignments
from entrepairs.demands.models import Demand
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import AssignmentState, DemandState, SessionState
from entrepairs.dispatch.mails import tell_offices
from entrepairs.dispatch.models import Offer, OfferState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import Period

UNCOVERED: Final = frozenset({DemandState.SUBMITTED, DemandState.QUALIFIED, DemandState.QUOTED})
ENDED: Final = frozenset({DemandState.CANCELLED, DemandState.REFUSED, DemandState.UNFILLED, DemandState.CLOSED})


@dataclass(frozen=True, slots=True)
class Following:
    """Where a need of today stands. Instants are business time; `period` is None once the session is dropped."""

    demand: Demand
    period: Period | None
    considered: bool
    """Whether it is known if an agreement covers it."""
    asked: int
    """People asked, in all."""
    waiting: int
    """Of them, those who may still answer."""
    seen: int
    """Of them, those who have opened the proposal."""
    asked_at: datetime | None
    seen_at: datetime | None
    accepted_at: datetime | None
    coming: tuple[str, ...]
    """First names, only of those who have said yes."""
    over: bool
    """Whether the hour has passed, or nothing more will happen."""

    @property
    def waits_for_association(self) -> bool:
        """No agreement covers it: the association calls back first."""
        return self.considered and self.demand.state in UNCOVERED

    @property
    def settled(self) -> bool:
        """Nothing on the page changes any more by itself."""
        return self.over or (bool(self.coming) and self.demand.state not in UNCOVERED)


def follow_need(session: Session, demand: Demand, *, clock: Clock) -> Following:
    """The picture of the instant. Changes nothing."""
    asked, waiting, seen, asked_at, seen_at = session.execute(
        select(
            func.count(Offer.peer_id.distinct()),
            func.count(Offer.id).filter(Offer.state == OfferState.SENT, Offer.deadline > clock.now()),
            func.count(Offer.peer_id.distinct()).filter(Offer.seen_at.is_not(None)),
            func.min(Offer.sent_at),
            func.min(Offer.seen_at),
        ).where(Offer.demand_id == demand.id)
    ).one()
    held = live_assignments(session, demand.id)
    rows = [row for row in demand.sessions if row.state is not SessionState.CANCELLED]
    period = period_of(rows[0]) if rows else None
    return Following(
        demand=demand,
        period=period,
        considered=not is_being_considered(session, demand),
        asked=asked,
        waiting=waiting,
        seen=seen,
        asked_at=asked_at,
        seen_at=seen_at,
        accepted_at=min((row.created_at for row in held), default=None),
        coming=tuple(row.peer.first_name for row in held if row.state in _COMING),
        over=demand.state in ENDED or period is None or clock.now() >= period.end,
    )


_COMING: Final = (AssignmentState.CONFIRMED, AssignmentState.DONE)


def tell_need(session: Session, subject_ref: str, payload: object, *, clock: Clock) -> None:
    """Outbox `dispatch.tell_need`: the coordination reads of a need of today as soon as it has come."""
    demand = session.scalar(select(Demand).where(Demand.ref == subject_ref))
    if demand is not None and demand.state not in ENDED:
        tell_offices(session, "dispatch.need_today", demand, since=demand.ref, clock=clock)
