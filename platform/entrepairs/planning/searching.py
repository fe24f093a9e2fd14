"""The run `planning.plan`: read, search in the engine's own process, look again by the rules, write. Resumable.

The best plan found is kept in the run, by the demands' references and the peers' ids: a worker killed anywhere is
replaced by one that reads afresh and goes on from it, for the time that is left.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select

from entrepairs.kernel.clock import Clock
from entrepairs.outbox.turns import PULSE_EVERY, Pulse, Turn
from entrepairs.planning.asking import find_plan
from entrepairs.planning.checking import Settled, settle
from entrepairs.planning.compiling import compile_problem, held_value, horizon_of, worth
from entrepairs.planning.concluding import conclude
from entrepairs.planning.eligibility import able
from entrepairs.planning.gains import peers_of, worthwhile
from entrepairs.planning.gathering import gather
from entrepairs.planning.models import Plan, PlanDemand
from entrepairs.planning.moving import move_hours, still_movable
from entrepairs.planning.priorities import priorities_on
from entrepairs.planning.problem import Problem
from entrepairs.planning.progress import PROVEN
from entrepairs.planning.running import searching

READING: Final = "reading"
SEARCHING: Final = "searching"
CHECKING: Final = "checking"
SHORTEST: Final = 1.0
"""Seconds given to a search taken up again, however late the first one was killed."""


class _Left(Exception):
    """This worker ends: another goes on."""


@dataclass
class _Progress:
    """Tells the run, once a second at most, how far it is, and remembers that a stop was asked."""

    turn: Turn
    seconds: int
    told: dict[str, Any] = field(default_factory=dict)
    stopped: bool = False
    _last: float = float("-inf")

    def tell(self, phase: str, **more: Any) -> None:
        """Renew the lease with news, at once; raises _Left when this worker ends, RunLost when another has the run."""
        self.told = self.told | {"phase": phase, "done": 0, "total": self.seconds} | more
        self._renew()

    def keep(self, kept: Mapping[str, Any]) -> None:
        """The same with what was found."""
        self._renew(kept)

    def pulse(self) -> None:
        """Called often: renews when a second has passed."""
        if time.monotonic() - self._last >= PULSE_EVERY:
            self._renew()

    def _renew(self, kept: Mapping[str, Any] | None = None) -> None:
        self._last = time.monotonic()
        match self.turn.pulse(self.told, kept):
            case Pulse.STOP:
                self.stopped = True
            case Pulse.LEAVE:
                raise _Left
            case Pulse.GO_ON:
                pass


def search_plan(turn: Turn, declined: Mapping[str, frozenset[int]], *, clock: Clock) -> bool:
    """Search and conclude a plan; False when this worker ends before it is concluded. Raises Conflict, RunLost."""
    plan = find_plan(turn.session, turn.subject_ref)
    if plan.concluded_at is not None:
        return True
    try:
        _search(turn, plan, _Progress(turn, plan.seconds), declined, clock)
    except _Left:
        turn.session.rollback()
        return False
    return True


def _search(turn: Turn, plan: Plan, progress: _Progress, declined: Mapping[str, frozenset[int]], clock: Clock) -> None:
    session, plan_id, since, until, seed = turn.session, plan.id, plan.since, plan.until, plan.seed
    progress.tell(READING)
    ids = session.scalars(
        select(PlanDemand.demand_id).where(PlanDemand.plan_id == plan_id).order_by(PlanDemand.position)
    ).all()
    priorities = priorities_on(session, clock.today())
    accepted = still_movable(session, plan_id, clock=clock)
    gathered = gather(session, ids, clock=clock, declined=declined, accepted=accepted)
    worth_moving = move_hours(session, clock.today())
    possible = able(session, gathered, clock=clock, pulse=progress.pulse)
    session.commit()
    horizon = horizon_of(gathered.needed, since, until)
    problem = compile_problem(gathered, possible, horizon, priorities, move_minutes=60 * worth_moving)
    held = {ref: list(peers) for ref, peers in gathered.holds.by_demand.items()}
    best = _best_of(problem, progress, turn.kept or {"plan": held}, seed, held)
    progress.tell(CHECKING, done=progress.seconds)

    def again(plan: Mapping[str, Sequence[int]]) -> Sequence[Settled]:
        return settle(gathered, possible, plan, priorities, progress.pulse)

    settled = worthwhile(problem, gathered, again(best["plan"]), again)
    apart = held_value(problem, gathered)
    conclude(
        session,
        plan_id,
        gathered,
        settled,
        able=possible,
        horizon=horizon,
        accepted=accepted,
        objective={"priorities": dict(priorities), "move_hours": worth_moving},
        found={
            "best": worth(problem, peers_of(settled)) - apart,
            "bound": None if best["bound"] is None else best["bound"] - apart,
            "seconds": best["seconds"],
            "until": horizon.until.isoformat(),
        },
        clock=clock,
    )


def _best_of(
    problem: Problem, progress: _Progress, kept: Mapping[str, Any], seed: int, held: Mapping[str, Any]
) -> dict[str, Any]:
    """Search for the time left; what is kept is `plan`, `best`, `bound`, `seconds`. `held`: demands served already.

    Of a search taken up again the plan is kept, not its bound: what was read since is another problem.
    """
    spent = float(kept.get("seconds", 0.0))
    best: dict[str, Any] = {"plan": dict(kept.get("plan", {})), "best": None, "bound": None, "seconds": spent}
    left = max(SHORTEST, progress.seconds - spent)
    with searching(problem, seconds=left, seed=seed, start=best["plan"]) as news:
        for found in news:
            best["seconds"] = round(spent + found.seconds, 1)
            better = found.plan is not None
            if found.plan is not None:
                best |= {"plan": found.plan, "best": found.best}
            best["bound"] = found.bound if found.bound is not None else best["bound"]
            progress.told |= _told(best, progress.seconds, held)
            if better:
                progress.keep(best)
            else:
                progress.pulse()
            if progress.stopped:
                break
    return best


def _told(best: Mapping[str, Any], seconds: int, held: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "phase": SEARCHING,
        "done": min(seconds, round(best["seconds"])),
        "served": sum(1 for ref in best["plan"] if ref not in held),
        "gap": gap(best["best"], best["bound"]),
    }


def gap(best: int | None, bound: int | None) -> float | None:
    """How far the best is from what nothing can go beyond, in percent, never 0 unless proven; None while unknown."""
    if best is None or bound is None or bound <= 0:
        return None
    apart = max(0, bound - best) / bound
    return 0.0 if apart <= PROVEN else max(0.01, round(100 * apart, 2))
