"""The month end at its size: invoices of six lines drafted, issued and posted by the run itself, beside the CPU it takes.

    .venv/bin/python -m tests.bench.close [--invoices 200] [--rounds 5] [--sizes 1000 10000]

Several ways, in turn in each round, each on a fresh copy of the same month: the run without its rule gate (a stand-in
says yes; our own refusals and the schema stay), from drafts that wait or from the services; then the Factur-X drawn by a
worker process per core; then with the official rules, a long-lived checker per core. At larger sizes, from the services.
Medians of rounds; CPU is that of every process that works: the run's, PostgreSQL's, the checkers', the drawing workers'.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from unittest.mock import patch

from sqlalchemy import create_engine, func, select, text, update
from sqlalchemy.orm import Session

from entrepairs.billing.delivery import produce_einvoice
from entrepairs.billing.drafting import draft_invoices
from entrepairs.billing.einvoice.ahead import shared_checkers
from entrepairs.billing.models import Invoice, InvoiceFile, InvoiceLine, InvoiceState
from entrepairs.billing.month.asking import ask_month
from entrepairs.billing.month.running import bill_month
from entrepairs.embedded.postgres import EmbeddedPostgres, Role
from entrepairs.ledger.models import Entry
from entrepairs.network.models import Partner
from entrepairs.outbox.adding import add
from entrepairs.outbox.claiming import claim_next, mark_done
from entrepairs.outbox.models import OutboxItem
from entrepairs.outbox.runs import LEASE, claim_run, end_run
from entrepairs.outbox.turns import Turn
from tests.bench.close_data import LINES, MONTH, fill_month
from tests.factories.billing import OFFICE, later
from tests.factories.nodding import Nodding
from tests.throwaway import TEMPLATE, Run

TICK = os.sysconf("SC_CLK_TCK")
DRAW = "billing.produce_einvoice"
FAR = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Way:
    """What is left in of a month end."""

    drafted: bool = False
    """The drafts wait already; else the run makes them."""
    nodding: bool = False
    drawn: bool = False


@dataclass(frozen=True)
class Measured:
    """Of one way in one round; seconds for an invoice."""

    wall: float
    cpu: float


def cpu_of(pid: int) -> float:
    """Seconds of processor a process has used, with the children it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return sum(int(one) for one in fields[11:15]) / TICK


def cpu_below(pid: int) -> float:
    """The same of a process and of those it started; one that ends meanwhile is counted by its parent next time."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        return cpu_of(pid) + sum(cpu_below(int(child)) for child in children)
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


class Cluster:
    """The throw-away PostgreSQL, and what it has used."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self.postgres = postgres

    def month_of(self, invoices: int) -> str:
        name = f"month_{invoices}"
        self.postgres.clone_database(TEMPLATE, name)
        engine = create_engine(self.postgres.url(name, Role.OWNER))
        with Session(engine) as session:
            fill_month(session, invoices)
            session.commit()
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        engine.dispose()
        return name

    def copy(self, name: str) -> str:
        """A copy of a month; its address, for the application role."""
        copy = f"{name}_copy"
        self.postgres.drop_database(copy)
        self.postgres.clone_database(name, copy)
        return self.postgres.url(copy, Role.APP)


def draft_all(url: str) -> None:
    """The drafts that an office made before."""
    engine = create_engine(url)
    with Session(engine) as session:
        for ref in session.scalars(select(Partner.ref).order_by(Partner.id)).all():
            draft_invoices(session, ref, until=MONTH.last, clock=later(), actor=OFFICE)
            session.commit()
    engine.dispose()


def close(url: str) -> int:
    """Launch, take the run as a worker does, and end it; how many invoices left."""
    engine = create_engine(url)
    now = datetime.now(UTC)
    with Session(engine) as session:
        ask_month(session, MONTH, actor=OFFICE, clock=later(), real_now=now)
        session.commit()
        run = claim_run(session, real_now=now)
        assert run is not None
        session.commit()
        turn = Turn.of(session, run, lease=LEASE)
        assert bill_month(turn, clock=later())
        end_run(run, real_now=datetime.now(UTC))
        session.commit()
        assert not run.progress.get("refused"), run.kept
        issued = session.scalar(select(func.count(Invoice.id)).where(Invoice.state == InvoiceState.ISSUED)) or 0
        assert session.scalar(select(func.count(InvoiceLine.id))) == LINES * issued
        assert session.scalar(select(func.count(Entry.id)).where(Entry.journal_code == "VE")) == issued
    engine.dispose()
    return issued


def draw_all(url: str) -> None:
    """A worker that stands ready, then draws Factur-X until none is due."""
    import typst  # noqa: F401 - loaded by a worker once in its life

    engine = create_engine(url)
    print("ready", flush=True)
    sys.stdin.readline()
    with Session(engine) as session, patch("entrepairs.billing.delivery.add", add_for_later):
        while item := claim_next(session, business_now=later().now(), real_now=datetime.now(UTC)):
            session.commit()
            produce_einvoice(session, item.subject_ref, item.payload, clock=later())
            mark_done(item, real_now=datetime.now(UTC))
            session.commit()
    engine.dispose()


def add_for_later(session: Session, kind: str, **given: Any) -> bool:
    """An effect written as it is, but due when the measure is over: the sending is no drawing."""
    return add(session, kind, **{**given, "due_at": FAR})


def drawers(url: str) -> list["subprocess.Popen[str]"]:
    """A worker per core, ready."""
    command = [sys.executable, "-m", "tests.bench.close", "--draw", url]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(os.cpu_count() or 1)
    ]
    for one in started:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    return started


def close_and_draw(url: str, workers: Sequence["subprocess.Popen[str]"]) -> int:
    """The same as `close`, then every Factur-X, by workers that stood ready."""
    issued = close(url)
    engine = create_engine(url)
    with Session(engine) as session:
        session.execute(update(OutboxItem).where(OutboxItem.kind != DRAW).values(due_at=FAR))
        session.commit()
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.close()
        assert not any(worker.wait() for worker in workers)
        assert session.scalar(select(func.count(InvoiceFile.id))) == issued
    engine.dispose()
    return issued


def measured(cluster: Cluster, month: str, way: Way) -> Measured:
    """One way, once."""
    url, gate = cluster.copy(month), nodding() if way.nodding else nullcontext()
    work: Callable[[str], int] = close
    if way.drafted:
        draft_all(url)
    if way.drawn:
        work = partial(close_and_draw, workers=drawers(url))
    with gate:
        wall, cpu = perf_counter(), cpu_below(os.getpid())
        issued = work(url)
        wall, cpu = perf_counter() - wall, cpu_below(os.getpid()) - cpu
        for one in shared_checkers():
            one.close()
    return Measured(wall / issued, cpu / issued)


def nodding() -> AbstractContextManager[Any]:
    """Without the official rules."""
    return patch("entrepairs.billing.month.running.shared_checkers", lambda: (Nodding(),))


WAYS = {
    "drafts issued and posted": Way(drafted=True, nodding=True),
    "the same, and Factur-X drawn": Way(drafted=True, nodding=True, drawn=True),
    "drafts issued, with the rule gate": Way(drafted=True),
    "the same, and Factur-X drawn, gate": Way(drafted=True, drawn=True),
    "from the services": Way(nodding=True),
}


def told(what: str, found: list[Measured], base: list[Measured]) -> None:
    """The median of an invoice, the rates it makes, and the median ratio to the first way."""
    wall, cpu = median(one.wall for one in found), median(one.cpu for one in found)
    ratio = median(one.cpu / first.cpu for one, first in zip(found, base, strict=False))
    print(
        f"{what:<38} {1000 * wall:7.1f} ms wall {1000 * cpu:7.1f} ms CPU   {1 / wall:6.1f}/s as run"
        f"   {2 / cpu:6.1f}/s at two full cores   × {ratio:4.2f}",
        flush=True,
    )


def bench(cluster: Cluster, invoices: int, rounds: int, sizes: list[int]) -> None:
    """The ways beside each other, then the growth."""
    month = cluster.month_of(invoices)
    measured(cluster, month, Way(nodding=True))  # what a process loads the first time is no part of a month
    found: dict[str, list[Measured]] = {what: [] for what in WAYS}
    for _ in range(rounds):
        for what, way in WAYS.items():
            found[what].append(measured(cluster, month, way))
    base = next(iter(found.values()))
    print(f"{invoices} invoices of {LINES} lines; medians of {rounds} rounds")
    for what, rows in found.items():
        told(what, rows, base)
    for size in sizes:
        rows = [measured(cluster, cluster.month_of(size), Way(nodding=True))]
        told(f"{size} from the services", rows, [Measured(median(o.wall for o in base), median(o.cpu for o in base))])


def main() -> None:
    """All of it, on services that vanish at the end."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--invoices", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000])
    parser.add_argument("--draw", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.draw:
        draw_all(given.draw)
        return
    run = Run()
    try:
        bench(Cluster(run.postgres), given.invoices, given.rounds, given.sizes)
    finally:
        run.stop()


if __name__ == "__main__":
    main()
