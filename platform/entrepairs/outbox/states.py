"""The life of a run: waiting for a worker, at work, and one of three ends. An end is never left."""

from enum import StrEnum
from typing import Final


class RunState(StrEnum):
    """Where a long work stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    """Somebody asked it to stop; what it had found is kept."""
    FAILED = "failed"


class RunEvent(StrEnum):
    """What may happen to a long work."""

    START = "start"
    TAKE_OVER = "take_over"
    """Its owner is gone: another goes on."""
    HAND_OVER = "hand_over"
    """Its owner ends before it: back to the queue."""
    FINISH = "finish"
    STOP = "stop"
    FAIL = "fail"


_S, _E = RunState, RunEvent

RUN_TRANSITIONS: Final[dict[tuple[RunState, RunEvent], RunState]] = {
    (_S.QUEUED, _E.START): _S.RUNNING,
    (_S.QUEUED, _E.STOP): _S.STOPPED,
    (_S.QUEUED, _E.FAIL): _S.FAILED,
    (_S.RUNNING, _E.TAKE_OVER): _S.RUNNING,
    (_S.RUNNING, _E.HAND_OVER): _S.QUEUED,
    (_S.RUNNING, _E.FINISH): _S.DONE,
    (_S.RUNNING, _E.STOP): _S.STOPPED,
    (_S.RUNNING, _E.FAIL): _S.FAILED,
}
ENDED: Final = frozenset({_S.DONE, _S.STOPPED, _S.FAILED})
