"""A history on the real use cases: what it may do, its clock, and how each gesture is tried."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from entrepairs.billing.models import Invoice
from entrepairs.kernel.clock import PARIS, FixedClock
from entrepairs.kernel.errors import DomainError
from entrepairs.network.models import PayerKind
from tests.billing.histories.memory import Job, Line, Payout, Sheet
from tests.billing.histories.oracle import Between, Closed, Lateness, VatOfCredits, half_up, vat_by_rate
from tests.billing.histories.paper_stripe import PaperStripe
from tests.billing.histories.world import BEGINNING, LATE_RATE, World
from tests.factories.billing import OFFICE

T = TypeVar("T")
DAY = timedelta(days=1)
KNOWN_RATE = Decimal("2.15")
"""Of the central bank, first semester of 2026; the next one is not entered in the figures."""

_STATE = text(
    """SELECT (SELECT concat(count(*), ' ', sum(debit * 7 + credit * 13), ' ', sum(lettering_id)) FROM entry_line),
    (SELECT concat(count(*), ' ', count(number)) FROM entry), (SELECT concat(count(*), ' ', sum(cents)) FROM settlement),
    (SELECT concat(count(*), ' ', count(number), ' ', sum(gross)) FROM invoice), (SELECT sum(net) FROM invoice_line),
    (SELECT concat(count(*), ' ', count(released_at)) FROM billed_service), (SELECT sum(next) FROM number_series),
    (SELECT concat(count(*), ' ', count(waived_at)) FROM late_cancellation), (SELECT count(*) FROM interest_decision),
    (SELECT string_agg(state, ' ' ORDER BY id) FROM stripe_refund), (SELECT count(*) FROM line_settlement),
    (SELECT string_agg(state, ' ' ORDER BY id) FROM checkout_payment), (SELECT count(*) FROM stripe_booking),
    (SELECT string_agg(state || receipts, ' ' ORDER BY id) FROM stripe_payout), (SELECT count(aside_why) FROM statement_line),
    (SELECT string_agg(state, ' ' ORDER BY id) FROM demand), (SELECT max(closed_through) FROM accounting_year)"""
)


class Astray(AssertionError):
    """The platform and the oracle do not say the same."""


@dataclass
class Story:
    """One history. `told` is what was done, for whoever reads a failure."""

    session: Session
    world: World
    draw: random.Random
    checker: Any
    clock: FixedClock = field(default_factory=lambda: FixedClock(BEGINNING))
    stripe: PaperStripe = field(default_factory=PaperStripe)
    jobs: list[Job] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    closings: list[Closed] = field(default_factory=list)
    by_hand: list[Between] = field(default_factory=list)
    payouts: dict[str, Payout] = field(default_factory=dict)
    """By our reference."""
    bank: int = 0
    """What our bank account says, from the gestures alone."""
    numbers: dict[str, int] = field(default_factory=dict)
    """The last of each series of a year."""
    unlettered: set[str] = field(default_factory=set)
    """Pieces that somebody lettered or unlettered by hand."""
    told: list[str] = field(default_factory=list)
    refused: int = 0

    # --- time ------------------------------------------------------------------------------------------------

    def pass_time(self, days: float) -> None:
        """Go on; never twice in the same instant."""
        self.clock = FixedClock(self.clock.at + timedelta(days=days, minutes=1))

    def be_at_least(self, day: date, hour: int = 20) -> None:
        """Go on to that evening, unless it has passed."""
        from datetime import datetime

        wanted = datetime(day.year, day.month, day.day, hour, tzinfo=PARIS)
        if self.clock.at < wanted:
            self.clock = FixedClock(wanted)

    @property
    def today(self) -> date:
        return self.clock.today()

    # --- one gesture -----------------------------------------------------------------------------------------

    def attempt(self, what: str, act: Callable[[], T], *refusals: str) -> T | None:
        """Do it. With `refusals`, it must be refused with one of these codes and leave everything as it was."""
        self.told.append(
            f"{self.clock.at:%d/%m %H:%M} {what}" + (f" (refused: {'/'.join(refusals)})" if refusals else "")
        )
        before = self.fingerprint() if refusals else None
        try:
            with self.session.begin_nested():
                done = act()
        except DomainError as refusal:
            if refusal.code not in refusals:
                raise Astray(f"{what}: refused by {refusal}, expected {refusals or 'to be done'}") from refusal
            self.refused += 1
            if self.fingerprint() != before:
                raise Astray(f"{what}: refused, and something changed") from refusal
            return None
        if refusals:
            raise Astray(f"{what}: done, expected to be refused by {refusals}")
        return done

    def unchanged(self, what: str, act: Callable[[], object]) -> None:
        """Done twice is done once."""
        before = self.fingerprint()
        self.attempt(f"{what}, again", act)
        if self.fingerprint() != before:
            raise Astray(f"{what}: the second time changed something")

    def fingerprint(self) -> tuple[Any, ...]:
        """What must not move when something is refused."""
        self.session.flush()
        return tuple(self.session.execute(_STATE).one())

    def expect(self, what: str, found: object, wanted: object) -> None:
        """Both must say the same."""
        if found != wanted:
            raise Astray(f"{what}: {found}, the oracle says {wanted}")

    # --- documents -------------------------------------------------------------------------------------------

    def owed(self, *, issued: bool = True) -> list[Sheet]:
        """The documents that are issued, or are not."""
        return [one for one in self.sheets if (one.issued_on is not None) == issued]

    def pick(self, among: list[T]) -> T | None:
        """One of them, if there is any."""
        return self.draw.choice(among) if among else None

    def invoice(self, ref: str) -> Invoice:
        """The row of a document."""
        return self.session.scalars(select(Invoice).where(Invoice.ref == ref)).one()

    def read(self, invoice: Invoice, client: str, lines: list[Line]) -> Sheet:
        """A document just written, its sums checked against its lines."""
        sold = vat_by_rate((one.regime, one.rate, one.net) for one in lines)
        found = {row.regime: (row.base, row.vat) for row in invoice.vat_lines}
        self.expect(f"sums of {invoice.ref}", found, sold)
        self.expect(f"gross of {invoice.ref}", invoice.gross, sum(base + vat for base, vat in sold.values()))
        sheet = Sheet(invoice.ref, client, invoice.kind.value, lines, period_end=invoice.period_end)
        sheet.credits = VatOfCredits(sold, {one.regime: one.rate for one in lines})
        jobs = [one.job for one in lines if one.job is not None]
        if client == "clinic" and jobs and all(job.drawn for job in jobs):
            sheet.agreed_rate = LATE_RATE
        self.sheets.append(sheet)
        return sheet

    def issued(self, sheet: Sheet) -> None:
        """It bears the next number and the day of today, and is due when the law or the agreement says."""
        row = self.invoice(sheet.ref)
        self.expect("number", row.number, self.next_number("FA"))
        self.expect("day of issue", row.issue_date, self.today)
        sheet.number, sheet.issued_on, sheet.due_on = row.number or "", self.today, row.due_date
        if sheet.kind == "deposit":
            sheet.deposit_left = sheet.lines[0].net
        if sheet.kind != "claim":
            self.expect(f"term of {sheet.number}", row.due_date, self._due(sheet))

    def next_number(self, letters: str) -> str:
        """The one after the last of the series of this year."""
        series = f"{letters}{self.today.year}"
        self.numbers[series] = self.numbers.get(series, 0) + 1
        return f"{series}-{self.numbers[series]:05d}"

    def _due(self, sheet: Sheet) -> date:
        if self.is_public(sheet):
            return max(self.today, sheet.period_end) + 50 * DAY
        return self.today + 30 * DAY

    def is_public(self, sheet: Sheet) -> bool:
        """A public hospital pays it."""
        return self.world.payers[sheet.client] is not PayerKind.PRIVATE

    # --- lateness --------------------------------------------------------------------------------------------

    def first_late(self, sheet: Sheet) -> date:
        """The day after the real term: a public payer's runs from two days after the invoice, as no receipt is known."""
        assert sheet.issued_on is not None
        assert sheet.due_on is not None
        if sheet.kind == "claim" or not self.is_public(sheet):
            return sheet.due_on + DAY
        return max(sheet.issued_on + 2 * DAY, sheet.period_end) + 51 * DAY

    def lateness(self, sheet: Sheet) -> tuple[int, int, bool]:
        """Interest nobody decided on, the 40 euros, and whether a rate is missing for it."""
        first = self.first_late(sheet)
        since = sheet.decided or first
        if sheet.kind == "claim" or first > self.today:
            return 0, 0, False
        points, begun = Decimal(8 if self.is_public(sheet) else 10), (first.year, 1 if first.month <= 6 else 2)
        each = {(year, half): KNOWN_RATE + points for year in range(2026, 2029) for half in (1, 2)}
        if sheet.agreed_rate is not None and not self.is_public(sheet):
            each = dict.fromkeys(each, sheet.agreed_rate)
        late = Lateness(sheet.gross, sheet.credited, [(one.day, one.cents) for one in sheet.stands], first, each)
        interest = late.interest(since, self.today)
        missing = False
        if sheet.agreed_rate is None or self.is_public(sheet):
            halves = {begun} if self.is_public(sheet) else _halves_owed(late, since, self.today)
            missing = any(half != (2026, 1) for half in halves) and _owes(late, since, self.today)
        return interest, 4000 if late.was_late and not sheet.indemnified else 0, missing


def _halves_owed(late: Lateness, first: date, last: date) -> set[tuple[int, int]]:
    days = (first + DAY * n for n in range((last - first).days + 1))
    return {(day.year, 1 if day.month <= 6 else 2) for day in days if late.owed(day) > 0}


def _owes(late: Lateness, first: date, last: date) -> bool:
    return any(late.owed(first + DAY * n) > 0 for n in range((last - first).days + 1))


__all__ = ["OFFICE", "Astray", "Story", "half_up"]
