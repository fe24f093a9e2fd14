"""The search with helpers: one bounds the whole while the others better the plan, piece by piece."""

from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from entrepairs.planning.crew import Crew, Helper
from entrepairs.planning.frames import Frame
from entrepairs.planning.limits import Limits
from entrepairs.planning.neighbourhoods import Choosing, Neighbourhood
from entrepairs.planning.pieces import Piece
from entrepairs.planning.progress import PROVEN, Search

WHOLE: Final = 60_000
"""Options up to which the whole is given to the exact solver, for the bound it brings."""
_PIECE: Final = Limits(gap=1e-4, nodes=100, stalls=40, iterations=20_000)
_FIXED_EFFORT: Final = 200
"""What making a piece costs, in iterations of the simplex."""
_LOOK: Final = 0.05
"""Seconds between two looks at the clock."""
_DRAWS: Final = 4


@dataclass(frozen=True, eq=False)
class _Asked:
    """A piece given to a helper, and the plan it was cut from."""

    opened: Neighbourhood
    epoch: int


class Piecewise:
    """A search in hand: what each helper does, and what is learnt from it."""

    def __init__(self, found: Search, piece: Piece, crew: Crew, seed: int) -> None:
        self.found, self.piece, self.crew = found, piece, crew
        self.choosing = Choosing(piece.problem, np.random.default_rng(seed))
        self._epoch = 0
        """How many times the plan was replaced whole, not piece by piece."""
        self._bounding = True
        self._by_rounds = False

    def run(self, iterations: int | None) -> None:
        """Search until it is over; by rounds of pieces, independent of the clock, when `iterations` are counted."""
        self._by_rounds = iterations is not None
        self.crew.helpers[0].ask("bound", {"do": "bound"}, start=self.found.chosen)
        while not self.found.over and self.crew.helpers:
            if iterations is None:
                for helper in self.crew.idle:
                    self._give(helper)
            elif not self._bounding:
                if self.found.rounds >= iterations:
                    return
                self._round(iterations - self.found.rounds)
            for helper, frame in self.crew.heard(_LOOK):
                self._hear(helper, frame)

    def _round(self, most: int) -> None:
        """A piece for each helper, then all the answers, in the order they were asked for."""
        asked = [(helper, self._give(helper)) for helper in self.crew.helpers[:most]]
        answers: dict[int, Frame | None] = {id(helper): None for helper, given in asked if given is None}
        while len(answers) < len(asked) and not self.found.over:
            answers |= {id(helper): frame for helper, frame in self.crew.heard(_LOOK)}
        for helper, given in asked:
            helper.doing, frame = None, answers.get(id(helper))
            if given is not None and frame is not None:
                self._take(given, frame)
            else:
                self.found.rounds += 1

    def _give(self, helper: Helper) -> "_Asked | None":
        """Give a helper a piece apart from those of the others, if one is found."""
        problem = self.piece.problem
        busy, taken = np.zeros(len(problem.peers), dtype=np.bool_), np.zeros(len(problem.requests), dtype=np.bool_)
        for other in self.crew.helpers:
            if isinstance(other.doing, _Asked):
                busy[other.doing.opened.peers] = True
                taken[other.doing.opened.requests] = True
        for _ in range(_DRAWS):
            opened = self.choosing.choose(self.found.chosen, busy, taken)
            if opened is not None:
                asked = _Asked(opened, self._epoch)
                arrays = {name: getattr(opened, name) for name in ("kept", "opened", "complete", "freed")}
                helper.ask(asked, {"do": "piece", "limits": asdict(_PIECE)}, **arrays)
                return asked
        return None

    def _hear(self, helper: Helper, frame: Frame | None) -> None:
        doing = helper.doing
        if frame is None:
            self._bounding &= doing != "bound"
        elif isinstance(doing, _Asked):
            helper.doing = None
            self._take(doing, frame)
        elif frame.said["kind"] == "bound":
            self._priced(helper, frame)
        else:
            self._solved(helper, frame)

    def _take(self, asked: _Asked, frame: Frame) -> None:
        """Put the piece's answer into the plan; beside what changed elsewhere meanwhile, if the plan is still the same."""
        opened, taken = asked.opened, frame.arrays["taken"]
        around = opened.kept
        if asked.epoch == self._epoch:
            around = np.setdiff1d(self.found.chosen, opened.freed)
        self.found.rounds += 1
        gained = self.found.better(np.union1d(around, taken))
        self.choosing.tell(opened.way, gained, frame.said["effort"] + _FIXED_EFFORT)

    def _priced(self, helper: Helper, frame: Frame) -> None:
        self.found.tighter(frame.said["bound"])
        self.choosing.learn(frame.arrays["reduced"])
        if frame.said["last"]:
            self._bounding = False
            helper.doing = None
            if not self._by_rounds and len(self.piece.options) <= WHOLE:
                limits = asdict(Limits(gap=PROVEN))
                helper.ask("whole", {"do": "whole", "limits": limits}, start=self.found.chosen)

    def _solved(self, helper: Helper, frame: Frame) -> None:
        """News of the exact solver on the whole, or its last word."""
        if "taken" in frame.arrays and self.found.better(frame.arrays["taken"]):
            self._epoch += 1
        self.found.tighter(frame.said["bound"])
        if frame.said["kind"] == "whole":
            helper.doing = None
