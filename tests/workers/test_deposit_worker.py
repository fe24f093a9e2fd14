"""A real worker killed while it holds the answer of a deposit that it has not written: nothing is deposited twice."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from entrepairs.billing.delivery import produce_einvoice
from entrepairs.billing.transmission.models import InvoiceEvent, Transmission
from entrepairs.billing.transmission.sending import send_invoice
from entrepairs.doubles.chorus_pro.service import CHORUS_PRO
from entrepairs.doubles.stand import Stand
from entrepairs.outbox.models import ItemState, OutboxItem
from entrepairs.settings import demo_clock
from tests.billing.transmission.conftest import settings_of
from tests.factories.billing import a_siret, an_issued_invoice, later, the_paper_due
from tests.factories.network import a_public_hospital
from tests.workers.test_real_worker import Workers, wait_until

pytestmark = pytest.mark.worker
WAITS_FOR_A_ROW = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
def chorus(tmp_path: Path) -> Iterator[Stand]:
    with Stand(CHORUS_PRO, data=tmp_path / "chorus.sqlite") as stand:
        yield stand


@pytest.fixture
def workers(fresh_database, valkey, smtp_receiver, python, tmp_path, chorus) -> Iterator[Workers]:
    environment = {
        **os.environ,
        "ENTREPAIRS_ENV": "test",
        "DATABASE_URL": fresh_database.url,
        "REDIS_URL": valkey,
        "SMTP_URL": smtp_receiver.url,
        "ENTREPAIRS_LEASE_SECONDS": "2",
        "ENTREPAIRS_DEMO": "true",  # business time is the story's
        **{f"ENTREPAIRS_{name}": value for name, value in settings_of(chorus).items()},
    }
    group = Workers(environment, python, tmp_path)
    yield group
    group.stop()


def prepared(database) -> int:
    """An invoice of a public hospital, drawn, whose deposit is planned; gives its id."""
    with database.session() as session:
        demo_clock.start(session, real_now=datetime.now(UTC), at=later().now())
        invoice = an_issued_invoice(session, a_public_hospital(session, siret=a_siret(), requires_engagement=False))
        produce_einvoice(session, invoice.ref, the_paper_due(session, invoice), clock=later())
        session.expire(invoice, ["file"])
        send_invoice(session, invoice.ref, {}, clock=later())
        others = select(OutboxItem).where(OutboxItem.kind != "billing.transmit")
        for item in session.scalars(others):
            item.state = ItemState.DONE
        session.commit()
        return invoice.id


def flows(chorus: Stand) -> int:
    with chorus.store.transaction():
        return len(chorus.store.all("flow"))


def test_a_worker_killed_between_the_answer_and_its_commit_deposits_nothing_twice(
    workers, fresh_database, chorus: Stand
) -> None:
    invoice_id = prepared(fresh_database)
    chorus.turn(slow_answers=1, slow_seconds=1.5, calls_to="/cpro/factures/v1/deposer")
    first = workers.worker()
    workers.beat()
    wait_until(lambda: flows(chorus) == 1)
    with fresh_database.session() as holding, fresh_database.session() as looking:
        # The deposit is made, its answer on its way: whoever writes it must wait for this row.
        (row,) = holding.scalars(select(Transmission).with_for_update())
        assert (row.invoice_id, row.sent_at) == (invoice_id, None)
        assert row.attempted_at is not None
        wait_until(lambda: looking.scalar(WAITS_FOR_A_ROW) == 1)
        workers.kill(first)
    workers.worker()

    def written() -> bool:
        with fresh_database.session() as session:
            return session.scalars(select(Transmission.sent_at)).one() is not None

    wait_until(written)
    assert flows(chorus) == 1
    with fresh_database.session() as session:
        sending = session.scalars(select(Transmission)).one()
        assert sending.remote_ref.startswith("CPP")
        assert session.scalars(select(InvoiceEvent.code)).all() == [200]
