"""From bytes to rows with their line numbers: encodings, separators and headers as they come in real life."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_, say
from entrepairs.kernel.text_checks import fold
from entrepairs.network.importing.problems import Problem

LONGEST_CELL: Final = 2000


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its first line in the file, and its cells by column, trimmed; empty cells are left out."""

    line: int
    cells: dict[str, str]

    def get(self, column: str) -> str:
        """The cell, or an empty text."""
        return self.cells.get(column, "")


@dataclass(slots=True)
class Table:
    """The rows of a file with a header, and what is wrong with its shape."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def decode(content: bytes) -> str:
    """UTF-8 (with or without mark), else the old encodings of French files (ISO-8859-15, Windows-1252).

    Raises InvalidInput("file_empty" or "file_not_text").
    """
    if not content.strip():
        raise InvalidInput("file_empty", N_("This file is empty."), field="file")
    if b"\x00" in content:
        raise InvalidInput(
            "file_not_text",
            N_("This is not a CSV file. In the spreadsheet, choose « Save as », then CSV."),
            field="file",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        windows = any(0x80 <= byte <= 0x9F for byte in content)
        return content.decode("cp1252" if windows else "iso-8859-15", errors="replace")


def read_table(text: str, columns: Mapping[str, tuple[str, ...]], required: tuple[str, ...]) -> Table:
    """Rows under a header. `columns` gives each column's other spellings; accents, case and spaces are forgiven.

    An unknown column is a problem rather than a silence: what it holds would be lost.
    """
    table = Table()
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    header = [_column_key(cell) for cell in next(reader, [])]
    names = _names(header, columns, table)
    missing = [column for column in required if column not in names]
    needed = say("This column is needed. Add it, or rename the one that holds it.")
    table.problems.extend(Problem(1, column, "", needed) for column in missing)
    if table.problems:
        return table
    line = reader.line_num + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                _keep(table, line, names, cells)
            line = reader.line_num + 1
    except csv.Error:  # a cell longer than the parser takes
        table.problems.append(Problem(line, "", "", say("This text is too long.")))
    if not table.rows and not table.problems:
        table.problems.append(Problem(1, "", "", say("There is nothing under this header. Add a line for each.")))
    return table


def _names(header: list[str], columns: Mapping[str, tuple[str, ...]], table: Table) -> list[str]:
    spellings = {_column_key(other): column for column, others in columns.items() for other in (column, *others)}
    names: list[str] = []
    for written in header:
        name = spellings.get(written, "")
        if written and not name:
            table.problems.append(
                Problem(1, written, "", say("This column is not known. Remove it, or use a name from the guide."))
            )
        if name and name in names:
            table.problems.append(Problem(1, written, "", say("This column is there twice. Keep one.")))
        names.append(name)
    return names


def _keep(table: Table, line: int, names: list[str], cells: list[str]) -> None:
    if any(cell.strip() for cell in cells[len(names) :]):
        table.problems.append(
            Problem(line, "", "", say("This line has more cells than the header. Look for a separator in a text."))
        )
        return
    kept = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name and cell.strip()}
    long = [name for name, cell in kept.items() if len(cell) > LONGEST_CELL]
    for name in long:
        table.problems.append(Problem(line, name, kept[name][:40], say("This text is too long.")))
    if not long:
        table.rows.append(Row(line, kept))


def _separator(text: str) -> str:
    first = text.partition("\n")[0]
    return max(";,\t", key=first.count)


def _column_key(name: str) -> str:
    return "_".join(fold(name).replace("-", " ").replace("_", " ").replace("'", " ").replace("’", " ").split())
