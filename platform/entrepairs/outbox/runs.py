"""Long works: asked by a use case, done by one worker at a time, taken up again where a killed one left them.

A run is claimed for a *turn* under a lease in real time, which its owner renews with each sign of progress. Whatever a
turn writes carries its number: an owner whose lease lapsed, and whom another replaced, is told `RunLost` and leaves.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import event, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from entrepairs.db import locked
from entrepairs.kernel.errors import DomainError, NotFound
from entrepairs.kernel.i18n import N_, Sentence
from entrepairs.kernel.references import new_reference
from entrepairs.kernel.transitions import next_state
from entrepairs.outbox.models import Run
from entrepairs.outbox.states import ENDED, RUN_TRANSITIONS, RunEvent, RunState

LEASE: Final = timedelta(seconds=30)
"""Longer than a run may stay silent (the gathering of what it works on)."""
MOST_ATTEMPTS: Final = 4
TOO_OFTEN: Final = N_("It was started several times without coming to an end. Call whoever looks after the platform.")
BROKEN: Final = N_("Something unexpected stopped it. Call whoever looks after the platform, or try again.")
_NUDGE: Final = "entrepairs.outbox.nudge_runs"
_hook: Callable[[], None] | None = None


class RunLost(Exception):
    """This turn is over: another worker has taken the run, or it has ended."""


def set_run_nudge(hook: Callable[[], None] | None) -> None:
    """Give the function called after a commit that asked a run. It must be quick and must not raise."""
    global _hook  # noqa: PLW0603 - one hook for the process, set once by the app
    _hook = hook


def ask_run(
    session: Session,
    kind: str,
    subject_ref: str,
    params: Mapping[str, Any],
    *,
    asked_by: str,
    asked_label: str,
    real_now: datetime,
) -> Run:
    """Write a run; a worker takes it after the commit. `params` holds references and values, never personal data."""
    run = Run(
        ref=new_reference("RUN"),
        kind=kind,
        subject_ref=subject_ref,
        params=dict(params),
        state=RunState.QUEUED,
        stop_asked=False,
        progress={},
        asked_by=asked_by,
        asked_label=asked_label,
        created_at=real_now,
    )
    session.add(run)
    session.flush()
    session.info[_NUDGE] = True
    return run


def claim_run(
    session: Session,
    *,
    real_now: datetime,
    lease: timedelta = LEASE,
    failed: Callable[[Run], None] = lambda _run: None,
) -> Run | None:
    """The run to work on now, its lease held by the caller; None when one is under way or none waits.

    A run whose owner fell silent goes first. One that was started `MOST_ATTEMPTS` times is put aside, and `failed` told.
    """
    if session.scalar(select(exists().where(Run.state == RunState.RUNNING, Run.lease_until >= real_now))):
        return None
    while True:
        run = _lapsed_or_queued(session)
        if run is None or (run.state is RunState.RUNNING and run.lease_until and run.lease_until >= real_now):
            return None
        if run.attempts < MOST_ATTEMPTS:
            return _begin_turn(session, run, real_now + lease, real_now)
        fail_run(run, Sentence(TOO_OFTEN), run.last_error or "started too often without ending", real_now=real_now)
        session.flush()
        failed(run)


def _lapsed_or_queued(session: Session) -> Run | None:
    one = select(Run).with_for_update(skip_locked=True).execution_options(populate_existing=True).limit(1)
    if session.scalar(select(exists().where(Run.state == RunState.RUNNING))):
        return session.scalars(one.where(Run.state == RunState.RUNNING)).one_or_none()
    return session.scalars(one.where(Run.state == RunState.QUEUED).order_by(Run.id)).one_or_none()


def _begin_turn(session: Session, run: Run, lease_until: datetime, real_now: datetime) -> Run | None:
    event_ = RunEvent.TAKE_OVER if run.state is RunState.RUNNING else RunEvent.START
    try:
        with session.begin_nested():
            run.state = next_state(RUN_TRANSITIONS, run.state, event_)
            run.turn, run.attempts, run.lease_until = run.turn + 1, run.attempts + 1, lease_until
            run.started_at = run.started_at or real_now
    except IntegrityError:  # another worker began another run in the same instant: `uq_run_running`
        return None
    return run


def renew(
    session: Session,
    run_id: int,
    turn: int,
    *,
    real_now: datetime,
    lease: timedelta = LEASE,
    progress: Mapping[str, Any] | None = None,
    kept: Mapping[str, Any] | None = None,
) -> bool:
    """Note that the owner is alive, how far it is, what it has found. True when somebody asked it to stop.

    Raises RunLost.
    """
    run = own_run(session, run_id, turn)
    run.lease_until = real_now + lease
    if progress is not None:
        run.progress = dict(progress)
    if kept is not None:
        run.kept = dict(kept)
    session.flush()
    return run.stop_asked


def own_run(session: Session, run_id: int, turn: int) -> Run:
    """The run, locked, still in this turn. Raises RunLost."""
    run = locked(session, select(Run).where(Run.id == run_id))
    if run is None or run.state is not RunState.RUNNING or run.turn != turn:
        raise RunLost(f"turn {turn} of run {run_id} is over")
    return run


def end_run(run: Run, *, real_now: datetime) -> None:
    """The work came to its end, or was stopped because somebody asked. The run is locked and in its owner's turn."""
    _ended(run, RunEvent.STOP if run.stop_asked else RunEvent.FINISH, real_now)


def fail_run(run: Run, said: Sentence, error: str, *, real_now: datetime) -> None:
    """The work cannot be done: `said` is for the office, `error` for who looks after the platform."""
    run.failure = {"msgid": said.msgid, "params": {name: str(value) for name, value in said.params.items()}}
    run.last_error = error[:500]
    _ended(run, RunEvent.FAIL, real_now)


def _ended(run: Run, event_: RunEvent, real_now: datetime) -> None:
    run.state = next_state(RUN_TRANSITIONS, run.state, event_)
    run.ended_at, run.lease_until = real_now, None


def hand_over(run: Run, *, real_now: datetime, error: str | None = None) -> None:
    """Back to the queue: this worker ends (that costs no attempt), or something went wrong (`error`) that may pass."""
    if error is None:
        run.attempts -= 1
    else:
        run.last_error = error[:500]
    if run.attempts >= MOST_ATTEMPTS:
        fail_run(run, Sentence(BROKEN), run.last_error or "", real_now=real_now)
        return
    run.state, run.lease_until = next_state(RUN_TRANSITIONS, run.state, RunEvent.HAND_OVER), None


def fail_for(run: Run, error: DomainError, *, real_now: datetime) -> None:
    """A refusal: trying again would refuse again."""
    fail_run(run, Sentence(error.message, error.params), str(error), real_now=real_now)


def ask_stop(session: Session, ref: str, *, real_now: datetime) -> Run:
    """Ask a run to stop and keep what it has; one that never began ends at once; an ended one stays as it is.

    Raises NotFound.
    """
    run = locked(session, select(Run).where(Run.ref == ref))
    if run is None:
        raise NotFound("run", N_("This work does not exist."))
    if run.state not in ENDED:
        run.stop_asked = True
        if run.turn == 0:
            _ended(run, RunEvent.STOP, real_now)
    session.flush()
    return run


@event.listens_for(Session, "after_commit")
def _after_commit(session: Session) -> None:
    if session.info.pop(_NUDGE, False) and _hook is not None:
        _hook()


@event.listens_for(Session, "after_rollback")
def _after_rollback(session: Session) -> None:
    session.info.pop(_NUDGE, None)
