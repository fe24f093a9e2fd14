"""A plan searched with what offers have told, and applied: its proposals leave as offers, never as assignments."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.demands.diary import FREE, lock_seats
from entrepairs.demands.models import Assignment, Demand
from entrepairs.demands.scopes import lock_demand
from entrepairs.demands.states import OFFERABLE
from entrepairs.dispatch.handovers import ask_holder, find_handover
from entrepairs.dispatch.holding import open_offers
from entrepairs.dispatch.models import LIVE_HANDOVERS, Handover, Offer, OfferState
from entrepairs.dispatch.plan_letters import tell_after_the_last, tell_at_the_latest
from entrepairs.dispatch.rules import default_deadline, next_start
from entrepairs.dispatch.sending import send_offers
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, DomainError
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.transitions import next_state
from entrepairs.matching.looking import look
from entrepairs.outbox.adding import add
from entrepairs.outbox.turns import Turn
from entrepairs.planning.asking import find_plan
from entrepairs.planning.models import Plan, PlanDemand, PlanProposal
from entrepairs.planning.searching import search_plan
from entrepairs.planning.states import PROPOSAL_TRANSITIONS, ProposalEvent, ProposalState

SEND_LINE: Final = "dispatch.send_plan_line"


def search(turn: Turn, *, clock: Clock) -> bool:
    """Run `planning.plan`: who said no to a demand is not asked for it again. See `outbox.turns.Turn`."""
    return search_plan(turn, _declined(turn.session, turn.subject_ref), clock=clock)


def _declined(session: Session, plan_ref: str) -> Mapping[str, frozenset[int]]:
    """Whose latest answer to a demand of the plan is no, by the demand's reference."""
    rows = session.execute(
        select(Demand.ref, Offer.peer_id, Offer.state)
        .join(Demand, Demand.id == Offer.demand_id)
        .join(PlanDemand, PlanDemand.demand_id == Demand.id)
        .join(Plan, Plan.id == PlanDemand.plan_id)
        .where(Plan.ref == plan_ref)
        .order_by(Offer.sent_at, Offer.id)
    )
    latest = {(ref, peer_id): state for ref, peer_id, state in rows}
    found: dict[str, set[int]] = defaultdict(set)
    for (ref, peer_id), state in latest.items():
        if state is OfferState.DECLINED:
            found[ref].add(peer_id)
    return {ref: frozenset(peers) for ref, peers in found.items()}


def answers_awaited(session: Session, demand_ids: Collection[int]) -> Mapping[int, int]:
    """How many proposals wait for an answer, by demand's id; a demand without any is left out."""
    rows = session.execute(
        select(Offer.demand_id, func.count())
        .where(Offer.demand_id.in_(demand_ids), Offer.state == OfferState.SENT)
        .group_by(Offer.demand_id)
    )
    return dict(rows.all())


def apply_plan(
    session: Session, ref: str, demand_refs: Collection[str] | None = None, *, actor: Actor, clock: Clock
) -> int:
    """Ask that the proposals of a plan leave, for all its demands or for some. Gives how many demands that concerns.

    Each demand is then done on its own, so that one that is no longer possible holds nothing back. Asking twice, from
    two tabs or after a cut, asks once. Raises NotFound, Conflict("plan_not_ready").
    """
    plan = find_plan(session, ref)
    if plan.concluded_at is None:
        raise Conflict("plan_not_ready", N_("This plan is not ready yet."))
    lines = _waiting_lines(session, plan, demand_refs)
    for line in lines:
        line.apply_asked_at, line.apply_by, line.apply_label = clock.now(), actor.ref, actor.label
        _send_later(session, line, clock)
    if lines:
        tell_at_the_latest(session, plan, clock=clock)
        refs = [line.demand.ref for line in lines]
        record(session, "plan.apply", "plan", plan.ref, actor=actor, clock=clock, demands=refs)
    session.flush()
    return len(lines)


def _waiting_lines(session: Session, plan: Plan, demand_refs: Collection[str] | None) -> Sequence[PlanDemand]:
    """The lines with somebody proposed whose proposals nobody has asked to leave, locked."""
    query = (
        select(PlanDemand)
        .join(PlanDemand.demand)
        .where(
            PlanDemand.plan_id == plan.id,
            PlanDemand.apply_asked_at.is_(None),
            PlanDemand.proposals.any(PlanProposal.state == ProposalState.PROPOSED),
        )
        .order_by(PlanDemand.held.desc(), PlanDemand.id)  # who may be freed is asked first
        .options(joinedload(PlanDemand.demand), joinedload(PlanDemand.plan))
        .with_for_update(of=PlanDemand)
        .execution_options(populate_existing=True)
    )
    if demand_refs is not None:
        query = query.where(Demand.ref.in_(demand_refs))
    return session.scalars(query).all()


def send_plan_line(session: Session, subject_ref: str, payload: Mapping[str, Any], *, clock: Clock) -> None:
    """Outbox `dispatch.send_plan_line`: propose a demand to those a plan found for it, who still can come.

    Rows are locked in order (demand, seats, then the plan's line), and every rule is looked at again. Who can no longer
    come is left as they are, nobody is told of it; the others are asked. What is proposed to somebody who is asked to
    hand a seat over waits for their answer. Done again, it does nothing.
    """
    demand = lock_demand(session, subject_ref)
    seats = lock_seats(session, demand)
    line = _locked_line(session, str(payload["plan"]), demand)
    if line.held:
        _ask_holders(session, line, demand, clock)
        return
    waiting = [one for one in line.proposals if one.state is ProposalState.PROPOSED]
    free = sum(1 for seat in seats if seat.state in FREE) if demand.state in OFFERABLE else 0
    asked = {offer.peer_id for offer in open_offers(session, demand)}
    room = free - len(asked - {one.peer_id for one in waiting})
    offers = _send(session, line, demand, room, clock) if room > 0 else {}
    busy = _still_asked(session, line)
    for one in waiting:
        if one.peer.ref in offers:
            _settle(one, ProposalEvent.SEND, clock)
            one.offer_ref = offers[one.peer.ref]
        elif one.peer_id not in busy:
            _settle(one, ProposalEvent.LOSE, clock)
    session.flush()
    tell_after_the_last(session, line.plan_id, clock=clock)


def _ask_holders(session: Session, line: PlanDemand, demand: Demand, clock: Clock) -> None:
    """A demand held already: nobody is moved, who holds a seat is asked."""
    actor = Actor(line.apply_by or Actor.SYSTEM.ref, line.apply_label or Actor.SYSTEM.label)
    for one in [each for each in line.proposals if each.state is ProposalState.PROPOSED]:
        try:
            with session.begin_nested():
                asked = ask_holder(session, one, demand, actor=actor, clock=clock)
        except DomainError:
            asked = False
        _settle(one, ProposalEvent.ASK if asked else ProposalEvent.LOSE, clock)
        if not asked and one.replaces is not None:
            _send_again(session, line.plan_id, one.replaces.peer_id, f"{one.id}", clock)
    session.flush()


def _settle(one: PlanProposal, event: ProposalEvent, clock: Clock) -> None:
    one.state, one.ended_at = next_state(PROPOSAL_TRANSITIONS, one.state, event), clock.now()


def _still_asked(session: Session, line: PlanDemand) -> set[int]:
    """Who is asked to hand a seat over, or is about to be: what is proposed to them waits for their answer."""
    moves = select(Assignment.peer_id).join(PlanProposal, PlanProposal.replaces_id == Assignment.id)
    moves = moves.join(PlanDemand, PlanDemand.id == PlanProposal.line_id).where(PlanDemand.plan_id == line.plan_id)
    leaving = moves.where(PlanProposal.state == ProposalState.PROPOSED, PlanDemand.apply_asked_at.is_not(None))
    asked = moves.join(Handover, Handover.proposal_id == PlanProposal.id).where(Handover.state.in_(LIVE_HANDOVERS))
    return set(session.scalars(leaving)) | set(session.scalars(asked))


def go_on_with_plan(session: Session, subject_ref: str, payload: Mapping[str, Any], *, clock: Clock) -> None:
    """Outbox `dispatch.go_on_with_plan`: a handover is over, what the plan proposes to who was asked is looked at."""
    row = find_handover(session, subject_ref)
    _send_again(session, row.proposal.line.plan_id, row.assignment.peer_id, row.ref, clock)


def _send_again(session: Session, plan_id: int, peer_id: int, since: str, clock: Clock) -> None:
    lines = session.scalars(
        select(PlanDemand)
        .where(
            PlanDemand.plan_id == plan_id,
            PlanDemand.apply_asked_at.is_not(None),
            PlanDemand.proposals.any(
                and_(PlanProposal.state == ProposalState.PROPOSED, PlanProposal.peer_id == peer_id)
            ),
        )
        .options(joinedload(PlanDemand.demand), joinedload(PlanDemand.plan))
    ).all()
    for line in lines:
        _send_later(session, line, clock, since=f":{since}")
    if lines:
        tell_at_the_latest(session, lines[0].plan, clock=clock)


def _send_later(session: Session, line: PlanDemand, clock: Clock, *, since: str = "") -> None:
    add(
        session,
        SEND_LINE,
        subject_kind="demand",
        subject_ref=line.demand.ref,
        due_at=clock.now(),
        dedup=f"plan:{line.plan.ref}:{line.demand.ref}{since}",
        payload={"plan": line.plan.ref},
    )


def _locked_line(session: Session, plan_ref: str, demand: Demand) -> PlanDemand:
    return session.scalars(
        select(PlanDemand)
        .join(PlanDemand.plan)
        .where(Plan.ref == plan_ref, PlanDemand.demand_id == demand.id)
        .options(selectinload(PlanDemand.proposals).joinedload(PlanProposal.peer))
        .with_for_update(of=PlanDemand)
        .execution_options(populate_existing=True)
    ).one()


def _send(session: Session, line: PlanDemand, demand: Demand, room: int, clock: Clock) -> Mapping[str, str]:
    """The offers sent, by the peer's reference; none when a refusal says that nothing can leave."""
    actor = Actor(line.apply_by or Actor.SYSTEM.ref, line.apply_label or Actor.SYSTEM.label)
    refs = [one.peer.ref for one in line.proposals if one.state is ProposalState.PROPOSED]
    try:
        answer = look(session, demand.ref, clock=clock, peer_refs=refs).answer
        able = {each.candidate.ref for each in answer.possible} - _said_no(session, demand)
        wanted = [ref for ref in refs if ref in able][:room]
        if not wanted:
            return {}
        until = default_deadline(clock.now(), next_start(answer.ask.sessions, clock.now()))
        with session.begin_nested():
            sent = send_offers(session, demand.ref, wanted, deadline=until, actor=actor, clock=clock, letters=False)
    except DomainError:
        return {}
    return {offer.peer.ref: offer.ref for offer in sent}


def _said_no(session: Session, demand: Demand) -> set[str]:
    latest: dict[str, OfferState] = {}
    query = select(Offer).where(Offer.demand_id == demand.id).options(joinedload(Offer.peer))
    for offer in session.scalars(query.order_by(Offer.sent_at, Offer.id)):
        latest[offer.peer.ref] = offer.state
    return {ref for ref, state in latest.items() if state is OfferState.DECLINED}
