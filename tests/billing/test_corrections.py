"""A payment on the wrong invoice: its opposite is written, once, with a reason; a surplus moves; the books balance."""

import random
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.audit.models import AuditEntry
from entrepairs.billing.corrections import move_surplus, open_invoices_beside, reverse_settlement, reversible
from entrepairs.billing.credit_notes import credit_invoice
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice, Settlement, SettlementKind
from entrepairs.billing.payments import balance_of, record_refund, record_transfer, write_settlement
from entrepairs.billing.queries import view_of
from entrepairs.billing.states import ShownState
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, DomainError, InvalidInput, NotFound
from entrepairs.kernel.money import Money
from entrepairs.ledger import balances
from entrepairs.ledger.models import Entry, EntryLine
from tests.factories.billing import OFFICE, a_client, a_draft_invoice, an_issued_invoice, later

TODAY = later().today()
FULL = Money(256000)
NEXT_WEEK = FixedClock(later().now() + timedelta(days=7))


def paid(
    session: Session, invoice: Invoice, amount: Money = FULL, *, keep: bool = False, ref: str = "VIR 1"
) -> Settlement:
    return record_transfer(
        session, invoice.ref, amount, TODAY, reference=ref, keep_surplus=keep, clock=later(), actor=OFFICE
    )


def reverse(session: Session, row: Settlement, reason: str = "Virement d'une autre structure") -> Settlement:
    return reverse_settlement(session, row.invoice.ref, row.ref, reason=reason, clock=NEXT_WEEK, actor=OFFICE)


def refused(work: Any) -> str:
    with pytest.raises(DomainError) as refusal:
        work()
    return refusal.value.code


def two_invoices(session: Session) -> tuple[Invoice, Invoice]:
    """Two issued invoices of one clinic, 2 560 € each."""
    partner = a_client(session)
    first, second = (a_draft_invoice(session, partner) for _ in range(2))
    return tuple(issue_invoice(session, one.ref, clock=later(), actor=OFFICE) for one in (first, second))  # type: ignore[return-value]


def test_a_transfer_on_the_wrong_invoice_is_undone_by_its_opposite_and_recorded_on_the_right_one(session: Session):
    wrong, right = an_issued_invoice(session), an_issued_invoice(session)
    row = paid(session, wrong)
    undone = reverse(session, row)
    assert (undone.kind, undone.cents, undone.counterpart, undone.received_on) == (
        SettlementKind.REVERSAL,
        -256000,
        row,
        NEXT_WEEK.today(),
    )
    assert (row.cents, row.kind) == (256000, SettlementKind.TRANSFER), "what was written stays"
    assert balance_of(session, wrong) == FULL
    assert view_of(session, wrong, TODAY).shown is ShownState.ISSUED
    paid(session, right)
    assert balance_of(session, right) == Money(0)
    assert balances.balance(session, "512") == FULL
    assert balances.balance(session, "411") == FULL


def test_what_the_payers_bank_withdrew_does_not_keep_a_mistaken_transfer_in_place(session: Session):
    invoice = an_issued_invoice(session)
    paid(session, invoice, FULL + Money(50000), keep=True)
    record_refund(session, invoice.ref, Money(50000), TODAY, clock=later(), actor=OFFICE)
    write_settlement(
        session,
        invoice,
        SettlementKind.DISPUTED,
        Money(-306000),
        TODAY,
        reference="",
        dedup="dispute:1",
        clock=later(),
        actor=OFFICE,
    )
    wrong = paid(session, invoice, Money(1100), ref="VIR 2")
    reverse(session, wrong)
    assert balance_of(session, invoice) == FULL + Money(50000)


def test_the_entry_that_undoes_is_balanced_dated_its_own_day_and_mirrors_the_first(session: Session):
    row = paid(session, an_issued_invoice(session))
    reverse(session, row)
    first, second = session.scalars(select(Entry).where(Entry.label.like("%VIR 1%")).order_by(Entry.id)).all()
    assert (first.entry_date, second.entry_date) == (TODAY, NEXT_WEEK.today())
    assert "Annulation" in second.label
    told = [{(line.account_code, line.debit, line.credit) for line in entry.lines} for entry in (first, second)]
    assert told[1] == {(account, credit, debit) for account, debit, credit in told[0]}


def test_it_leaves_two_traces_with_who_and_why(session: Session):
    row = paid(session, an_issued_invoice(session))
    undone = reverse(session, row, "  Virement de  l'EPSM ")
    assert (undone.reason, undone.recorded_by) == ("Virement de l'EPSM", OFFICE.label)
    session.flush()
    (trace,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "settlement.reverse")).all()
    assert trace.subject_ref == row.ref


def test_it_is_undone_once_and_only_by_hand_and_with_a_reason(session: Session):
    invoice = an_issued_invoice(session)
    row = paid(session, invoice)
    assert refused(lambda: reverse(session, row, "   ")) == "reason_missing"
    assert refused(lambda: reverse(session, row, "x" * 201)) == "reason_long"
    assert reversible(session, invoice) == {row.id}
    undone = reverse(session, row)
    assert refused(lambda: reverse(session, row)) == "reversed_already"
    assert refused(lambda: reverse(session, undone)) == "not_by_hand"
    assert reversible(session, invoice) == frozenset()


def test_the_same_transfer_may_be_recorded_again_once_undone(session: Session):
    invoice = an_issued_invoice(session)
    first = paid(session, invoice)
    assert paid(session, invoice) is first
    reverse(session, first)
    again = paid(session, invoice)
    assert again is not first
    assert paid(session, invoice) is again
    assert balance_of(session, invoice) == Money(0)


def test_a_refund_recorded_by_mistake_is_undone_too(session: Session):
    invoice = an_issued_invoice(session)
    paid(session, invoice, Money(300000), keep=True)
    back = record_refund(session, invoice.ref, Money(44000), TODAY, clock=later(), actor=OFFICE)
    reverse(session, back)
    assert balance_of(session, invoice) == Money(-44000) == balances.balance(session, "411")


def test_money_given_back_since_must_be_undone_first(session: Session):
    invoice = an_issued_invoice(session)
    row = paid(session, invoice, Money(300000), keep=True)
    back = record_refund(session, invoice.ref, Money(44000), TODAY, clock=later(), actor=OFFICE)
    assert refused(lambda: reverse(session, row)) == "money_gone_since"
    reverse(session, back)
    reverse(session, row)
    assert balance_of(session, invoice) == FULL


def test_a_payment_of_another_invoice_and_a_draft_find_nothing(session: Session):
    one, other = an_issued_invoice(session), an_issued_invoice(session)
    row = paid(session, one)
    for ref in (other.ref, "FAC-2222-2222"):
        with pytest.raises(NotFound):
            reverse_settlement(session, ref, row.ref, reason="Erreur", clock=NEXT_WEEK, actor=OFFICE)
    draft = a_draft_invoice(session)
    with pytest.raises(Conflict):
        reverse_settlement(session, draft.ref, row.ref, reason="Erreur", clock=NEXT_WEEK, actor=OFFICE)


def moved(session: Session, source: Invoice, target: Invoice, amount: Money, dedup: str = "un") -> Settlement:
    return move_surplus(
        session, source.ref, target.ref, amount, reason="Payé deux fois", dedup=dedup, clock=NEXT_WEEK, actor=OFFICE
    )[1]


def test_a_surplus_moves_to_another_invoice_of_the_structure_without_any_money_moving(session: Session):
    source, target = two_invoices(session)
    paid(session, source, Money(300000), keep=True)
    assert open_invoices_beside(session, source) == [target]
    bank = balances.balance(session, "512")
    moved(session, source, target, Money(44000))
    assert (balance_of(session, source), balance_of(session, target)) == (Money(0), Money(212000))
    assert view_of(session, target, TODAY).shown is ShownState.PART_PAID
    assert balances.balance(session, "512") == bank
    assert balances.balance(session, "411") == Money(212000)
    (entry,) = session.scalars(select(Entry).where(Entry.label.like("Report du%"))).all()
    assert sorted((line.account_code, line.debit, line.credit) for line in entry.lines) == [
        ("411", 0, 44000),
        ("411", 44000, 0),
    ]


def test_only_the_surplus_and_only_what_is_owed_can_move_and_only_within_a_structure(session: Session):
    source, target = two_invoices(session)
    assert refused(lambda: moved(session, source, target, Money(1))) == "surplus_too_small"
    paid(session, source, Money(556000), keep=True)
    assert refused(lambda: moved(session, source, target, Money(0))) == "amount_not_positive"
    assert refused(lambda: moved(session, source, target, Money(256001))) == "more_than_owed"
    assert refused(lambda: moved(session, source, an_issued_invoice(session), Money(1))) == "other_structure"
    assert refused(lambda: moved(session, source, source, Money(1))) == "other_structure"


def test_the_same_gesture_moves_once(session: Session):
    source, target = two_invoices(session)
    paid(session, source, Money(300000), keep=True)
    first = moved(session, source, target, Money(10000))
    assert moved(session, source, target, Money(10000)) is first
    assert moved(session, source, target, Money(10000), "deux") is not first
    assert balance_of(session, source) == Money(-24000)


def test_a_transfer_whose_surplus_has_moved_can_not_be_undone_under_it(session: Session):
    source, target = two_invoices(session)
    row = paid(session, source, Money(300000), keep=True)
    moved(session, source, target, Money(44000))
    assert refused(lambda: reverse(session, row)) == "money_gone_since"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE settlement SET cents = cents - 1",
        "UPDATE settlement SET reason = 'autre'",
        "UPDATE settlement SET counterpart_id = NULL",
        "DELETE FROM settlement WHERE kind = 'transfer'",
        "DELETE FROM settlement WHERE kind = 'reversal'",
    ],
)
def test_the_database_refuses_to_change_the_mistake_or_its_opposite(session: Session, statement: str):
    reverse(session, paid(session, an_issued_invoice(session)))
    session.flush()
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text(statement))


def test_whatever_is_recorded_undone_and_moved_the_ledger_says_what_is_due(session: Session, proof: Any):
    pair = two_invoices(session)
    for example in range(proof.size(6, 200)):
        draw = proof.random("corrections", example)
        with session.begin_nested() as nested:
            for step in range(12):
                _one_step(session, draw, pair, step)
            due = sum(balance_of(session, one).cents for one in pair)
            assert balances.balance(session, "411") == Money(due)
            for one in pair:
                assert view_of(session, one, TODAY).balance == balance_of(session, one)
            sums = select(func.sum(EntryLine.debit) - func.sum(EntryLine.credit))
            assert session.scalar(sums) == 0
            nested.rollback()


def _one_step(session: Session, draw: random.Random, pair: tuple[Invoice, Invoice], step: int) -> None:
    one, other = draw.sample(pair, 2)
    amount = Money(draw.randrange(1, 300000))
    rows = session.scalars(select(Settlement).where(Settlement.invoice_id == one.id)).all()
    try:
        match draw.choice(["pay", "back", "undo", "move", "credit"]):
            case "pay":
                paid(session, one, amount, keep=draw.random() < 0.5, ref=f"V{step}")
            case "back":
                record_refund(session, one.ref, amount, TODAY, reference=f"R{step}", clock=later(), actor=OFFICE)
            case "undo" if rows:
                reverse(session, draw.choice(rows))
            case "move":
                moved(session, one, other, amount, f"{step}")
            case "credit":
                credit_invoice(
                    session, one.ref, reason="Erreur", positions=[draw.randrange(1, 9)], clock=later(), actor=OFFICE
                )
    except (Conflict, InvalidInput):
        pass


@pytest.mark.race
def test_a_transfer_undone_twice_in_the_same_instant_is_undone_once(fresh_database: Any):
    with fresh_database.session() as setup:
        row = paid(setup, an_issued_invoice(setup))
        names = (row.invoice.ref, row.ref)
        setup.commit()
    ends = at_once(
        fresh_database,
        [lambda own: reverse_settlement(own, *names, reason="Erreur", clock=NEXT_WEEK, actor=OFFICE)] * 4,
    )
    assert ends == ["done"] + ["reversed_already"] * 3


@pytest.mark.race
def test_two_surpluses_crossing_in_the_same_instant_do_not_lock_each_other(fresh_database: Any):
    with fresh_database.session() as setup:
        source, target = two_invoices(setup)
        paid(setup, source, Money(300000), keep=True)
        refs = (source.ref, target.ref)
        setup.commit()

    def cross(first: str, second: str) -> Any:
        return lambda own: move_surplus(
            own, first, second, Money(44000), reason="Erreur", dedup="x", clock=NEXT_WEEK, actor=OFFICE
        )

    ends = at_once(fresh_database, [cross(*refs), cross(*reversed(refs))])
    assert "done" in ends
    assert set(ends) <= {"done", "surplus_too_small", "more_than_owed"}


def at_once(database: Any, works: list[Any]) -> list[str]:
    """How each of simultaneous attempts ended, on connections of their own."""
    barrier, ends = threading.Barrier(len(works)), []

    def run(work: Any) -> None:
        with database.session() as own:
            barrier.wait()
            try:
                work(own)
                own.commit()
                ends.append("done")
            except DomainError as refusal:
                own.rollback()
                ends.append(refusal.code)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(ends)
