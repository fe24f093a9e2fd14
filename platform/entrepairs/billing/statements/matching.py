"""Which invoices a credit may pay, as pure functions over values: by number, by amount, by payer. Only guesses.

The best first: an invoice that is named comes before any that merely has the amount. Nothing is certain unless the
number, the amount and the payer agree. Amounts are integer cents.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Final

from entrepairs.kernel.text_checks import fold

MOST_PROPOSED: Final = 5
MOST_OPEN: Final = 24
"""Open invoices of a payer among which a sum is looked for, the oldest first."""
MOST_TOGETHER: Final = 8
MOST_STEPS: Final = 20_000
_NUMBER: Final = re.compile(r"([A-Z]+)([0-9]{4})-([0-9]+)")
_RUN: Final = re.compile(r"[0-9](?:[\W_]?[0-9])*")
_NEXT: Final = re.compile(r"(?:[\s,;/&+]|ET)+([0-9]+)(?![0-9])")
_SMALL: Final = frozenset(
    {"de", "du", "des", "la", "le", "les", "et", "en", "sur", "association", "asso", "virement", "vir", "sepa"}
)


class Reason(StrEnum):
    """Why an invoice is proposed."""

    NUMBER = "number"
    AMOUNT = "amount"
    IBAN = "iban"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An issued invoice. `left` is what remains to be paid: nothing, or less, when it was paid already."""

    ref: str
    number: str
    payer: str
    left: int
    due: date


@dataclass(frozen=True, slots=True)
class Credit:
    """Money that came in. `text` is all that is said of it."""

    cents: int
    text: str
    name: str = ""
    iban: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What goes to one invoice; beyond what is left of it when `surplus`."""

    ref: str
    cents: int
    surplus: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A guess. `sure` when number, amount and payer agree, and then only."""

    parts: tuple[Part, ...]
    reasons: frozenset[Reason]
    sure: bool = False

    @property
    def exact(self) -> bool:
        """It pays exactly what is left."""
        return Reason.AMOUNT in self.reasons


@dataclass(frozen=True)
class Book:
    """What is known when proposals are made. `names` by payer; `ibans` are those of transfers confirmed before."""

    invoices: Sequence[OpenInvoice]
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ibans: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def by_key(self) -> dict[tuple[str, str, int], OpenInvoice]:
        """By letters, year and number without zeros."""
        found = ((_NUMBER.fullmatch(one.number), one) for one in self.invoices)
        return {(match[1], match[2], int(match[3])): one for match, one in found if match}

    @cached_property
    def starts(self) -> tuple[tuple[str, str, int, re.Pattern[str]], ...]:
        """How each series of a year begins, spaces or signs anywhere, and how many digits its numbers have."""
        widths: dict[tuple[str, str], int] = {}
        for one in self.invoices:
            if match := _NUMBER.fullmatch(one.number):
                widths[match[1], match[2]] = max(len(match[3]), widths.get((match[1], match[2]), 0))
        return tuple(
            (letters, year, width, re.compile(r"[\W_]*".join(letters + year) + r"[\W_]*"))
            for (letters, year), width in widths.items()
        )

    @cached_property
    def by_left(self) -> dict[int, list[OpenInvoice]]:
        """Those on which something is owed, the oldest first."""
        found: dict[int, list[OpenInvoice]] = {}
        for one in sorted(self.invoices, key=lambda one: (one.due, one.number)):
            if one.left > 0:
                found.setdefault(one.left, []).append(one)
        return found

    @cached_property
    def by_payer(self) -> dict[str, list[OpenInvoice]]:
        """The same, by payer."""
        found: dict[str, list[OpenInvoice]] = {}
        for one in sorted(self.invoices, key=lambda one: (one.due, one.number)):
            if one.left > 0:
                found.setdefault(one.payer, []).append(one)
        return found

    @cached_property
    def words(self) -> dict[str, tuple[frozenset[str], ...]]:
        """The telling words of each payer's names."""
        return {payer: tuple(filter(None, map(telling, names))) for payer, names in self.names.items()}


def propose(credit: Credit, book: Book) -> tuple[Proposal, ...]:
    """What a credit may pay, the best guess first; nothing when nothing points anywhere, or when no money came in."""
    if credit.cents <= 0:
        return ()
    named, payers = named_invoices(credit.text, book), payers_of(credit, book)
    groups = [*_of_named(named, credit.cents), *_of_amount(credit.cents, book, payers)]
    for payer in payers:
        groups += _of_payer(book.by_payer.get(payer, []), credit.cents)
    known = {one.ref: one for one in book.invoices}
    judged: dict[frozenset[Part], tuple[tuple[int, ...], date, str, Proposal]] = {}
    for parts in filter(None, groups):
        key = frozenset(parts)
        judged.setdefault(key, _judged(parts, credit.cents, known, named, payers))
    ranked = sorted(judged.values(), key=lambda one: (*(-point for point in one[0]), one[1], one[2]))
    return tuple(one[3] for one in ranked[:MOST_PROPOSED])


def _judged(
    parts: tuple[Part, ...],
    cents: int,
    known: Mapping[str, OpenInvoice],
    named: Sequence[OpenInvoice],
    payers: Mapping[str, Reason],
) -> tuple[tuple[int, ...], date, str, Proposal]:
    paid = [known[part.ref] for part in parts]
    reasons: set[Reason] = set()
    count = sum(one in named for one in paid)
    if count:
        reasons.add(Reason.NUMBER)
    if all(part.cents == one.left for part, one in zip(parts, paid, strict=True)):
        reasons.add(Reason.AMOUNT)
    owners = {one.payer for one in paid}
    told = payers.get(next(iter(owners))) if len(owners) == 1 else None
    if told is not None:
        reasons.add(told)
    whole = count == len(paid) == len(named)
    sure = whole and Reason.AMOUNT in reasons and told is not None
    points = (
        int(count == len(paid)),
        count,
        int(Reason.AMOUNT in reasons),
        {Reason.IBAN: 2, Reason.NAME: 1}.get(told, 0) if told else 0,
        -len(parts),
    )
    proposal = Proposal(parts, frozenset(reasons), sure)
    return points, min(one.due for one in paid), paid[0].number, proposal


# --- by number -----------------------------------------------------------------------------------------------


def named_invoices(text: str, book: Book) -> tuple[OpenInvoice, ...]:
    """The invoices whose number is in the text, with or without spaces, signs and zeros, in the order they are said."""
    said = fold(text).upper()
    found: dict[OpenInvoice, int] = {}
    for letters, year, width, start in book.starts:
        for match in start.finditer(said):
            at, number = _number_at(said, match.end(), width, (letters, year), book)
            while number is not None:
                found.setdefault(number, match.start())
                follow = _NEXT.match(said, at)
                number = (
                    book.by_key.get((letters, year, int(follow[1]))) if follow and len(follow[1]) == width else None
                )
                at = follow.end() if follow else at
    return tuple(found)


def _number_at(said: str, at: int, width: int, series: tuple[str, str], book: Book) -> tuple[int, OpenInvoice | None]:
    """The number that starts there and where it ends: all its digits, else those up to the first sign, else beyond."""
    run = _RUN.match(said, at)
    if run is None:
        return at, None
    ends = [
        place + 1
        for place in range(run.start(), run.end())
        if said[place].isdigit() and not said[place + 1 : place + 2].isdigit()
    ]
    digits = {end: "".join(sign for sign in said[run.start() : end] if sign.isdigit()) for end in ends}
    whole = [end for end in ends if len(digits[end]) == width]
    for end in dict.fromkeys([*whole, *ends]):
        if len(digits[end]) <= width + 1 and (one := book.by_key.get((*series, int(digits[end])))):
            return end, one
    return run.end(), None


def _of_named(named: Sequence[OpenInvoice], cents: int) -> Iterator[tuple[Part, ...]]:
    if named:
        open_ones = [one for one in named if one.left > 0]
        for chosen in _sums(open_ones, cents, at_least=1):
            yield _full(chosen)
        yield _shared(named, cents)


def _full(invoices: Sequence[OpenInvoice]) -> tuple[Part, ...]:
    return tuple(Part(one.ref, one.left) for one in invoices)


def _shared(invoices: Sequence[OpenInvoice], cents: int) -> tuple[Part, ...]:
    """Each paid in turn; what is too much stays on the last one."""
    parts: list[Part] = []
    rest = cents
    for one in invoices:
        taken = min(rest, one.left)
        if taken > 0:
            parts.append(Part(one.ref, taken))
            rest -= taken
    if rest and parts:
        parts[-1] = Part(parts[-1].ref, parts[-1].cents + rest, surplus=True)
    elif rest and invoices:
        parts.append(Part(invoices[-1].ref, rest, surplus=True))
    return tuple(parts)


# --- by amount and by payer ----------------------------------------------------------------------------------


def _of_amount(cents: int, book: Book, payers: Mapping[str, Reason]) -> Iterator[tuple[Part, ...]]:
    same = sorted(book.by_left.get(cents, ()), key=lambda one: one.payer not in payers)
    for one in same[:MOST_PROPOSED]:
        yield _full([one])


def _of_payer(invoices: Sequence[OpenInvoice], cents: int) -> Iterator[tuple[Part, ...]]:
    """Those of its invoices that make the sum together; the oldest first when none does."""
    together = list(_sums(invoices[:MOST_OPEN], cents, at_least=2))
    for chosen in together:
        yield _full(chosen)
    if not together and all(one.left != cents for one in invoices):
        yield _shared(invoices, cents)


def _sums(invoices: Sequence[OpenInvoice], cents: int, *, at_least: int) -> Iterator[tuple[OpenInvoice, ...]]:
    """Up to three sets whose sum is the amount, found in a bounded number of steps."""
    after = [0] * (len(invoices) + 1)
    for place in range(len(invoices) - 1, -1, -1):
        after[place] = after[place + 1] + invoices[place].left
    waiting: list[tuple[int, int, tuple[OpenInvoice, ...]]] = [(0, cents, ())]
    found = steps = 0
    while waiting and found < 3 and steps < MOST_STEPS:
        place, rest, chosen = waiting.pop()
        steps += 1
        if rest == 0:
            if len(chosen) >= at_least:
                found += 1
                yield chosen
            continue
        if place == len(invoices) or rest > after[place] or len(chosen) == MOST_TOGETHER:
            continue
        waiting.append((place + 1, rest, chosen))
        if invoices[place].left <= rest:
            waiting.append((place + 1, rest - invoices[place].left, (*chosen, invoices[place])))


def payers_of(credit: Credit, book: Book) -> dict[str, Reason]:
    """Who may have paid: who did from this account before, else who has the name."""
    by_account = book.ibans.get(credit.iban, frozenset()) if credit.iban else frozenset()
    found = dict.fromkeys(sorted(by_account), Reason.IBAN)
    name, said = telling(credit.name), telling(f"{credit.name} {credit.text}")
    for payer, forms in book.words.items():
        if payer not in found and any(_same_name(form, name, said) for form in forms):
            found[payer] = Reason.NAME
    return found


def telling(text: str) -> frozenset[str]:
    """The words that tell somebody from somebody else."""
    return frozenset(word for word in re.findall(r"[a-z0-9]+", fold(text)) if len(word) > 1 and word not in _SMALL)


def _same_name(form: frozenset[str], name: frozenset[str], said: frozenset[str]) -> bool:
    if form == name:
        return True
    return len(form) > 1 and form <= said and any(len(word) > 3 for word in form)
