"""Exercises that are not the calendar year: their days, their names, their files; no gap, no overlap, nothing moved after."""

import itertools
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.money import Money
from entrepairs.ledger import hand, reports
from entrepairs.ledger.exercises import change_days, open_next_exercise
from entrepairs.ledger.fec.writing import export_fec
from entrepairs.ledger.models import AccountingYear
from entrepairs.ledger.openings import close_year
from entrepairs.ledger.posting import Posting
from entrepairs.ledger.rules import Exercise, calendar_year, ensure_length, exercises_over
from entrepairs.ledger.years import close_through, exercise_on, known_exercises, open_exercise_of
from tests.factories.billing import the_association
from tests.factories.ledger import a_sale_entry, a_transfer_entry
from tests.ledger.test_ledger_pages import _standing_clock, admin, enter, text_of

__all__ = ["_standing_clock", "admin", "enter"]

CLOCK = FixedClock()
WHO = {"actor": Actor("nadia", "Nadia"), "clock": CLOCK}
FIRST = Exercise(date(2025, 6, 1), date(2026, 8, 31))
"""Fifteen months, from the day the association was made."""
DAYS = st.dates(date(2001, 1, 1), date(2060, 12, 31))


@pytest.fixture
def books(session: Session) -> Session:
    the_association(session)
    open_next_exercise(session, FIRST.last_day, first_day=FIRST.first_day, **WHO)
    return session


@given(DAYS, DAYS, st.integers(30, 700))
def test_no_day_is_left_out_whatever_the_first_exercise(day: date, begins: date, length: int) -> None:
    known = [Exercise(begins, date.fromordinal(begins.toordinal() + length))]
    found = exercises_over(known, min(day, begins), max(day, begins))
    assert sum(one.holds(day) for one in found) == 1
    assert all(
        right.first_day.toordinal() - left.last_day.toordinal() == 1 for left, right in itertools.pairwise(found)
    )
    for one in found:
        if one not in known:
            ensure_length(one, is_first=False)


def test_a_year_is_twelve_months_the_first_twenty_four_and_the_rest_is_refused() -> None:
    ensure_length(Exercise(date(2025, 1, 1), date(2026, 12, 31)), is_first=True)
    ensure_length(Exercise(date(2027, 3, 1), date(2028, 2, 29)), is_first=False)
    for wrong, is_first in (
        (Exercise(date(2025, 1, 1), date(2027, 1, 1)), True),
        (Exercise(date(2025, 9, 1), date(2026, 9, 1)), False),
        (Exercise(date(2025, 9, 1), date(2025, 9, 1)), True),
    ):
        with pytest.raises(InvalidInput, match="exercise_"):
            ensure_length(wrong, is_first=is_first)


def test_entries_go_to_their_exercise_and_the_next_opens_by_itself(books: Session) -> None:
    assert a_transfer_entry(books, dedup="a", day=date(2025, 12, 31)).fiscal_year == 2026
    assert a_transfer_entry(books, dedup="b", day=FIRST.last_day).number == 2
    after = a_transfer_entry(books, dedup="c", day=date(2026, 9, 1))
    assert (after.fiscal_year, after.number) == (2027, 2)  # 1 is kept for the opening
    assert known_exercises(books) == [FIRST, Exercise(date(2026, 9, 1), date(2027, 8, 31))]
    with pytest.raises(InvalidInput, match="day_before_books"):
        a_transfer_entry(books, dedup="d", day=date(2025, 5, 31))


def test_it_closes_on_its_own_day_opens_the_next_and_its_file_bears_that_day(books: Session, tmp_path: Path) -> None:
    a_sale_entry(books, 30000, number="FA2026-00001", day=date(2026, 8, 3))
    a_transfer_entry(books, 12000, dedup="part", day=date(2026, 9, 10))
    close_through(books, date(2026, 7, 31), **WHO)
    opening = close_year(books, 2026, **WHO)
    assert opening is not None
    assert (opening.fiscal_year, opening.entry_date, opening.number) == (2027, date(2026, 9, 1), 1)
    done = export_fec(books, 2026, tmp_path)
    assert (done.path.name[9:], done.report.faults) == ("FEC20260831.txt", [])
    rows = {row.code: row.opening for row in reports.balance_rows(books, date(2026, 10, 1), date(2026, 10, 31))}
    assert (rows["411"], rows["120"], rows.get("7061")) == (Money.of(180), Money.of(-300), None)
    inside = {row.code: row for row in reports.balance_rows(books, date(2026, 1, 1), date(2026, 8, 31))}
    assert inside["7061"].closing == Money.of(-300)


def test_the_last_one_changes_until_something_is_validated_in_it_and_its_drafts_follow(books: Session) -> None:
    lines = [Posting("622", debit=Money(100)), Posting("512", credit=Money(100))]
    for day in (date(2026, 5, 4), date(2026, 8, 20)):
        hand.write_by_hand(books, hand.Written("OD", day, "HON-1", "Honoraires", lines), **WHO)
    change_days(books, 2026, date(2026, 6, 30), first_day=date(2025, 7, 1), **WHO)
    kept, moved = hand.drafts(books)
    assert (kept.fiscal_year, moved.fiscal_year) == (2026, 2027)
    assert exercise_on(books, date(2026, 8, 20)) == Exercise(date(2026, 7, 1), date(2027, 6, 30))
    with pytest.raises(Conflict, match="days_kept"):
        change_days(books, 2026, date(2026, 8, 31), **WHO)  # another follows
    change_days(books, 2027, date(2026, 12, 31).replace(year=2027, month=5), **WHO)
    hand.validate_drafts(books, [hand.ref_of(kept), hand.ref_of(moved)], **WHO)
    with pytest.raises(Conflict, match="days_kept"):
        change_days(books, 2027, date(2027, 6, 30), **WHO)


def test_changing_the_year_it_ends_in_takes_its_drafts_along(session: Session) -> None:
    the_association(session)
    open_exercise_of(session, date(2026, 3, 1))
    lines = [Posting("622", debit=Money(100)), Posting("512", credit=Money(100))]
    draft = hand.write_by_hand(session, hand.Written("OD", date(2026, 3, 1), "HON-1", "Honoraires", lines), **WHO)
    change_days(session, 2026, date(2027, 3, 31), **WHO)
    session.refresh(draft)
    assert (draft.fiscal_year, session.get(AccountingYear, 2026)) == (2027, None)


@pytest.mark.parametrize(
    ("last_day", "code"),
    [
        (date(2026, 12, 31), "exercise_same_year"),
        (date(2026, 8, 31), "exercise_backwards"),
        (date(2027, 9, 1), "exercise_long"),
    ],
)
def test_the_next_exercise_is_refused_when_it_would_not_hold(books: Session, last_day: date, code: str) -> None:
    with pytest.raises(InvalidInput, match=code):
        open_next_exercise(books, last_day, **WHO)


def test_a_year_typed_wrong_opens_nothing(books: Session) -> None:
    lines = [Posting("622", debit=Money(100)), Posting("512", credit=Money(100))]
    for day in (date(2062, 5, 4), date(2006, 5, 4)):
        with pytest.raises(InvalidInput, match="entry_day_far"):
            hand.write_by_hand(books, hand.Written("OD", day, "HON-1", "Honoraires", lines), **WHO)
    assert known_exercises(books) == [FIRST]


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("VALUES (2027, '2026-08-31', '2027-08-30', true)", "ex_accounting_year_days"),
        ("VALUES (2027, '2026-09-02', '2027-08-31', true)", "no day is left"),
        ("VALUES (2025, '2024-06-01', '2025-05-30', false)", "no day is left"),
        ("VALUES (2027, '2026-09-01', '2027-09-01', true)", "too long"),
        ("VALUES (2028, '2026-09-01', '2027-08-31', true)", "named_by_its_end"),
    ],
)
def test_the_database_refuses_a_gap_an_overlap_and_another_name(books: Session, statement: str, why: str) -> None:
    columns = "INSERT INTO accounting_year (year, first_day, last_day, opening_reserved) "
    with pytest.raises(DBAPIError, match=why), books.begin_nested():
        books.execute(text(columns + statement))


def test_the_database_keeps_the_days_of_an_exercise_that_holds_an_entry(books: Session) -> None:
    books.execute(text("UPDATE accounting_year SET last_day = '2026-08-30'"))  # nothing is in it yet
    books.expire_all()
    a_transfer_entry(books, dedup="a", day=date(2026, 1, 5))
    with pytest.raises(DBAPIError, match="are kept"), books.begin_nested():
        books.execute(text("UPDATE accounting_year SET last_day = '2026-08-31'"))


def test_with_an_entry_in_it_only_the_next_exercise_is_said(admin: FlaskClient, session: Session) -> None:
    page = text_of(admin.get("/a/comptabilite/cloture"))
    assert "Ouvrir l'exercice suivant" in page
    assert "Il commence le 1er janvier 2028" in page
    assert "D'autres dates" not in page
    kept = admin.post("/a/comptabilite/exercices/2027", data={"last_day": "2027-08-31"}, follow_redirects=True)
    assert "ses dates sont gardées" in text_of(kept)
    opened = admin.post("/a/comptabilite/exercices", data={"last_day": "2028-08-31"}, follow_redirects=True)
    assert "Du 1er janvier 2028 au 31 août 2028" in text_of(opened)


def test_the_first_exercise_is_said_before_anything_is_written(client: FlaskClient, session: Session) -> None:
    from entrepairs.identity.models import OfficeRoleKind

    the_association(session)
    office = enter(client, session, OfficeRoleKind.ADMIN)
    assert "Ouvrir le premier exercice" in text_of(office.get("/a/comptabilite/cloture"))
    wrong = office.post("/a/comptabilite/exercices", data={"first_day": "2025-06-01", "last_day": "2027-08-31"})
    assert (wrong.status_code, "24 mois au plus" in text_of(wrong)) == (422, True)
    assert (
        office.post("/a/comptabilite/exercices", data={"first_day": "2025-06-01", "last_day": "2027-03-31"}).status_code
        == 303
    )
    page = text_of(office.get("/a/comptabilite/cloture"))
    assert "Du 1er juin 2025 au 31 mars 2027" in page
    changed = office.post("/a/comptabilite/exercices/2027", data={"first_day": "2026-01-01", "last_day": "2027-08-31"})
    assert changed.status_code == 303
    assert "Du 1er janvier 2026 au 31 août 2027" in text_of(office.get("/a/comptabilite"))
    assert calendar_year(date(2027, 1, 1)) not in known_exercises(session)
