"""The lines of an exercise for the accountant's own program: one CSV, readable by a spreadsheet."""

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from entrepairs.ledger import rules
from entrepairs.ledger.models import AccountingYear, AxisValue, Entry, EntryLine, LedgerAccount, Lettering, LineAxis

COLUMNS: Final = (
    *("Journal", "Numéro", "Date", "Compte", "Intitulé", "Tiers", "Nom du tiers", "Pièce", "Date de la pièce"),
    *("Libellé", "Débit", "Crédit", "Lettrage", "Échéance", "Axes"),
)
_BATCH: Final = 2000
_FORMULA: Final = ("=", "+", "-", "@")


def accountant_csv(session: Session, year: AccountingYear) -> Iterator[bytes]:
    """Semicolons, decimal commas, UTF-8 with its mark (spreadsheets need it); validated lines in the order of the numbers.

    A text a spreadsheet would take for a formula gets an apostrophe before it.
    """
    yield b"\xef\xbb\xbf" + _line(COLUMNS)
    axes = (
        select(func.string_agg(AxisValue.axis + ":" + AxisValue.code, aggregate_order_by(literal(" "), AxisValue.axis)))
        .join(LineAxis, LineAxis.axis_value_id == AxisValue.id)
        .where(LineAxis.line_id == EntryLine.id)
        .scalar_subquery()
    )
    wanted = (
        select(
            Entry.journal_code, Entry.number, Entry.entry_date, EntryLine.account_code, LedgerAccount.label,
            EntryLine.aux_code, EntryLine.aux_label, Entry.piece_ref, Entry.piece_date, EntryLine.label,
            EntryLine.debit, EntryLine.credit, Lettering.ordinal, EntryLine.due_on, axes,
        )
        .select_from(Entry)
        .join(EntryLine, EntryLine.entry_id == Entry.id)
        .join(LedgerAccount, LedgerAccount.code == EntryLine.account_code)
        .outerjoin(Lettering, Lettering.id == EntryLine.lettering_id)
        .where(Entry.fiscal_year == year.year, EntryLine.counted_on.is_not(None))
        .order_by(Entry.number, EntryLine.id)
    )  # fmt: skip
    for batch in session.execute(wanted.execution_options(yield_per=_BATCH)).partitions():
        yield b"".join(_line(_values(row)) for row in batch)


def _values(row: Any) -> tuple[str, ...]:
    (
        journal, number, day, account, account_label, aux, aux_label, piece, piece_day, label,
        debit, credit, ordinal, due_on, axes,
    ) = row  # fmt: skip
    return (
        journal, str(number), f"{day:%d/%m/%Y}", account, _text(account_label), _text(aux), _text(aux_label), _text(piece),
        f"{piece_day:%d/%m/%Y}", _text(label), _amount(debit), _amount(credit),
        rules.lettering_code(ordinal) if ordinal else "", f"{due_on:%d/%m/%Y}" if due_on else "", _text(axes),
    )  # fmt: skip


def _text(value: str | None) -> str:
    return f"'{value}" if value and value.startswith(_FORMULA) else value or ""


def _amount(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d}" if cents else ""


def _line(values: tuple[str, ...]) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow(values)
    return out.getvalue().encode()
