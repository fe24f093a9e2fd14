"""Several issuers at once, cut or killed anywhere: every draft issued once, numbers without gap or duplicate.

At full size they are processes killed by -9 in the middle of an invoice. Reduced, their connections are cut, which to the
database is the same; a real process is killed in `tests/workers/test_month_worker.py`.
"""

import hashlib
import os
import queue
import signal
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.orm import Session

from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice, InvoiceState
from entrepairs.documents.models import NumberSeries, StoredFile
from entrepairs.kernel.errors import Conflict
from entrepairs.ledger.models import Entry
from entrepairs.outbox.models import OutboxItem
from tests.billing.issuers import NAME
from tests.conftest import FULL, FreshDatabase, Proof
from tests.factories.billing import OFFICE, a_draft_invoice, later
from tests.factories.nodding import Nodding

ROOT = Path(__file__).resolve().parents[2]
BUSY = """datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND application_name LIKE 'issuer%'
    ORDER BY random() LIMIT 1"""
CUT = text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {BUSY}")
SEEN = text(f"SELECT substr(application_name, {len(NAME) + 1})::int FROM pg_stat_activity WHERE {BUSY}")


@dataclass
class Office:
    """Drafts to issue, and what went wrong besides a connection that was cut."""

    database: FreshDatabase
    todo: "queue.SimpleQueue[str]" = field(default_factory=queue.SimpleQueue)
    failures: list[BaseException] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    killed: int = 0

    def prepare(self, drafts: int) -> None:
        """One draft, and as many copies as wanted: what they bill matters not here."""
        with self.database.session() as session:
            first = a_draft_invoice(session)
            session.flush()
            for table, parent in (("invoice", ""), ("invoice_line", "invoice_id")):
                session.execute(
                    text(self._copy(session.connection(), table, parent)), {"drafts": drafts, "id": first.id}
                )
            session.commit()
            for ref in session.scalars(select(Invoice.ref).order_by(Invoice.id)):
                self.todo.put(ref)

    def _copy(self, connection: Connection, table: str, parent: str) -> str:
        wanted = text("SELECT column_name FROM information_schema.columns WHERE table_name = :table")
        apart = {"id", "ref", "service_id", parent}
        same = [name for name in connection.scalars(wanted, {"table": table}) if name not in apart]
        into, read = ", ".join(same), ", ".join(f"copied.{name}" for name in same)
        if not parent:
            return f"""INSERT INTO invoice (ref, {into}) SELECT 'FAC-' || lpad(n::text, 9, '0'), {read}
                FROM invoice copied, generate_series(2, :drafts) n WHERE copied.id = :id"""
        return f"""INSERT INTO {table} ({parent}, {into}) SELECT invoice.id, {read} FROM {table} copied, invoice
            WHERE copied.{parent} = :id AND invoice.id <> :id"""

    def issue_all(self) -> None:
        """What one thread does."""
        while not self.todo.empty():
            try:
                self._issue(self.todo.get_nowait())
            except queue.Empty:
                return

    def _issue(self, ref: str) -> None:
        try:
            with self.database.session() as own:
                own.execute(text("SET LOCAL application_name = 'issuer'"))
                issue_invoice(own, ref, clock=later(), actor=OFFICE, checker=Nodding())
                own.commit()
        except (DBAPIError, PendingRollbackError):
            self.todo.put(ref)
        except Conflict:  # it was committed just before its connection was cut
            pass
        except BaseException as error:  # noqa: BLE001 - told by the main thread
            self.failures.append(error)

    def hinder(self, times: int, drafts: int, proof: Proof) -> None:
        """Cut a connection, or kill a process, that is in the middle of an invoice; so many times, all along the work."""
        draw = proof.random("cuts")
        while self.killed < times and not self.over.is_set():
            with self.database.session() as own:
                if FULL and self._issued(own) < drafts * (self.killed + draw.random() - 1) / times:
                    self.over.wait(0.05)
                    continue
                self.killed += self._kill(own.execute(SEEN).scalar()) if FULL else len(own.execute(CUT).all())
            self.over.wait(draw.random() / 10)

    def _issued(self, session: Session) -> int:
        return (session.scalar(select(NumberSeries.next).where(NumberSeries.series == "FA")) or 1) - 1

    def _kill(self, process: int | None) -> int:
        if process is None:
            return 0
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:  # it was killed, and PostgreSQL has not noticed yet
            return 0
        return 1


@pytest.mark.race
def test_issuers_cut_or_killed_anywhere_leave_no_gap_and_issue_nothing_twice(
    fresh_database: FreshDatabase, proof: Proof, python: str, capsys: pytest.CaptureFixture[str]
) -> None:
    issuers, drafts, kills = proof.size(3, 8), proof.size(6, 5_000), proof.size(2, 50)
    office = Office(fresh_database)
    office.prepare(drafts)
    killer = threading.Thread(target=office.hinder, args=(kills, drafts, proof))
    killer.start()
    if FULL:
        command = [python, "-m", "tests.billing.issuers", fresh_database.url, str(issuers)]
        assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    else:
        together([threading.Thread(target=office.issue_all) for _ in range(issuers)])
    office.over.set()
    killer.join()
    office.issue_all() if not FULL else None  # a draft put back when the others had left
    assert office.failures == []
    ensure_whole(fresh_database, drafts)
    if FULL:
        assert office.killed == kills
        with capsys.disabled():
            told = f"{drafts} invoices by {issuers} processes, {office.killed} killed by -9 in the middle of one"
            print(f"\n{told}: no gap, no duplicate, every hash right")  # noqa: T201 - the closing line of the proof


def ensure_whole(database: FreshDatabase, drafts: int) -> None:
    """Numbers follow each other, each draft is issued once with one entry, one file whose hash is right, one effect."""
    with database.session() as session:
        numbers = list(session.scalars(select(Invoice.number).order_by(Invoice.number)))
        assert numbers == [f"FA2027-{n:05d}" for n in range(1, drafts + 1)]
        assert session.scalar(select(func.count(Invoice.id)).where(Invoice.state != InvoiceState.ISSUED)) == 0
        entries = list(session.scalars(select(Entry.number).where(Entry.journal_code == "VE").order_by(Entry.number)))
        assert entries == list(range(1, drafts + 1))
        pieces = session.scalars(select(Entry.piece_ref).order_by(Entry.piece_ref)).all()
        assert list(pieces) == numbers
        drawn = select(func.count(OutboxItem.subject_ref.distinct())).where(
            OutboxItem.kind == "billing.produce_einvoice"
        )
        assert session.scalar(drawn) == drafts
        files = session.execute(select(StoredFile.filename, StoredFile.sha256, StoredFile.content))
        kept = {name: hashlib.sha256(content).hexdigest() == told for name, told, content in files if name[:2] == "FA"}
        assert kept == {f"{number}.xml": True for number in numbers}


def together(threads: list[threading.Thread]) -> None:
    for one in threads:
        one.start()
    for one in threads:
        one.join()
