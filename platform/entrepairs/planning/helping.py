"""A process of the engine that solves what it is given: pieces, the bound, the whole. Started by `solving`, never alone.

It reads frames on its standard input and answers on its standard output; it ends when its input does.
"""

import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from entrepairs.planning.bounding import prices
from entrepairs.planning.clashes import Clashes
from entrepairs.planning.exact import best_of
from entrepairs.planning.frames import Channel, Closed, Frame
from entrepairs.planning.limits import Limits
from entrepairs.planning.pieces import Piece, piece_of, whole_piece
from entrepairs.planning.posting import unposted
from entrepairs.planning.problem import POINT, Problem, Whole


@dataclass
class _Helper:
    channel: Channel
    problem: Problem
    clashes: Clashes

    def answer(self, frame: Frame) -> None:
        """Do what a frame asks."""
        does: Any = {"piece": self._piece, "bound": self._bound, "whole": self._whole}.get(frame.said["do"])
        if does is not None:
            does(frame)

    def _piece(self, frame: Frame) -> None:
        arrays = frame.arrays
        piece = piece_of(
            self.problem,
            self.clashes,
            kept=arrays["kept"],
            opened=arrays["opened"],
            complete=arrays["complete"],
        )
        found = best_of(piece, Limits(**frame.said["limits"]), start=arrays["freed"])
        taken = arrays["freed"] if found.taken is None else found.taken
        self.channel.send({"kind": "piece", "effort": found.effort}, taken=taken)

    def _bound(self, frame: Frame) -> None:
        piece = whole_piece(self.problem, self.clashes)
        for step in prices(piece, frame.arrays["start"]):
            reduced = np.full(len(self.problem.option_request), -np.inf, dtype=np.float32)
            reduced[piece.options] = step.reduced
            self.channel.send({"kind": "bound", "bound": step.bound, "last": step.last}, reduced=reduced)

    def _whole(self, frame: Frame) -> None:
        piece = whole_piece(self.problem, self.clashes)
        watch = _Watch(self.channel, piece)
        start = np.setdiff1d(frame.arrays["start"], piece.kept)
        found = best_of(piece, Limits(**frame.said["limits"]), start=start, watch=watch.told)
        taken = start if found.taken is None else found.taken
        said = {"kind": "whole", "bound": watch.units(found.bound), "proven": found.proven}
        self.channel.send(said, taken=np.union1d(taken, piece.kept))


@dataclass
class _Watch:
    """Passes on what the exact solver finds on the whole problem."""

    channel: Channel
    piece: Piece
    _bound: float = np.inf

    def units(self, points: float) -> int | None:
        """A bound of the piece, in units of the problem; None when there is none yet."""
        return self.piece.outside + int(np.ceil(points * POINT)) if np.isfinite(points) else None

    def told(self, taken: Whole | None, bound: float) -> bool:
        """Send what is new."""
        if taken is None and bound >= self._bound - 1e-3:
            return False
        self._bound = min(self._bound, bound)
        plan = {} if taken is None else {"taken": np.union1d(taken, self.piece.kept)}
        self.channel.send({"kind": "news", "bound": self.units(self._bound)}, **plan)
        return False


def _leave_with(engine: int) -> None:
    """End with the engine, even in the midst of a long solve: nobody would hear the answer."""
    while os.getppid() == engine:
        time.sleep(1)
    os._exit(0)


def main() -> int:
    """Answer until nobody asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with, args=(os.getppid(),), daemon=True).start()
    channel = Channel(sys.stdin.fileno(), sys.stdout.fileno())
    try:
        frame = channel.receive(None)
        if frame is None:
            return 1
        problem = unposted(frame.arrays)
        helper = _Helper(channel, problem, Clashes(problem))
        while (frame := channel.receive(None)) is not None:
            helper.answer(frame)
    except Closed:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
