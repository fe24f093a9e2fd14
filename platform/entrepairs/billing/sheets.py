"""Tables for a spreadsheet, as French ones open them: semicolons, decimal commas, UTF-8 with its mark."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from entrepairs.kernel.money import Money

_FORMULA: Final = ("=", "+", "-", "@")


def sheet(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The file: its columns' names, then one line by row."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def text_cell(value: str | None) -> str:
    """A text a spreadsheet would take for a formula gets an apostrophe before it (CWE-1236)."""
    value = value or ""
    return f"'{value}" if value.startswith(_FORMULA) else value


def amount_cell(amount: Money) -> str:
    """Euros with a decimal comma."""
    return f"{amount.euros}".replace(".", ",")


def day_cell(day: date | None) -> str:
    """`31/12/2026`; empty when there is none."""
    return f"{day:%d/%m/%Y}" if day else ""
