"""Real Celery workers doing long works: killed anywhere, another goes on from what was kept; mail never waits."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from entrepairs.messages.models import MessageState
from entrepairs.outbox.models import Run
from entrepairs.outbox.runs import ask_run, ask_stop
from entrepairs.outbox.states import RunState
from tests.workers.test_real_worker import Workers, queue_links, states, wait_until

pytestmark = pytest.mark.worker
__all__ = ["queue_links"]


class LongWorkers(Workers):
    """Workers that know the tests' long works."""

    APP = "tests.workers.counting_work"


@pytest.fixture
def workers(fresh_database, valkey, smtp_receiver, python, tmp_path) -> Iterator[LongWorkers]:
    environment = {
        **os.environ,
        "ENTREPAIRS_ENV": "test",
        "DATABASE_URL": fresh_database.url,
        "REDIS_URL": valkey,
        "SMTP_URL": smtp_receiver.url,
        "ENTREPAIRS_RUN_LEASE_SECONDS": "2",
    }
    group = LongWorkers(environment, python, tmp_path)
    yield group
    group.stop()


@pytest.fixture
def runs(fresh_database) -> "Runs":
    return Runs(fresh_database)


class Runs:
    """The runs of the test's database, each look in a transaction of its own."""

    def __init__(self, database) -> None:
        self._database = database

    def ask(self, kind: str, **params) -> str:
        with self._database.session() as session:
            run = ask_run(session, kind, "X", params, asked_by="x", asked_label="x", real_now=datetime.now(UTC))
            session.commit()
            return run.ref

    def read(self, ref: str) -> Run:
        with self._database.session() as session:
            return session.scalars(select(Run).where(Run.ref == ref)).one()

    def stop(self, ref: str) -> None:
        with self._database.session() as session:
            ask_stop(session, ref, real_now=datetime.now(UTC))
            session.commit()

    def counted(self, ref: str) -> int:
        return len((self.read(ref).kept or {}).get("numbers", []))


def test_a_killed_worker_is_replaced_and_the_count_goes_on(workers, runs, queue_links, fresh_database) -> None:
    ref = runs.ask("test.count", to=60)
    first = workers.worker()
    workers.beat()
    for kill in range(2):
        wait_until(lambda least=10 * (kill + 1): runs.counted(ref) >= least)
        workers.kill(first)
        first = workers.worker()
    queue_links(2)
    wait_until(lambda: runs.read(ref).state is RunState.DONE)
    ended = runs.read(ref)
    assert ended.kept["numbers"] == list(range(60)), "nothing was done twice, nothing was lost"
    assert ended.turn == 3
    assert states(fresh_database) == {MessageState.SENT: 2}, "mails left while it worked"


def test_a_stop_is_honoured_within_seconds_and_keeps_what_was_found(workers, runs) -> None:
    ref = runs.ask("test.count", to=10_000)
    workers.worker()
    workers.beat()
    wait_until(lambda: runs.counted(ref) >= 5)
    runs.stop(ref)
    wait_until(lambda: runs.read(ref).state is RunState.STOPPED, seconds=3)
    assert runs.counted(ref) >= 5


def test_a_worker_asked_to_end_hands_over_and_leaves_at_once(workers, runs) -> None:
    ref = runs.ask("test.count", to=10_000)
    first = workers.worker()
    workers.beat()
    wait_until(lambda: runs.counted(ref) >= 5)
    os.kill(first.pid, signal.SIGTERM)
    first.wait(timeout=10)
    left = runs.read(ref)
    assert (left.state, left.attempts) == (RunState.QUEUED, 0)
    workers.worker()
    wait_until(lambda: runs.counted(ref) > len(left.kept["numbers"]))
    runs.stop(ref)
    wait_until(lambda: runs.read(ref).state is RunState.STOPPED, seconds=10)


def test_a_work_that_kills_its_worker_is_put_aside_and_the_next_flows(workers, runs) -> None:
    poison, sound = runs.ask("test.die"), runs.ask("test.count", to=3)
    workers.worker()
    workers.beat()
    wait_until(lambda: runs.read(sound).state is RunState.DONE, seconds=90)
    put_aside = runs.read(poison)
    assert put_aside.state is RunState.FAILED
    assert put_aside.failure["msgid"].startswith("It was started several times")
