"""A move of a plan, put to who holds the seat: « je garde », or « je peux laisser la place ». Keeping is the default.

Two yeses change a seat: of who holds it, then of who would come (`answering.accept_offer`). Until the second, and
whatever happens else, the first person holds it. Rows are locked in the one order (demand, seats, peers, offers); the
handover itself comes last.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.audit.recording import record
from entrepairs.db import locked
from entrepairs.demands.diary import lock_seats, release_assignment
from entrepairs.demands.models import Assignment, Demand
from entrepairs.demands.scopes import lock_demand
from entrepairs.demands.states import AssignmentEvent, AssignmentState, DemandState
from entrepairs.dispatch import handover_mails
from entrepairs.dispatch.ending import end_offer, expiry_key
from entrepairs.dispatch.holding import open_offers
from entrepairs.dispatch.mails import tell_peer
from entrepairs.dispatch.models import (
    HANDOVER_TRANSITIONS,
    LIVE_HANDOVERS,
    Handover,
    HandoverEvent,
    HandoverState,
    Offer,
    OfferEvent,
    OfferState,
)
from entrepairs.dispatch.rules import default_deadline, next_start
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import new_reference
from entrepairs.matching.looking import Look, look, record_of
from entrepairs.network.models import Peer
from entrepairs.outbox.adding import add, withdraw
from entrepairs.planning.models import PlanProposal

OVER: Final = "dispatch.end_handover"


def not_to_ask(session: Session) -> Collection[int]:
    """The holds nobody is asked about: being asked now, or kept by an answer or without one."""
    states = LIVE_HANDOVERS | {HandoverState.KEPT}
    return session.scalars(select(Handover.assignment_id).where(Handover.state.in_(states))).all()


def ask_holder(session: Session, proposal: PlanProposal, demand: Demand, *, actor: Actor, clock: Clock) -> bool:
    """Ask who holds the seat of a move whether they can make room; the demand and its seats are locked.

    False, and nobody is told, when it is no longer possible: they left, were asked already, or the other person can't
    come as things stand.
    """
    held = proposal.replaces
    if held is None or held.id in not_to_ask(session) or not _may_move(held, demand):
        return False
    found = _newcomer(session, held, proposal.peer, clock)
    if found is None:
        return False
    until = default_deadline(clock.now(), next_start(found.answer.ask.sessions, clock.now()))
    row = Handover(
        ref=new_reference("PAS"),
        proposal_id=proposal.id,
        assignment_id=held.id,
        peer_id=proposal.peer_id,
        state=HandoverState.ASKED,
        deadline=until,
        asked_at=clock.now(),
    )
    session.add(row)
    session.flush()
    add(session, OVER, subject_kind="handover", subject_ref=row.ref, due_at=until, dedup=_expiry(row))
    record(session, "handover.ask", "handover", row.ref, actor=actor, clock=clock, demand=demand.ref, hold=held.ref)
    handover_mails.tell_holder(session, "dispatch.handover_asked", row, clock=clock)
    return True


def _may_move(held: Assignment, demand: Demand) -> bool:
    return held.state is AssignmentState.CONFIRMED and demand.state is DemandState.STAFFED


def _newcomer(session: Session, held: Assignment, peer: Peer, clock: Clock) -> Look | None:
    """The demand as if the seat were free, when that person may come to it by every rule."""
    seen = look(session, held.demand.ref, clock=clock, peer_refs=[peer.ref], without=held.peer_id)
    found = record_of(seen.answer, peer.ref)
    return seen if found is not None and found.possible else None


def _expiry(row: Handover) -> str:
    return f"{OVER}:{row.ref}"


def find_handover(session: Session, ref: str) -> Handover:
    """The question of that reference. Raises NotFound("handover")."""
    row = session.scalar(select(Handover).where(Handover.ref == ref))
    if row is None:
        raise NotFound("handover", N_("This question does not exist."))
    return row


def _hold(session: Session, ref: str) -> tuple[Handover, Demand]:
    """A question with all it touches, locked in order and read afresh."""
    known = find_handover(session, ref)
    demand = lock_demand(session, known.assignment.demand.ref)
    lock_seats(session, demand)
    lock_both(session, known)
    row = locked(session, select(Handover).where(Handover.ref == ref))
    if row is None:
        raise NotFound("handover", N_("This question does not exist."))
    session.refresh(row.assignment)
    return row, demand


def lock_both(session: Session, row: Handover) -> None:
    """Both peers, by id."""
    ids = (row.assignment.peer_id, row.peer_id)
    session.scalars(select(Peer).where(Peer.id.in_(ids)).order_by(Peer.id).with_for_update(of=Peer)).all()


def make_room(session: Session, ref: str, *, actor: Actor, clock: Clock) -> Handover:
    """« Je peux laisser la place »: the other person is asked; the seat stays theirs until a yes. Twice is once.

    Raises NotFound, Conflict("handover_over") once it is answered otherwise or too late.
    """
    row, demand = _hold(session, ref)
    if row.state in {HandoverState.AGREED, HandoverState.DONE}:
        return row
    if row.state is not HandoverState.ASKED or clock.now() >= row.deadline or not _may_move(row.assignment, demand):
        raise Conflict("handover_over", N_("This question is closed: nothing has changed."))
    withdraw(session, _expiry(row))
    move(session, row, HANDOVER_TRANSITIONS, HandoverEvent.AGREE, actor=actor, clock=clock)
    row.answered_at = clock.now()
    record(session, "handover.agree", "handover", row.ref, actor=actor, clock=clock, demand=demand.ref)
    found = _newcomer(session, row.assignment, row.peer, clock)
    if found is None:
        _end(session, row, HandoverEvent.LAPSE, actor=Actor.SYSTEM, clock=clock)
    else:
        _ask_newcomer(session, row, demand, found, clock)
    return row


def _ask_newcomer(session: Session, row: Handover, demand: Demand, found: Look, clock: Clock) -> None:
    """The offer of the seat; somebody already asked for this demand keeps their offer, which now takes this seat."""
    until = default_deadline(clock.now(), next_start(found.answer.ask.sessions, clock.now()))
    asked = {offer.peer_id: offer for offer in open_offers(session, demand)}
    if row.peer_id in asked:
        asked[row.peer_id].handover_id = row.id
        session.flush()
        return
    offer = Offer(
        ref=new_reference("PRO"),
        demand_id=demand.id,
        peer_id=row.peer_id,
        state=OfferState.SENT,
        deadline=until,
        sent_at=clock.now(),
        handover_id=row.id,
    )
    session.add(offer)
    session.flush()
    session.refresh(offer)
    add(
        session,
        "dispatch.expire_offer",
        subject_kind="offer",
        subject_ref=offer.ref,
        due_at=until,
        dedup=expiry_key(offer),
    )
    tell_peer(session, "dispatch.offer", offer, clock=clock)


def keep_seat(session: Session, ref: str, *, actor: Actor, clock: Clock) -> Handover:
    """« Je garde »: nothing changes, nothing is counted, nobody asks again. Also after a yes, until the other came.

    Raises NotFound, Conflict("handover_done") once the seat has changed hands.
    """
    row, demand = _hold(session, ref)
    if row.state is HandoverState.DONE:
        raise Conflict("handover_done", N_("Somebody has taken over since: call us if you would rather come."))
    if row.state in LIVE_HANDOVERS:
        _withdraw_offers(session, row, demand, clock)
        row.answered_at = clock.now()
        _end(session, row, HandoverEvent.KEEP, actor=actor, clock=clock)
    return row


def _withdraw_offers(session: Session, row: Handover, demand: Demand, clock: Clock) -> None:
    for offer in open_offers(session, demand):
        if offer.handover_id == row.id:
            end_offer(session, offer, OfferEvent.WITHDRAW, actor=Actor.SYSTEM, clock=clock)
            tell_peer(session, "dispatch.offer_closed", offer, clock=clock)


def _end(session: Session, row: Handover, event: HandoverEvent, *, actor: Actor, clock: Clock) -> None:
    withdraw(session, _expiry(row))
    move(session, row, HANDOVER_TRANSITIONS, event, actor=actor, clock=clock)
    row.ended_at = clock.now()
    if event is HandoverEvent.LAPSE and row.assignment.state is AssignmentState.CONFIRMED:
        handover_mails.tell_holder(session, "dispatch.handover_lapsed", row, clock=clock)
    _go_on(session, row, clock)
    session.flush()


def end_handover(session: Session, subject_ref: str, payload: Mapping[str, Any], *, clock: Clock) -> None:
    """Outbox `dispatch.end_handover`: due at the deadline, and once the other person's offer is over.

    Without an answer they keep it. Done again, or on a question answered meanwhile, it does nothing.
    """
    row, demand = _hold(session, subject_ref)
    stays = _may_move(row.assignment, demand)
    if row.state is HandoverState.ASKED and (clock.now() >= row.deadline or not stays):
        _end(session, row, HandoverEvent.KEEP if stays else HandoverEvent.LAPSE, actor=Actor.SYSTEM, clock=clock)
    elif row.state is HandoverState.AGREED and not _awaited(session, row, demand):
        _end(session, row, HandoverEvent.LAPSE, actor=Actor.SYSTEM, clock=clock)


def _awaited(session: Session, row: Handover, demand: Demand) -> bool:
    return any(offer.handover_id == row.id for offer in open_offers(session, demand))


def take_over(session: Session, row: Handover, *, actor: Actor, clock: Clock) -> None:
    """The other person says yes: the first one's place is free for them, in the same transaction.

    Rows are locked by the caller. Raises Conflict("offer_withdrawn") once nobody hands anything over any more.
    """
    row = locked(session, select(Handover).where(Handover.id == row.id)) or row
    session.refresh(row.assignment)
    if row.state is not HandoverState.AGREED:
        raise Conflict("offer_withdrawn", N_("Nobody is needed for this one any more. Thank you."))
    withdraw(session, _expiry(row))
    if row.assignment.state is AssignmentState.CONFIRMED:
        release_assignment(session, row.assignment, AssignmentEvent.REPLACE, actor=actor, clock=clock)
    move(session, row, HANDOVER_TRANSITIONS, HandoverEvent.TAKE_OVER, actor=actor, clock=clock)
    row.ended_at = clock.now()
    handover_mails.tell_holder(session, "dispatch.handover_done", row, clock=clock)
    _go_on(session, row, clock)
    session.flush()


def _go_on(session: Session, row: Handover, clock: Clock) -> None:
    """What the plan proposes to who was asked may leave, or be let go, now that one knows."""
    add(
        session,
        "dispatch.go_on_with_plan",
        subject_kind="handover",
        subject_ref=row.ref,
        due_at=clock.now(),
        dedup=f"dispatch.go_on_with_plan:{row.ref}:{row.state.value}",
    )


def handovers_of(session: Session, proposal_ids: Sequence[int]) -> Mapping[int, Handover]:
    """The questions asked for these moves, by the proposal's id."""
    rows = session.scalars(select(Handover).where(Handover.proposal_id.in_(proposal_ids)))
    return {row.proposal_id: row for row in rows}
