"""The tax file of an exercise, written from the books and held to the checker's rules before it is handed over.

The same books give the same bytes: tabs, UTF-8 without mark, CR LF, the opening entries first, then the order of
validation, which is the order of the numbers.
"""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from entrepairs.kernel.clock import PARIS
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.identifiers import siren_of
from entrepairs.ledger import rules
from entrepairs.ledger.chart import JournalCode
from entrepairs.ledger.fec.checking import check_file
from entrepairs.ledger.fec.columns import COLUMNS
from entrepairs.ledger.fec.findings import Report, Verdict
from entrepairs.ledger.fec.naming import file_name
from entrepairs.ledger.models import AccountingYear, Entry, EntryLine, EntryState, Journal, LedgerAccount, Lettering
from entrepairs.ledger.years import find_year
from entrepairs.settings.decisions import association

_BATCH: Final = 5000


@dataclass(frozen=True)
class Export:
    """A file written and checked. `drafts` are left out; `opening_missing` when an earlier exercise is still open."""

    path: Path
    report: Report
    drafts: int
    opening_missing: bool


def export_fec(session: Session, number: int, folder: Path) -> Export:
    """Write the file of an exercise into a folder, under its legal name; one already there is replaced.

    Raises NotFound("accounting_year", "association"), InvalidInput("fec_folder"), Conflict("fec_fails") when the
    checker finds a fault: then nothing is left in the folder.
    """
    year = find_year(session, number)
    name = file_name(siren_of(association(session).siret), year.last_day)
    waiting = _waiting_folder(folder)
    try:
        path = waiting / name
        with path.open("wb") as out:
            out.write(_row(COLUMNS))
            out.writelines(_row(values) for values in lines_of(session, year))
        report = check_file(path, first_day=year.first_day)
        if report.verdict is not Verdict.HOLDS:
            said = " ".join(found.sentence for found in report.faults[:3])
            raise Conflict("fec_fails", N_("The file breaks rules and was not kept: %(said)s"), said=said)
        report.file = str(path.replace(folder / name))
    finally:
        shutil.rmtree(waiting, ignore_errors=True)
    return Export(folder / name, report, _drafts(session, year), _opening_missing(session, year))


def lines_of(session: Session, year: AccountingYear) -> Iterator[tuple[str, ...]]:
    """The eighteen values of each line, read by batches."""
    opening = case((Entry.journal_code == JournalCode.OPENING, 0), else_=1)
    wanted = (
        select(
            Entry.journal_code, Journal.label, Entry.number, Entry.entry_date,
            EntryLine.account_code, LedgerAccount.label, EntryLine.aux_code, EntryLine.aux_label,
            Entry.piece_ref, Entry.piece_date, EntryLine.label, EntryLine.debit, EntryLine.credit,
            Lettering.ordinal, Lettering.lettered_on, Entry.validated_at,
        )
        .select_from(Entry)
        .join(EntryLine, EntryLine.entry_id == Entry.id)
        .join(Journal, Journal.code == Entry.journal_code)
        .join(LedgerAccount, LedgerAccount.code == EntryLine.account_code)
        .outerjoin(Lettering, Lettering.id == EntryLine.lettering_id)
        .where(Entry.fiscal_year == year.year, Entry.state == EntryState.VALIDATED)
        .order_by(opening, Entry.number, EntryLine.id)
    )  # fmt: skip
    for row in session.execute(wanted.execution_options(yield_per=_BATCH)):
        yield _values(row)


def _values(row: Any) -> tuple[str, ...]:
    (
        journal, journal_label, number, day, account, account_label, aux, aux_label, piece, piece_day, label,
        debit, credit, ordinal, lettered_on, validated_at,
    ) = row  # fmt: skip
    valid = validated_at.astimezone(PARIS).date()
    return (
        journal, journal_label, str(number), _day(day), account, account_label, aux or "", aux_label or "",
        piece or f"{journal}{number}", _day(piece_day), label or piece, _amount(debit), _amount(credit),
        rules.lettering_code(ordinal) if ordinal else "", _day(lettered_on) if ordinal else "", _day(valid), "", "",
    )  # fmt: skip


def _row(values: tuple[str, ...]) -> bytes:
    return ("\t".join(rules.writable(value, 400) for value in values) + "\r\n").encode()


def _day(day: date) -> str:
    return f"{day:%Y%m%d}"


def _amount(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d}"


def _waiting_folder(folder: Path) -> Path:
    """Beside the place it will have, so that the last step is one move."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=".fec-", dir=folder))
    except OSError as error:
        raise InvalidInput(
            "fec_folder", N_("Nothing can be written into « %(folder)s »."), folder=str(folder)
        ) from error


def _drafts(session: Session, year: AccountingYear) -> int:
    wanted = select(func.count()).where(Entry.state == EntryState.DRAFT, Entry.fiscal_year == year.year)
    return session.scalar(wanted) or 0


def _opening_missing(session: Session, year: AccountingYear) -> bool:
    written = select(Entry.id).where(
        Entry.fiscal_year == year.year, Entry.state == EntryState.VALIDATED, Entry.journal_code == JournalCode.OPENING
    )
    return year.opening_reserved and session.scalar(written.limit(1)) is None
