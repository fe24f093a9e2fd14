"""The engine at work beside the worker, told in the words of a plan: demands' references and peers' ids."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from entrepairs.planning.compiling import chosen_options
from entrepairs.planning.problem import Problem, Whole
from entrepairs.planning.running_engine import News, engine_at_work


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
    """News at least twice a second until the time is over or nothing can be better; leaving the block ends the engine.

    `start`: a plan to go on from. Raises Unavailable("engine_lost") from the iterator when the engine dies.
    """
    if not len(problem.option_request):  # nobody for anything: there is nothing to search
        yield iter(())
        return
    known = chosen_options(problem, start) if start else None
    with engine_at_work(problem, seconds=seconds, seed=seed, start=known) as news:
        yield (_found(problem, each) for each in news)


def _found(problem: Problem, news: News) -> Found:
    plan = None if news.chosen is None else _named(problem, news.chosen)
    return Found(news.seconds, plan, news.best, news.bound)


def _named(problem: Problem, chosen: Whole) -> dict[str, list[int]]:
    return {str(request): [int(str(peer)) for peer in peers] for request, peers in problem.plan(chosen).items()}
