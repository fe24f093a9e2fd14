"""Lettering: a piece and what pays it meet by themselves; the rest by hand; undone when wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.ledger.lettering import letter_by_hand, unletter
from entrepairs.ledger.models import EntryLine
from entrepairs.ledger.rules import lettering_code
from tests.factories.ledger import a_sale_entry, a_transfer_entry

CLOCK = FixedClock()
BY_HAND = Actor("nadia", "Nadia")


def client_line(entry) -> EntryLine:
    return next(line for line in entry.lines if line.account_code == "411")


def test_an_invoice_and_its_payment_get_the_same_letters(session: Session):
    sale = client_line(a_sale_entry(session, 10000))
    assert sale.lettering is None
    paid = client_line(a_transfer_entry(session, 10000, match_ref="FA2027-00001"))
    assert sale.lettering_id is not None
    assert sale.lettering is paid.lettering
    assert (paid.lettering.lettered_by, lettering_code(paid.lettering.ordinal)) == (None, "AA")


def test_a_part_payment_waits_for_the_rest(session: Session):
    sale = client_line(a_sale_entry(session, 10000))
    a_transfer_entry(session, 4000, match_ref="FA2027-00001", dedup="one")
    assert sale.lettering_id is None
    a_transfer_entry(session, 6000, match_ref="FA2027-00001", dedup="two")
    assert sale.lettering_id is not None


def test_two_clients_and_two_invoices_do_not_mix(session: Session):
    sale = client_line(a_sale_entry(session, 10000))
    a_transfer_entry(session, 10000, match_ref="FA2027-00002", dedup="other invoice")
    a_transfer_entry(session, 10000, match_ref="FA2027-00001", dedup="other client", aux="STR-AUTR-AUTR")
    assert sale.lettering_id is None


def test_by_hand_and_undone(session: Session):
    sale = client_line(a_sale_entry(session, 10000))
    paid = client_line(a_transfer_entry(session, 10000))
    lettering = letter_by_hand(session, [sale.id, paid.id], actor=BY_HAND, clock=CLOCK)
    assert (lettering.lettered_by, lettering.lettered_on) == ("Nadia", CLOCK.today())
    with pytest.raises(Conflict, match="lettering_taken"):
        letter_by_hand(session, [sale.id, paid.id], actor=BY_HAND, clock=CLOCK)
    gone = lettering.id
    unletter(session, gone, actor=BY_HAND, clock=CLOCK)
    assert (sale.lettering_id, paid.lettering_id) == (None, None)
    with pytest.raises(NotFound):
        unletter(session, gone, actor=BY_HAND, clock=CLOCK)


def test_by_hand_only_what_settles_and_is_one_clients(session: Session):
    sale = client_line(a_sale_entry(session, 10000))
    part = client_line(a_transfer_entry(session, 9999, dedup="part"))
    other = client_line(a_transfer_entry(session, 10000, dedup="other", aux="STR-AUTR-AUTR"))
    for ids, why in [
        ([sale.id], "lettering_lines"),
        ([sale.id, part.id], "lettering_unbalanced"),
        ([sale.id, other.id], "lettering_mixed"),
    ]:
        with pytest.raises(InvalidInput, match=why):
            letter_by_hand(session, ids, actor=BY_HAND, clock=CLOCK)
    with pytest.raises(NotFound):
        letter_by_hand(session, [sale.id, 10**9], actor=BY_HAND, clock=CLOCK)


def test_the_database_refuses_a_lettering_that_does_not_settle(session: Session):
    sale = client_line(a_sale_entry(session, 10000))
    a_transfer_entry(session, 10000, match_ref="FA2027-00001")
    session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    with pytest.raises(DBAPIError, match="does not settle"), session.begin_nested():
        session.execute(text("UPDATE entry_line SET lettering_id = NULL WHERE id = :id"), {"id": sale.id})


@given(st.integers(min_value=1, max_value=10**6))
def test_letters_never_repeat_and_grow(ordinal: int):
    one, two = lettering_code(ordinal), lettering_code(ordinal + 1)
    assert one != two
    assert (len(one), one) < (len(two), two)
    assert one.isalpha()
    assert len(one) >= 2


def test_the_first_letters():
    assert [lettering_code(n) for n in (1, 2, 26, 27, 676, 677)] == ["AA", "AB", "AZ", "BA", "ZZ", "AAA"]
