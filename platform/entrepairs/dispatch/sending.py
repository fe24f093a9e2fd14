"""Proposing a firm demand to peers: one offer each, the first who accept hold the seats."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.demands.diary import FREE, lock_seats, offer_seats
from entrepairs.demands.models import Demand
from entrepairs.demands.scopes import lock_demand
from entrepairs.demands.states import OFFERABLE
from entrepairs.dispatch.ending import expiry_key
from entrepairs.dispatch.holding import open_offers
from entrepairs.dispatch.mails import tell_peer
from entrepairs.dispatch.models import Offer, OfferState
from entrepairs.dispatch.rules import ensure_deadline, next_start
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotAllowed
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import new_reference
from entrepairs.matching.explaining import Answer
from entrepairs.matching.looking import look, record_of
from entrepairs.outbox.adding import add


def send_offers(
    session: Session,
    demand_ref: str,
    peer_refs: Sequence[str],
    *,
    deadline: datetime,
    actor: Actor,
    clock: Clock,
    letters: bool = True,
) -> list[Offer]:
    """Propose a demand to peers for whom it is possible now; gives their open offers, in the order asked.

    Without `letters`, the caller tells the peers.
    A peer already asked keeps the same offer, so that sending twice asks once. `deadline` is business time. Nothing
    leaves when one of them can no longer come: the page is looked at again. Raises NotFound, NotAllowed("not_firm"),
    InvalidInput("nobody_chosen", "deadline_past", "deadline_late"), Conflict("no_seat", "list_changed",
    "nothing_to_come").
    """
    wanted = list(dict.fromkeys(peer_refs))
    if not wanted:
        raise InvalidInput("nobody_chosen", N_("Choose at least one person."), field="peers")
    demand = lock_demand(session, demand_ref)
    _ensure_offerable(session, demand)
    asked = {offer.peer.ref: offer for offer in open_offers(session, demand)}
    fresh = [ref for ref in wanted if ref not in asked]
    if fresh:
        answer = look(session, demand_ref, clock=clock, peer_refs=fresh).answer
        ensure_deadline(deadline, clock.now(), next_start(answer.ask.sessions, clock.now()))
        _ensure_all_can_come(answer, fresh)
        offer_seats(session, demand, actor=actor, clock=clock)
        ids = {each.candidate.ref: each.candidate.id for each in answer.possible}
        asked |= {ref: _send(session, demand, ids[ref], deadline, clock) for ref in fresh}
        for ref in fresh if letters else ():
            tell_peer(session, "dispatch.offer", asked[ref], clock=clock)
        record(session, "demand.propose", "demand", demand.ref, actor=actor, clock=clock, peers=fresh, until=deadline)
    return [asked[ref] for ref in wanted]


def _ensure_offerable(session: Session, demand: Demand) -> None:
    if demand.state not in OFFERABLE:
        raise NotAllowed(
            "not_firm",
            N_("Proposals leave once the demand is firm: a quote accepted, or an agreement with room."),
        )
    if not any(seat.state in FREE for seat in lock_seats(session, demand)):
        raise Conflict("no_seat", N_("Everybody needed has been found already."))


def _ensure_all_can_come(answer: Answer, refs: Sequence[str]) -> None:
    """No reason is given here: the page shows them again, in the one place where they are told."""
    for ref in refs:
        found = record_of(answer, ref)
        if found is None or not found.possible:
            raise Conflict(
                "list_changed",
                N_("Things have changed since this page was opened: here is who can come now. Nothing was sent."),
            )


def _send(session: Session, demand: Demand, peer_id: int, deadline: datetime, clock: Clock) -> Offer:
    offer = Offer(
        ref=new_reference("PRO"),
        demand_id=demand.id,
        peer_id=peer_id,
        state=OfferState.SENT,
        deadline=deadline,
        sent_at=clock.now(),
    )
    session.add(offer)
    session.flush()
    add(
        session,
        "dispatch.expire_offer",
        subject_kind="offer",
        subject_ref=offer.ref,
        due_at=deadline,
        dedup=expiry_key(offer),
    )
    return offer
