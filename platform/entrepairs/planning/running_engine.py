"""The engine at work beside a command or a worker: started, heard, stopped; what it told is kept whatever happens to it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import numpy as np

from entrepairs.kernel.errors import Unavailable
from entrepairs.kernel.i18n import N_
from entrepairs.planning.crew import one_thread
from entrepairs.planning.frames import Channel, Closed, Frame
from entrepairs.planning.posting import posted
from entrepairs.planning.problem import Problem, Whole

PULSE: Final = 0.4
"""Seconds: the news come at least as often, even when nothing is new."""
_GRACE: Final = 20.0
"""Seconds after its time before an engine that says nothing any more is ended."""


@dataclass(frozen=True, slots=True)
class News:
    """What the engine last said. `chosen`: options of a better plan than the one told before; None when there is none.

    `best` and `bound` in units, None until the first plan. `ended`: the search is over.
    """

    seconds: float
    best: int | None = None
    bound: int | None = None
    rounds: int = 0
    chosen: Whole | None = None
    ended: bool = False


@contextmanager
def engine_at_work(
    problem: Problem,
    *,
    seconds: float | None,
    seed: int,
    iterations: int | None = None,
    start: Whole | None = None,
) -> Iterator[Iterator[News]]:
    """News of a search until it ends; leaving the block stops the engine.

    Raises Unavailable("engine_lost") from the iterator when the engine ends before its time: all it told has come before.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "entrepairs.planning.engine"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=one_thread(os.environ),
    )
    try:
        yield _news(process, problem, {"seconds": seconds, "seed": seed, "iterations": iterations}, start)
    finally:
        _end(process)


def _news(
    process: subprocess.Popen[bytes], problem: Problem, asked: dict[str, float | None], start: Whole | None
) -> Iterator[News]:
    assert process.stdin is not None  # noqa: S101 (for the types: PIPE was asked)
    assert process.stdout is not None  # noqa: S101
    channel = Channel(process.stdout.fileno(), process.stdin.fileno())
    began, last = time.monotonic(), News(0.0)
    arrays = posted(problem) | ({} if start is None else {"start": np.asarray(start, dtype=np.int64)})
    latest = None if asked["seconds"] is None else asked["seconds"] + _GRACE
    try:
        channel.send({"do": "solve", **asked}, **arrays)
        while not last.ended:
            frame = channel.receive(PULSE)
            elapsed = time.monotonic() - began
            if frame is None and latest is not None and elapsed > latest:
                raise Closed
            last = _told(frame, last, elapsed)
            yield last
    except Closed as error:
        message = N_("The search ended before its time; the best plan found until then is kept.")
        raise Unavailable("engine_lost", message) from error


def _told(frame: Frame | None, last: News, elapsed: float) -> News:
    if frame is None:
        return News(elapsed, last.best, last.bound, last.rounds)
    if frame.said["kind"] == "refused":
        raise ValueError(frame.said["reason"])
    said = frame.said
    return News(
        elapsed, said["best"], said["bound"], said["rounds"], frame.arrays.get("chosen"), ended=said["kind"] == "end"
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close its input, which stops it; then end it if it does not."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    try:
        process.wait(timeout=3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
