"""A month invoiced by real workers, killed anywhere: numbers without gap, each service once, one mail at the end."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from entrepairs.audit.actors import Actor
from entrepairs.billing.models import BilledService, Invoice, InvoiceFile, InvoiceState
from entrepairs.billing.month.asking import ask_month
from entrepairs.billing.month.months import Month
from entrepairs.ledger.models import Entry
from entrepairs.messages.models import Message
from entrepairs.missions.models import ServiceDone
from entrepairs.outbox.models import Run
from entrepairs.outbox.states import RunState
from entrepairs.settings import demo_clock
from tests.factories.billing import EXEMPT, a_client, a_demand_done, later, the_association
from tests.factories.catalogue import a_wrap_group
from tests.factories.identity import an_office_account
from tests.workers.test_real_worker import Workers, wait_until

pytestmark = pytest.mark.worker
MARCH = Month(date(2027, 3, 1))


@pytest.fixture
def workers(fresh_database, valkey, smtp_receiver, python, tmp_path) -> Iterator[Workers]:
    environment = {
        **os.environ,
        "ENTREPAIRS_ENV": "test",
        "DATABASE_URL": fresh_database.url,
        "REDIS_URL": valkey,
        "SMTP_URL": smtp_receiver.url,
        "ENTREPAIRS_RUN_LEASE_SECONDS": "3",
        "ENTREPAIRS_LEASE_SECONDS": "3",
        "ENTREPAIRS_DEMO": "true",  # business time is the story's, wherever the machine's clock stands
    }
    group = Workers(environment, python, tmp_path)
    yield group
    group.stop()


def prepared(database, structures: int) -> str:
    """A month launched, with eight sessions to invoice by structure; gives the run's reference."""
    with database.session() as session:
        demo_clock.start(session, real_now=datetime.now(UTC), at=later().now())
        the_association(session)
        offering = a_wrap_group(session, vat_regime=EXEMPT)
        for number in range(structures):
            a_demand_done(session, a_client(session, name=f"Clinique {number}"), offering)
        account = an_office_account(session)
        run = ask_month(
            session,
            MARCH,
            actor=Actor(account.ref, account.name),
            clock=later(),
            real_now=datetime.now(UTC),
        )
        session.commit()
        return run.ref


def read(database, ref: str) -> Run:
    with database.session() as session:
        return session.scalars(select(Run).where(Run.ref == ref)).one()


def test_a_month_killed_anywhere_is_taken_up_without_gap_or_duplicate(workers, fresh_database, proof) -> None:
    ref, draw = prepared(fresh_database, proof.size(6, 600)), proof.random("month")
    worker = workers.worker()
    workers.beat()
    for kill in range(1, proof.size(3, 20)):
        wait_until(lambda turn=kill: (run := read(fresh_database, ref)).turn >= turn or run.ended_at is not None, 90)
        threading.Event().wait(draw.uniform(0.5, 4))
        if read(fresh_database, ref).ended_at is not None:
            break
        workers.kill(worker)
        worker = workers.worker()
    wait_until(lambda: read(fresh_database, ref).ended_at is not None, seconds=proof.size(120, 600))
    run = read(fresh_database, ref)
    assert (run.state, run.kept["refused"]) == (RunState.DONE, 0)
    with fresh_database.session() as session:
        numbers = list(session.scalars(select(Invoice.number).order_by(Invoice.number)))
        assert numbers == [f"FA2027-{n:05d}" for n in range(1, len(numbers) + 1)], "no gap, no draft left"
        assert run.kept["issued"] == len(numbers), "the counters say what was done"
        assert run.kept["cents"] == session.scalar(select(func.sum(Invoice.gross)))
        assert session.scalar(select(func.count(Entry.id)).where(Entry.journal_code == "VE")) == len(numbers)
        services = session.scalar(select(func.count(ServiceDone.id)))
        assert session.scalar(select(func.count(BilledService.id))) == services, "each service once"
        assert session.scalar(select(func.count()).where(Message.kind == "billing.month_billed")) == 1
        issued = session.scalar(select(func.count(Invoice.id)).where(Invoice.state == InvoiceState.ISSUED))
    wait_until(lambda: drawn(fresh_database) == issued, seconds=proof.size(60, 600))


def drawn(database) -> int:
    """Factur-X drawn and kept."""
    with database.session() as session:
        return session.scalar(select(func.count(InvoiceFile.id))) or 0
