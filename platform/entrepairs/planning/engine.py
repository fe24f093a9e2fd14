"""The engine's own process: `python -m entrepairs.planning.engine`. It knows neither database nor file.

It reads one frame on its standard input, the problem and how long to search, then tells its news on the standard output,
a JSON line each: `{"kind": "news", "seconds", "best", "bound", "rounds"}`, with the options of a better plan as an array;
the last one is of kind `end`. SIGTERM or a closed input stops the search; what was found has been told already.
"""

import signal
import sys
from dataclasses import dataclass
from types import FrameType
from typing import Final

import numpy as np

from entrepairs.planning.frames import Channel, Closed, Frame
from entrepairs.planning.posting import unposted
from entrepairs.planning.problem import Whole
from entrepairs.planning.progress import Progress, Search
from entrepairs.planning.solving import solve

PLANS_EVERY: Final = 0.3
"""Seconds between two better plans told; the last one is always told."""


@dataclass
class _Telling:
    """What is told to the caller, and what the caller says."""

    channel: Channel
    stopped: bool = False
    _last: float = float("-inf")

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """SIGTERM."""
        self.stopped = True

    def should_stop(self) -> bool:
        """Whether the caller is gone or wants no more."""
        if not self.stopped:
            try:
                frame = self.channel.receive()
                self.stopped = frame is not None and frame.said.get("do") == "stop"
            except Closed:
                self.stopped = True
        return self.stopped

    def news(self, progress: Progress) -> None:
        """A better plan or a better bound; plans not more often than one can read."""
        chosen = progress.chosen
        if chosen is not None and progress.seconds - self._last >= PLANS_EVERY:
            self._last = progress.seconds
        else:
            chosen = None
        self.send("news", progress, chosen)

    def send(self, kind: str, progress: Progress, chosen: Whole | None) -> None:
        """One line, and the options of a plan."""
        said = {
            "kind": kind,
            "seconds": round(progress.seconds, 3),
            "best": progress.best,
            "bound": progress.bound,
            "rounds": progress.rounds,
        }
        try:
            self.channel.send(said, **({} if chosen is None else {"chosen": chosen}))
        except Closed:
            self.stopped = True


def main() -> int:
    """Search, tell, end. Exit code 0 when the search ended as it should, 2 when the problem makes no sense."""
    channel = Channel(sys.stdin.fileno(), sys.stdout.fileno())
    telling = _Telling(channel)
    signal.signal(signal.SIGTERM, telling.stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller decides
    try:
        asked = channel.receive(None)
        if asked is None:
            return 2
        found = _search(asked, telling)
    except Closed:
        return 0
    except (ValueError, KeyError) as error:
        channel.send({"kind": "refused", "reason": str(error)})
        return 2
    telling.send("end", Progress(found.elapsed, found.best, found.bound, found.rounds), found.chosen)
    return 0


def _search(asked: Frame, telling: _Telling) -> Search:
    arrays = dict(asked.arrays)
    start = arrays.pop("start", None)
    problem = unposted(arrays)
    if start is not None and len(start):
        start = np.unique(start[(start >= 0) & (start < len(problem.option_request))])
    return solve(
        problem,
        seconds=asked.said.get("seconds"),
        seed=int(asked.said.get("seed", 1)),
        iterations=asked.said.get("iterations"),
        start=start,
        on_progress=telling.news,
        should_stop=telling.should_stop,
    )


if __name__ == "__main__":
    sys.exit(main())
