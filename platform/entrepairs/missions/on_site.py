"""« Je suis sur place » and « bien rentré·e »: one tap on the day, optional, told to the office and to nobody else.

Nothing depends on it: no hour, no report, no reminder. It may be taken back, and is erased after a few days.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.db import locked
from entrepairs.demands.models import Assignment, Booking, DemandSession, PlaceKind
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import Period
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.missions.models import OnSite

BEFORE: Final = timedelta(hours=2)
AFTER: Final = timedelta(hours=4)
"""How long before a session one may say so, and how long after it one may say that one is back."""
KEPT: Final = timedelta(days=7)


def may_say_here(period: Period, now: datetime) -> bool:
    """From two hours before the start to the end."""
    return period.start - BEFORE <= now < period.end


def may_say_back(period: Period, now: datetime) -> bool:
    """From the start to four hours after the end."""
    return period.start <= now < period.end + AFTER


def say_here(session: Session, assignment_ref: str, session_ref: str, *, peer_id: int, clock: Clock) -> OnSite:
    """« Je suis sur place ». Saying it twice is saying it once. Raises NotFound, Conflict("not_today")."""
    booking = _own(session, assignment_ref, session_ref, peer_id)
    if not may_say_here(period_of(booking), clock.now()):
        raise _not_now()
    session.execute(
        insert(OnSite)
        .values(booking_id=booking.id, here_at=clock.now())
        .on_conflict_do_nothing(index_elements=["booking_id"])
    )
    return session.scalars(select(OnSite).where(OnSite.booking_id == booking.id)).one()


def say_back(session: Session, assignment_ref: str, session_ref: str, *, peer_id: int, clock: Clock) -> OnSite:
    """« Bien rentré·e », after a visit at home. Twice is once. Raises NotFound, Conflict("not_today")."""
    booking = _own(session, assignment_ref, session_ref, peer_id)
    at_home = booking.session.demand.place_kind is PlaceKind.HOME
    if not at_home or not may_say_back(period_of(booking), clock.now()):
        raise _not_now()
    session.execute(
        insert(OnSite)
        .values(booking_id=booking.id, here_at=min(clock.now(), period_of(booking).start), back_at=clock.now())
        .on_conflict_do_nothing(index_elements=["booking_id"])
    )
    row = session.scalars(select(OnSite).where(OnSite.booking_id == booking.id)).one()
    row.back_at = row.back_at or clock.now()
    session.flush()
    return row


def take_back(session: Session, assignment_ref: str, session_ref: str, *, peer_id: int) -> None:
    """It was a slip: nothing is left of it. Twice changes nothing. Raises NotFound."""
    booking = _own(session, assignment_ref, session_ref, peer_id)
    session.execute(delete(OnSite).where(OnSite.booking_id == booking.id))


def said_of(session: Session, booking_ids: Sequence[int]) -> Mapping[int, OnSite]:
    """What was said, by booking's id."""
    rows = session.scalars(select(OnSite).where(OnSite.booking_id.in_(booking_ids)))
    return {row.booking_id: row for row in rows}


def forget_on_site(session: Session, *, clock: Clock) -> int:
    """Recurring job: erase what was said more than a week ago; gives how many."""
    gone = session.scalars(
        delete(OnSite)
        .where(OnSite.here_at < clock.now() - KEPT)
        .returning(OnSite.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def _own(session: Session, assignment_ref: str, session_ref: str, peer_id: int) -> Booking:
    booking = locked(
        session,
        select(Booking)
        .join(Assignment, Assignment.id == Booking.assignment_id)
        .join(DemandSession, DemandSession.id == Booking.session_id)
        .where(
            Assignment.ref == assignment_ref,
            DemandSession.ref == session_ref,
            Booking.peer_id == peer_id,
            Booking.active,
            DemandSession.state == SessionState.PLANNED,
        ),
    )
    if booking is None:
        raise NotFound("session", N_("This session does not exist."))
    return booking


def _not_now() -> Conflict:
    return Conflict("not_today", N_("This is for the day itself: nothing is noted, and nothing is needed."))
