"""Entries written by hand: drafts that count for nothing, validated for good, corrected by their opposite."""

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from entrepairs.kernel.money import Money
from entrepairs.ledger import balances, hand
from entrepairs.ledger.chart import ensure_chart
from entrepairs.ledger.models import Entry, EntryLine, EntryState
from entrepairs.ledger.posting import Posting
from entrepairs.ledger.years import close_through
from tests.factories.ledger import a_transfer_entry

CLOCK = FixedClock()
NADIA = Actor("nadia", "Nadia")


def fees(cents: int = 5000, *, day: date | None = None, journal: str = "OD", label: str = "Honoraires") -> hand.Written:
    lines = [Posting("622", debit=Money(cents), axes={"territory": "13"}), Posting("512", credit=Money(cents))]
    return hand.Written(journal, day or CLOCK.today(), "HON-1", label, lines)


@pytest.fixture
def books(session: Session) -> Session:
    ensure_chart(session)
    return session


def test_a_draft_counts_for_nothing_until_it_is_validated(books: Session):
    entry = hand.write_by_hand(books, fees(), actor=NADIA, clock=CLOCK)
    assert (entry.state, entry.number, entry.written_by) == (EntryState.DRAFT, None, "Nadia")
    assert balances.balance(books, "622") == Money(0)
    assert hand.drafts(books) == [entry]
    hand.validate_drafts(books, [hand.ref_of(entry)], actor=NADIA, clock=CLOCK)
    assert (entry.state, entry.number) == (EntryState.VALIDATED, 1)
    assert balances.balance(books, "622") == Money(5000)
    assert hand.drafts(books) == []


def test_a_draft_is_changed_and_thrown_away(books: Session):
    ref = hand.ref_of(hand.write_by_hand(books, fees(), actor=NADIA, clock=CLOCK))
    hand.rewrite(books, ref, fees(7000, label="Honoraires du trimestre"), actor=NADIA, clock=CLOCK)
    entry = hand.find_draft(books, ref)
    assert (entry.label, [line.debit for line in entry.lines]) == ("Honoraires du trimestre", [7000, 0])
    hand.discard(books, ref, actor=NADIA, clock=CLOCK)
    assert books.scalar(select(func.count(Entry.id))) == books.scalar(select(func.count(EntryLine.id))) == 0
    with pytest.raises(NotFound):
        hand.find_draft(books, ref)


def test_drafts_are_validated_by_their_day(books: Session):
    late = hand.write_by_hand(books, fees(1), actor=NADIA, clock=CLOCK)
    early = hand.write_by_hand(books, fees(2, day=date(2027, 1, 4)), actor=NADIA, clock=CLOCK)
    hand.validate_drafts(books, [hand.ref_of(late), hand.ref_of(early)], actor=NADIA, clock=CLOCK)
    assert (early.number, late.number) == (1, 2)


def test_what_is_validated_is_reversed_once_and_never_changed(books: Session):
    entry = hand.write_by_hand(books, fees(), actor=NADIA, clock=CLOCK)
    ref = hand.ref_of(entry)
    hand.validate_drafts(books, [ref], actor=NADIA, clock=CLOCK)
    for change in (hand.discard, lambda *a, **k: hand.rewrite(books, ref, fees(), **k)):
        with pytest.raises(Conflict, match="entry_validated"):
            change(books, ref, actor=NADIA, clock=CLOCK)
    with pytest.raises(InvalidInput, match="reversal_reason"):
        hand.reverse(books, entry.id, reason=" ", actor=NADIA, clock=CLOCK)
    opposite = hand.reverse(books, entry.id, reason="Saisie deux fois", actor=NADIA, clock=CLOCK)
    assert hand.reverse(books, entry.id, reason="encore", actor=NADIA, clock=CLOCK) is opposite
    assert opposite.reverses_id == entry.id
    assert balances.balance(books, "622") == Money(0)
    assert opposite.lines[0].axes[0].value.code == "13"


def test_what_comes_from_a_fact_is_corrected_there(books: Session):
    with pytest.raises(NotAllowed, match="entry_of_a_fact"):
        hand.reverse(books, a_transfer_entry(books).id, reason="x", actor=NADIA, clock=CLOCK)
    with pytest.raises(InvalidInput, match="journal"):
        hand.write_by_hand(books, fees(journal="VE"), actor=NADIA, clock=CLOCK)


def test_a_draft_is_refused_in_a_closed_period_and_holds_back_the_closing(books: Session):
    a_transfer_entry(books, day=date(2026, 11, 3))
    draft = hand.write_by_hand(books, fees(day=date(2026, 11, 10)), actor=NADIA, clock=CLOCK)
    with pytest.raises(Conflict, match="drafts_left"):
        close_through(books, date(2026, 11, 30), actor=NADIA, clock=CLOCK)
    hand.validate_drafts(books, [hand.ref_of(draft)], actor=NADIA, clock=CLOCK)
    close_through(books, date(2026, 11, 30), actor=NADIA, clock=CLOCK)
    with pytest.raises(InvalidInput, match="entry_day_closed"):
        hand.write_by_hand(books, fees(day=date(2026, 11, 10)), actor=NADIA, clock=CLOCK)
