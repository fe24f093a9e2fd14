"""Exercises: numbers in the order of validation, periods that close for good, drafts that wait."""

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.ledger.models import AccountingYear, Entry
from entrepairs.ledger.years import close_through, exercise_for_update, first_open_day
from tests.factories.ledger import a_transfer_entry

CLOCK = FixedClock()
TODAY = CLOCK.today()
LAST_MONTH = TODAY.replace(day=1).fromordinal(TODAY.replace(day=1).toordinal() - 1)


def test_numbers_follow_validation_whatever_the_journal(session: Session):
    one = a_transfer_entry(session, dedup="a")
    two = a_transfer_entry(session, dedup="b", journal="OD")
    assert (one.number, two.number) == (1, 2)


def test_the_first_number_of_a_year_that_follows_another_is_kept_for_the_opening(session: Session):
    a_transfer_entry(session, dedup="a", day=date(2026, 12, 31))
    assert a_transfer_entry(session, dedup="b", day=date(2027, 1, 5)).number == 2
    assert a_transfer_entry(session, dedup="an", day=date(2027, 1, 1), journal="AN").number == 1
    assert a_transfer_entry(session, dedup="c", day=date(2027, 1, 6)).number == 3
    assert a_transfer_entry(session, dedup="an2", day=date(2027, 1, 1), journal="AN").number == 4


def test_what_belongs_to_a_closed_period_counts_on_the_first_open_day(session: Session):
    a_transfer_entry(session, dedup="a", day=date(2026, 11, 3))
    close_through(session, date(2026, 11, 30), actor=Actor.SYSTEM, clock=CLOCK)
    late = a_transfer_entry(session, dedup="late", day=date(2026, 11, 28))
    assert (late.entry_date, late.piece_date) == (date(2026, 12, 1), date(2026, 11, 28))
    assert late.label.endswith("(du 28/11/2026)")
    close_through(session, date(2026, 12, 31), actor=Actor.SYSTEM, clock=CLOCK)
    assert first_open_day(session, date(2026, 11, 28)) == date(2027, 1, 1)
    assert a_transfer_entry(session, dedup="later", day=date(2026, 11, 28)).fiscal_year == 2027


def test_a_period_is_closed_once_over_in_order_and_without_drafts(session: Session):
    a_transfer_entry(session, dedup="a", day=date(2026, 11, 3))
    a_transfer_entry(session, dedup="b", day=TODAY)
    with pytest.raises(InvalidInput, match="period_not_over"):
        close_through(session, TODAY, actor=Actor.SYSTEM, clock=CLOCK)
    with pytest.raises(Conflict, match="earlier_year_open"):
        close_through(session, date(2027, 1, 1), actor=Actor.SYSTEM, clock=CLOCK)
    with pytest.raises(NotFound):
        close_through(session, date(2020, 1, 31), actor=Actor.SYSTEM, clock=CLOCK)
    close_through(session, date(2026, 11, 30), actor=Actor.SYSTEM, clock=CLOCK)
    with pytest.raises(Conflict, match="period_closed"):
        close_through(session, date(2026, 11, 30), actor=Actor.SYSTEM, clock=CLOCK)


def test_nothing_is_validated_before_its_day(session: Session):
    with pytest.raises(InvalidInput, match="entry_in_future"):
        a_transfer_entry(session, day=date(2027, 12, 31))


def test_a_clock_set_back_does_not_make_two_orders(session: Session):
    first = a_transfer_entry(session, dedup="a", clock=FixedClock(CLOCK.now().replace(year=2028)), day=TODAY)
    second = a_transfer_entry(session, dedup="b")
    assert second.validated_at == first.validated_at
    assert second.number == 2


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE accounting_year SET closed_through = NULL WHERE year = 2026", "never opens again"),
        ("UPDATE accounting_year SET closed_through = '2026-01-31' WHERE year = 2026", "never opens again"),
        ("UPDATE accounting_year SET last_day = '2026-12-30' WHERE year = 2026", "are kept"),
        ("DELETE FROM accounting_year WHERE year = 2026", "never opens again|violates foreign key"),
        (
            (
                "INSERT INTO entry (journal_code, fiscal_year, number, entry_date, piece_ref, piece_date, label, state, "
                "validated_at, dedup_key, created_at) VALUES ('OD', 2026, 2, '2026-11-04', 'X', '2026-11-04', 'X', 'validated', "
                "now() + interval '9 years', 'x', now())"
            ),
            "closed through",
        ),
        (
            (
                "INSERT INTO entry (journal_code, fiscal_year, number, entry_date, piece_ref, piece_date, label, state, "
                "validated_at, dedup_key, created_at) VALUES ('OD', 2026, 4, '2026-12-04', 'X', '2026-12-04', 'X', 'validated', "
                "now() + interval '9 years', 'x', now())"
            ),
            "out of turn",
        ),
    ],
)
def test_the_database_keeps_what_is_closed_and_the_turn_of_numbers(session: Session, statement: str, why: str):
    a_transfer_entry(session, dedup="a", day=date(2026, 11, 3))
    close_through(session, date(2026, 11, 30), actor=Actor.SYSTEM, clock=CLOCK)
    with pytest.raises(DBAPIError, match=why), session.begin_nested():
        session.execute(text(statement))


def test_a_year_is_opened_once(session: Session):
    a_transfer_entry(session)
    assert exercise_for_update(session, TODAY).year == TODAY.year
    assert session.scalars(select(AccountingYear)).all() == [session.get(AccountingYear, TODAY.year)]
    assert session.scalars(select(Entry)).one().year.first_day == date(TODAY.year, 1, 1)
