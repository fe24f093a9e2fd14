"""What a long work is given: its parameters, what was kept, and a pulse that tells whether to go on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any, Final

from sqlalchemy.orm import Session

from entrepairs.outbox.models import Run
from entrepairs.outbox.runs import LEASE, renew

PULSE_EVERY: Final = 1.0
"""Seconds between two pulses: a stop asked is honoured within two."""


class Pulse(Enum):
    """What the owner of a turn does next."""

    GO_ON = auto()
    STOP = auto()
    """Somebody asked: conclude with what there is."""
    LEAVE = auto()
    """This worker ends: keep what there is, another goes on."""


def _real_now() -> datetime:
    return datetime.now(UTC)


def _never() -> bool:
    return False


@dataclass
class Turn:
    """One owner's turn at a run. A long work commits its own steps (`pulse` does); its end is the worker's.

    A handler is `function(turn, *, clock) -> bool`: True when the work is concluded, in the open transaction, which
    the worker commits with the run's end; False when it leaves the rest to another. It may raise DomainError (said to
    the office, not tried again) or RunLost.
    """

    session: Session
    run_id: int
    number: int
    subject_ref: str
    params: Mapping[str, Any]
    kept: Mapping[str, Any] | None
    lease: timedelta = LEASE
    leaving: Callable[[], bool] = _never
    real_now: Callable[[], datetime] = _real_now

    @classmethod
    def of(cls, session: Session, run: Run, *, lease: timedelta, leaving: Callable[[], bool] = _never) -> "Turn":
        """The turn just claimed."""
        return cls(session, run.id, run.turn, run.subject_ref, run.params, run.kept, lease, leaving)

    def pulse(self, progress: Mapping[str, Any] | None = None, kept: Mapping[str, Any] | None = None) -> Pulse:
        """Renew the lease, write how far it is and what was found; commits. Raises RunLost."""
        stop = renew(
            self.session,
            self.run_id,
            self.number,
            real_now=self.real_now(),
            lease=self.lease,
            progress=progress,
            kept=kept,
        )
        self.session.commit()
        if kept is not None:
            self.kept = kept
        if stop:
            return Pulse.STOP
        return Pulse.LEAVE if self.leaving() else Pulse.GO_ON
