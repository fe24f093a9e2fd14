"""Several issuers at once, their connections cut anywhere: every draft issued once, numbers without gap or duplicate."""

import queue
import threading
from dataclasses import dataclass, field

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, PendingRollbackError

from entrepairs.billing.drafting import draft_invoices
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice, InvoiceState
from entrepairs.kernel.errors import Conflict
from entrepairs.ledger.models import Entry
from tests.conftest import FreshDatabase, Proof
from tests.factories.billing import EXEMPT, OFFICE, a_client, a_demand_done, later, the_association
from tests.factories.catalogue import an_offering

CUT = text(
    """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND application_name = 'issuer'
    ORDER BY random() LIMIT 1"""
)


@dataclass
class Office:
    """Drafts to issue, and what went wrong besides a connection that was cut."""

    database: FreshDatabase
    todo: "queue.SimpleQueue[str]" = field(default_factory=queue.SimpleQueue)
    failures: list[BaseException] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def prepare(self, drafts: int) -> None:
        with self.database.session() as session:
            the_association(session)
            partner, offering = a_client(session), an_offering(session, vat_regime=EXEMPT)
            for _ in range(drafts):
                demand = a_demand_done(session, partner, offering)
                made = draft_invoices(session, partner.ref, demand_refs=[demand.ref], clock=later(), actor=OFFICE)
                self.todo.put(made[0].ref)
            session.commit()

    def issue_all(self) -> None:
        while not self.todo.empty():
            try:
                self._issue(self.todo.get_nowait())
            except queue.Empty:
                return

    def _issue(self, ref: str) -> None:
        try:
            with self.database.session() as own:
                own.execute(text("SET LOCAL application_name = 'issuer'"))
                issue_invoice(own, ref, clock=later(), actor=OFFICE)
                own.commit()
        except (DBAPIError, PendingRollbackError):
            self.todo.put(ref)
        except Conflict:  # it was committed just before its connection was cut
            pass
        except BaseException as error:  # noqa: BLE001 - told by the main thread
            self.failures.append(error)

    def cut(self, cuts: int, proof: Proof) -> None:
        draw = proof.random("cuts")
        while cuts > 0 and not self.over.is_set():
            with self.database.session() as own:
                cuts -= len(own.execute(CUT).all())
            self.over.wait(draw.random() / 10)


@pytest.mark.race
def test_issuers_cut_anywhere_leave_no_gap_and_issue_nothing_twice(fresh_database, proof: Proof) -> None:
    issuers, drafts, cuts = proof.size(3, 8), proof.size(6, 5_000), proof.size(2, 50)
    office = Office(fresh_database)
    office.prepare(drafts)
    killer = threading.Thread(target=office.cut, args=(cuts, proof))
    killer.start()
    together([threading.Thread(target=office.issue_all) for _ in range(issuers)])
    office.over.set()
    killer.join()
    office.issue_all()  # a draft put back when the others had left
    assert office.failures == []
    with fresh_database.session() as session:
        numbers = list(session.scalars(select(Invoice.number).order_by(Invoice.number)))
        assert numbers == [f"FA2027-{n:05d}" for n in range(1, drafts + 1)]
        assert session.scalar(select(func.count(Invoice.id)).where(Invoice.state != InvoiceState.ISSUED)) == 0
        assert session.scalar(select(func.count(Entry.id)).where(Entry.journal_code == "VE")) == drafts


def together(threads: list[threading.Thread]) -> None:
    for one in threads:
        one.start()
    for one in threads:
        one.join()
