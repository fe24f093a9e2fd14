"""Where each person of the team stands with their supports, for the association: dates only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from entrepairs.kernel.holidays_fr import holiday_name
from entrepairs.network.models import Peer
from entrepairs.supervision.due import due_dates
from entrepairs.supervision.models import Support

SOON: Final = timedelta(days=14)
PROPOSED: Final = 3
"""Days proposed to those the association is late with."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One person: the last support, and the last day in time (None: nothing due)."""

    peer: Peer
    last: date | None
    due_on: date | None
    today: date

    @property
    def late(self) -> bool:
        """Whether the association is late."""
        return self.due_on is not None and self.today > self.due_on

    @property
    def soon(self) -> bool:
        """Whether it is due within a fortnight."""
        return self.due_on is not None and not self.late and self.due_on <= self.today + SOON


def standings(session: Session, *, today: date) -> Sequence[Standing]:
    """The team: those we are late with first, then the nearest due, then the others by name."""
    here = or_(Peer.left_on.is_(None), Peer.left_on > today)
    people = session.scalars(select(Peer).where(here).order_by(Peer.first_name, Peer.last_name, Peer.id)).unique().all()
    due = due_dates(session, select(Peer.id).where(here), on=today)
    held = select(Support.peer_id, func.max(Support.held_on)).where(Support.held_on <= today).group_by(Support.peer_id)
    last: dict[int, date] = dict(session.execute(held).all())
    found = [Standing(peer, last.get(peer.id), due.get(peer.id), today) for peer in people]
    return sorted(found, key=lambda each: (each.due_on is None, each.due_on or today))


def days_to_propose(today: date) -> list[date]:
    """The next working days from the day after tomorrow: somebody may be asked, and answer."""
    found: list[date] = []
    day = today + timedelta(days=2)
    while len(found) < PROPOSED:
        if day.weekday() < 5 and holiday_name(day) is None:
            found.append(day)
        day += timedelta(days=1)
    return found
