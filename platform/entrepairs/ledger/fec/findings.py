"""What was found in a file: by rule, how many times, on which lines first. Bounded, whatever the file."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from entrepairs.ledger.fec.sentences import FAULTS, REMARKS, sentence, unreadable
from entrepairs.ledger.fec.values import Cents, shown_amount

LINES_KEPT: Final = 20
_EXAMPLE: Final = 60


class Verdict(StrEnum):
    """Every rule holds, a rule fails, or there is nothing a checker can read."""

    HOLDS = "holds"
    FAILS = "fails"
    UNREADABLE = "unreadable"


EXIT_CODES: Final = {Verdict.HOLDS: 0, Verdict.FAILS: 1, Verdict.UNREADABLE: 2}


class Unreadable(Exception):
    """The file can't be read as a text of entries; `reason` is a key of the sentences."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass
class Finding:
    """A rule, how many times it fails, the first lines (from 1, the header is line 1) and one example."""

    rule: str
    count: int = 0
    lines: list[int] = field(default_factory=list)
    example: str = ""

    @property
    def sentence(self) -> str:
        """What to mend, in French."""
        return sentence(self.rule, self.example)

    def told(self) -> dict[str, Any]:
        """For a machine."""
        return {
            "rule": self.rule,
            "count": self.count,
            "lines": self.lines,
            "example": self.example,
            "sentence": self.sentence,
        }


class Findings:
    """Findings by rule, in the order they were met."""

    def __init__(self) -> None:
        self._by_rule: dict[str, Finding] = {}
        self.faults = 0

    def add(self, rule: str, line: int | None = None, example: str = "") -> None:
        """Count one more; the first lines and the first example are kept."""
        found = self._by_rule.get(rule)
        if found is None:
            found = self._by_rule[rule] = Finding(rule, example=printable(example))
        found.count += 1
        self.faults += rule in FAULTS
        if line is not None and len(found.lines) < LINES_KEPT:
            found.lines.append(line)

    def absorb(self, other: "Findings") -> None:
        """Add what another collection holds."""
        for rule, found in other._by_rule.items():  # noqa: SLF001 - its own kind
            mine = self._by_rule.setdefault(rule, Finding(rule, example=found.example))
            mine.count += found.count
            mine.lines = sorted({*mine.lines, *found.lines})[:LINES_KEPT]

    def of(self, rules: frozenset[str]) -> list[Finding]:
        """Those among some rules, the earliest line first; what concerns the whole file before."""
        return sorted(
            (found for found in self._by_rule.values() if found.rule in rules),
            key=lambda found: found.lines[0] if found.lines else 0,
        )


def printable(text: str) -> str:
    """A value fit for a terminal: short, no control character."""
    shown = "".join(c if c.isprintable() else "·" for c in text[: _EXAMPLE + 1])
    return shown if len(shown) <= _EXAMPLE else shown[:_EXAMPLE] + "…"


@dataclass
class Report:
    """All there is to say of one file."""

    file: str
    findings: Findings = field(default_factory=Findings)
    unreadable: str = ""
    unreadable_detail: str = ""
    encoding: str = ""
    bom: bool = False
    separator: str = ""
    line_end: str = ""
    amounts: str = ""
    numbering: str = ""
    lines: int = 0
    entries: int = 0
    debit: Cents = 0
    credit: Cents = 0
    siren: str | None = None
    closing: date | None = None
    first: date | None = None
    last: date | None = None

    @property
    def faults(self) -> list[Finding]:
        """Rules that fail."""
        return self.findings.of(FAULTS)

    @property
    def remarks(self) -> list[Finding]:
        """What is worth reading though no rule fails."""
        return self.findings.of(REMARKS)

    @property
    def verdict(self) -> Verdict:
        """The answer."""
        if self.unreadable:
            return Verdict.UNREADABLE
        return Verdict.FAILS if self.faults else Verdict.HOLDS

    def told(self) -> dict[str, Any]:
        """The documented object of `--json` (docs/guide/fec.md)."""
        return {
            "file": self.file,
            "verdict": self.verdict.value,
            "unreadable": unreadable(self.unreadable, self.unreadable_detail) if self.unreadable else None,
            "encoding": self.encoding or None,
            "byte_order_mark": self.bom,
            "separator": self.separator or None,
            "line_end": self.line_end or None,
            "amounts": self.amounts or None,
            "numbering": self.numbering or None,
            "lines": self.lines,
            "entries": self.entries,
            "debit": shown_amount(self.debit),
            "credit": shown_amount(self.credit),
            "siren": self.siren,
            "closing_date": _iso(self.closing),
            "first_date": _iso(self.first),
            "last_date": _iso(self.last),
            "faults": [found.told() for found in self.faults],
            "remarks": [found.told() for found in self.remarks],
        }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
