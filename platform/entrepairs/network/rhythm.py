"""What a peer says of their own time: the usual week, days away, a pause. Asked of nobody else, without reason.

Nothing here is written in the trail: the office reads the trail, and an absence, a pause or an excluded place must
not be told apart from an ordinary choice (they share one wording, « selon ses choix ou son rythme »).
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import day_bounds
from entrepairs.kernel.errors import InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.network.finding import find_peer
from entrepairs.network.models import Absence, Availability, Pause, Peer
from entrepairs.network.rules import WeeklySlot, in_force, merged


def set_weekly_availability(session: Session, peer_ref: str, slots: Iterable[WeeklySlot]) -> tuple[WeeklySlot, ...]:
    """Replace the usual week, in Paris wall time; slots that touch or overlap are joined. Gives the week kept.

    Missions already accepted stay. Raises NotFound, InvalidInput("slot_backwards").
    """
    peer = find_peer(session, peer_ref, lock=True)
    given = list(slots)
    for slot in given:
        if slot.ends <= slot.starts:
            raise InvalidInput("slot_backwards", N_("A time slot ends after it starts."), field="slots")
    week = merged(given)
    for row in list(peer.availabilities):
        peer.availabilities.remove(row)
        session.delete(row)
    session.flush()
    for slot in week:
        peer.availabilities.append(Availability(weekday=slot.weekday, starts=slot.starts, ends=slot.ends))
    session.flush()
    return week


def week_of(peer: Peer) -> tuple[WeeklySlot, ...]:
    """The usual week as it stands."""
    return merged(WeeklySlot(row.weekday, row.starts, row.ends) for row in peer.availabilities)


def declare_absence(session: Session, peer_ref: str, first: date, last: date, *, clock: Clock) -> Absence:
    """Days away from `first` to `last` included; days already declared are joined to them, not refused.

    Raises NotFound, InvalidInput("absence_backwards", "absence_past", "absence_long").
    """
    if last < first:
        raise InvalidInput("absence_backwards", N_("The last day comes after the first one."), field="last")
    if last < clock.today():
        raise InvalidInput("absence_past", N_("These days are over: there is nothing to declare."), field="last")
    if last - first > timedelta(days=366):
        raise InvalidInput("absence_long", N_("For more than a year, a pause suits better."), field="last")
    return keep_away(session, peer_ref, day_bounds(first).start, day_bounds(last).end)


def keep_away(session: Session, peer_ref: str, start: datetime, end: datetime) -> Absence:
    """Write an absence over aware instants `[start, end)`, joined to those it touches."""
    peer = find_peer(session, peer_ref, lock=True)
    mine = Range(start, end)
    touching = session.scalars(
        select(Absence).where(
            Absence.peer_id == peer.id, or_(Absence.during.overlaps(mine), Absence.during.adjacent_to(mine))
        )
    ).all()
    for other in touching:
        start = min(start, other.during.lower or start)
        end = max(end, other.during.upper or end)
        session.delete(other)
    session.flush()
    absence = Absence(peer_id=peer.id, during=Range(start, end))
    session.add(absence)
    session.flush()
    session.expire(peer, ["absences"])
    return absence


def remove_absence(session: Session, peer_ref: str, absence_id: int) -> None:
    """The person is there after all. Raises NotFound."""
    peer = find_peer(session, peer_ref, lock=True)
    absence = session.scalar(select(Absence).where(Absence.id == absence_id, Absence.peer_id == peer.id))
    if absence is None:
        raise NotFound("absence", N_("These days are no longer in your list."))
    session.delete(absence)
    session.flush()
    session.expire(peer, ["absences"])


def take_pause(session: Session, peer_ref: str, *, back_on: date | None = None, clock: Clock) -> Pause:
    """No offer from today until `back_on` (the first day back; None: until the person says so). Told to nobody.

    A pause already running takes the new day. Raises NotFound, InvalidInput("back_before").
    """
    peer = find_peer(session, peer_ref, lock=True)
    today = clock.today()
    if back_on is not None and back_on <= today:
        raise InvalidInput("back_before", N_("The day you come back is after today."), field="back_on")
    running = current_pause(peer, today)
    if running is not None:
        running.until = back_on
        session.flush()
        return running
    pause = Pause(since=today, until=back_on)
    peer.pauses.append(pause)
    session.flush()
    return pause


def end_pause(session: Session, peer_ref: str, *, clock: Clock) -> None:
    """The person is back today; nothing to do when there was no pause. Raises NotFound."""
    peer = find_peer(session, peer_ref, lock=True)
    today = clock.today()
    for pause in list(peer.pauses):
        if not in_force(pause, today):
            continue
        if pause.since == today:
            peer.pauses.remove(pause)
            session.delete(pause)
        else:
            pause.until = today
    session.flush()


def current_pause(peer: Peer, day: date) -> Pause | None:
    """The pause that covers the day, if any."""
    return next((pause for pause in peer.pauses if in_force(pause, day)), None)
