"""Solving a problem: a first plan in a blink, the whole exactly when it is small, else pieces and a bound side by side.

Small: HiGHS here, with the tight model. Middling: a helper bounds, then solves the whole; another betters the plan piece
by piece. Large: both better it once the bound no longer moves. With `iterations` the pieces go by rounds of as many as
there are helpers and nothing depends on the clock: same problem, same seed, same iterations, same plan.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

import numpy as np

from entrepairs.planning.bounding import first_bound, prices
from entrepairs.planning.clashes import Clashes
from entrepairs.planning.crew import Crew
from entrepairs.planning.greedy import greedy
from entrepairs.planning.limits import Limits
from entrepairs.planning.pieces import Piece, whole_piece
from entrepairs.planning.piecewise import Piecewise
from entrepairs.planning.problem import POINT, Problem, Whole
from entrepairs.planning.progress import Progress, Search

SMALL: Final = 1500
"""Options up to which the whole is solved here, at once."""
HELPERS: Final = 2
_WORK: Final = 1000
"""Iterations of the simplex for each one asked, when the whole is solved at once."""


def solve(
    problem: Problem,
    *,
    seconds: float | None = None,
    seed: int = 1,
    iterations: int | None = None,
    start: Whole | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Search:
    """The best plan found, with its bound and trace.

    `seconds`: time to search; `iterations`: pieces to solve instead, for a search that is the same everywhere. `start`:
    options of a plan to better; what it can't hold any more is left out. `on_progress` is told of each better plan and
    bound; `should_stop` is asked many times a second.
    """
    began = time.monotonic()
    with ExitStack() as stack:
        small = len(problem.option_request) <= SMALL
        crew = None if small else stack.enter_context(Crew(problem, HELPERS))
        clashes = Clashes(problem)
        piece = whole_piece(problem, clashes)
        chosen = greedy(problem, clashes, start)
        found = Search(problem, chosen, first_bound(piece), on_progress, should_stop, seconds, began)
        if crew is None:
            _solve_at_once(found, piece, iterations)
        elif not found.over:
            Piecewise(found, piece, crew, seed).run(iterations)
    return found


def _solve_at_once(found: Search, piece: Piece, iterations: int | None) -> None:
    from entrepairs.planning.exact import best_of  # HiGHS is loaded only in the process that uses it

    def watch(taken: Whole | None, bound: float) -> bool:
        if taken is not None:
            found.better(np.union1d(taken, piece.kept))
        if np.isfinite(bound):
            found.tighter(piece.outside + int(np.ceil(bound * POINT)))
        return found.over

    for step in prices(piece, found.chosen):
        found.tighter(step.bound)
    if not found.over:
        limits = Limits(
            seconds=None if found.seconds is None else max(0.1, found.left),
            iterations=None if iterations is None else _WORK * iterations,
        )
        last = best_of(piece, limits, start=np.setdiff1d(found.chosen, piece.kept), watch=watch)
        watch(last.taken, last.bound)
