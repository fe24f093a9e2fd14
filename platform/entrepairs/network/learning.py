"""What a peer is learning and the days it takes, written by the association with them."""

from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.network.finding import find_peer
from entrepairs.network.models import Learning, TrainingDays
from entrepairs.network.vocabulary import QUALIFICATIONS

A_DAY = timedelta(days=1)
LONGEST = timedelta(days=3 * 366)


def record_learning(
    session: Session, peer_ref: str, kind: str, first: date, last: date, *, clock: Clock, actor: Actor
) -> Learning:
    """A qualification is being prepared, from the first to the last day of the course.

    Raises NotFound, InvalidInput, Conflict("learning_known").
    """
    peer = find_peer(session, peer_ref, lock=True)
    if kind not in QUALIFICATIONS:
        raise InvalidInput("qualification_unknown", N_("Please choose a qualification in the list."), field="learned")
    _ensure_ordered(first, last, "ends")
    days = Range(first, last + A_DAY)
    known = select(Learning.id).where(Learning.peer_id == peer.id, Learning.kind == kind, Learning.valid.overlaps(days))
    if session.scalar(known) is not None:
        raise Conflict("learning_known", N_("This course is already written on some of these days."), field="starts")
    row = Learning(peer_id=peer.id, kind=kind, valid=days)
    session.add(row)
    session.flush()
    record(session, "peer.record_learning", "peer", peer.ref, actor=actor, clock=clock, kind=kind, since=first)
    return row


def remove_learning(session: Session, peer_ref: str, number: int, *, clock: Clock, actor: Actor) -> None:
    """A line written by mistake, or a course left. Raises NotFound."""
    peer = find_peer(session, peer_ref, lock=True)
    row = session.scalar(select(Learning).where(Learning.id == number, Learning.peer_id == peer.id))
    if row is None:
        raise NotFound("learning", N_("This line is no longer there."))
    session.delete(row)
    session.flush()
    record(session, "peer.remove_learning", "peer", peer.ref, actor=actor, clock=clock, kind=row.kind)


def record_training_days(
    session: Session, peer_ref: str, first: date, last: date, *, clock: Clock, actor: Actor
) -> TrainingDays:
    """Days at school from `first` to `last` included; those they touch are joined to them. Missions accepted stay.

    Raises NotFound, InvalidInput.
    """
    peer = find_peer(session, peer_ref, lock=True)
    _ensure_ordered(first, last, "training_last")
    start, end = first, last + A_DAY
    mine = Range(start, end)
    touching = session.scalars(
        select(TrainingDays).where(
            TrainingDays.peer_id == peer.id,
            or_(TrainingDays.days.overlaps(mine), TrainingDays.days.adjacent_to(mine)),
        )
    ).all()
    for other in touching:
        start, end = min(start, other.days.lower or start), max(end, other.days.upper or end)
        session.delete(other)
    session.flush()
    row = TrainingDays(peer_id=peer.id, days=Range(start, end))
    session.add(row)
    session.flush()
    record(session, "peer.record_training_days", "peer", peer.ref, actor=actor, clock=clock, since=first)
    return row


def remove_training_days(session: Session, peer_ref: str, number: int, *, clock: Clock, actor: Actor) -> None:
    """These days are free again. Raises NotFound."""
    peer = find_peer(session, peer_ref, lock=True)
    row = session.scalar(select(TrainingDays).where(TrainingDays.id == number, TrainingDays.peer_id == peer.id))
    if row is None:
        raise NotFound("training_days", N_("These days are no longer in the list."))
    session.delete(row)
    session.flush()
    record(session, "peer.remove_training_days", "peer", peer.ref, actor=actor, clock=clock)


def learning_of(session: Session, peer_id: int) -> tuple[list[Learning], list[TrainingDays]]:
    """What somebody is learning and their days of training, by date."""
    courses = session.scalars(select(Learning).where(Learning.peer_id == peer_id).order_by(Learning.valid)).all()
    days = session.scalars(
        select(TrainingDays).where(TrainingDays.peer_id == peer_id).order_by(TrainingDays.days)
    ).all()
    return list(courses), list(days)


def _ensure_ordered(first: date, last: date, field: str) -> None:
    if last < first:
        raise InvalidInput("dates_backwards", N_("The last day comes after the first one."), field=field)
    if last - first > LONGEST:
        raise InvalidInput(
            "dates_long", N_("Please check these days: they are more than three years long."), field=field
        )
