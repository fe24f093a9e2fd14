"""The entries of a file: each balances, they follow each other in the order of validation, the opening ones first."""

from entrepairs.ledger.fec.findings import Report
from entrepairs.ledger.fec.numbering import Numbering
from entrepairs.ledger.fec.values import Cents, shown_amount

_BOTH = 3
"""The result's account and one of income or cost in the same entry."""


class Entries:
    """Lines gathered into entries. What balances is forgotten at once; an entry cut in pieces is added up at the end."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._findings = report.findings
        self._numbering = Numbering(report.findings)
        self._journal = self._num = self._day = ""
        self._first_line = 0
        self._balance: Cents = 0
        self._kinds = 0
        self._opening = False
        self._open: dict[tuple[str, str], tuple[Cents, int]] = {}
        self._debit: Cents = 0
        self._credit: Cents = 0
        self._validated = ""
        self._others_began = 0
        self._doubtful = False
        self._doubts: set[tuple[str, str]] = set()

    def doubt(self) -> None:
        """Something of the entry under way, or of the next, could not be read: neither is said to be unbalanced for it."""
        self._doubts.add((self._journal, self._num))
        self._doubtful = True

    def take(  # noqa: PLR0917 - one line, in the order of its columns
        self,
        at: int,
        journal: str,
        num: str,
        day: str,
        valid_day: str,
        debit: Cents | None,
        credit: Cents | None,
        kind: int,
        *,
        opening: bool,
    ) -> None:
        """One line: it belongs to the entry before it, or opens the next. An amount of None could not be read."""
        if self._first_line:  # what is missing is told already: the line stays with those before it
            num, journal = num or self._num, journal or self._journal
        if num != self._num or journal != self._journal or not self._first_line:
            self._close()
            self._begin(at, journal, num, valid_day, opening=opening)
            self._day = day
            if self._doubtful:
                self._doubts.add((journal, num))
        elif day != self._day and num and day and self._day:
            self._findings.add("entry-dates", at, f"{journal} {num}, {self._day} puis {day}")
        self._doubtful = False
        if debit is None or credit is None:
            self._doubts.add((self._journal, self._num))
        else:
            self._debit += debit
            self._credit += credit
            self._balance += debit - credit
        self._kinds |= kind if kind > 0 else 0

    def settle(self) -> None:
        """The last entry, then the totals."""
        self._close()
        self._report.debit, self._report.credit = self._debit, self._credit
        for (journal, num), (balance, line) in sorted(self._open.items(), key=lambda item: item[1][1]):
            if balance and (journal, num) not in self._doubts:
                side = "de trop au débit" if balance > 0 else "de trop au crédit"
                self._findings.add(
                    "entry-balance", line, f"{journal} {num}, {shown_amount(max(balance, -balance))} {side}"
                )
        if self._debit != self._credit and not self._doubts:
            shown = f"débit {shown_amount(self._debit)}, crédit {shown_amount(self._credit)}"
            self._findings.add("total-balance", example=shown)
        if not self._first_line:
            if not self._doubts:
                self._findings.add("no-entry")
            return
        self._report.numbering = self._numbering.settle()

    def _begin(self, at: int, journal: str, num: str, valid_day: str, *, opening: bool) -> None:
        self._journal, self._num, self._first_line, self._opening = journal, num, at, opening
        self._report.entries += 1
        if num:
            self._numbering.take(journal, num, at, opening=opening)
        if opening:
            if self._others_began:
                self._findings.add("opening-first", at, f"{journal} {num}, après la ligne {self._others_began}")
            return
        self._others_began = self._others_began or at
        if len(valid_day) != 8 or not valid_day.isdigit():
            return
        if valid_day < self._validated:
            self._findings.add("validation-order", at, f"{valid_day} après {self._validated}")
        else:
            self._validated = valid_day

    def _close(self) -> None:
        if not self._first_line:
            return
        key = (self._journal, self._num)
        if self._balance or key in self._open:
            known = self._open.get(key)
            balance, line = (self._balance, self._first_line) if known is None else (known[0] + self._balance, known[1])
            self._open[key] = (balance, line)
        if self._kinds == _BOTH and not self._opening:
            self._findings.add("closing-entry", self._first_line, f"{self._journal} {self._num}")
        self._balance, self._kinds = 0, 0
