"""« Un souci » : the peer asks to be called back. The office receives a mail; nothing of what is said is kept."""

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.kernel.clock import Clock
from entrepairs.messages.models import Message
from entrepairs.messages.queueing import queue_mail
from entrepairs.network.models import Peer
from entrepairs.settings.decisions import association


def ask_call_back(session: Session, peer: Peer, *, actor: Actor, clock: Clock) -> Message | None:
    """Write to the association that this person would like a call; None when asked within the hour already."""
    record(session, "peer.ask_call_back", "peer", peer.ref, actor=actor, clock=clock)
    return queue_mail(
        session,
        "missions.call_back",
        to_ref="association",
        address=association(session).email,
        subject_kind="peer",
        subject_ref=peer.ref,
        clock=clock,
        dedup=f"call-back:{peer.ref}:{clock.now():%Y%m%d%H}",
    )
