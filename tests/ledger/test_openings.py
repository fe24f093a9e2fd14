"""The end of an exercise: balances brought forward, nothing counted twice; the day an association becomes a cooperative."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.money import Money
from entrepairs.ledger import balances, legal_form
from entrepairs.ledger.chart import ACCOUNTS, ensure_chart
from entrepairs.ledger.models import BooksForm, Entry, LedgerAccount
from entrepairs.ledger.openings import close_year
from entrepairs.ledger.posting import Posting, post
from tests.factories.ledger import a_sale_entry, a_transfer_entry

CLOCK = FixedClock()
NADIA = Actor("nadia", "Nadia")
PLAIN = [account.code for account in ACCOUNTS if not account.auxiliary and account.code[0] != "8"]


def write(session: Session, day: date, *moves: tuple[str, int], dedup: str = "") -> Entry:
    lines = [Posting(code, debit=Money(max(cents, 0)), credit=Money(max(-cents, 0))) for code, cents in moves]
    return post(session, "OD", day, "X", "X", lines, dedup=dedup or f"{day}{moves}", clock=CLOCK)


def carried(entry: Entry | None) -> dict[tuple[str, str | None], int]:
    assert entry is not None
    return {(line.account_code, line.aux_code): line.debit - line.credit for line in entry.lines}


def test_closing_a_year_brings_its_balances_forward_once(session: Session):
    a_sale_entry(session, 30000, number="FA2026-00001", day=date(2026, 12, 3))
    write(session, date(2026, 12, 4), ("641", 10000), ("512", -10000))
    before = balances.balance(session, "411"), balances.balance(session, "512")
    opening = close_year(session, 2026, actor=NADIA, clock=CLOCK)
    assert carried(opening) == {("120", None): -20000, ("411", "STR-TEST-TEST"): 30000, ("512", None): -10000}
    assert (opening.number, opening.entry_date, opening.journal_code) == (1, date(2027, 1, 1), "AN")
    assert (balances.balance(session, "411"), balances.balance(session, "512")) == before  # nothing counts twice
    with pytest.raises(Conflict, match="year_closed"):
        close_year(session, 2026, actor=NADIA, clock=CLOCK)


def test_the_result_waits_for_its_vote_and_is_brought_forward_with_it(session: Session):
    ensure_chart(session)
    write(session, date(2025, 5, 1), ("512", 10000), ("706", -10000))
    close_year(session, 2025, actor=NADIA, clock=CLOCK)
    write(session, date(2026, 6, 1), ("120", 10000), ("1068", -10000))  # the assembly's vote
    write(session, date(2026, 7, 1), ("641", 3000), ("512", -3000))
    opening = close_year(session, 2026, actor=NADIA, clock=CLOCK)
    assert carried(opening) == {("1068", None): -10000, ("129", None): 3000, ("512", None): 7000}


def test_a_payment_of_the_next_year_letters_the_invoice_itself(session: Session):
    sale = a_sale_entry(session, 30000, number="FA2026-00001", day=date(2026, 12, 3))
    close_year(session, 2026, actor=NADIA, clock=CLOCK)
    a_transfer_entry(session, 30000, match_ref="FA2026-00001")
    assert sale.lines[0].lettering is not None
    assert balances.balance(session, "411") == Money(0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(
    st.lists(
        st.tuples(st.sampled_from(PLAIN), st.sampled_from(PLAIN), st.integers(1, 10**7), st.sampled_from([2025, 2026])),
        min_size=1,
        max_size=12,
    )
)
def test_any_books_open_on_what_they_closed_with(session: Session, moves):
    with session.begin_nested() as undone:
        ensure_chart(session)
        oracle: dict[str, int] = {}
        for n, (left, right, cents, year) in enumerate(moves):
            if left == right:
                continue
            write(session, date(year, 3, 1), (left, cents), (right, -cents), dedup=str(n))
            for code, amount in ((left, cents), (right, -cents)):
                kept = "result" if code[0] in "67" or code in {"120", "129"} else code
                oracle[kept] = oracle.get(kept, 0) + amount
        openings = [
            close_year(session, year, actor=NADIA, clock=CLOCK)
            for year in (2025, 2026)
            if any(each[3] == year and each[0] != each[1] for each in moves)
        ]
        last = openings[-1] if openings else None
        got = {
            ("result" if code in {"120", "129"} else code): v
            for (code, _), v in (carried(last) if last else {}).items()
        }
        assert got == {code: cents for code, cents in oracle.items() if cents}
        undone.rollback()


# --- from association to cooperative --------------------------------------------------------------------------------


def test_the_associations_funds_are_frozen_the_day_it_becomes_a_cooperative(session: Session):
    ensure_chart(session)
    write(session, date(2026, 1, 5), ("512", 90000), ("102", -60000), ("1068", -40000), ("119", 10000))
    change = legal_form.become(session, BooksForm.SCIC, date(2027, 1, 4), actor=NADIA, clock=CLOCK)
    assert balances.balance(session, "10688") == Money(-90000)
    assert balances.balance(session, "102") == Money(0)
    assert (change.form, legal_form.form_on(session, date(2027, 1, 3))) == (BooksForm.SCIC, BooksForm.ASSOCIATION)
    assert legal_form.form_on(session, date(2027, 1, 4)) is BooksForm.SCIC
    with pytest.raises(InvalidInput, match="ledger_account_closed"):
        write(session, date(2027, 1, 5), ("512", 100), ("102", -100))
    with pytest.raises(InvalidInput, match="ledger_account_closed"):
        write(session, date(2027, 1, 3), ("512", 100), ("1013", -100))
    write(session, date(2027, 1, 5), ("512", 100), ("1013", -100))
    with pytest.raises(DBAPIError, match="never taken out"), session.begin_nested():
        write(session, date(2027, 1, 5), ("10688", 100), ("1013", -100))
    for attempt in ("UPDATE ledger_account SET frozen = false", "DELETE FROM ledger_account WHERE frozen"):
        with pytest.raises(DBAPIError, match="frozen by law"), session.begin_nested():
            session.execute(text(attempt))


def test_the_form_changes_forward_on_a_day_that_is_open(session: Session):
    ensure_chart(session)
    with pytest.raises(InvalidInput, match="form_same"):
        legal_form.become(session, BooksForm.ASSOCIATION, date(2027, 1, 4), actor=NADIA, clock=CLOCK)
    with pytest.raises(InvalidInput, match="form_day"):
        legal_form.become(session, BooksForm.SCIC, date(2027, 6, 1), actor=NADIA, clock=CLOCK)
    legal_form.become(session, BooksForm.SCIC, date(2027, 1, 4), actor=NADIA, clock=CLOCK)
    with pytest.raises(InvalidInput, match="form_backwards"):
        legal_form.become(session, BooksForm.ASSOCIATION, date(2027, 1, 5), actor=NADIA, clock=CLOCK)
    with pytest.raises(Conflict, match="form_later"):
        legal_form.become(session, BooksForm.SCOP, date(2027, 1, 2), actor=NADIA, clock=CLOCK)
    legal_form.become(session, BooksForm.SCOP, date(2027, 1, 6), actor=NADIA, clock=CLOCK)
    assert [change.form for change in legal_form.changes(session)] == [BooksForm.SCIC, BooksForm.SCOP]
    assert session.get(LedgerAccount, "10688").frozen
