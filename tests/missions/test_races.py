"""Two at once: one word on a session, one order for a hold; and every effect has its function."""

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.demands.scopes import OFFICE
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict
from entrepairs.missions.models import MissionOrder, ServiceDone
from entrepairs.missions.orders import issue_order
from entrepairs.missions.services_done import Answerer, confirm_service
from entrepairs_workers.effects import USE_CASES, handler
from entrepairs_workers.mails import BUILDERS, builder
from entrepairs_workers.schedule import JOBS, job
from tests.factories.demands import ACTOR
from tests.factories.missions import a_held_demand, a_reported_session, after, holders


def at_once(database: Any, count: int, act: Callable[[Session], object]) -> list[str]:
    """How each of `count` simultaneous attempts ended, on connections of their own."""
    barrier, ends = threading.Barrier(count), []

    def run() -> None:
        with database.session() as own:
            barrier.wait()
            try:
                act(own)
                own.commit()
                ends.append("done")
            except Conflict as refusal:
                own.rollback()
                ends.append(refusal.code)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(ends)


def test_of_four_answers_in_the_same_instant_one_is_kept_and_three_read_a_kind_sentence(fresh_database):
    with fresh_database.session() as setup:
        row = a_reported_session(setup)
        ref, clock = row.ref, after(row)
        setup.commit()
    who = Answerer(ACTOR, "Nadège")
    ends = at_once(fresh_database, 4, lambda own: confirm_service(own, ref, OFFICE, who, clock=clock))
    assert ends == ["already_answered"] * 3 + ["done"]
    with fresh_database.session() as look:
        assert look.scalar(select(func.count(ServiceDone.id))) == 1


def test_an_effect_done_by_two_workers_issues_one_order(fresh_database):
    with fresh_database.session() as setup:
        ref = holders(setup, a_held_demand(setup))[0].ref
        setup.commit()
    ends = at_once(fresh_database, 2, lambda own: issue_order(own, ref, {}, clock=FixedClock()))
    assert ends == ["done", "done"]
    with fresh_database.session() as look:
        assert look.scalar(select(func.count(MissionOrder.id))) == 1


def test_every_effect_mail_and_job_of_missions_has_its_function():
    kinds = [kind for kind in USE_CASES if kind.startswith("missions.")]
    letters = [kind for kind in BUILDERS if kind.startswith("missions.")]
    assert len(kinds) == 5
    assert len(letters) == 8
    assert all(callable(handler(USE_CASES, kind)) for kind in kinds)
    assert all(callable(builder(kind)) for kind in letters)
    assert all(callable(job(name)) for name in JOBS if name.startswith("missions."))
