"""The engine's parts against an independent checker and brute force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.planning.bounding import first_bound, prices
from entrepairs.planning.clashes import Clashes
from entrepairs.planning.cliques import cliques
from entrepairs.planning.exact import best_of
from entrepairs.planning.greedy import greedy
from entrepairs.planning.limits import Limits
from entrepairs.planning.neighbourhoods import Choosing
from entrepairs.planning.pieces import piece_of, whole_piece
from entrepairs.planning.problem import Problem, score, whole
from entrepairs.planning.solving import solve
from tests.planning.problems import a_problem, brute_force, clash, violations, worth

SEEDS = st.integers(0, 10**6)


@given(seed=SEEDS)
def test_cliques_cover_every_clash_and_nothing_else(seed: int) -> None:
    problem = a_problem(seed, requests=9)
    table = Clashes(problem).among(0, np.arange(9))
    found = cliques(table)
    covered = np.zeros_like(table)
    for each in found:
        for one in each:
            for other in each:
                covered[one, other] |= one != other
    assert (covered == table).all()


@given(seed=SEEDS)
def test_two_requests_clash_when_their_sessions_do(seed: int) -> None:
    problem = a_problem(seed, requests=6, clashes=whole([[1, 0, 2], [1, 4, 3]]), rest=whole([660, 660, 540, 900]))
    clashes = Clashes(problem)
    for peer in range(4):
        table = clashes.among(peer, np.arange(6))
        for one in range(6):
            assert not table[one, one]
            for other in range(6):
                assert one == other or table[one, other] == clash(problem, peer, one, other)


@given(seed=SEEDS)
def test_the_first_plan_keeps_every_rule(seed: int) -> None:
    problem = a_problem(seed, requests=12, peers=6, refused=whole([[0, 1]]))
    chosen = greedy(problem, Clashes(problem))
    assert violations(problem, chosen) == []
    assert score(problem, chosen) == worth(problem, chosen)


@given(seed=SEEDS)
def test_the_exact_plan_is_the_one_brute_force_finds_and_bounds_hold(seed: int) -> None:
    problem = a_problem(seed, requests=5, peers=4, refused=whole([[0, 2]]), clashes=whole([[1, 0, 1]]))
    piece = whole_piece(problem, Clashes(problem))
    best = brute_force(problem)
    found = best_of(piece, Limits(gap=0.0))
    assert found.taken is not None
    assert violations(problem, found.taken) == []
    assert score(problem, found.taken) == pytest.approx(best, abs=100)
    start = greedy(problem, Clashes(problem))
    bounds = [first_bound(piece), *(step.bound for step in prices(piece, start))]
    assert min(bounds) >= best
    assert bounds == sorted(bounds, reverse=True)


@given(seed=SEEDS, among=st.integers(0, 10**6))
def test_what_is_fixed_stays_and_the_rest_is_the_best_around_it(seed: int, among: int) -> None:
    problem = a_problem(seed, requests=5, peers=4)
    chosen = greedy(problem, Clashes(problem))
    if not len(chosen):
        return
    fixed = chosen[[among % len(chosen)]]
    problem = Problem(**{**vars_of(problem), "fixed": fixed})
    piece = whole_piece(problem, Clashes(problem))
    found = best_of(piece, Limits(gap=0.0))
    assert found.taken is not None
    plan = np.union1d(found.taken, fixed)
    assert violations(problem, plan) == []
    assert score(problem, plan) == pytest.approx(brute_force(problem), abs=100)


def vars_of(problem: Problem) -> dict[str, object]:
    return {name: getattr(problem, name) for name in problem.__dataclass_fields__}


@given(seed=SEEDS)
def test_a_piece_bettered_is_a_plan_bettered(seed: int) -> None:
    problem = a_problem(seed, requests=14, peers=6)
    clashes = Clashes(problem)
    chosen = greedy(problem, clashes)
    choosing = Choosing(problem, np.random.default_rng(seed))
    idle = np.zeros(6, dtype=np.bool_), np.zeros(14, dtype=np.bool_)
    for _ in range(3):
        opened = choosing.choose(chosen, *idle)
        if opened is None:
            return
        piece = piece_of(problem, clashes, kept=opened.kept, opened=opened.opened, complete=opened.complete)
        found = best_of(piece, Limits(gap=0.0), start=opened.freed)
        assert found.taken is not None
        plan = np.union1d(opened.kept, found.taken)
        assert violations(problem, plan) == []
        assert score(problem, plan) >= score(problem, chosen) - 100
        chosen = plan


@given(seed=SEEDS)
def test_a_small_problem_is_solved_to_its_proof(seed: int) -> None:
    problem = a_problem(seed, requests=5, peers=4)
    found = solve(problem, seconds=20)
    best = brute_force(problem)
    assert violations(problem, found.chosen) == []
    assert found.best == score(problem, found.chosen) == pytest.approx(best, abs=100)
    assert found.bound >= best - 100
    assert all(step.bound >= step.best for step in found.trace)


def test_a_problem_without_anybody_has_the_empty_plan() -> None:
    problem = a_problem(1, chance=0.0)
    found = solve(problem, seconds=5)
    assert len(found.chosen) == 0
    assert found.best == worth(problem, whole([]))


def test_arrays_that_do_not_hold_together_are_said() -> None:
    with pytest.raises(ValueError, match="wrong length: value"):
        a_problem(1, value=whole([1]))
    with pytest.raises(ValueError, match="outside"):
        a_problem(1, fixed=whole([10**6]))
