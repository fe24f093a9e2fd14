"""The Celery tasks, thin: open the app, call, mark."""

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Final

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from entrepairs.extensions import db
from entrepairs.kernel.clock import Clock, FixedClock, SystemClock
from entrepairs.kernel.errors import DomainError, Unavailable
from entrepairs.outbox.claiming import claim_next, mark_done, mark_failed
from entrepairs.outbox.models import ItemState, OutboxItem
from entrepairs.outbox.slots import beat, due_slots, take_slot
from entrepairs.settings import demo_clock
from entrepairs_workers import schedule
from entrepairs_workers.app import flask_app
from entrepairs_workers.effects import ACTS, USE_CASES, Act, handler

log = logging.getLogger(__name__)
LONGEST_DRAIN: Final = 15.0
"""Seconds after which a drain hands over, so that a task never nears its limit."""


@shared_task(name="outbox.drain")
def drain() -> None:
    """Do every due effect, oldest first."""
    end = time.monotonic() + LONGEST_DRAIN
    with flask_app.app_context():
        while time.monotonic() < end and do_one():
            pass


@shared_task(name="slots.tick")
def tick() -> None:
    """Run the recurring jobs whose slot is due, each slot once, in order."""
    with flask_app.app_context():
        for name, (every, _) in schedule.JOBS.items():
            run_due_slots(name, every)


@shared_task(name="heartbeat")
def heartbeat() -> None:
    """Say in the database that beat and a worker are alive; carry the demo's clock along."""
    with flask_app.app_context():
        now = datetime.now(UTC)
        beat(db.session(), "beat", real_now=now)
        if flask_app.config["DEMO"]:
            demo_clock.tick(db.session(), real_now=now)
        db.session.commit()


def business_clock() -> Clock:
    """Business time: real, or the demo's, standing at this instant."""
    if (fixed := flask_app.config.get("CLOCK")) is not None:
        return fixed  # type: ignore[no-any-return]
    return demo_clock.read(db.session()) if flask_app.config["DEMO"] else SystemClock()


def do_one() -> bool:
    """Claim the oldest due effect, do it, mark it. False when nothing is due."""
    session, real_now, clock = db.session(), datetime.now(UTC), business_clock()
    lease = timedelta(seconds=int(flask_app.config["LEASE_SECONDS"]))
    item = claim_next(session, business_now=clock.now(), real_now=real_now, lease=lease)
    session.commit()
    if item is None:
        return False
    identity, kind = item.id, item.kind
    try:
        if kind in ACTS:
            _act(item, clock)
        else:
            _use_case(item, clock)
    except SoftTimeLimitExceeded:
        _failed(identity, "took too long", retry=True)
        raise
    except Unavailable as error:
        _failed(identity, str(error), retry=True)
    except DomainError as error:
        _failed(identity, str(error), retry=False)
    except Exception as error:
        log.exception("effect %s %s failed", kind, identity)
        _failed(identity, f"{type(error).__name__}: {error}", retry=True)
    return True


def _use_case(item: OutboxItem, clock: Clock) -> None:
    session = db.session()
    handler(USE_CASES, item.kind)(session, item.subject_ref, item.payload, clock=clock)
    mark_done(item, real_now=datetime.now(UTC))
    session.commit()


def _act(item: OutboxItem, clock: Clock) -> None:
    session = db.session()
    handler(ACTS, item.kind)(Act(session, item.subject_ref, item.payload, clock, flask_app.config))
    mark_done(item, real_now=datetime.now(UTC))
    session.commit()


def _failed(identity: int, error: str, *, retry: bool) -> None:
    session = db.session()
    session.rollback()
    item = session.get(OutboxItem, identity, with_for_update=True)
    if item is not None and item.state == ItemState.CLAIMED:
        mark_failed(item, error, retry=retry, real_now=datetime.now(UTC))
    session.commit()


def run_due_slots(name: str, every: timedelta) -> None:
    """Run one job's due slots; a slot and its work are one transaction, so a kill leaves neither."""
    session = db.session()
    for slot in due_slots(session, name, every, business_clock().now()):
        try:
            if take_slot(session, name, slot, real_now=datetime.now(UTC)):
                schedule.job(name)(session, clock=FixedClock(slot))
            session.commit()
        except Exception:
            log.exception("job %s failed for its slot %s", name, slot)
            session.rollback()
            return
