"""How good a plan is, how soon, and how near the bound: beside greedy, the bare model in HiGHS, and CP-SAT.

    .venv/bin/python -m tests.bench.plan [--sizes 50x200 200x1000 1000x5000] [--seeds 1 2 3] [--seconds 60]
        [--shared FOLDER] [--cpsat] [--keep FOLDER]

One process after another on the same machine, each from the start of its process: reading and building included. FOLDER
holds `gen_instances.py` and `score_plan.py`, an instance generator and an independent referee; without it the instances
are drawn by `plan_files`. CP-SAT runs in an environment of its own, made here; without the means to make one it is left out.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from entrepairs.planning.clashes import Clashes
from entrepairs.planning.cliques import cliques
from entrepairs.planning.greedy import greedy
from entrepairs.planning.instances import read_instance, written_plan
from entrepairs.planning.pieces import whole_piece
from entrepairs.planning.problem import MINUTE, POINT, Problem, score
from entrepairs.planning.rows import model_of
from tests.bench.plan_files import an_instance_file, referee

HERE = Path(__file__).parent
GAPS = (0.01, 0.001)


@dataclass(frozen=True)
class Run:
    """One method on one instance: points, bound, seconds of wall and of CPU, seconds to each gap (None: never)."""

    method: str
    size: str
    seed: int
    score: float
    bound: float | None
    seconds: float
    cpu: float
    to_gap: tuple[float | None, ...]

    @property
    def gap(self) -> float | None:
        return None if self.bound is None or not self.score else max(0.0, self.bound - self.score) / abs(self.score)


def to_gaps(rows: Sequence[dict[str, Any]], before: float) -> tuple[float | None, ...]:
    """When each gap was reached, `before` being what came before the trace's first second: starting, reading."""

    def reached(row: dict[str, Any], gap: float) -> bool:
        best, bound = row["best"], row["bound"]
        return best is not None and bound is not None and best > 0 and bound - best <= gap * best

    return tuple(next((before + row["time"] for row in rows if reached(row, gap)), None) for gap in GAPS)


def measured(
    method: str, command: Sequence[str | Path], instance: Path, given: argparse.Namespace, size: str, seed: int
) -> Run:
    """Run a method that writes a plan and a trace."""
    with tempfile.TemporaryDirectory() as folder:
        plan, trace = Path(folder, "plan.json"), Path(folder, "trace.json")
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        filled = [{"PLAN": plan, "TRACE": trace}.get(str(each), each) for each in command]
        subprocess.run(filled, check=True, stdout=subprocess.DEVNULL)
        seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        rows = json.loads(trace.read_text())["trace"]
        told = referee(given.shared, instance, plan)
    last = rows[-1] if rows else {"best": 0.0, "bound": None}
    best = last["best"] or 0.0
    if not np.isnan(told):
        if best - told > 0.11:
            raise SystemExit(f"{method} on {instance.name}: {best} by its own count, {told} by the referee")
        best = told  # what a method betters in its last instant may be missing from its trace
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    outside = seconds - last["time"] if rows else 0.0
    return Run(method, size, seed, best, last["bound"], seconds, cpu, to_gaps(rows, outside))


def by_greedy(instance: Path, given: argparse.Namespace, size: str, seed: int) -> tuple[Run, float]:
    """The first plan alone; and the seconds it takes to build the whole tight model."""
    began, cpu = time.monotonic(), time.process_time()
    problem = read_instance(instance)
    clashes = Clashes(problem)
    chosen = greedy(problem, clashes)
    seconds, cpu = time.monotonic() - began, time.process_time() - cpu
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder, "plan.json")
        plan.write_text(written_plan(problem, chosen))
        told = referee(given.shared, instance, plan)
    building = time.process_time()
    model_of(whole_piece(problem, Clashes(problem)))
    run = Run("greedy", size, seed, score(problem, chosen) / POINT, None, seconds, cpu, (None,) * len(GAPS))
    assert np.isnan(told) or abs(told - run.score) < 0.11
    return run, time.process_time() - building


def for_cpsat(problem: Problem) -> dict[str, Any]:
    """The problem in whole numbers, as `plan_cpsat` reads it."""
    clashes, found, limits, hours = Clashes(problem), [], [], []
    rank = np.argsort(problem.session_order)
    for peer, theirs in enumerate(problem.options_by_peer):
        mine = theirs[np.argsort(rank[problem.option_request[theirs]], kind="stable")]
        asked = problem.option_request[mine]
        found += [mine[each].tolist() for each in cliques(clashes.among(peer, asked))]
        load = problem.loads[asked]
        for period in np.flatnonzero(load.sum(axis=0) > problem.capacity[peer]).tolist():
            there = np.flatnonzero(load[:, period])
            limits.append([mine[there].tolist(), load[there, period].tolist(), int(problem.capacity[peer, period])])
        units, target = problem.minutes[asked] * MINUTE, int(problem.target[peer])
        hours.append([mine.tolist(), units.tolist(), target, max(target, int(units.sum()))])
    return {
        "point": POINT,
        "names": list(problem.requests),
        "peer_names": [problem.peers[peer] for peer in problem.option_peer.tolist()],
        "request": problem.option_request.tolist(),
        "lead": problem.lead[problem.option_peer].tolist(),
        "cost": problem.option_cost.tolist(),
        "value": problem.value.tolist(),
        "seats": problem.seats.tolist(),
        "needs_lead": problem.needs_lead.tolist(),
        "cliques": found,
        "limits": limits,
        "hours": hours,
    }


def cpsat_python(folder: Path) -> Path | None:
    """The Python of an environment that has OR-Tools, made once; None when it can't be."""
    python = folder / "cpsat" / "bin" / "python"
    if not python.exists():
        venv.create(folder / "cpsat", with_pip=True)
        done = subprocess.run([python, "-m", "pip", "install", "--quiet", "ortools"], check=False)
        if done.returncode:
            return None
    ready = subprocess.run([python, "-c", "import ortools"], check=False, capture_output=True)
    return python if ready.returncode == 0 else None


def runs_on(instance: Path, given: argparse.Namespace, size: str, seed: int, cpsat: Path | None) -> list[Run]:
    """Every method on one instance."""
    seconds = str(given.seconds)
    first, building = by_greedy(instance, given, size, seed)
    print(f"{size} seed {seed}: the whole tight model is built in {building:.1f} s of CPU", flush=True)
    runs = [first]
    engine = [sys.executable, "-m", "entrepairs.cli", "plan", "solve", instance, "--seconds", seconds, "--seed", "1"]
    runs.append(measured("engine", [*engine, "--out", "PLAN", "--trace", "TRACE"], instance, given, size, seed))
    bare = [sys.executable, "-m", "tests.bench.plan_bare", instance, "--seconds", seconds, "--gap", "1e-4"]
    if size not in given.without_bare:
        runs.append(measured("bare HiGHS", [*bare, "--out", "PLAN", "--trace", "TRACE"], instance, given, size, seed))
    if cpsat is not None:
        with tempfile.TemporaryDirectory() as folder:
            model = Path(folder, "model.json")
            model.write_text(json.dumps(for_cpsat(read_instance(instance))))
            command = [cpsat, HERE / "plan_cpsat.py", model, seconds, "PLAN", "TRACE"]
            runs.append(measured("CP-SAT", command, instance, given, size, seed))
    for run in runs:
        print(line(run), flush=True)
    return runs


def line(run: Run) -> str:
    """A row of the table."""
    gap = "" if run.gap is None else f"{100 * run.gap:.3f} %"
    bound = "" if run.bound is None else f"{run.bound:,.0f}"
    times = " | ".join("" if each is None else f"{each:.1f}" for each in run.to_gap)
    return (
        f"| {run.size} | {run.seed} | {run.method} | {run.score:,.0f} | {bound} | {gap} | {times} "
        f"| {run.seconds:.1f} | {run.cpu:.1f} |"
    )


HEAD = (
    "| size | seed | method | score | bound | gap | s to 1 % | s to 0.1 % | s | CPU s |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def medians(runs: Sequence[Run]) -> list[str]:
    """By size and method over the seeds: medians, and the ratio of scores to the engine's on the same instance."""
    told = []
    for size, method in dict.fromkeys((run.size, run.method) for run in runs):
        mine = [run for run in runs if (run.size, run.method) == (size, method)]
        engine = {run.seed: run.score for run in runs if run.size == size and run.method == "engine"}
        ratios = [run.score / engine[run.seed] for run in mine]
        gaps = [100 * run.gap for run in mine if run.gap is not None]
        gap = f"{statistics.median(gaps):.3f} %" if gaps else "none"
        reached = [[run.to_gap[at] for run in mine] for at in range(len(GAPS))]
        times = [f"{statistics.median(each):.1f} s" if None not in each else "not always" for each in reached]
        score = f"{statistics.median(run.score for run in mine):,.0f}"
        told.append(
            f"{size} {method}: median score {score}, {statistics.median(ratios):.4f} of the engine's, gap {gap}, "
            f"1 % in {times[0]}, 0.1 % in {times[1]}"
        )
    return told


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--sizes", nargs="+", default=["50x200", "200x1000", "1000x5000"])
    asked.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--shared", type=Path)
    asked.add_argument("--cpsat", action="store_true")
    asked.add_argument("--without-bare", nargs="*", default=[])
    asked.add_argument("--keep", type=Path)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        cpsat = cpsat_python(folder) if given.cpsat else None
        if given.cpsat and cpsat is None:
            print("CP-SAT is left out: an environment with OR-Tools could not be made here.")
        print(f"load {os.getloadavg()[0]:.1f} at the start, {os.cpu_count()} cores\n{HEAD}", flush=True)
        runs: list[Run] = []
        for size in given.sizes:
            peers, requests = (int(each) for each in size.split("x"))
            for seed in given.seeds:
                instance = an_instance_file(folder, given.shared, peers, requests, seed)
                runs += runs_on(instance, given, size, seed, cpsat)
        print("\n" + "\n".join(medians(runs)))
        print(f"load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
