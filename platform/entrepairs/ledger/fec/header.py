"""The first line: the names of the columns, in the order of the article, and what separates them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from entrepairs.ledger.fec.columns import BY_SENSE, CASH, COLUMNS, SEPARATORS, plain
from entrepairs.ledger.fec.findings import Findings, Report


@dataclass(frozen=True)
class Layout:
    """How to read a line: its separator, how many values the header promises, where those of the article are.

    `names` are the article's for this file: eighteen, or twenty-one or twenty-two in accounts of receipts and expenses.
    """

    separator: str
    width: int
    by_sense: bool
    names: tuple[str, ...]
    quoted: bool
    pick: Callable[[Sequence[str]], tuple[str, ...]] | None
    """Puts the values in the article's order; None when they are already."""


def read_header(line: str, report: Report) -> Layout | None:
    """What the first line says; None when the rest could only be guessed."""
    separator = _separator(line)
    report.separator = {"\t": "tab", "": ""}.get(separator, separator)
    names = [name.strip() for name in line.split(separator)] if separator else [line.strip()]
    quoted = len(names) > 1 and all(len(name) > 1 and name[0] == name[-1] == '"' for name in names if name)
    if quoted:
        report.findings.add("quotes", 1)
        names = [name.strip('"').strip() for name in names]
    words = [plain(name) for name in names]
    by_sense = {"montant", "sens"} <= set(words) and not {"debit", "credit"} & set(words)
    report.amounts = "montant-sens" if by_sense else "debit-credit"
    expected = (*(BY_SENSE if by_sense else COLUMNS), *_of_cash(words))
    missing = [name for name in expected if plain(name) not in words]
    if len(missing) == len(expected):
        report.findings.add("header-missing", 1)
    else:
        if separator not in SEPARATORS:
            report.findings.add("separator", 1, separator)
        _hold_names(names, words, expected, missing, report.findings)
    if not missing:
        places = [words.index(plain(name)) for name in expected]
        in_order = places == list(range(len(expected))) and len(names) == len(expected)
        pick: Any = None if in_order else itemgetter(*places)
        return Layout(separator, len(names), by_sense, expected, quoted, pick)
    return Layout(separator, len(names), by_sense, expected, quoted, None) if len(names) == len(expected) else None


def _of_cash(words: Sequence[str]) -> tuple[str, ...]:
    """The columns of receipts and expenses that the file ought to have, from those it has."""
    known = [plain(name) for name in CASH]
    if not set(known) & set(words):
        return ()
    return CASH if known[-1] in words else CASH[:-1]


def _hold_names(
    names: list[str], words: list[str], expected: tuple[str, ...], missing: list[str], findings: Findings
) -> None:
    if len(names) != len(expected):
        last = " (un séparateur de trop à la fin de la ligne)" if not names[-1] else ""
        findings.add("header-columns", 1, f"{len(names)}{last}")
    if missing:
        findings.add("header-names", 1, ", ".join(missing))
        return
    wanted = [plain(name) for name in expected]
    for word, name, right in zip(words, names, expected, strict=False):
        if word != plain(right):
            findings.add("header-order", 1, f"« {name} » est à la place de « {right} »")
            return
    if words[: len(wanted)] == wanted and any(name not in expected for name in names if name):
        odd = ", ".join(name for name in names if name and name not in expected)
        findings.add("header-case", 1, odd)


def _separator(line: str) -> str:
    """Tab or bar; else the comma or semicolon of spreadsheets, which are not allowed."""
    counts = {mark: line.count(mark) for mark in ("\t", "|", ";", ",")}
    allowed = max(SEPARATORS, key=lambda mark: counts[mark])
    if counts[allowed]:
        return allowed
    other = max((";", ","), key=lambda mark: counts[mark])
    return other if counts[other] else ""
