"""What each line must hold, then each entry, then the whole: one pass, and memory for what does not balance only."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from entrepairs.ledger.fec.columns import BY_SENSE, COLUMNS, COMPULSORY, SIDES, is_opening
from entrepairs.ledger.fec.entries import Entries
from entrepairs.ledger.fec.findings import Report
from entrepairs.ledger.fec.header import Layout
from entrepairs.ledger.fec.values import Cents, amount_of, day_of, shown_amount, why_no_amount

WIDTH: Final = len(COLUMNS)
KEPT: Final = 50_000
"""How many different values of a column are remembered, so as not to read « 20261231 » a million times."""

RESULT, INCOME_OR_COST = 1, 2
_DAYS: Final = (("EcritureDate", 3), ("PieceDate", 9))


class LineRules:
    """The lines of one file, in their order."""

    def __init__(self, report: Report, layout: Layout, first_day: date | None) -> None:
        self._report = report
        self._findings = report.findings
        self._layout = layout
        self._names = BY_SENSE if layout.by_sense else COLUMNS
        self._first_day = f"{first_day:%Y%m%d}" if first_day else ""
        self._last_day = f"{report.closing:%Y%m%d}" if report.closing else ""
        self._days: dict[str, bool] = {}
        self._accounts: dict[str, int] = {}
        self._amounts: dict[str, Cents] = {}
        self._journals: dict[tuple[str, str], bool] = {}
        self._entries = Entries(report)
        self._earliest, self._latest = "99999999", ""

    def take_all(self, number: int, lines: Sequence[str]) -> None:
        """Lines of the file, the first of them being its `number`th."""
        separator, pick, width = self._layout.separator, self._layout.pick, self._layout.width
        for at, line in enumerate(lines, number):
            fields: Sequence[str] = line.split(separator)
            if len(fields) != WIDTH:
                if not line.strip():
                    self._findings.add("empty-line", at)
                    continue
                last = " (un séparateur de trop à la fin)" if len(fields) > WIDTH and not fields[-1] else ""
                self._findings.add("columns", at, f"{len(fields)}{last}")
                if width == WIDTH and last and not any(fields[WIDTH:]):
                    fields = fields[:WIDTH]
                elif len(fields) != width:
                    continue
            if " " in line or not line.isascii():
                fields = [field.strip() for field in fields]
            self._take(at, fields if pick is None else pick(fields))

    def _take(self, at: int, fields: Sequence[str]) -> None:
        (
            journal, journal_label, num, day, account, account_label, aux, aux_label, piece, piece_day, label,
            left, right, lettering, lettered_on, valid_day, foreign, currency,
        ) = fields  # fmt: skip
        if not (journal and journal_label and num and account and account_label and piece and label):
            self._tell_missing(at, fields)
        days = self._days
        if not (days.get(day) and days.get(piece_day) and days.get(valid_day)):
            self._hold_days(at, fields)
        if valid_day < day and days.get(valid_day) and days.get(day):
            self._findings.add("validation-before-entry", at, f"{valid_day} avant {day}")
        kind = self._accounts.get(account)
        if kind is None:
            kind = self._account(account)
        if kind < 0:
            self._findings.add("account", at, account)
        if aux or aux_label or lettering or lettered_on or foreign or currency:
            self._hold_pairs(at, fields)
        debit, credit = self._sides(at, left, right)
        opening = self._journals.get((journal, journal_label))
        if opening is None:
            opening = self._journals[journal, journal_label] = is_opening(journal, journal_label)
        self._hold_period(at, day)
        self._entries.take(at, journal, num, valid_day, debit, credit, kind, opening=opening)

    def settle(self) -> None:
        """What only the end of the file can tell."""
        self._entries.settle()
        days = [day_of(day) for day in (self._earliest, self._latest)]
        self._report.first, self._report.last = days
        first, last = days
        if first and last and not self._last_day and not self._first_day and last >= _a_year_after(first):
            self._findings.add("period", example=f"les écritures vont du {first:%d/%m/%Y} au {last:%d/%m/%Y}")

    # --- one value --------------------------------------------------------------------------------------------

    def _tell_missing(self, at: int, fields: Sequence[str]) -> None:
        for place in COMPULSORY:
            if not fields[place]:
                self._findings.add("missing-value", at, self._names[place])

    def _hold_days(self, at: int, fields: Sequence[str]) -> None:
        for name, place in _DAYS:
            if not fields[place]:
                self._findings.add("missing-value", at, name)
            elif not self._is_day(fields[place]):
                self._findings.add("date", at, f"{name} {fields[place]}")
        if not fields[15]:
            self._findings.add("valid-date-missing", at)
        elif not self._is_day(fields[15]):
            self._findings.add("date", at, f"ValidDate {fields[15]}")

    def _is_day(self, text: str) -> bool:
        known = self._days.get(text)
        if known is None:
            known = day_of(text) is not None
            if len(self._days) < KEPT:
                self._days[text] = known
        return known

    def _account(self, account: str) -> int:
        start = account[:3]
        if len(start) < 3 or not (start.isascii() and start.isdigit()):
            return 0 if not account else -1
        kind = RESULT if start.startswith("12") else INCOME_OR_COST if start[0] in "67" else 0
        if len(self._accounts) < KEPT:
            self._accounts[account] = kind
        return kind

    def _hold_pairs(self, at: int, fields: Sequence[str]) -> None:
        aux, aux_label, lettering, lettered_on, foreign, currency = (fields[place] for place in (6, 7, 13, 14, 16, 17))
        if bool(aux) != bool(aux_label):
            self._findings.add("auxiliary-pair", at, aux or aux_label)
        if bool(lettering) != bool(lettered_on):
            self._findings.add("lettering-pair", at, lettering or lettered_on)
        elif lettered_on and not self._is_day(lettered_on):
            self._findings.add("date", at, f"DateLet {lettered_on}")
        if foreign or currency:
            amount = self._amount(at, foreign)
            if foreign and not currency and amount == 0:
                self._findings.add("currency-nil", at, foreign)
            elif bool(foreign) != bool(currency):
                self._findings.add("currency-pair", at, foreign or currency)

    def _amount(self, at: int, text: str) -> Cents:
        known = self._amounts.get(text)
        if known is not None:
            return known
        amount = amount_of(text)
        if amount is None:
            self._findings.add(why_no_amount(text), at, text)
            return 0
        if len(self._amounts) < KEPT:
            self._amounts[text] = amount
        return amount

    def _sides(self, at: int, left: str, right: str) -> tuple[Cents, Cents]:
        """Debit and credit of a line, whichever way they are written."""
        if self._layout.by_sense:
            amount, side = self._amount(at, left), SIDES.get(right.upper())
            if side is None:
                self._findings.add("sense", at, right or "vide")
            if not amount:
                self._findings.add("nil-line", at)
            return (amount, 0) if side == 1 else (0, amount)
        faults = self._findings.faults
        debit, credit = self._amount(at, left), self._amount(at, right)
        if debit and credit:
            self._findings.add("both-sides", at, f"débit {shown_amount(debit)}, crédit {shown_amount(credit)}")
        elif not debit and not credit and faults == self._findings.faults:
            self._findings.add("missing-value" if not left and not right else "nil-line", at, "Debit ou Credit")
        return debit, credit

    def _hold_period(self, at: int, day: str) -> None:
        if not self._days.get(day):
            return
        self._earliest = min(self._earliest, day)
        self._latest = max(self._latest, day)
        if (self._last_day and day > self._last_day) or day < self._first_day:
            self._findings.add("period", at, day)


def _a_year_after(day: date) -> date:
    return day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else date(day.year + 1, 3, 1)
