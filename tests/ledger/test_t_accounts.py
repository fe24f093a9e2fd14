"""The T of an account: both sides level whatever moved, and its months are those of the books."""

from datetime import date, time

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.dates import at_paris
from entrepairs.kernel.money import Money
from entrepairs.ledger.openings import close_year
from entrepairs.ledger.reports import account_page
from entrepairs.ledger.t_accounts import Month, Side, months_of, t_account
from entrepairs.web.t_pictures import HALF, t_picture
from tests.factories.billing import OFFICE, an_issued_invoice

CENTS = st.integers(0, 10**9).map(Money)


@given(
    st.integers(-(10**9), 10**9).map(Money),
    st.lists(st.tuples(CENTS, CENTS), max_size=12),
)
def test_both_sides_level(opening: Money, moved: list[tuple[Money, Money]]) -> None:
    months = tuple(Month(date(2027, at + 1, 1), *one) for at, one in enumerate(moved))
    found = t_account(opening, months)
    assert found.side(Side.DEBIT) == found.side(Side.CREDIT) == found.total
    assert (found.opening is None) == (not opening)


def test_the_months_of_an_account_end_on_its_balance(session: Session, app) -> None:
    invoice = an_issued_invoice(session)
    since, until = date(2027, 1, 1), date(2027, 12, 31)
    page = account_page(session, "411", since, until)
    months = months_of(session, "411", since, until)
    assert [(one.first, one.debit, one.credit) for one in months] == [
        (date(2027, 4, 1), Money(invoice.gross), Money(0))
    ]
    found = t_account(page.opening, months)
    assert found.closing == (Side.CREDIT, page.closing)
    assert months_of(session, "411", since, until, aux_code="STR-NONE") == ()
    with app.test_request_context():
        picture = t_picture(found)
    assert [(row.debit, row.credit, row.balance) for row in picture.rows] == [
        (page.closing, None, False),
        (None, page.closing, True),
    ]
    assert picture.rows[0].debit_width == HALF


def test_what_a_year_carries_is_before_it_and_moves_nothing(session: Session) -> None:
    invoice = an_issued_invoice(session)
    close_year(session, 2027, actor=OFFICE, clock=FixedClock(at_paris(date(2028, 1, 10), time(9))))
    since, until = date(2028, 1, 1), date(2028, 12, 31)
    page = account_page(session, "411", since, until)
    assert page.opening == Money(invoice.gross)
    assert months_of(session, "411", since, until) == ()
    assert t_account(page.opening, ()).closing == (Side.CREDIT, page.closing)
