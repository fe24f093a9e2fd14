"""Books of a million lines: the checker on a file of that size, the export, and each accounting page.

    .venv/bin/python -m tests.bench.ledger [--lines 1000000]

The file is written by a plain loop and checked in a process of its own (CPU seconds, lines a second, peak memory). The
books are written by PostgreSQL itself with the triggers off, then read as the application role; the quicker of three.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from entrepairs.embedded.postgres import EmbeddedPostgres, Role
from entrepairs.ledger import reports
from entrepairs.ledger.accountant import accountant_csv
from entrepairs.ledger.chart import ensure_chart
from entrepairs.ledger.fec.columns import COLUMNS
from entrepairs.ledger.fec.writing import export_fec
from entrepairs.ledger.years import find_year, open_exercise_of
from tests.factories.billing import the_association
from tests.throwaway import TEMPLATE, Run

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
NAME = "443061841FEC20261231.txt"
_CHECK = """
import sys, resource, time
from pathlib import Path
from entrepairs.ledger.fec.checking import check_file
report = check_file(Path(sys.argv[1]))
used = resource.getrusage(resource.RUSAGE_SELF)
print(report.verdict.value, report.lines, round(used.ru_utime + used.ru_stime, 2), used.ru_maxrss // 1024)
"""

_FILL = (
    "ALTER TABLE entry DISABLE TRIGGER USER",
    "ALTER TABLE entry_line DISABLE TRIGGER USER",
    """INSERT INTO entry (journal_code, fiscal_year, number, entry_date, piece_ref, piece_date, label, state, validated_at,
           dedup_key, created_at)
       SELECT CASE WHEN n % 2 = 0 THEN 'VE' ELSE 'BQ' END, 2026, n, d, 'FA2026-' || lpad((n / 2)::text, 6, '0'), d,
              'Facture ' || n, 'validated', d + interval '20 hours', 'bench:' || n, d
       FROM (SELECT n, DATE '2026-01-01' + (n * 364 / :entries)::int AS d FROM generate_series(1, :entries) n) e""",
    """INSERT INTO lettering (account_code, aux_code, ordinal, lettered_on)
       SELECT '411', 'STR-' || lpad((n % 800)::text, 4, '0'), n, DATE '2026-12-31'
       FROM generate_series(1, :entries / 2 - 1) n WHERE n % 10 <> 0""",
    """INSERT INTO entry_line (entry_id, account_code, aux_code, aux_label, label, debit, credit, counted_on, carried, match_ref,
           due_on, lettering_id)
       SELECT e.id, '411', g.aux, 'Structure ' || g.aux, e.label, CASE WHEN e.number % 2 = 0 THEN g.cents ELSE 0 END,
              CASE WHEN e.number % 2 = 0 THEN 0 ELSE g.cents END, e.entry_date, false, e.piece_ref, e.entry_date + 30, g.id
       FROM entry e CROSS JOIN LATERAL (
           SELECT 'STR-' || lpad((e.number / 2 % 800)::text, 4, '0') AS aux, 10000 + e.number / 2 % 90000 AS cents,
                  (SELECT l.id FROM lettering l WHERE l.account_code = '411' AND l.ordinal = e.number / 2
                      AND l.aux_code = 'STR-' || lpad((e.number / 2 % 800)::text, 4, '0')) AS id) g""",
    """INSERT INTO entry_line (entry_id, account_code, label, debit, credit, counted_on, carried)
       SELECT e.id, CASE WHEN e.number % 2 = 1 THEN '512' WHEN s = 1 THEN '7061' ELSE '7062' END, e.label,
              CASE WHEN e.number % 2 = 1 THEN part ELSE 0 END, CASE WHEN e.number % 2 = 1 THEN 0 ELSE part END,
              e.entry_date, false
       FROM entry e, generate_series(1, 2) s CROSS JOIN LATERAL (
           SELECT CASE WHEN s = 1 THEN 4000 ELSE 6000 + e.number / 2 % 90000 END AS part) p""",
    "ALTER TABLE entry ENABLE TRIGGER USER",
    "ALTER TABLE entry_line ENABLE TRIGGER USER",
)


def write_file(path: Path, lines: int) -> None:
    """A right file of that many lines, three by entry."""
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write("\t".join(COLUMNS) + "\r\n")
        for n in range(1, lines // 3 + 1):
            day = f"2026{1 + n * 12 // (lines // 3 + 1):02d}15"
            gross, net = 12000 + n % 9000 * 12, 10000 + n % 9000 * 10
            for account, aux, debit, credit in (
                ("411000", f"C{n % 800}\tHôpital {n % 800}", gross, 0),
                ("706100", "\t", 0, net),
                ("445710", "\t", 0, gross - net),
            ):
                amounts = f"{debit // 100},{debit % 100:02d}\t{credit // 100},{credit % 100:02d}"
                head = (
                    f"VE\tVentes\t{n}\t{day}\t{account}\tCompte {account}\t{aux}\tFA2026-{n:06d}\t{day}\tFacture n° {n}"
                )
                out.write(f"{head}\t{amounts}\t\t\t{day}\t\t\r\n")


def bench_check(folder: Path, lines: int) -> None:
    """The checker, alone in its process."""
    path = folder / NAME
    write_file(path, lines)
    done = subprocess.run([sys.executable, "-c", _CHECK, path], check=True, capture_output=True, text=True)
    verdict, read, cpu, memory = done.stdout.split()
    size = path.stat().st_size / 1e6
    print(f"check   {read} lines, {size:.0f} MB: {verdict}, {cpu} s of processor, {int(read) / float(cpu):,.0f} lines/s,"
          f" {memory} MB at most")  # fmt: skip


def fill(cluster: EmbeddedPostgres, name: str, lines: int) -> None:
    """The books, by PostgreSQL itself."""
    owner = create_engine(cluster.url(name, Role.OWNER), poolclass=NullPool)
    with Session(owner) as session:
        the_association(session)
        ensure_chart(session)
        open_exercise_of(session, date(2026, 1, 1))
        session.commit()
        for statement in _FILL:
            session.execute(text(statement), {"entries": lines // 3} if ":entries" in statement else {})
        session.commit()
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    owner.dispose()


def timed(what: str, work: Callable[[], Any]) -> None:
    """The quicker of three, in milliseconds."""
    found = []
    for _ in range(3):
        begin = perf_counter()
        work()
        found.append(perf_counter() - begin)
    print(f"{what:<42} {1000 * min(found):9.1f} ms")


def bench_pages(session: Session) -> None:
    """What each page asks."""
    timed("balance of the year", lambda: reports.balance_rows(session, FIRST, LAST))
    timed("balance of a month", lambda: reports.balance_rows(session, date(2026, 6, 1), date(2026, 6, 30)))
    timed("account 411, first page", lambda: reports.account_page(session, "411", FIRST, LAST))
    timed("account 411, page 2000", lambda: reports.account_page(session, "411", FIRST, LAST, page=2000))
    timed(
        "account 411 of one third party", lambda: reports.account_page(session, "411", FIRST, LAST, aux_code="STR-0007")
    )
    timed("journal, first page", lambda: reports.journal_page(session, FIRST, LAST))
    timed("journal VE, page 200", lambda: reports.journal_page(session, FIRST, LAST, journal="VE", page=200))
    timed("third parties by age", lambda: reports.aged_rows(session, "411", LAST))
    timed(
        "what one third party has open", lambda: reports.third_party_lines(session, "411", "STR-0010", lettered=False)
    )
    timed("third parties known", lambda: reports.known_third_parties(session))


def bench_export(session: Session, folder: Path) -> None:
    """The file written then checked, and the accountant's."""
    begin, cpu = perf_counter(), process_time()
    done = export_fec(session, 2026, folder)
    wall, cpu = perf_counter() - begin, process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"export  {done.report.lines} lines: {wall:.1f} s, {cpu:.1f} s of this process, {peak} MB at most")
    begin = perf_counter()
    size = sum(len(piece) for piece in accountant_csv(session, find_year(session, 2026)))
    print(f"csv     {size / 1e6:.0f} MB: {perf_counter() - begin:.1f} s")


def main() -> None:
    """All of it, on services that vanish at the end."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--lines", type=int, default=1_000_000)
    lines = parser.parse_args().lines
    with tempfile.TemporaryDirectory() as folder:
        bench_check(Path(folder), lines)
        run = Run()
        try:
            run.postgres.clone_database(TEMPLATE, "bench_ledger")
            fill(run.postgres, "bench_ledger", lines)
            engine = create_engine(run.postgres.url("bench_ledger", Role.APP), poolclass=NullPool)
            with Session(engine) as session:
                bench_pages(session)
                bench_export(session, Path(folder))
            engine.dispose()
        finally:
            run.stop()


if __name__ == "__main__":
    main()
