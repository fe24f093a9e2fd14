"""Long works: one task takes the run that waits, does its turn, and writes how it ended.

The message is acknowledged before the work: recovery after a kill is the lease's, found again by the sweep, so the
broker never gives a long task twice.
"""

import importlib
import logging
import mmap
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from celery import shared_task
from celery.signals import worker_shutting_down

from entrepairs.extensions import db
from entrepairs.kernel.errors import DomainError, Unavailable
from entrepairs.outbox.runs import RunLost, claim_run, end_run, fail_for, hand_over, own_run
from entrepairs.outbox.turns import Turn
from entrepairs_workers.app import flask_app
from entrepairs_workers.effects import tell_failed
from entrepairs_workers.tasks import business_clock

log = logging.getLogger(__name__)
LONGEST: Final = 3600
"""Seconds a turn may last; each kind of work sets its own time well below."""

RUNS: Final[dict[str, str]] = {
    # kind: "module:function"; one line each, in alphabetical order
    "billing.bill_month": "entrepairs.billing.month.running:bill_month",
    "planning.plan": "entrepairs.dispatch.plans:search",
}

_ending: Final = mmap.mmap(-1, 1)
"""One byte shared with the pool's children, which no signal reaches: the worker is asked to end."""


@worker_shutting_down.connect
def _tell_children(**_: Any) -> None:
    _ending[0:1] = b"\x01"


def _is_ending() -> bool:
    return _ending[0:1] == b"\x01"


@shared_task(name="runs.work", acks_late=False, soft_time_limit=LONGEST, time_limit=LONGEST + 30)
def work() -> None:
    """Take the run that waits, if any, and do a turn of it."""
    with flask_app.app_context():
        do_a_turn(RUNS)


def do_a_turn(table: Mapping[str, str]) -> bool:
    """Claim, work, end. False when nothing waits."""
    session, lease = db.session(), timedelta(seconds=int(flask_app.config["RUN_LEASE_SECONDS"]))
    if _is_ending():
        return False
    run = claim_run(
        session, real_now=_now(), lease=lease, failed=lambda lost: tell_failed(session, lost, clock=business_clock())
    )
    session.commit()
    if run is None:
        return False
    turn, kind = Turn.of(session, run, lease=lease, leaving=_is_ending), run.kind
    session.commit()
    try:
        _conclude(turn, concluded=handler(table, kind)(turn, clock=business_clock()))
    except RunLost as lost:
        session.rollback()
        log.warning("%s: it goes on elsewhere", lost)
    except DomainError as error:
        _refused(turn, error)
    except Exception as error:
        log.exception("run %s of %s failed", turn.run_id, kind)
        _broken(turn, f"{type(error).__name__}: {error}")
    return True


def handler(table: Mapping[str, str], kind: str) -> Callable[..., bool]:
    """The function of a kind. Raises KeyError for an unknown one."""
    module, _, function = table[kind].partition(":")
    found: Callable[..., bool] = getattr(importlib.import_module(module), function)
    return found


def _now() -> datetime:
    return datetime.now(UTC)


def _conclude(turn: Turn, *, concluded: bool) -> None:
    run = own_run(turn.session, turn.run_id, turn.number)
    if concluded:
        end_run(run, real_now=_now())
    else:
        hand_over(run, real_now=_now())
    turn.session.commit()


def _refused(turn: Turn, error: DomainError) -> None:
    turn.session.rollback()
    if isinstance(error, Unavailable):
        _broken(turn, str(error))
        return
    _write_end(turn, lambda run: fail_for(run, error, real_now=_now()))


def _broken(turn: Turn, error: str) -> None:
    turn.session.rollback()
    _write_end(turn, lambda run: hand_over(run, real_now=_now(), error=error))


def _write_end(turn: Turn, end: Callable[..., None]) -> None:
    try:
        run = own_run(turn.session, turn.run_id, turn.number)
        end(run)
        tell_failed(turn.session, run, clock=business_clock())
        turn.session.commit()
    except RunLost:
        turn.session.rollback()
