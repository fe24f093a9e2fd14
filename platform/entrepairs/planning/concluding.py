"""Writing what a search found: who is proposed for what, why a demand stays unserved, hours before and after."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.db import locked
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict
from entrepairs.kernel.i18n import N_
from entrepairs.matching.values import Ask, Candidate
from entrepairs.planning.checking import Settled
from entrepairs.planning.compiling import Horizon
from entrepairs.planning.eligibility import Able, reasons_of
from entrepairs.planning.gains import Move, moves_of
from entrepairs.planning.gathering import Gathered
from entrepairs.planning.models import Plan, PlanDemand, PlanHours, PlanProposal
from entrepairs.planning.moving import Accepted
from entrepairs.planning.states import Outcome, ProposalState
from entrepairs.planning.telling import kept_parts

REASONS_KEPT: Final = 4


def conclude(
    session: Session,
    plan_id: int,
    gathered: Gathered,
    settled: Sequence[Settled],
    *,
    able: Mapping[str, Able],
    horizon: Horizon,
    accepted: Sequence[Accepted] = (),
    objective: Mapping[str, Any],
    found: Mapping[str, Any],
    clock: Clock,
) -> Plan:
    """Write the result of a plan, once. A demand whose seats were all taken meanwhile has nobody missing any more.

    Raises Conflict("plan_concluded").
    """
    by_demand = {each.needed.demand_id: each for each in settled}
    reasons = {}
    for each in settled:
        if not each.complete:
            told = reasons_of(able[each.needed.ask.ref], each.taken_elsewhere, each.left)
            reasons[each.needed.demand_id] = told[:REASONS_KEPT]
    plan = locked(session, select(Plan).where(Plan.id == plan_id))
    if plan is None or plan.concluded_at is not None:
        raise Conflict("plan_concluded", N_("This plan is ready already."))
    for line in session.scalars(select(PlanDemand).where(PlanDemand.plan_id == plan_id)):
        mine = by_demand.get(line.demand_id)
        if line.held:
            moves = moves_of(mine, settled, gathered, horizon) if mine else ()
            _write_held(session, line, moves, {one.peer_id: one for one in accepted if one.demand_id == line.demand_id})
        else:
            _write_line(session, line, mine, reasons.get(line.demand_id, []))
    _write_hours(session, plan, gathered, settled, horizon)
    plan.objective, plan.found = dict(objective), dict(found)
    plan.concluded_at = clock.now()
    session.flush()
    return plan


def _write_line(session: Session, line: PlanDemand, each: Settled | None, reasons: Sequence[tuple[str, int]]) -> None:
    if each is None:  # filled or over since it was asked
        line.outcome = Outcome.FILLED
        return
    line.missing, line.found = each.needed.ask.free_seats, len(each.chosen)
    if each.complete:
        line.outcome = Outcome.SERVED
    else:
        line.outcome = Outcome.PARTLY if each.chosen else Outcome.UNSERVED
        line.reasons = [list(one) for one in reasons]
    session.add_all(
        PlanProposal(
            line_id=line.id,
            peer_id=one.candidate.id,
            state=ProposalState.PROPOSED,
            km=one.explanation.km,
            parts=kept_parts(one.explanation.parts),
        )
        for one in each.chosen
    )


def _write_held(session: Session, line: PlanDemand, moves: Sequence[Move], holds: Mapping[int, Accepted]) -> None:
    line.missing, line.found = max(1, len(holds)), len(moves)
    line.outcome = Outcome.MOVED if moves else Outcome.KEPT
    session.add_all(
        PlanProposal(
            line_id=line.id,
            peer_id=one.comes.candidate.id,
            state=ProposalState.PROPOSED,
            km=one.comes.explanation.km,
            parts=kept_parts(one.comes.explanation.parts),
            replaces_id=holds[one.leaves].assignment_id,
            gain=one.kept,
        )
        for one in moves
    )


def _write_hours(
    session: Session, plan: Plan, gathered: Gathered, settled: Sequence[Settled], horizon: Horizon
) -> None:
    """Everybody who holds, gains or wishes hours over the horizon."""
    asked: dict[int, list[Ask]] = defaultdict(list)
    for each in settled:
        for one in each.chosen:
            asked[one.candidate.id].append(each.needed.ask)
    for peer in gathered.team:
        now = gathered.holds.today.get(peer.id, peer)
        before, with_plan = horizon.booked_minutes(now), horizon.booked_minutes(peer)
        with_plan += _minutes(asked[peer.id], horizon)
        wished = horizon.wished_minutes(peer) if peer.asks_missions else 0
        if before or with_plan or wished:
            km = _booked_km(peer, horizon)
            session.add(
                PlanHours(
                    plan_id=plan.id,
                    peer_id=peer.id,
                    wished_minutes=wished,
                    minutes_before=before,
                    minutes_after=with_plan,
                    km_before=round(_booked_km(now, horizon)),
                    km_after=round(km + _asked_km(peer, asked[peer.id], horizon)),
                )
            )


def _minutes(asks: Sequence[Ask], horizon: Horizon) -> int:
    return sum(work.paid_minutes for ask in asks for work in ask.work if horizon.holds(work.period))


def _booked_km(peer: Candidate, horizon: Horizon) -> float:
    return sum(2 * peer.km_to(work.place) for work in peer.bookings if horizon.holds(work.period))


def _asked_km(peer: Candidate, asks: Sequence[Ask], horizon: Horizon) -> float:
    return sum(2 * peer.km_to(ask.place) * sum(horizon.holds(one) for one in ask.sessions) for ask in asks)
