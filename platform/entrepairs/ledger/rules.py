"""What an entry must be before it is written, as pure functions over values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money

_ZERO: Final = Money(0)
_UNWRITABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029|]+")


@dataclass(frozen=True, slots=True)
class Posting:
    """One line to write: a debit or a credit, strictly positive.

    `aux_code` and `aux_label` name the third party (both or neither); `match_ref` the piece it is about, which letters
    it with what pays that piece, `due_on` when it is to be paid; `axes` gives an analytic code by axis.
    """

    account: str
    debit: Money = _ZERO
    credit: Money = _ZERO
    aux_code: str | None = None
    aux_label: str | None = None
    label: str = ""
    axes: Mapping[str, str] = field(default_factory=dict)
    match_ref: str | None = None
    due_on: date | None = None

    def mirrored(self) -> "Posting":
        """The line that cancels this one."""
        return replace(self, debit=self.credit, credit=self.debit)


def signed(posting: Posting) -> Posting:
    """The same line with a positive amount: a negative debit is a credit, and the other way round."""
    if posting.debit.cents < 0 or posting.credit.cents < 0:
        return replace(
            posting,
            debit=-posting.credit if posting.credit else _ZERO,
            credit=-posting.debit if posting.debit else _ZERO,
        )
    return posting


def fiscal_year(day: date) -> int:
    """The accounting year of a day: the calendar year."""
    return day.year


def writable(label: str, limit: int) -> str:
    """A label fit for the FEC: no tab, line end, bar or unseen character, and not too long (LPF A47 A-1)."""
    return _UNWRITABLE.sub(" ", label).strip()[:limit]


def dated_label(label: str, day: date, counted: date) -> str:
    """The label, with the day of the fact when it counts on another (PCG 921-3: « mention de sa date de survenance »)."""
    return label if day == counted else f"{writable(label, 145)} (du {day:%d/%m/%Y})"


def lettering_code(ordinal: int) -> str:
    """AA, AB … ZZ, AAA …: the letters of the `ordinal`th lettering of a third party, from 1."""
    letters, rest = "", ordinal + 25  # from AA, not A
    while rest >= 0:
        letters = chr(ord("A") + rest % 26) + letters
        rest = rest // 26 - 1
    return letters


def ensure_balanced(lines: Sequence[Posting]) -> None:
    """Raise InvalidInput("entry_lines", "entry_unbalanced" or "entry_third_party")."""
    for line in lines:
        if line.debit.cents < 0 or line.credit.cents < 0 or bool(line.debit) == bool(line.credit):
            raise InvalidInput("entry_lines", N_("Each line of an entry has a debit or a credit, greater than zero."))
        if (line.aux_code is None) != (line.aux_label is None):
            raise InvalidInput("entry_third_party", N_("A third party on a line has both its code and its name."))
    debit, credit = (Money.sum(line.debit for line in lines), Money.sum(line.credit for line in lines))
    if len(lines) < 2 or debit != credit:
        raise InvalidInput(
            "entry_unbalanced",
            N_("An entry balances: here %(debit)s on the debit side, %(credit)s on the credit side."),
            debit=debit,
            credit=credit,
        )
