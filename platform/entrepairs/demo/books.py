"""The books as the association keeps them: spending written by hand, months closed one by one, a year and its vote."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from functools import partial
from typing import Final

from entrepairs.demo.story import Story
from entrepairs.kernel.dates import add_months
from entrepairs.kernel.money import Money
from entrepairs.ledger import chart, hand
from entrepairs.ledger.balances import balance
from entrepairs.ledger.chart import JournalCode
from entrepairs.ledger.hand import Written
from entrepairs.ledger.openings import close_year
from entrepairs.ledger.posting import Posting
from entrepairs.ledger.years import close_through

FIRST_CLOSED: Final = date(2025, 7, 1)
LAST_CLOSED: Final = date(2026, 11, 1)
CLOSING_DAY: Final = 20
ASSEMBLY: Final = date(2026, 6, 12)


def plan_books(story: Story) -> None:
    """Each month is closed on the twentieth of the next, 2025 in February, its result voted in June."""
    month = FIRST_CLOSED
    while month <= LAST_CLOSED:
        following = add_months(month, 1)
        last = following - timedelta(days=1)
        story.on(following.replace(day=CLOSING_DAY), time(17, 30), partial(_close, story, last))
        month = following
    story.on(date(2026, 2, 19), time(17), partial(_close_year, story, 2025))
    story.on(ASSEMBLY, time(18), partial(_vote_result, story, 2025))
    story.on(date(2027, 1, 7), time(17), partial(_leave_a_draft, story))


def spend(story: Story, spent: Mapping[str, Money], day: date) -> None:
    """Wages, charges and costs of a month, from the bank: written by hand and validated."""
    lines = [Posting(account, debit=amount) for account, amount in spent.items()]
    lines.append(Posting(chart.BANK, credit=Money.sum(spent.values())))
    label = f"Salaires, charges et frais, {day:%m/%Y}"
    _write(story, Written(JournalCode.BANK, day, f"CH-{day:%Y%m}", label, lines))


def _write(story: Story, written: Written, *, validated: bool = True) -> None:
    entry = hand.write_by_hand(story.session, written, actor=story.bookkeeping, clock=story.clock)
    if validated:
        hand.validate_drafts(story.session, [hand.ref_of(entry)], actor=story.bookkeeping, clock=story.clock)


def _close(story: Story, last: date) -> None:
    close_through(story.session, last, actor=story.bookkeeping, clock=story.clock)


def _close_year(story: Story, year: int) -> None:
    close_year(story.session, year, actor=story.bookkeeping, clock=story.clock)


def _vote_result(story: Story, year: int) -> None:
    """The assembly puts a gain with the reserves for its project, and carries a loss forward."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    made = -Money.sum(balance(story.session, each, since=first, until=last) for each in ("6", "7"))
    if not made:
        return
    gain, amount = made.cents > 0, Money(abs(made.cents))
    result = Posting(chart.RESULT_GAIN if gain else chart.RESULT_LOSS, debit=amount)
    kept = Posting("1068" if gain else "119", credit=amount)
    lines = [result, kept] if gain else [result.mirrored(), kept.mirrored()]
    became = "mis en réserve" if gain else "reporté"
    label = f"Résultat {year} {became}, assemblée du {ASSEMBLY:%d/%m/%Y}"
    _write(story, Written(JournalCode.MISCELLANEOUS, ASSEMBLY, f"AG-{ASSEMBLY:%Y%m%d}", label, lines))


def _leave_a_draft(story: Story) -> None:
    """A bill the accountant has just sent: nobody has validated it yet."""
    due = Posting("401", credit=Money.of(540), aux_code="FOU-COMPTA", aux_label="Cabinet des Deux Rives (fictif)")
    lines = [Posting("622", debit=Money.of(540)), due]
    day = date(2027, 1, 6)
    written = Written(JournalCode.MISCELLANEOUS, day, "HON-2027-01", "Honoraires comptables, dernier trimestre", lines)
    _write(story, written, validated=False)
