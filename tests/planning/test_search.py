"""The engine's processes: the same plan twice, a stop, a kill, and what the caller keeps."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from entrepairs.commands.plan import command
from entrepairs.kernel.errors import Unavailable
from entrepairs.planning import solving
from entrepairs.planning.frames import Channel, Closed
from entrepairs.planning.instances import problem_of
from entrepairs.planning.posting import posted, unposted
from entrepairs.planning.problem import Problem, score
from entrepairs.planning.running_engine import News, engine_at_work
from entrepairs.planning.solving import solve
from tests.planning.instances import an_instance
from tests.planning.problems import violations

REPO = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def problem() -> Problem:
    """Large enough to need helpers once what is small is made smaller."""
    return problem_of(an_instance(24, 90))


@pytest.fixture
def with_helpers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "SMALL", 10)


def test_the_same_seed_and_iterations_give_the_same_plan(problem: Problem, with_helpers: None) -> None:
    one, other = (solve(problem, seed=3, iterations=6) for _ in range(2))
    assert (one.chosen == other.chosen).all()
    assert (one.best, one.bound) == (other.best, other.bound)
    assert one.rounds == other.rounds
    assert violations(problem, one.chosen) == []


def test_helpers_find_what_the_exact_solver_finds(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = solve(problem, seconds=30)
    monkeypatch.setattr(solving, "SMALL", 10)
    together = solve(problem, seconds=30)
    assert together.best == pytest.approx(at_once.best, rel=1e-6)
    assert together.bound >= together.best
    assert violations(problem, together.chosen) == []
    assert together.best == score(problem, together.chosen)


def test_a_plan_given_to_start_from_is_never_lost(problem: Problem, with_helpers: None) -> None:
    first = solve(problem, seed=1, iterations=4)
    again = solve(problem, seed=2, iterations=1, start=first.chosen)
    assert again.trace[0].best >= first.best


def test_a_helper_killed_is_replaced_and_the_search_goes_on(
    problem: Problem, with_helpers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from entrepairs.planning import crew

    started: list[int] = []
    start = crew.Crew._started

    def remember(self: crew.Crew) -> crew.Helper:
        helper = start(self)
        started.append(helper.process.pid)
        if len(started) == 2:
            os.kill(started[1], signal.SIGKILL)
        return helper

    monkeypatch.setattr(crew.Crew, "_started", remember)
    found = solve(problem, seconds=30)
    assert len(started) >= 3
    assert found.bound - found.best <= found.best // 100
    assert violations(problem, found.chosen) == []


def test_a_problem_travels_whole(problem: Problem) -> None:
    reading, writing = os.pipe()
    channel = Channel(reading, writing)
    small = problem_of(an_instance(5, 6))
    channel.send({"do": "problem"}, **posted(small))
    frame = channel.receive(1)
    assert frame is not None
    back = unposted(frame.arrays)
    for name, array in posted(small).items():
        assert (getattr(back, name) == array).all()
    os.close(writing)
    with pytest.raises(Closed):
        channel.receive(1)
    os.close(reading)


def heard(problem: Problem, seconds: float) -> list[News]:
    with engine_at_work(problem, seconds=seconds, seed=1) as news:
        return list(news)


def test_the_engine_tells_its_caller_until_the_end(problem: Problem) -> None:
    told = heard(problem, 20)
    assert told[-1].ended
    last = next(each for each in reversed(told) if each.chosen is not None)
    assert last.chosen is not None
    assert last.best == score(problem, last.chosen)
    assert last.bound is not None
    assert last.bound >= last.best


@pytest.fixture
def slow() -> Problem:
    """Nothing that ends in a few seconds."""
    return problem_of(an_instance(150, 1200, 5))


def test_an_engine_killed_leaves_the_best_plan_it_told(slow: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    processes: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def remember(*args: object, **given: object) -> subprocess.Popen[bytes]:
        processes.append(popen(*args, **given))  # type: ignore[call-overload]
        return processes[-1]

    monkeypatch.setattr(subprocess, "Popen", remember)
    best: News | None = None
    with engine_at_work(slow, seconds=60, seed=1) as news, pytest.raises(Unavailable) as lost:  # noqa: PT012
        for each in news:
            if each.chosen is not None:
                best = each
                processes[0].kill()
    assert lost.value.code == "engine_lost"
    assert best is not None
    assert best.chosen is not None
    assert violations(slow, best.chosen) == []


def test_leaving_early_ends_the_engine_and_its_helpers(slow: Problem) -> None:
    with engine_at_work(slow, seconds=60, seed=1) as news:
        first = next(each for each in news if each.chosen is not None)
    assert first.best is not None
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and children():
        time.sleep(0.1)
    assert children() == []


def children() -> list[str]:
    """Command lines of the engine's processes that descend from this one or were left behind by it."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_text().replace("\0", " ")
            environment = (folder / "environ").read_text()
        except OSError:
            continue
        if "entrepairs.planning." in line and f"PLANNING_TEST={os.getpid()}" in environment:
            found.append(line)
    return found


@pytest.fixture(autouse=True)
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANNING_TEST", str(os.getpid()))


def test_a_problem_that_makes_no_sense_is_refused_by_the_engine(problem: Problem) -> None:
    broken = problem_of(an_instance(5, 6))
    object.__setattr__(broken, "seats", broken.seats[:-1])
    with engine_at_work(broken, seconds=5, seed=1) as news, pytest.raises(ValueError, match="wrong length"):
        list(news)


def test_the_command_writes_a_plan_and_a_trace(tmp_path: Path) -> None:
    import json

    instance, plan, trace = (tmp_path / name for name in ("i.json", "p.json", "t.json"))
    instance.write_text(json.dumps(an_instance(10, 20)))
    done = CliRunner().invoke(
        command, ["solve", str(instance), "--seconds", "10", "--out", str(plan), "--trace", str(trace)]
    )
    assert done.exit_code == 0, done.output
    assert "Plan trouvé" in done.output
    assert "écart 0,000" in done.output
    assert json.loads(plan.read_text())["assignments"]
    rows = json.loads(trace.read_text())["trace"]
    assert all(row["bound"] >= row["best"] - 1e-3 for row in rows)


def test_the_command_refuses_in_one_sentence(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    done = subprocess.run(
        [sys.executable, "-m", "entrepairs.cli", "plan", "solve", str(bad), "--out", str(tmp_path / "p.json")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "JSON" in done.stderr
    assert not (tmp_path / "p.json").exists()


def test_solving_a_file_loads_neither_the_application_nor_the_database() -> None:
    code = (
        "import sys; import entrepairs.commands._plan_file, entrepairs.planning.instances, "
        "entrepairs.planning.running_engine; "
        "print([name for name in ('flask', 'sqlalchemy', 'celery', 'highspy') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"


def test_a_bound_never_goes_below_a_plan(problem: Problem, with_helpers: None) -> None:
    found = solve(problem, seconds=6)
    bests = np.array([step.best for step in found.trace])
    bounds = np.array([step.bound for step in found.trace])
    assert (np.diff(bests) >= 0).all()
    assert (np.diff(bounds) <= 0).all()
    assert bounds.min() >= bests.max()
