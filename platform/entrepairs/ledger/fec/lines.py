"""What each line must hold, then each entry, then the whole: one pass, and memory for what does not balance only."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from entrepairs.ledger.fec.columns import COLUMNS, COMPULSORY, MAY_BE_BLANK_IN_CASH, SIDES, is_opening
from entrepairs.ledger.fec.entries import Entries
from entrepairs.ledger.fec.findings import Report
from entrepairs.ledger.fec.header import Layout
from entrepairs.ledger.fec.values import Cents, amount_of, day_of, shown_amount, why_no_amount

EIGHTEEN: Final = len(COLUMNS)
KEPT: Final = 50_000
"""How many different values of a column are remembered, so as not to read « 20261231 » a million times."""

VALID_DATE: Final = COLUMNS.index("ValidDate")
RESULT, INCOME_OR_COST = 1, 2
_DAYS: Final = (("EcritureDate", 3), ("PieceDate", 9))


class LineRules:
    """The lines of one file, in their order."""

    def __init__(self, report: Report, layout: Layout, first_day: date | None) -> None:
        self._report = report
        self._findings = report.findings
        self._layout = layout
        self._names = layout.names
        self._width = len(layout.names)
        self._cash = self._width > EIGHTEEN
        self._blank: list[int] = []
        """Empty lines that nothing has followed yet."""
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
        separator, pick, width, wanted = self._layout.separator, self._layout.pick, self._layout.width, self._width
        for at, line in enumerate(lines, number):
            fields: Sequence[str] = line.split(separator)
            if len(fields) != wanted:
                if not line.strip():
                    self._note_blank(at)
                    continue
                last = " (un séparateur de trop à la fin)" if len(fields) > wanted and not fields[-1] else ""
                self._findings.add("columns", at, f"{len(fields)} au lieu de {wanted}{last}")
                if width == wanted and _is_mendable(fields, wanted, self._layout.pick is None):
                    fields = [*fields[:wanted], *[""] * (wanted - len(fields))]
                elif len(fields) != width:
                    self._entries.doubt()
                    continue
            if self._blank:
                self._tell_blank()
            if " " in line or not line.isascii():
                fields = [field.strip() for field in fields]
            if self._layout.quoted:
                fields = [field.strip('"').strip() for field in fields]
            self._take(at, fields if pick is None else pick(fields))

    def _note_blank(self, at: int) -> None:
        """At the very end of a file an empty line is nothing; anywhere else it is one too many."""
        self._blank.append(at)
        if len(self._blank) > KEPT:
            self._tell_blank()

    def _tell_blank(self) -> None:
        for at in self._blank:
            self._findings.add("empty-line", at)
        self._blank.clear()

    def _take(self, at: int, fields: Sequence[str]) -> None:
        (
            journal, journal_label, num, day, account, account_label, aux, aux_label, piece, piece_day, label,
            left, right, lettering, lettered_on, valid_day, foreign, currency,
        ) = fields[:EIGHTEEN]  # fmt: skip
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
        if self._cash:
            self._hold_payment(at, fields)
        if aux or aux_label or lettering or lettered_on or foreign or currency:
            self._hold_pairs(at, fields)
        debit, credit = self._sides(at, left, right)
        opening = self._journals.get((journal, journal_label))
        if opening is None:
            opening = self._journals[journal, journal_label] = is_opening(journal, journal_label)
        self._hold_period(at, day)
        read_day = day if self._days.get(day) else ""
        self._entries.take(at, journal, num, read_day, valid_day, debit, credit, kind, opening=opening)

    def settle(self) -> None:
        """What only the end of the file can tell."""
        if self._blank:
            self._findings.add("blank-end", self._blank[0])
        self._entries.settle()
        days = [day_of(day) for day in (self._earliest, self._latest)]
        self._report.first, self._report.last = days
        first, last = days
        if first and last and not self._last_day and not self._first_day and last >= _a_year_after(first):
            self._findings.add("period", example=f"les écritures vont du {first:%d/%m/%Y} au {last:%d/%m/%Y}")

    # --- one value --------------------------------------------------------------------------------------------

    def _tell_missing(self, at: int, fields: Sequence[str]) -> None:
        for place in COMPULSORY:
            if not fields[place] and not (self._cash and self._names[place] in MAY_BE_BLANK_IN_CASH):
                self._findings.add("missing-value", at, self._names[place])

    def _hold_payment(self, at: int, fields: Sequence[str]) -> None:
        """When and how it was paid (VIII, 5° and 7°): entries at the end of the year move no money, so blank is a remark."""
        paid_on, paid_by = fields[EIGHTEEN : EIGHTEEN + 2]
        if paid_on and not self._is_day(paid_on):
            self._findings.add("date", at, f"DateRglt {paid_on}")
        if not paid_on or not paid_by:
            self._findings.add("payment-blank", at, "ModeRglt" if paid_on else "DateRglt")

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

    def _amount(self, at: int, text: str) -> Cents | None:
        known = self._amounts.get(text)
        if known is not None:
            return known
        amount = amount_of(text)
        if amount is None:
            self._findings.add(why_no_amount(text), at, text)
            return None
        if len(self._amounts) < KEPT:
            self._amounts[text] = amount
        return amount

    def _sides(self, at: int, left: str, right: str) -> tuple[Cents | None, Cents | None]:
        """Debit and credit of a line, whichever way they are written; None where it can't be read."""
        if self._layout.by_sense:
            amount, side = self._amount(at, left), SIDES.get(right.upper())
            if side is None:
                self._findings.add("sense", at, right or "vide")
                return None, None
            if amount == 0:
                self._findings.add("nil-line", at)
            return (amount, 0) if side == 1 else (0, amount)
        debit, credit = self._amount(at, left), self._amount(at, right)
        if debit is None or credit is None:
            return None, None
        if not left and not right:
            self._findings.add("missing-value", at, "Debit ou Credit")
            return None, None
        if debit and credit:
            self._findings.add("both-sides", at, f"débit {shown_amount(debit)}, crédit {shown_amount(credit)}")
        elif not debit and not credit:
            self._findings.add("nil-line", at, "Debit ou Credit")
        elif not left or not right:
            self._findings.add("side-blank", at, "Credit" if left else "Debit")
        return debit, credit

    def _hold_period(self, at: int, day: str) -> None:
        if not self._days.get(day):
            return
        self._earliest = min(self._earliest, day)
        self._latest = max(self._latest, day)
        if (self._last_day and day > self._last_day) or day < self._first_day:
            self._findings.add("period", at, day)


def _is_mendable(fields: Sequence[str], wanted: int, in_order: bool) -> bool:
    """Whether a line only has a separator too many at its end, or lacks the blank ones of its last two columns.

    ValidDate must be in its place: else a separator stands inside a text, and every value after it has moved.
    """
    if not in_order or len(fields) < wanted - 2 or any(fields[wanted:]):
        return False
    return day_of(fields[VALID_DATE].strip()) is not None


def _a_year_after(day: date) -> date:
    return day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else date(day.year + 1, 3, 1)
