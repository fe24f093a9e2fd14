"""The engine's helper processes, as the engine sees them: started, given work, heard, replaced when lost, ended."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from select import select
from typing import Any, Final

import numpy as np

from entrepairs.planning.frames import Channel, Closed, Frame
from entrepairs.planning.posting import posted
from entrepairs.planning.problem import Problem

_REPLACED_AT_MOST: Final = 2


@dataclass(eq=False)
class Helper:
    """One process, and what it has been asked (None: it waits)."""

    process: subprocess.Popen[bytes]
    channel: Channel
    doing: Any = None

    def ask(self, doing: Any, said: Mapping[str, Any], **arrays: np.ndarray) -> None:
        """Give it work. A process that is gone is noticed when it is next heard."""
        self.doing = doing
        with suppress(Closed):
            self.channel.send(said, **arrays)

    def end(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()


@dataclass
class Crew:
    """The helpers of one search."""

    problem: Problem
    size: int
    helpers: list[Helper] = field(default_factory=list)
    lost: int = 0

    def __enter__(self) -> "Crew":
        self.helpers = [self._started() for _ in range(self.size)]
        for helper in self.helpers:
            self._introduce(helper)
        return self

    def __exit__(self, *_: object) -> None:
        for helper in self.helpers:
            helper.process.kill()
        for helper in self.helpers:
            helper.end()

    @property
    def idle(self) -> list[Helper]:
        """Those who wait."""
        return [helper for helper in self.helpers if helper.doing is None]

    def heard(self, seconds: float) -> Iterator[tuple[Helper, Frame | None]]:
        """What the helpers say within that time; None for one that is gone (a new one may have taken its place)."""
        ready, _, _ = select([helper.channel.reading for helper in self.helpers], [], [], max(0.0, seconds))
        for helper in [each for each in self.helpers if each.channel.reading in ready]:
            try:
                while (frame := helper.channel.receive()) is not None:
                    yield helper, frame
            except Closed:
                self._replace(helper)
                yield helper, None

    def _replace(self, gone: Helper) -> None:
        gone.end()
        self.helpers.remove(gone)
        self.lost += 1
        if self.lost <= _REPLACED_AT_MOST:
            self.helpers.append(self._started())
            self._introduce(self.helpers[-1])

    def _started(self) -> Helper:
        process = subprocess.Popen(
            [sys.executable, "-m", "entrepairs.planning.helping"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=one_thread(os.environ),
        )
        assert process.stdin is not None  # noqa: S101 (for the types: PIPE was asked)
        assert process.stdout is not None  # noqa: S101
        return Helper(process, Channel(process.stdout.fileno(), process.stdin.fileno()))

    def _introduce(self, helper: Helper) -> None:
        with suppress(Closed):
            helper.channel.send({"do": "problem"}, **posted(self.problem))


def one_thread(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process of the engine: its libraries start no threads of their own."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {**environment, **dict.fromkeys(names, "1")}
