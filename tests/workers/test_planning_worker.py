"""A search of a plan on real workers: killed while it searches, another goes on from the best plan kept; stopped, it keeps it."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from entrepairs.kernel.clock import FixedClock
from entrepairs.outbox.models import Run
from entrepairs.outbox.runs import ask_stop
from entrepairs.outbox.states import RunState
from entrepairs.planning.asking import ask_plan
from entrepairs.planning.models import Plan, PlanProposal
from entrepairs.settings import demo_clock
from tests.factories.dispatch import OFFICE_ACTOR
from tests.factories.planning import a_region
from tests.workers.test_real_worker import Workers, wait_until

pytestmark = pytest.mark.worker


@pytest.fixture
def workers(fresh_database, valkey, smtp_receiver, python, tmp_path) -> Iterator[Workers]:
    environment = {
        **os.environ,
        "ENTREPAIRS_ENV": "test",
        "DATABASE_URL": fresh_database.url,
        "REDIS_URL": valkey,
        "SMTP_URL": smtp_receiver.url,
        "ENTREPAIRS_RUN_LEASE_SECONDS": "4",
        "ENTREPAIRS_DEMO": "true",  # business time is the story's, wherever the machine's clock stands
    }
    group = Workers(environment, python, tmp_path)
    yield group
    group.stop()


@pytest.fixture
def asked(fresh_database, proof):
    """Ask for a plan of a region; gives the run's reference."""

    def ask(seconds: int) -> str:
        clock = FixedClock()
        with fresh_database.session() as session:
            demo_clock.start(session, real_now=datetime.now(UTC))
            a_region(session, proof.random("region"), peers=60, demands=60, clock=clock)
            plan = ask_plan(
                session,
                date(2027, 1, 18),
                date(2027, 3, 1),
                seconds=seconds,
                actor=OFFICE_ACTOR,
                clock=clock,
                real_now=datetime.now(UTC),
            )
            session.commit()
            return plan.run.ref

    return ask


def read(database, ref: str) -> Run:
    with database.session() as session:
        return session.scalars(select(Run).where(Run.ref == ref)).one()


def test_a_search_killed_anywhere_is_taken_up_and_concluded_once(workers, asked, fresh_database, proof) -> None:
    ref, draw = asked(seconds=8), proof.random("kills")
    worker = workers.worker()
    workers.beat()
    for kill in range(1, proof.size(2, 4)):
        wait_until(lambda turn=kill: read(fresh_database, ref).turn >= turn)
        threading.Event().wait(draw.uniform(0, 6))
        if read(fresh_database, ref).state is RunState.DONE:
            break
        workers.kill(worker)
        worker = workers.worker()
    wait_until(lambda: read(fresh_database, ref).state is RunState.DONE, seconds=120)
    with fresh_database.session() as session:
        plan = session.scalars(select(Plan)).one()
        assert plan.concluded_at is not None
        assert session.scalars(select(PlanProposal)).first() is not None
        assert plan.found["best"] > 0


def test_a_search_stopped_keeps_the_best(workers, asked, fresh_database) -> None:
    ref = asked(seconds=300)
    workers.worker()
    workers.beat()
    wait_until(lambda: read(fresh_database, ref).state is RunState.RUNNING)
    with fresh_database.session() as session:
        ask_stop(session, ref, real_now=datetime.now(UTC))
        session.commit()
    wait_until(lambda: read(fresh_database, ref).state is not RunState.RUNNING, seconds=30)
    with fresh_database.session() as session:
        assert session.scalars(select(Plan)).one().concluded_at is not None
