"""Until when the association is in time with the support of each peer, from what was held and what is worked."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Date, Select, Subquery, case, cast, func, select
from sqlalchemy.orm import Session

from entrepairs.catalogue.models import Offering
from entrepairs.demands.models import Booking, Demand, DemandSession
from entrepairs.network.models import Peer
from entrepairs.settings.decisions import decisions_on
from entrepairs.supervision.models import Support

EVERY_DAYS: Final = "supervision.every_days"
EVERY_HOURS: Final = "supervision.every_hours"
BLOCKS: Final = "supervision.blocks"
"""Decisions: so many days or worked hours after the last support one is due; whether an overdue one stops missions."""
DEFAULT_DAYS: Final = 92
"""Until a vote: practice exchange at least once a quarter (founding documents)."""
DEFAULT_HOURS: Final = 0
"""Until a vote, hours worked make nothing due by themselves."""


def due_dates(session: Session, team: Select[int], *, on: date) -> Mapping[int, date]:
    """The last day in time by peer id, for those who work since their last support, by the votes in force `on`.

    Days run from the first mission after the last support (or after joining); hours are those booked since, done or
    promised, preparation included. Whichever comes first.
    """
    voted = decisions_on(session, (EVERY_DAYS, EVERY_HOURS), on)
    days, hours = int(voted.get(EVERY_DAYS, DEFAULT_DAYS)), int(voted.get(EVERY_HOURS, DEFAULT_HOURS))
    if not (days or hours):
        return {}
    last = (
        select(Support.peer_id, func.max(Support.held_on).label("held_on"))
        .where(Support.peer_id.in_(team))
        .group_by(Support.peer_id)
        .subquery()
    )
    day = cast(func.timezone("Europe/Paris", func.lower(Booking.during)), Date)
    since = (
        select(Booking.id, Booking.peer_id, day.label("day"))
        .join(Peer, Peer.id == Booking.peer_id)
        .outerjoin(last, last.c.peer_id == Booking.peer_id)
        .where(
            Booking.active,
            Booking.peer_id.in_(team),
            day >= case((last.c.held_on.is_not(None), last.c.held_on + 1), else_=Peer.joined_on),
        )
        .subquery()
    )
    found: dict[int, date] = {}
    if days:
        firsts = select(since.c.peer_id, func.min(since.c.day)).group_by(since.c.peer_id)
        found = {peer_id: first + timedelta(days=days) for peer_id, first in session.execute(firsts)}
    if hours:
        for peer_id, reached in session.execute(_reached(since, hours * 60)):
            found[peer_id] = min(reached, found.get(peer_id, reached))
    return found


def _reached(since: Subquery, minutes: int) -> Select[Any]:
    """The day on which each has worked so many minutes since."""
    own = func.extract("epoch", func.upper(Booking.during) - func.lower(Booking.during)) / 60
    so_far = func.sum(own + Offering.preparation_minutes).over(
        partition_by=since.c.peer_id, order_by=(func.lower(Booking.during), Booking.id)
    )
    worked = (
        select(since.c.peer_id, since.c.day, so_far.label("minutes"))
        .join(Booking, Booking.id == since.c.id)
        .join(DemandSession, DemandSession.id == Booking.session_id)
        .join(Demand, Demand.id == DemandSession.demand_id)
        .join(Offering, Offering.id == Demand.offering_id)
        .subquery()
    )
    return (
        select(worked.c.peer_id, func.min(worked.c.day)).where(worked.c.minutes >= minutes).group_by(worked.c.peer_id)
    )
