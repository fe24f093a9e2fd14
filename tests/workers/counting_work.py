"""A worker's application with long works of the tests': one counts, one kills whoever takes it."""

import os
import signal
import threading

from entrepairs.kernel.clock import Clock
from entrepairs.outbox.turns import Pulse, Turn
from entrepairs_workers import running
from entrepairs_workers.app import app

__all__ = ["app"]


def count(turn: Turn, *, clock: Clock) -> bool:
    """Ten numbers a second, each kept; goes on where another stopped."""
    numbers, pause = list((turn.kept or {}).get("numbers", [])), threading.Event()
    while len(numbers) < turn.params["to"]:
        pause.wait(0.1)
        numbers.append(len(numbers))
        progress = {"done": len(numbers), "total": turn.params["to"]}
        match turn.pulse(progress, {"numbers": numbers, "turns": turn.number}):
            case Pulse.STOP:
                return True
            case Pulse.LEAVE:
                return False
    return True


def die(turn: Turn, *, clock: Clock) -> bool:
    """Poison."""
    os.kill(os.getpid(), signal.SIGKILL)
    return True


running.RUNS["test.count"] = "tests.workers.counting_work:count"
running.RUNS["test.die"] = "tests.workers.counting_work:die"
