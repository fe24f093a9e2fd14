"""What is wrong in a file, by line and column, with what to do; and the file of errors given back."""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from entrepairs.kernel.errors import DomainError
from entrepairs.kernel.i18n import Sentence, say

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
HEADERS: Final = (say("line"), say("column"), say("what is written"), say("what to do"))


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `line` counts from 1, the header line included; 0 speaks of the whole file."""

    line: int
    column: str
    value: str
    sentence: Sentence

    @classmethod
    def of(cls, error: DomainError, line: int, columns: dict[str, str], values: dict[str, str]) -> "Problem":
        """The problem a use case raised, brought back to the column it came from."""
        column = columns.get(error.field or "", error.field or "")
        return cls(line, column, values.get(column, ""), Sentence(error.message, error.params))


@dataclass(slots=True)
class Outcome:
    """How an import ended. With a problem, or in a dry run, nothing was written."""

    dry_run: bool
    lines: int = 0
    created: dict[str, int] = field(default_factory=dict)
    updated: dict[str, int] = field(default_factory=dict)
    unchanged: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)

    @property
    def written(self) -> bool:
        """Whether the network changed."""
        return not self.dry_run and not self.problems


def count(tally: dict[str, int], what: str) -> None:
    """One more."""
    tally[what] = tally.get(what, 0) + 1


def errors_csv(problems: Iterable[Problem], translate: Callable[[Sentence], str]) -> bytes:
    """The file of errors: UTF-8 with its mark and semicolons, as French spreadsheets open it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([translate(header) for header in HEADERS])
    for problem in sorted(problems, key=lambda p: (p.line, p.column)):
        cells = (problem.column, problem.value, translate(problem.sentence))
        writer.writerow([problem.line or "", *(harmless(cell) for cell in cells)])
    return out.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """The cell as text for a spreadsheet: what would be read as a formula gets an apostrophe before it (CWE-1236)."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
