"""Where a search stands: the best plan, the bound, the gap between them, and how they came."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from entrepairs.planning.problem import POINT, Problem, Whole, score

PROVEN: Final = 1e-6
"""A gap at which a plan is the best there is, the solver's tolerances aside."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a search stands. `chosen`: options of the best plan, when it is better than the one told before."""

    seconds: float
    best: int
    """Units; likewise `bound`."""
    bound: int
    rounds: int
    chosen: Whole | None = None

    @property
    def gap(self) -> float:
        """How far, at most, the best plan is from the best there could be; 0.001 is a tenth of a percent."""
        return gap(self.best, self.bound)


def gap(best: int, bound: int) -> float:
    """The bound's distance from the best, as a part of the best."""
    return max(0, bound - best) / max(abs(best), POINT)


@dataclass
class Search:
    """The best plan and bound so far, and everything each improvement is told to."""

    problem: Problem
    chosen: Whole
    bound: int
    told: Callable[[Progress], None] = lambda _: None
    stop: Callable[[], bool] = lambda: False
    seconds: float | None = None
    began: float = field(default_factory=time.monotonic)
    rounds: int = 0
    trace: list[Progress] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.best = score(self.problem, self.chosen)
        self._tell(self.chosen)

    @property
    def elapsed(self) -> float:
        """Seconds since the search began."""
        return time.monotonic() - self.began

    @property
    def left(self) -> float:
        """Seconds left."""
        return float("inf") if self.seconds is None else self.seconds - self.elapsed

    @property
    def over(self) -> bool:
        """Whether to stop: proven, out of time, or asked to."""
        return gap(self.best, self.bound) <= PROVEN or self.left <= 0 or self.stop()

    def better(self, chosen: Whole) -> int:
        """Take a plan if it is at least as good; the units gained."""
        worth = score(self.problem, chosen)
        gained = worth - self.best
        if gained >= 0:
            self.chosen, self.best = chosen, worth
        if gained > 0:
            self._tell(chosen)
        return max(0, gained)

    def tighter(self, bound: int | None) -> None:
        """Take a bound if it is lower."""
        if bound is not None and bound < self.bound:
            self.bound = max(bound, self.best)
            self._tell(None)

    def _tell(self, chosen: Whole | None) -> None:
        progress = Progress(self.elapsed, self.best, self.bound, self.rounds, chosen)
        self.trace.append(progress)
        self.told(progress)
