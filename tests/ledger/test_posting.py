"""Entries: balanced, numbered without a gap, posted once, frozen by the database."""

import threading
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.money import Money
from entrepairs.ledger import balances, rules
from entrepairs.ledger.chart import ACCOUNTS, ensure_chart
from entrepairs.ledger.models import Entry, EntryState
from entrepairs.ledger.posting import Posting, post
from entrepairs.ledger.years import open_exercise_of
from tests.factories.ledger import a_transfer_entry

amounts = st.integers(min_value=1, max_value=10**9)


@given(st.lists(amounts, min_size=1, max_size=8))
def test_any_split_of_a_sum_balances(parts):
    lines = [Posting("411", debit=Money(sum(parts)), aux_code="A", aux_label="A")]
    lines += [Posting("706", credit=Money(part)) for part in parts]
    rules.ensure_balanced(lines)
    rules.ensure_balanced([line.mirrored() for line in lines])


@given(st.lists(amounts, min_size=1, max_size=8), st.integers(min_value=-(10**6), max_value=10**6).filter(bool))
def test_a_cent_astray_is_refused(parts, astray):
    lines = [Posting("512", debit=Money(sum(parts)))] + [Posting("706", credit=Money(part)) for part in parts]
    lines[0] = Posting("512", debit=Money(abs(sum(parts) + astray) or sum(parts) + 1))
    with pytest.raises(InvalidInput, match="entry_unbalanced"):
        rules.ensure_balanced(lines)


def test_a_line_has_one_side_only():
    with pytest.raises(InvalidInput, match="entry_lines"):
        rules.ensure_balanced([Posting("512", debit=Money(5), credit=Money(5)), Posting("706", credit=Money(5))])


def test_labels_lose_what_the_tax_file_can_not_hold():
    assert rules.writable("Facture\tdu|CH\r\nde X ", 40) == "Facture du CH de X"


def test_every_account_starts_with_three_digits():
    assert all(account.code[:3].isdigit() and len(account.code) >= 3 for account in ACCOUNTS)


def test_the_chart_may_be_written_twice(session: Session):
    ensure_chart(session)
    ensure_chart(session)


def test_numbers_follow_each_other_by_year(session: Session):
    one = a_transfer_entry(session, dedup="a")
    two = a_transfer_entry(session, dedup="b")
    other_year = a_transfer_entry(session, dedup="c", day=date(2026, 12, 31))
    assert (one.number, two.number, other_year.number) == (1, 2, 1)
    assert one.state is EntryState.VALIDATED
    assert one.lines[1].axes[0].value.code == "13"


def test_the_same_fact_is_posted_once(session: Session):
    assert a_transfer_entry(session, 500, dedup="same") is a_transfer_entry(session, 900, dedup="same")
    assert balances.balance(session, "512") == Money(500)


def test_an_unknown_account_or_a_missing_third_party_is_refused(session: Session):
    ensure_chart(session)
    with pytest.raises(InvalidInput, match="ledger_account"):
        _post(session, [Posting("999", debit=Money(1)), Posting("706", credit=Money(1))])
    with pytest.raises(InvalidInput, match="entry_third_party"):
        _post(session, [Posting("411", debit=Money(1)), Posting("706", credit=Money(1))])


def test_balances_by_account_third_party_and_month(session: Session):
    a_transfer_entry(session, 12345, dedup="a")
    a_transfer_entry(session, 100, dedup="b")
    assert balances.balance(session, "411", aux_code="STR-TEST-TEST") == Money(-12445)
    (client,) = balances.third_parties(session, "411")
    assert client.balance == Money(-12445)
    rows = balances.trial_balance(session)
    assert sum(row.debit.cents for row in rows) == sum(row.credit.cents for row in rows) == 12445
    assert balances.monthly(session, ["411"], since=date(2027, 1, 1), until=date(2027, 1, 31)) == {
        date(2027, 1, 1): Money(12445)
    }


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET label = 'autre'",
        "DELETE FROM entry",
        "UPDATE entry_line SET debit = debit + 1 WHERE debit > 0",
        "DELETE FROM entry_line",
        (
            "INSERT INTO entry_line (entry_id, account_code, label, debit, credit, carried) "
            "SELECT id, '512', 'x', 1, 0, false FROM entry"
        ),
        "UPDATE entry SET number = number + 1",
        "UPDATE entry SET state = 'draft', number = NULL",
        "UPDATE entry_line SET counted_on = counted_on + 1",
        "DELETE FROM line_axis",
        "UPDATE line_axis SET line_id = line_id",
        "TRUNCATE entry, entry_line, line_axis",
    ],
)
def test_the_database_refuses_to_touch_a_validated_entry(session: Session, statement: str):
    a_transfer_entry(session)
    with pytest.raises(DBAPIError, match=r"validated entry|is validated|permission denied"), session.begin_nested():
        session.execute(text(statement))


def test_the_database_refuses_an_unbalanced_entry_at_commit(fresh_database):
    with fresh_database.session() as session:
        ensure_chart(session)
        open_exercise_of(session, date(2027, 1, 11))
        session.commit()
        session.execute(
            text(
                "INSERT INTO entry (journal_code, fiscal_year, entry_date, piece_ref, piece_date, label, state, dedup_key, "
                "created_at) VALUES ('OD', 2027, '2027-01-11', 'X', '2027-01-11', 'X', 'draft', 'x', now())"
            )
        )
        session.execute(
            text(
                "INSERT INTO entry_line (entry_id, account_code, label, debit, credit, carried) "
                "SELECT id, '512', 'x', 1, 0, false FROM entry"
            )
        )
        with pytest.raises(IntegrityError, match="does not balance"):
            session.commit()


@pytest.mark.race
def test_entries_posted_in_the_same_instant_have_continuous_numbers(fresh_database, proof):
    with fresh_database.session() as session:
        ensure_chart(session)
        session.commit()
    workers, each = 4, proof.size(5, 100)
    barrier = threading.Barrier(workers)
    failures: list[BaseException] = []

    def work(worker: int) -> None:
        try:
            barrier.wait()
            for n in range(each):
                with fresh_database.session() as own:
                    a_transfer_entry(own, dedup=f"{worker}:{n}")
                    own.commit() if n % 3 else own.rollback()
        except BaseException as error:  # noqa: BLE001 - told by the main thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with fresh_database.session() as session:
        numbers = list(session.scalars(select(Entry.number).order_by(Entry.number)))
    assert numbers == list(range(1, len(numbers) + 1))


def _post(session: Session, lines: list[Posting]) -> Entry:
    clock = FixedClock()
    return post(session, "OD", clock.today(), "X", "X", lines, dedup="x", clock=clock)
