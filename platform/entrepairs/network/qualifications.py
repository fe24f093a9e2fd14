"""What a peer is qualified for, with its evidence; the papers checked before a first mission."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.documents.storing import store_file
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.network.evidence import Evidence
from entrepairs.network.finding import find_peer
from entrepairs.network.models import Clearance, ClearanceKind, Peer, Qualification
from entrepairs.network.rules import Held
from entrepairs.network.vocabulary import QUALIFICATIONS


def record_qualification(
    session: Session,
    peer_ref: str,
    kind: str,
    *,
    since: date,
    last_day: date | None = None,
    evidence: Evidence | None = None,
    clock: Clock,
    actor: Actor,
) -> Qualification:
    """Write a qualification valid from `since` to `last_day` included (None: no end), with its evidence if any.

    The file's kind is read from its content. Raises NotFound, InvalidInput, Conflict("qualification_known").
    """
    peer = find_peer(session, peer_ref, lock=True)
    if kind not in QUALIFICATIONS:
        raise InvalidInput("qualification_unknown", N_("Please choose a qualification in the list."), field="kind")
    if last_day is not None and last_day < since:
        raise InvalidInput("dates_backwards", N_("The last day comes after the first one."), field="last_day")
    if any(row.kind == kind and row.valid.lower == since for row in peer.qualifications):
        raise Conflict(
            "qualification_known", N_("This qualification is already written, from the same day."), field="since"
        )
    stored = None
    if evidence is not None:
        read = evidence.read()
        stored = store_file(session, read.content, read.media, kept_until=None, clock=clock, filename=read.filename)
    row = Qualification(
        kind=kind,
        valid=Range(since, last_day + timedelta(days=1) if last_day else None),
        file=stored,
        created_at=clock.now(),
    )
    peer.qualifications.append(row)
    session.flush()
    record(session, "peer.record_qualification", "peer", peer.ref, actor=actor, clock=clock, kind=kind, since=since)
    return row


def add_evidence(
    session: Session, peer_ref: str, qualification_id: int, evidence: Evidence, *, clock: Clock, actor: Actor
) -> Qualification:
    """Join the paper to a qualification already written. Raises NotFound, InvalidInput."""
    peer = find_peer(session, peer_ref, lock=True)
    row = find_qualification(session, peer, qualification_id)
    read = evidence.read()
    row.file = store_file(session, read.content, read.media, kept_until=None, clock=clock, filename=read.filename)
    session.flush()
    record(session, "peer.add_evidence", "peer", peer.ref, actor=actor, clock=clock, kind=row.kind)
    return row


def find_qualification(session: Session, peer: Peer, qualification_id: int) -> Qualification:
    """A qualification of that peer. Raises NotFound."""
    row = session.scalar(
        select(Qualification).where(Qualification.id == qualification_id, Qualification.peer_id == peer.id)
    )
    if row is None:
        raise NotFound("qualification", N_("This qualification does not exist."))
    return row


def remove_qualification(session: Session, peer_ref: str, qualification_id: int, *, clock: Clock, actor: Actor) -> None:
    """Take out a line written by mistake; the stored file stays with the trail. Raises NotFound."""
    peer = find_peer(session, peer_ref, lock=True)
    row = find_qualification(session, peer, qualification_id)
    session.delete(row)
    session.flush()
    session.expire(peer, ["qualifications"])
    record(session, "peer.remove_qualification", "peer", peer.ref, actor=actor, clock=clock, kind=row.kind)


def held_by(peer: Peer) -> tuple[Held, ...]:
    """The qualifications as values for the rules."""
    return tuple(Held(row.kind, row.valid.lower, row.valid.upper) for row in peer.qualifications)


def record_clearance(
    session: Session,
    peer_ref: str,
    kind: ClearanceKind,
    *,
    checked_on: date,
    valid_until: date | None = None,
    clock: Clock,
    actor: Actor,
) -> Clearance:
    """Write that a paper was checked, by whom, and its last good day; never the paper itself nor its content.

    Raises NotFound, InvalidInput("dates_backwards", "checked_later").
    """
    peer = find_peer(session, peer_ref, lock=True)
    if checked_on > clock.today():
        raise InvalidInput("checked_later", N_("This day is still to come."), field="checked_on")
    if valid_until is not None and valid_until < checked_on:
        raise InvalidInput("dates_backwards", N_("The last day comes after the first one."), field="valid_until")
    row = Clearance(kind=kind, checked_on=checked_on, valid_until=valid_until, checked_by=actor.label)
    peer.clearances.append(row)
    session.flush()
    record(
        session, "peer.record_clearance", "peer", peer.ref, actor=actor, clock=clock, kind=kind, checked_on=checked_on
    )
    return row
