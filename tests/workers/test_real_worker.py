"""Real Celery workers on a real database: what a kill, a lost broker or a doubled beat may not break."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from entrepairs.audit.actors import Actor
from entrepairs.identity import mails
from entrepairs.identity.accounts import create_account
from entrepairs.kernel.clock import SystemClock
from entrepairs.messages.models import Message, MessageState
from entrepairs.outbox.models import Heartbeat, ItemState, OutboxItem, Slot

pytestmark = pytest.mark.worker


class Workers:
    """Celery processes of one test, on its own database and broker."""

    APP = "entrepairs_workers.app"

    def __init__(self, environment: dict[str, str], python: str, folder: Path) -> None:
        self._environment, self._python, self._folder = environment, python, folder
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self._folder / f"{arguments[0]}-{len(self._running)}.log").open("wb")
        process = subprocess.Popen(
            [self._python, "-m", "celery", "-A", self.APP, *arguments],
            env=self._environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        log.close()
        self._running.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        return self.start(
            "worker", "--loglevel", "warning", "--concurrency", "2", "--without-gossip", "--without-mingle"
        )

    def beat(self) -> subprocess.Popen[bytes]:
        name = str(self._folder / f"beat-{len(self._running)}")
        return self.start("beat", "--loglevel", "warning", "--schedule", name, "--pidfile", "")

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """kill -9 of the worker and its children: nothing is told, nothing is tidied."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in self._running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@pytest.fixture
def workers(fresh_database, valkey, smtp_receiver, python, tmp_path) -> Iterator[Workers]:
    environment = {
        **os.environ,
        "ENTREPAIRS_ENV": "test",
        "DATABASE_URL": fresh_database.url,
        "REDIS_URL": valkey,
        "SMTP_URL": smtp_receiver.url,
        "ENTREPAIRS_LEASE_SECONDS": "2",
    }
    group = Workers(environment, python, tmp_path)
    yield group
    group.stop()


@pytest.fixture
def queue_links(fresh_database) -> Callable[[int], None]:
    def queue(count: int) -> None:
        clock = SystemClock()
        with fresh_database.session() as session:
            for number in range(count):
                account = create_account(
                    session, email=f"p{number}@exemple.invalid", name=f"P {number}", actor=Actor.SYSTEM, clock=clock
                )
                mails.send_login_link(session, account, clock=clock, dedup="test")
            session.commit()

    return queue


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Look ten times a second until it is so; the event to wait for is in another process."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        pause.wait(0.1)


def states(fresh_database) -> dict[MessageState, int]:
    with fresh_database.session() as session:
        return dict(session.execute(select(Message.state, func.count()).group_by(Message.state)).all())


def test_a_worker_killed_at_the_hand_over_loses_nothing_and_repeats_nothing(
    workers, queue_links, fresh_database, smtp_receiver
) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def hold_the_first(_: object) -> str | None:
        if not reached.is_set():
            reached.set()
            go_on.wait(30)
            return "451 the client is gone"
        return None

    smtp_receiver.before_accepting = hold_the_first
    queue_links(6)
    first = workers.worker()
    workers.beat()
    assert reached.wait(40)
    workers.kill(first)
    go_on.set()
    workers.worker()
    wait_until(
        lambda: (
            states(fresh_database).get(MessageState.QUEUED, 0) == 0
            and MessageState.SENDING not in states(fresh_database)
        )
    )
    ended = states(fresh_database)
    assert sum(ended.values()) == 6
    assert 1 <= ended[MessageState.IN_DOUBT] <= 2, "what was being handed over is in doubt (two children may be)"
    received = [letter["To"] for letter in smtp_receiver.messages]
    assert len(received) == len(set(received)), "no mail twice"
    assert len(received) >= ended[MessageState.SENT]


def test_nothing_is_lost_when_the_broker_forgets_everything(
    workers, queue_links, fresh_database, smtp_receiver, valkey
):
    import redis

    queue_links(3)
    with redis.Redis.from_url(valkey) as client:
        client.flushall()
    workers.worker()
    workers.beat()
    wait_until(lambda: states(fresh_database) == {MessageState.SENT: 3})
    assert len(smtp_receiver.messages) == 3


def test_two_beats_run_each_slot_once(workers, fresh_database) -> None:
    workers.worker()
    workers.beat()
    workers.beat()

    def alive() -> bool:
        with fresh_database.session() as session:
            return session.get(Heartbeat, "beat") is not None and bool(session.scalar(select(func.count(Slot.id))))

    wait_until(alive)
    with fresh_database.session() as session:
        doubled = session.execute(
            select(Slot.job, Slot.slot).group_by(Slot.job, Slot.slot).having(func.count() > 1)
        ).all()
    assert doubled == []


def test_an_effect_that_kills_its_worker_is_put_aside_and_others_flow(workers, queue_links, fresh_database) -> None:
    clock = SystemClock()
    with fresh_database.session() as session:
        session.add(
            OutboxItem(
                kind="nobody.knows_it",
                subject_kind="x",
                subject_ref="x",
                payload={},
                due_at=clock.now(),
                state=ItemState.PENDING,
                attempts=6,
                dedup_key="poison",
                created_at=clock.now(),
            )
        )
        session.commit()
    queue_links(1)
    workers.worker()
    workers.beat()
    wait_until(lambda: states(fresh_database) == {MessageState.SENT: 1})
    with fresh_database.session() as session:
        assert (
            session.scalars(select(OutboxItem.state).where(OutboxItem.dedup_key == "poison")).one() is ItemState.FAILED
        )
