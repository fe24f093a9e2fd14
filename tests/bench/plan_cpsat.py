"""The same problem given to CP-SAT, two workers. Run by the Python of an environment of its own, which has `ortools`.

    ENVIRONMENT/bin/python plan_cpsat.py MODEL.json SECONDS PLAN.json TRACE.json

It imports nothing of ours: HiGHS and OR-Tools don't live in one process. MODEL.json is written by `plan`: options with
their gain, cliques, limits and hours by peer, all whole numbers.
"""

import json
import sys
import time
from pathlib import Path

from ortools.sat.python import cp_model

BEGAN = time.monotonic()


class Watching(cp_model.CpSolverSolutionCallback):
    """Each better plan, with the bound of that moment."""

    def __init__(self, unit: int) -> None:
        super().__init__()
        self.unit = unit
        self.rows: list[dict[str, float]] = []

    def on_solution_callback(self) -> None:
        row = {"best": self.objective_value / self.unit, "bound": self.best_objective_bound / self.unit}
        self.rows.append({"time": time.monotonic() - BEGAN, **row})


def main(model_path: str, seconds: str, plan_path: str, trace_path: str) -> None:
    given = json.loads(Path(model_path).read_text())
    model = cp_model.CpModel()
    option = [model.new_bool_var("") for _ in given["request"]]
    served = [model.new_bool_var("") for _ in given["seats"]]
    of_request: list[list[int]] = [[] for _ in served]
    for at, request in enumerate(given["request"]):
        of_request[request].append(at)
    for request, mine in enumerate(of_request):
        model.add(sum(option[at] for at in mine) == given["seats"][request] * served[request])
        if given["needs_lead"][request]:
            model.add(sum(option[at] for at in mine if given["lead"][at]) >= served[request])
    for clique in given["cliques"]:
        model.add_at_most_one(option[at] for at in clique)
    for columns, minutes, most in given["limits"]:
        model.add(sum(spent * option[at] for at, spent in zip(columns, minutes, strict=True)) <= most)
    lost = []
    for columns, units, target, most in given["hours"]:
        apart = model.new_int_var(0, most, "")
        worked = sum(spent * option[at] for at, spent in zip(columns, units, strict=True))
        model.add(apart >= worked - target)
        model.add(apart >= target - worked)
        lost.append(apart)
    gained = sum(value * each for value, each in zip(given["value"], served, strict=True))
    spent = sum(cost * each for cost, each in zip(given["cost"], option, strict=True))
    model.maximize(gained - spent - sum(lost))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.max_time_in_seconds = max(1.0, float(seconds) - (time.monotonic() - BEGAN))
    watching = Watching(given["point"])
    status = solver.solve(model, watching)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    asked: dict[str, list[object]] = {}
    if found:
        for at, each in enumerate(option):
            if solver.value(each):
                asked.setdefault(str(given["names"][given["request"][at]]), []).append(given["peer_names"][at])
        row = {"best": solver.objective_value / given["point"], "bound": solver.best_objective_bound / given["point"]}
        watching.rows.append({"time": time.monotonic() - BEGAN, **row})
    Path(plan_path).write_text(json.dumps({"assignments": asked}))
    Path(trace_path).write_text(json.dumps({"trace": watching.rows}))


if __name__ == "__main__":
    main(*sys.argv[1:5])
