"""What the books must say, told by two pure oracles that share no code with the platform: integers, decimals, dates.

`replay` writes the ledger anew from the documents and the movements of money alone. The sums of a document (`vat_by_rate`,
`VatOfCredits`), what lateness costs (`Lateness`) and the price of sessions are computed again in their own way.
Amounts are cents; a positive posting is a debit.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

CLIENTS, DEPOSITS, VAT, BANK, STRIPE, TRANSIT, FEES = "411", "419", "44571", "512", "5122", "580", "627"
ONLINE = {"stripe", "stripe_refund", "stripe_refund_failed", "disputed", "dispute_won"}
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Row:
    """A line of a document: its net without VAT, the account of its income, whether it is a deposit or takes one off."""

    net: int
    account: str
    of_deposit: bool = False


@dataclass(frozen=True)
class Document:
    """An issued invoice, deposit or credit note (`sign` -1); `client` is the third party."""

    number: str
    client: str
    day: date
    at: datetime
    sign: int
    gross: int
    vat: int
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Received:
    """Money that came in on a piece (positive) or left (negative), by what way."""

    piece: str
    client: str
    kind: str
    cents: int
    day: date
    at: datetime


@dataclass(frozen=True)
class Moved:
    """A surplus carried from one piece of a structure to another."""

    piece: str
    client: str
    cents: int
    day: date
    at: datetime


@dataclass(frozen=True)
class Between:
    """Money between two accounts that no client is party to: a fee, a payout, its receipt."""

    piece: str
    journal: str
    debited: str
    credited: str
    cents: int
    day: date
    at: datetime


Fact = Document | Received | Moved | Between
Posting = tuple[str, str, str, str, date]
"""Journal, piece, account, third party, the day it counts."""


@dataclass(frozen=True)
class Closed:
    """Through which day the books were closed, and when."""

    at: datetime
    through: date


def replay(facts: Iterable[Fact], closings: Sequence[Closed] = ()) -> dict[Posting, int]:
    """The whole ledger, debit less credit by posting, those at nil left out."""
    books: dict[Posting, int] = defaultdict(int)
    for fact in facts:
        counted = _first_open(fact.day, fact.at, closings)
        for journal, account, client, cents in _postings(fact):
            books[journal, fact.piece if not isinstance(fact, Document) else fact.number, account, client, counted] += (
                cents
            )
    return {key: cents for key, cents in books.items() if cents}


def _first_open(day: date, at: datetime, closings: Sequence[Closed]) -> date:
    """The day itself, or the one after the last that was closed by then (PCG 921-3)."""
    shut = max((one.through for one in closings if one.at <= at), default=None)
    return day if shut is None or day > shut else shut + DAY


def _postings(fact: Fact) -> list[tuple[str, str, str, int]]:
    if isinstance(fact, Document):
        return [
            ("VE", CLIENTS, fact.client, fact.sign * fact.gross),
            *(
                (
                    "VE",
                    DEPOSITS if one.of_deposit else one.account,
                    fact.client if one.of_deposit else "",
                    -fact.sign * one.net,
                )
                for one in fact.rows
            ),
            ("VE", VAT, "", -fact.sign * fact.vat),
        ]
    if isinstance(fact, Received):
        account, journal = (STRIPE, "ST") if fact.kind in ONLINE else (BANK, "BQ")
        return [(journal, account, "", fact.cents), (journal, CLIENTS, fact.client, -fact.cents)]
    if isinstance(fact, Moved):  # both on the piece it goes to: nothing, unless they were of two clients
        return [("OD", CLIENTS, fact.client, fact.cents), ("OD", CLIENTS, fact.client, -fact.cents)]
    return [(fact.journal, fact.debited, "", fact.cents), (fact.journal, fact.credited, "", -fact.cents)]


# --- the sums of a document ------------------------------------------------------------------------------------


def half_up(amount: Decimal) -> int:
    """To the cent."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def vat_by_rate(nets: Iterable[tuple[str, Decimal, int]]) -> dict[str, tuple[int, int]]:
    """Base and VAT of each regime, from lines (regime, percent, net); rounded once on each base."""
    bases: dict[str, int] = defaultdict(int)
    rates: dict[str, Decimal] = {}
    for regime, rate, net in nets:
        bases[regime] += net
        rates[regime] = rate
    return {regime: (base, half_up(base * rates[regime] / 100)) for regime, base in bases.items()}


@dataclass
class VatOfCredits:
    """What credit notes took of an invoice's breakdown: each brings the VAT to that of all they took, so no cent is lost."""

    sold: Mapping[str, tuple[int, int]]
    rates: Mapping[str, Decimal]
    taken: dict[str, tuple[int, int]] = field(default_factory=dict)

    def room(self, regime: str) -> int:
        """What can still be credited of a regime's base."""
        return self.sold[regime][0] - self.taken.get(regime, (0, 0))[0]

    def vat_of(self, part: Mapping[str, tuple[int, int]]) -> int:
        """The VAT of a part: never a whole cent from its own base at its rate, never more than what is left."""
        total = 0
        for regime, (base, _vat) in part.items():
            before, taken = self.taken.get(regime, (0, 0))
            wanted, alone = half_up((before + base) * self.rates[regime] / 100) - taken, base * self.rates[regime] / 100
            while wanted - alone >= 1:
                wanted -= 1
            while alone - wanted >= 1:
                wanted += 1
            total += min(wanted, self.sold[regime][1] - taken)
        return total

    def take(self, regime: str, base: int, vat: int, *, sign: int = 1) -> None:
        """Count a part, or (`sign` -1) forget one thrown away."""
        known = self.taken.get(regime, (0, 0))
        self.taken[regime] = known[0] + sign * base, known[1] + sign * vat


# --- the price of sessions -------------------------------------------------------------------------------------


def session_price(unit: str, cents: int, number: int, count: int, minutes: int) -> int:
    """What the `number`-th of `count` sessions bills."""
    if unit == "per_series":
        parts, rest = [], Fraction(0)
        for _ in range(number):
            rest += Fraction(cents, count)
            parts.append(int(rest) - sum(parts))
        return parts[-1]
    if unit == "per_hour":
        return half_up(Decimal(cents) * Decimal(minutes) / 60)
    return cents


def whole_price(unit: str, cents: int, count: int, minutes: int) -> int:
    """What all of them bill."""
    return sum(session_price(unit, cents, number, count, minutes) for number in range(1, count + 1))


# --- what lateness costs ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lateness:
    """An invoice paid late, day by day: each day costs the rate of that day on what was owed in the evening before."""

    gross: int
    credited: int
    money: Sequence[tuple[date, int]]
    first_late: date
    percents: Mapping[tuple[int, int], Decimal]
    """A year's percentage by year and semester (1 or 2); one that is absent is not known yet."""

    def owed(self, day: date) -> int:
        """On a day: what came on it counts from the next one, what was credited was never owed."""
        return self.gross - self.credited - sum(cents for paid, cents in self.money if paid < day)

    def interest(self, first: date, last: date) -> int:
        """From `first` to `last`, both included."""
        total, day = Fraction(0), first
        while day <= last:
            percent = self.percents[day.year, 1 if day.month <= 6 else 2]
            total += Fraction(max(self.owed(day), 0)) * Fraction(percent) / 36500
            day += DAY
        return int(total + Fraction(1, 2))

    @property
    def was_late(self) -> bool:
        """Something was owed on the first late day."""
        return self.owed(self.first_late) > 0
