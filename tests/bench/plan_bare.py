"""The bare clique model in HiGHS, alone in its process: what the engine is compared with.

    .venv/bin/python -m tests.bench.plan_bare INSTANCE.json --seconds 60 --gap 0.001 --out PLAN.json --trace TRACE.json

Requests served whole, cliques of clashes by peer, weekly limits, hours above and below the target: nothing tightened, one
thread, no first plan. The trace has a line for each better plan or bound.
"""

import argparse
import json
import time
from pathlib import Path

import highspy
import numpy as np

from entrepairs.planning.clashes import Clashes
from entrepairs.planning.cliques import cliques
from entrepairs.planning.instances import read_instance, written_plan
from entrepairs.planning.problem import MINUTE, POINT, Problem, score

BEGAN = time.monotonic()


class Bare:
    """The model: options, then served requests, then hours above and below each peer's target. Minimised."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.options, self.requests, self.peers = (
            len(problem.option_request),
            len(problem.requests),
            len(problem.peers),
        )
        self.low: list[float] = []
        self.high: list[float] = []
        self.start = [0]
        self.columns: list[np.ndarray] = []
        self.values: list[np.ndarray] = []
        self._by_request()
        self._by_peer()

    def row(self, columns: np.ndarray, values: np.ndarray, low: float, high: float) -> None:
        self.columns.append(columns)
        self.values.append(np.asarray(values, dtype=float))
        self.start.append(self.start[-1] + len(columns))
        self.low.append(low)
        self.high.append(high)

    def _by_request(self) -> None:
        problem = self.problem
        for request in range(self.requests):
            mine = np.arange(problem.first_option[request], problem.first_option[request + 1])
            served = self.options + request
            self.row(np.append(mine, served), np.append(np.ones(len(mine)), -problem.seats[request]), 0.0, 0.0)
            if problem.needs_lead[request]:
                leads = mine[problem.lead[problem.option_peer[mine]]]
                self.row(np.append(leads, served), np.append(np.ones(len(leads)), -1.0), 0.0, np.inf)

    def _by_peer(self) -> None:
        problem, clashes = self.problem, Clashes(self.problem)
        rank = np.argsort(problem.session_order)
        for peer, theirs in enumerate(problem.options_by_peer):
            mine = theirs[np.argsort(rank[problem.option_request[theirs]], kind="stable")]
            asked = problem.option_request[mine]
            for each in cliques(clashes.among(peer, asked)):
                self.row(mine[each], np.ones(len(each)), -np.inf, 1.0)
            load = problem.loads[asked]
            for period in np.flatnonzero(load.sum(axis=0) > problem.capacity[peer]).tolist():
                there = np.flatnonzero(load[:, period])
                self.row(mine[there], load[there, period], -np.inf, float(problem.capacity[peer, period]))
            above = self.options + self.requests + peer
            hours = np.concatenate([problem.minutes[asked] / 60, [-1.0, 1.0]])
            target = float(problem.target[peer]) / MINUTE / 60
            self.row(np.concatenate([mine, [above, above + self.peers]]), hours, target, target)

    def loaded(self) -> highspy.Highs:
        problem, whole = self.problem, self.options + self.requests
        lp = highspy.HighsLp()
        cost = [problem.option_cost / POINT, -problem.value / POINT, np.ones(2 * self.peers)]
        lp.col_cost_ = np.concatenate(cost)
        lp.num_col_, lp.num_row_ = len(lp.col_cost_), len(self.low)
        lp.col_lower_ = np.zeros(lp.num_col_)
        lp.col_upper_ = np.concatenate([np.ones(whole), np.full(2 * self.peers, np.inf)])
        lp.row_lower_, lp.row_upper_ = np.array(self.low), np.array(self.high)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(self.start)
        lp.a_matrix_.index_ = np.concatenate(self.columns)
        lp.a_matrix_.value_ = np.concatenate(self.values)
        kinds = highspy.HighsVarType
        lp.integrality_ = [kinds.kInteger] * whole + [kinds.kContinuous] * (2 * self.peers)
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.passModel(lp)
        return solver


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("instance", type=Path)
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--gap", type=float, default=1e-4)
    asked.add_argument("--out", type=Path, required=True)
    asked.add_argument("--trace", type=Path, required=True)
    given = asked.parse_args()
    problem = read_instance(given.instance)
    model = Bare(problem)
    solver = model.loaded()
    trace: list[dict[str, float | None]] = []

    def told(event: highspy.HighsCallbackEvent) -> None:
        best, bound = -event.data_out.mip_primal_bound, -event.data_out.mip_dual_bound
        row = {
            "best": best if np.isfinite(best) else None,
            "bound": bound if np.isfinite(bound) else None,
        }
        if not trace or {name: trace[-1][name] for name in row} != row:
            trace.append({"time": time.monotonic() - BEGAN, **row})

    solver.cbMipImprovingSolution.subscribe(told)
    solver.cbMipInterrupt.subscribe(told)
    solver.setOptionValue("mip_rel_gap", given.gap)
    solver.setOptionValue("time_limit", max(1.0, given.seconds - (time.monotonic() - BEGAN)))
    solver.run()
    values = np.asarray(solver.getSolution().col_value)
    chosen = np.flatnonzero(values[: model.options] > 0.5) if len(values) else np.zeros(0, dtype=np.int64)
    full = np.bincount(problem.option_request[chosen], minlength=model.requests) == problem.seats
    chosen = chosen[full[problem.option_request[chosen]]]
    info = solver.getInfo()
    best = score(problem, chosen) / POINT
    bound = -info.mip_dual_bound if np.isfinite(info.mip_dual_bound) else None
    trace.append({"time": time.monotonic() - BEGAN, "best": best, "bound": bound})
    given.out.write_text(written_plan(problem, chosen))
    given.trace.write_text(json.dumps({"trace": trace}))


if __name__ == "__main__":
    main()
