"""Writing that a support took place: who took part and when. Nothing of what was said."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.network.models import Peer
from entrepairs.supervision.models import Support, SupportKind


def record_support(
    session: Session, peer_refs: Sequence[str], kind: SupportKind, held_on: date, *, clock: Clock, actor: Actor
) -> int:
    """Write that these people took part that day; gives how many were not written yet.

    Raises InvalidInput("held_later", "nobody_there").
    """
    if held_on > clock.today():
        raise InvalidInput("held_later", N_("This day is still to come."), field="held_on")
    people = session.scalars(select(Peer).where(Peer.ref.in_(peer_refs)).order_by(Peer.id)).unique().all()
    if not people:
        raise InvalidInput("nobody_there", N_("Tick who was there."), field="people")
    known = set(session.scalars(select(Support.peer_id).where(Support.held_on == held_on, Support.kind == kind)).all())
    new = [peer for peer in people if peer.id not in known]
    for peer in new:
        session.add(
            Support(peer_id=peer.id, kind=kind, held_on=held_on, recorded_by=actor.label, recorded_at=clock.now())
        )
        record(session, "peer.record_support", "peer", peer.ref, actor=actor, clock=clock, kind=kind, held_on=held_on)
    session.flush()
    return len(new)
