"""The dated sessions of a demand: planned from its rhythm when it is sent, moved one by one afterwards."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.audit.recording import record
from entrepairs.db import locked
from entrepairs.demands.models import Booking, Demand, DemandSession
from entrepairs.demands.rhythms import HalfDayHours, Plan, Rhythm, plan
from entrepairs.demands.scopes import OFFICE, Scope, lock_demand_of
from entrepairs.demands.states import OPEN_STATES, SESSION_TRANSITIONS, DemandState, SessionEvent, SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import Period, paris_period
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import new_reference
from entrepairs.network.models import Peer
from entrepairs.outbox.adding import add
from entrepairs.settings.decisions import decision_or


def half_day_hours(session: Session, on: date) -> HalfDayHours:
    """The voted hours of a half-day of presence (`demands.half_days`), or 9 h – 12 h 30 and 13 h 30 – 17 h."""
    voted = decision_or(session, "demands.half_days", on, None)
    if voted is None:
        return HalfDayHours()
    morning, afternoon = (tuple(time.fromisoformat(wall) for wall in voted[half]) for half in ("am", "pm"))
    return HalfDayHours((morning[0], morning[1]), (afternoon[0], afternoon[1]))


def rhythm_of(demand: Demand) -> Rhythm:
    """The rhythm a demand asks. Raises InvalidInput("first_day_missing") on a draft without a date."""
    if demand.first_day is None:
        raise InvalidInput("first_day_missing", N_("From which day?"), field="first_day")
    return Rhythm(
        kind=demand.kind,
        first_day=demand.first_day,
        start=demand.start_time or time(9),
        minutes=demand.session_minutes or demand.offering.session_minutes,
        count=demand.sessions_count or 1,
        half_days=tuple(demand.half_days),
        skip_holidays=demand.skip_holidays,
    )


def wished_plan(session: Session, demand: Demand) -> Plan:
    """What the form asks, dated; nothing is written. Raises InvalidInput."""
    rhythm = rhythm_of(demand)
    return plan(rhythm, half_day_hours(session, rhythm.first_day))


def plan_sessions(session: Session, demand: Demand) -> Sequence[DemandSession]:
    """Write the sessions of a demand being sent. Raises InvalidInput."""
    rows = [
        DemandSession(
            ref=new_reference("SEA"),
            demand_id=demand.id,
            number=number,
            during=Range(period.start, period.end),
            state=SessionState.PLANNED,
        )
        for number, period in enumerate(wished_plan(session, demand).periods, start=1)
    ]
    session.add_all(rows)
    session.flush()
    session.expire(demand, ["sessions"])
    return rows


def period_of(row: DemandSession | Booking) -> Period:
    """The period of a session or a booking; both ends are always set."""
    lower, upper = row.during.lower, row.during.upper
    if lower is None or upper is None:
        msg = "a session has a start and an end"
        raise ValueError(msg)
    return Period(lower, upper)


def lock_session(session: Session, session_ref: str, scope: Scope = OFFICE) -> tuple[Demand, DemandSession]:
    """A session to change, its demand locked first. Raises NotFound."""
    demand = lock_demand_of(session, session_ref, scope)
    row = locked(session, select(DemandSession).where(DemandSession.ref == session_ref))
    if row is None:
        raise NotFound("session", N_("This session does not exist."))
    return demand, row


def reschedule_session(
    session: Session,
    session_ref: str,
    *,
    day: date,
    start: time,
    scope: Scope = OFFICE,
    actor: Actor,
    clock: Clock,
) -> DemandSession:
    """Move one planned session to another day and hour; those who come follow, if they are free.

    Raises NotFound, Conflict("session_not_planned"), InvalidInput("session_in_past"), Conflict("busy") when
    somebody who comes already holds another session then: another date, or a relay, is to be found.
    """
    demand, row = lock_session(session, session_ref, scope)
    if row.state is not SessionState.PLANNED or demand.state not in OPEN_STATES:
        raise Conflict("session_not_planned", N_("This session can no longer be moved."))
    period = paris_period(day, start, period_of(row).minutes)
    if period.start <= clock.now():
        raise InvalidInput("session_in_past", N_("Choose a day and an hour to come."), field="day")
    shift_sessions(session, {row: period}, actor=actor, clock=clock)
    return row


def shift_sessions(session: Session, there: Mapping[DemandSession, Period], *, actor: Actor, clock: Clock) -> None:
    """Move planned sessions of one locked demand together; those who come follow, and receive one new order each.

    Peers are locked by id. Raises Conflict("busy") when somebody who comes holds another session then.
    """
    bookings = session.scalars(
        select(Booking)
        .where(Booking.session_id.in_([row.id for row in there]), Booking.active)
        .order_by(Booking.peer_id, Booking.id)
    ).all()
    peers = {one.peer_id for one in bookings}
    session.execute(select(Peer.id).where(Peer.id.in_(peers)).order_by(Peer.id).with_for_update())
    before = {row.id: period_of(row) for row in there}
    later = any(period.start > before[row.id].start for row, period in there.items())
    # From the far end, so that no session passes through the place of the next one of the same series.
    order = sorted(there.items(), key=lambda item: item[1].start, reverse=later)
    try:
        with session.begin_nested():
            for row, period in order:
                row.during = Range(period.start, period.end)
                row.colleague_confirmed_at = None  # another day, another roster
                for booking in bookings:
                    if booking.session_id == row.id:
                        booking.during = row.during
                session.flush()
    except IntegrityError as error:
        raise Conflict(
            "busy",
            N_("Somebody who comes is taken elsewhere then. Choose another date, or call us: we look for a relay."),
            field="day",
        ) from error
    for row, period in order:
        record(
            session,
            "session.reschedule",
            "demand_session",
            row.ref,
            actor=actor,
            clock=clock,
            before=before[row.id].start,
            after=period.start,
        )
    first, period = min(there.items(), key=lambda item: item[1].start)
    add(
        session,
        "missions.sessions_moved",
        subject_kind="demand_session",
        subject_ref=first.ref,
        due_at=clock.now(),
        dedup=f"session-moved:{first.ref}:{clock.now():%Y%m%d%H%M%S}:{period.start:%Y%m%d%H%M}",
    )


def mark_session(session: Session, row: DemandSession, event: SessionEvent, *, actor: Actor, clock: Clock) -> None:
    """A session took place (DO), nobody could hold it (MISS) or it is dropped (CANCEL). The demand is locked.

    The holds of a session missed or dropped are let go. Raises TransitionRefused.
    """
    move(session, row, SESSION_TRANSITIONS, event, actor=actor, clock=clock)
    if event is not SessionEvent.DO:
        for booking in row.bookings:
            booking.active = False
    session.flush()


def next_start(demand: Demand) -> Period | None:
    """The next planned session, the first in date."""
    planned = sorted(period_of(row) for row in demand.sessions if row.state is SessionState.PLANNED)
    return planned[0] if planned else None


def suggested_first_day(today: date, notice: timedelta = timedelta(days=10)) -> date:
    """A first day to start the form from: ten days ahead, pushed off the week-end."""
    day = today + notice
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day


def is_scheduled(demand: Demand) -> bool:
    """Whether the sessions are written (a draft only has wished dates)."""
    return demand.state not in {DemandState.DRAFT, DemandState.AWAITING_APPROVAL}
