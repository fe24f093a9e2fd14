"""What an entry must be before it is written, as pure functions over values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from entrepairs.kernel.dates import add_months
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


@dataclass(frozen=True, slots=True)
class Exercise:
    """The days of an exercise, both included. It is named by the year it ends in."""

    first_day: date
    last_day: date

    @property
    def number(self) -> int:
        """Its name: « FEC 2026 » closes in 2026."""
        return self.last_day.year

    @property
    def calendar(self) -> bool:
        """Whether it is the year from January to December."""
        return (self.first_day, self.last_day) == (date(self.number, 1, 1), date(self.number, 12, 31))

    def holds(self, day: date) -> bool:
        """Whether the day is one of its own."""
        return self.first_day <= day <= self.last_day

    def following(self) -> "Exercise":
        """The twelve months after it."""
        first = self.last_day + timedelta(days=1)
        return Exercise(first, add_months(first, USUAL_MONTHS) - timedelta(days=1))

    def preceding(self) -> "Exercise":
        """The twelve months before it."""
        return Exercise(add_months(self.first_day, -USUAL_MONTHS), self.first_day - timedelta(days=1))


USUAL_MONTHS: Final = 12
FIRST_MONTHS: Final = 24
"""The longest a first exercise may be; the others are a year at most (C. com. L123-12)."""


def calendar_year(day: date) -> Exercise:
    """What an exercise is as long as nobody says otherwise."""
    return Exercise(date(day.year, 1, 1), date(day.year, 12, 31))


def ensure_length(exercise: Exercise, *, is_first: bool) -> None:
    """Raise InvalidInput("exercise_backwards", "exercise_long")."""
    if exercise.last_day <= exercise.first_day:
        raise InvalidInput("exercise_backwards", N_("An exercise ends after it begins."), field="last_day")
    longest = FIRST_MONTHS if is_first else USUAL_MONTHS
    if exercise.last_day >= add_months(exercise.first_day, longest):
        raise InvalidInput(
            "exercise_long", N_("This exercise may last %(months)s months at most."), field="last_day", months=longest
        )


def exercises_over(known: Sequence[Exercise], first: date, last: date) -> list[Exercise]:
    """Those of some days, both included: the `known` ones, in order, and twelve months each before and after them."""
    found = list(known) or [calendar_year(first)]
    while found[0].first_day > first:
        found.insert(0, found[0].preceding())
    while found[-1].last_day < last:
        found.append(found[-1].following())
    return [one for one in found if one.first_day <= last and one.last_day >= first]


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
