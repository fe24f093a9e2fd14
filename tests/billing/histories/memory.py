"""What a history remembers of its own gestures, in its own words: what is agreed, done, billed, owed, given back.

Nothing here is read from the platform's sums: a document's lines are compared with what was done, then counted.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from entrepairs.kernel.clock import PARIS
from tests.billing.histories.oracle import VatOfCredits, half_up, session_price
from tests.billing.histories.world import AGREED_PERCENT, VOTED_PERCENT, Asked


@dataclass
class Job:
    """A demand. `stage`: asked, quoted, firm, ended. `served` and `billed` hold numbers of sessions."""

    asked: Asked
    stage: str = "asked"
    drawn: bool = False
    held: bool = False
    price: int = 0
    quote: str = ""
    version: int = 0
    served: set[int] = field(default_factory=set)
    billed: set[int] = field(default_factory=set)
    late: int = 0
    late_ref: str = ""
    late_day: date = date.min
    late_state: str = ""
    """open, billed, waived; empty: nothing is due."""
    deposits: list["Sheet"] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.asked.kind.sessions

    def start(self, number: int) -> datetime:
        """Of a session."""
        return self.asked.starts[number - 1]

    def day(self, number: int) -> date:
        """Of a session."""
        return self.start(number).astimezone(PARIS).date()

    def net(self, number: int) -> int:
        """What a session bills."""
        kind = self.asked.kind
        return session_price(kind.unit.value, self.price, number, self.count, kind.minutes)

    def cost_of_cancelling(self, coming: int, *, late: bool) -> int:
        """Part of the price of the sessions still to come."""
        if not (coming and late and self.held and self.stage == "firm"):
            return 0
        kind = self.asked.kind
        base = self.price * coming
        if kind.unit.value == "per_series":
            base = self.price * coming // self.count
        if kind.unit.value == "per_hour":
            base = half_up(Decimal(self.price) * kind.minutes * coming / 60)
        return half_up(base * (AGREED_PERCENT if self.drawn else VOTED_PERCENT) / 100)


@dataclass(frozen=True)
class Off:
    """A discount: cents, or a percentage."""

    cents: int = 0
    percent: Decimal | None = None

    def of(self, base: int) -> int:
        """What it takes off an amount."""
        return self.cents if self.percent is None else half_up(base * self.percent / 100)


@dataclass
class Line:
    """A line of a document, as expected; `left` is what no credit note took back.

    `before` is what it came to without the discounts; `off`, what its own takes off.
    """

    position: int
    net: int
    quantity: Decimal
    unit_cents: int
    regime: str
    rate: Decimal
    job: Job | None = None
    number: int = 0
    """Of the session; 0: the late cancellation, a deposit, interest."""
    deducts: "Sheet | None" = None
    left: int = 0
    off: int = 0
    before: int = 0
    held: bool = True
    """Its service stands on this document; a credit note of the whole line lets it go."""

    def __post_init__(self) -> None:
        self.left = self.before = self.net


@dataclass
class Stand:
    """Money recorded on a document."""

    ref: str
    kind: str
    cents: int
    day: date
    undone: bool = False
    bank_line: str = ""


@dataclass
class Note:
    """A credit note: what it takes of each line, its VAT by regime; `issued` or waiting."""

    ref: str
    of: "Sheet"
    parts: list[tuple[Line, int]]
    vats: dict[str, tuple[int, int]]
    bill_again: bool
    by: str
    alone: bool
    issued: bool = False

    @property
    def gross(self) -> int:
        return sum(base + vat for base, vat in self.vats.values())


@dataclass
class Paid:
    """An online payment: its page, then what became of it."""

    ref: str
    cents: int
    session_id: str
    state: str = "open"
    dispute: str = ""
    contested: str = ""
    """opened, lost, won."""


@dataclass
class Given:
    """Money given back online."""

    ref: str
    paid: Paid
    cents: int
    state: str
    """waiting, refused, asked, done, failed."""
    by: str
    alone: bool


@dataclass
class Payout:
    """What Stripe sends to our bank."""

    payout_id: str
    cents: int
    state: str = "sent"
    """sent, received, failed."""
    received_on: date | None = None


@dataclass
class Sheet:
    """A document that is owed: an invoice, a deposit, a claim of interest. `money` is what came in less what left."""

    ref: str
    client: str
    kind: str
    lines: list[Line]
    agreed_rate: Decimal | None = None
    off: Off | None = None
    """The discount on the whole."""
    period_end: date = date.min
    issued_on: date | None = None
    number: str = ""
    due_on: date | None = None
    money: int = 0
    credited: int = 0
    credits: VatOfCredits = field(default_factory=lambda: VatOfCredits({}, {}))
    stands: list[Stand] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    paid: list[Paid] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    decided: date | None = None
    """The first day that no decision on interest covers."""
    indemnified: bool = False
    deposit_left: int = 0
    """Of a deposit: what no invoice took off and no credit note took back."""

    @property
    def gross(self) -> int:
        return sum(base + vat for base, vat in self.credits.sold.values())

    @property
    def balance(self) -> int:
        return self.gross - self.money - self.credited

    @property
    def surplus(self) -> int:
        """What may go elsewhere: what is being given back online is promised already."""
        return -self.balance - sum(one.cents for one in self.given if one.state in {"waiting", "asked"})

    @property
    def contested(self) -> bool:
        """The payer's bank has not decided."""
        return any(one.contested == "opened" for one in self.paid)

    def refundable(self) -> dict[str, int]:
        """What can go back by each online payment, by its reference."""
        found = {}
        for one in self.paid:
            if one.state != "paid" or one.contested in {"opened", "lost"}:
                continue
            taken = sum(g.cents for g in self.given if g.paid is one and g.state in {"waiting", "asked", "done"})
            if one.cents > taken:
                found[one.ref] = one.cents - taken
        return found

    def gone_since(self, stand: Stand) -> int:
        """Given back or moved elsewhere after it, and not undone."""
        gone = {"refund", "moved_out", "stripe_refund", "stripe_refund_failed"}
        later = self.stands[self.stands.index(stand) + 1 :]
        return -sum(one.cents for one in later if one.kind in gone and not one.undone)

    def receive(self, kind: str, cents: int, day: date, ref: str = "", bank_line: str = "") -> Stand:
        """Count money."""
        self.money += cents
        stand = Stand(ref, kind, cents, day, bank_line=bank_line)
        self.stands.append(stand)
        return stand
