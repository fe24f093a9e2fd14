"""The engine at work beside the worker: what it has found, told at least twice a second."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from entrepairs.planning.clashes import Clashes
from entrepairs.planning.greedy import greedy
from entrepairs.planning.problem import Problem, score


@dataclass(frozen=True, slots=True)
class Found:
    """News of a search. `plan`: peer ids by demand's reference, when it is better than the one before; `best` and
    `bound` in units.
    """

    seconds: float
    plan: dict[str, list[int]] | None = None
    best: int | None = None
    bound: int | None = None


@contextmanager
def searching(
    problem: Problem, *, seconds: float, seed: int, start: Mapping[str, Sequence[int]]
) -> Iterator[Iterator[Found]]:
    """News until the time is over or nothing can be better; leaving the block ends the engine."""
    chosen = greedy(problem, Clashes(problem))
    plan = {str(request): [int(str(peer)) for peer in peers] for request, peers in problem.plan(chosen).items()}
    yield iter([Found(0.1, plan, score(problem, chosen), None)])
