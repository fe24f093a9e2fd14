"""The numbers of the entries: a continuous sequence, « unique sur l'ensemble du fichier ou propre à chaque journal ».

That choice is the doctrine's (BOI-CF-IOR-60-40-20, § 100), so both readings are followed at once, and the one that
holds (or fails less) is the file's. Opening entries come first in the file though they are often validated last:
they have a sequence of their own, and may fill the gap they leave in the main one.
"""

from typing import Final

from entrepairs.ledger.fec.findings import Findings
from entrepairs.ledger.fec.values import number_of

_OPENINGS_KEPT: Final = 10_000


class Sequences:
    """One reading of the numbers: each series goes up by one."""

    def __init__(self) -> None:
        self.findings = Findings()
        self.faults = 0
        self.first: tuple[int, str, int] | None = None
        self._last: dict[object, tuple[int, str]] = {}
        self._gaps: list[tuple[int, int, int, str]] = []

    def take(self, series: object, journal: str, prefix: str, n: int, line: int) -> None:
        """The next entry of the file."""
        known = self._last.get(series)
        if known is None:
            self._last[series] = (n, journal)
            if self.first is None or n < self.first[0]:
                self.first = (n, f"{prefix}{n}", line)
            return
        last, last_journal = known
        if n == last + 1:
            self._last[series] = (n, journal)
        elif n > last:
            self._gap(last, n, line, prefix)
            self._last[series] = (n, journal)
        elif n == last and journal == last_journal:
            self._fault("number-order", line, f"le n° {prefix}{n} revient après d'autres écritures")
        else:
            self._fault("number-order", line, f"le n° {prefix}{n} vient après le n° {prefix}{last}")

    def settle(self, openings: frozenset[int]) -> None:
        """The gaps that the opening entries do not fill are faults."""
        for last, n, line, prefix in self._gaps:
            if n - last - 1 > len(openings) or not openings.issuperset(range(last + 1, n)):
                self._fault("number-gap", line, f"après le n° {prefix}{last} vient le n° {prefix}{n}")
        self._gaps.clear()

    def _gap(self, last: int, n: int, line: int, prefix: str) -> None:
        if len(self._gaps) < _OPENINGS_KEPT:
            self._gaps.append((last, n, line, prefix))
        else:
            self._fault("number-gap", line)

    def _fault(self, rule: str, line: int, example: str = "") -> None:
        self.faults += 1
        self.findings.add(rule, line, example)


class Numbering:
    """Both readings, side by side."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._whole, self._by_journal, self._opening = Sequences(), Sequences(), Sequences()
        self._opening_numbers: set[int] = set()

    def take(self, journal: str, text: str, line: int, *, opening: bool) -> None:
        """An entry in the order of the file (not each of its lines)."""
        read = number_of(text)
        if read is None:
            self._findings.add("number-unread", line, text)
            return
        prefix, n = read
        if opening:
            self._opening.take((journal, prefix), journal, prefix, n, line)
            if len(self._opening_numbers) < _OPENINGS_KEPT:
                self._opening_numbers.add(n)
            return
        self._whole.take(prefix, journal, prefix, n, line)
        self._by_journal.take((journal, prefix), journal, prefix, n, line)

    def settle(self) -> str:
        """Report the reading that holds best; its name, « file » or « journal »."""
        self._whole.settle(frozenset(self._opening_numbers))
        self._by_journal.settle(frozenset(self._opening_numbers))
        self._opening.settle(frozenset())
        by_journal = self._by_journal.faults < self._whole.faults
        chosen = self._by_journal if by_journal else self._whole
        self._report(chosen)
        self._report(self._opening)
        starts = [each.first for each in (chosen, self._opening) if each.first]
        if starts and min(starts)[0] > 1:
            self._findings.add("number-start", min(starts)[2], f"la première porte le n° {min(starts)[1]}")
        return "journal" if by_journal else "file"

    def _report(self, sequences: Sequences) -> None:
        self._findings.absorb(sequences.findings)
