"""A professional of the place comes with the peer: the dates the ward has not confirmed are told in time."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.catalogue.models import Facilitation
from entrepairs.demands.models import Booking, Demand, DemandSession
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.messages.queueing import queue_mail
from entrepairs.missions.asking import people_to_ask
from entrepairs.settings.decisions import association, decision_or

NOTICE_DAYS: Final = "missions.colleague_notice_days"
"""Decision: days before a date on which nobody is confirmed, when the ward, the peer and the office are told."""
DEFAULT_NOTICE_DAYS: Final = 4


def is_expected(demand: Demand) -> bool:
    """Whether a professional of the place comes with the peer."""
    return demand.facilitation is Facilitation.PEER_AND_PROFESSIONAL


def tell_unconfirmed(session: Session, *, clock: Clock) -> int:
    """Recurring job: of each date near enough without its professional, tell the ward, the peer and the office, once.

    Gives how many dates were looked at. Done again, it tells nobody twice.
    """
    days = int(decision_or(session, NOTICE_DAYS, clock.today(), DEFAULT_NOTICE_DAYS))
    rows = unconfirmed(session, within=timedelta(days=days), clock=clock)
    for row in rows:
        _tell(session, row, clock)
    return len(rows)


def unconfirmed(session: Session, *, within: timedelta, clock: Clock) -> Sequence[DemandSession]:
    """The dates to come within that time, held by a peer, whose professional the ward has not confirmed; in order."""
    near = Range(clock.now(), clock.now() + within)
    found = session.scalars(
        select(DemandSession)
        .join(Demand, Demand.id == DemandSession.demand_id)
        .where(
            Demand.facilitation == Facilitation.PEER_AND_PROFESSIONAL,
            DemandSession.state == SessionState.PLANNED,
            DemandSession.colleague_confirmed_at.is_(None),
            DemandSession.during.overlaps(near),
            exists().where(Booking.session_id == DemandSession.id, Booking.active),
        )
        .order_by(DemandSession.during, DemandSession.id)
    ).all()
    return [row for row in found if period_of(row).start > clock.now()]


def _tell(session: Session, row: DemandSession, clock: Clock) -> None:
    def queue(kind: str, to_ref: str, address: str, **params: str) -> None:
        queue_mail(
            session,
            kind,
            to_ref=to_ref,
            address=address,
            subject_kind="demand_session",
            subject_ref=row.ref,
            clock=clock,
            dedup=f"{kind}:{row.ref}:{to_ref}",
            params=params,
        )

    for account in people_to_ask(session, row.demand, clock=clock):
        queue("missions.colleague_wanted", account.ref, account.email)
    for booking in row.bookings:
        if booking.active:
            to = booking.peer.account
            queue("missions.colleague_unsure", to.ref, to.email, assignment=booking.assignment.ref)
    queue("missions.colleague_missing", "association", association(session).email)
