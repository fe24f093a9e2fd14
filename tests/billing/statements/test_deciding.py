"""Importing and deciding on PostgreSQL: each movement once, each payment once, undone with the payment; the books balance."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.billing.corrections import reverse_settlement
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice, Settlement
from entrepairs.billing.payments import balance_of, record_transfer
from entrepairs.billing.statements import deciding
from entrepairs.billing.statements.importing import Imported, import_file
from entrepairs.billing.statements.models import BankStatement, LineSettlement, StatementLine
from entrepairs.billing.statements.queries import LineState, LineView, statements, views_of
from entrepairs.kernel.errors import DomainError
from entrepairs.kernel.money import Money
from entrepairs.ledger import balances
from tests.billing.statements.bank_files import PAYER, box, camt, details, entry, record, signed, statement
from tests.factories.billing import IBAN, OFFICE, a_client, a_draft_invoice, an_issued_invoice, later, the_association

TODAY = later().today()
FULL = Money(256000)
DAY = TODAY.isoformat()


def movement(cents: int, label: str = "VIREMENT", *, day: str = DAY, name: str = "", iban: str = "") -> str:
    amount, sign = f"{abs(cents) / 100:.2f}", "CRDT" if cents > 0 else "DBIT"
    return entry(amount, sign, day=day, inside=box(details(name=name, text=label, iban=iban)))


def a_file(*moves: tuple[int, str], day: str = DAY, name: str = "", iban: str = "", version: str = "08") -> bytes:
    closing = f"{1000 + sum(cents for cents, _ in moves) / 100:.2f}"
    rows = [movement(cents, label, day=day, name=name, iban=iban) for cents, label in moves]
    return camt(statement(*rows, closing=closing, account=IBAN), version=version)


def take(session: Session, content: bytes) -> Imported:
    the_association(session)
    return import_file(session, content, clock=later(), actor=OFFICE)


def views(session: Session) -> list[LineView]:
    return views_of(session, session.scalars(select(StatementLine).order_by(StatementLine.id)).all(), TODAY)


def view(session: Session) -> LineView:
    (one,) = views(session)
    return one


def confirm(session: Session, line: StatementLine, parts: dict[str, Money], *, keep: bool = False):
    return deciding.confirm_line(session, line.ref, parts, keep_surplus=keep, clock=later(), actor=OFFICE)


def refused(work) -> str:
    with pytest.raises(DomainError) as refusal:
        work()
    return refusal.value.code


def rows(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_same_file_or_a_longer_one_adds_only_what_is_new(session: Session):
    assert take(session, a_file((500, "A"), (500, "A"), (-700, "LOYER"))).added == 3
    again = take(session, a_file((500, "A"), (500, "A"), (-700, "LOYER"), version="02"))
    assert (again.added, again.known, again.statements) == (0, 3, ())
    longer = take(session, a_file((500, "A"), (500, "A"), (-700, "LOYER"), (900, "B")))
    assert (longer.added, longer.known) == (1, 3)
    assert rows(session, StatementLine) == 4
    assert [(one.lines, one.waiting) for one in statements(session)] == [(1, 1), (3, 2)]


def test_a_wrong_statement_in_the_file_imports_nothing(session: Session):
    good = statement(movement(500), closing="1005.00", account=IBAN)
    bad = statement(movement(500), closing="9.00", account=IBAN)
    assert refused(lambda: take(session, camt(good, bad))) == "balances_differ"
    assert rows(session, BankStatement) == 0


def test_another_account_is_asked_about_once_and_another_kind_of_file_for_the_same_days_is_refused(session: Session):
    the_association(session)
    other = camt(statement(movement(500), closing="1005.00", account=PAYER))
    assert refused(lambda: take(session, other)) == "another_account"
    import_file(session, other, other_account=True, clock=later(), actor=OFFICE)
    assert take(session, other).added == 0
    take(session, a_file((500, "A")))
    csv = f"Date;Libellé;Montant\n{TODAY:%d/%m/%Y};A;5,00\n".encode()
    assert refused(lambda: take(session, csv)) == "other_format"
    next_day = b"Date;Libell\xc3\xa9;Montant\n01/04/2027;A;5,00\n"
    assert take(session, next_day).added == 1


def test_what_is_paid_out_keeps_no_name(session: Session):
    take(session, a_file((-5000, "SALAIRE DE MARS"), name="Alice Essai", iban=PAYER))
    line = view(session).line
    assert (line.label, line.counterparty, line.counterparty_iban, view(session).state) == ("", "", "", LineState.OUT)


def test_number_amount_and_payer_together_are_recorded_at_import_and_nothing_less_is(session: Session):
    invoice = an_issued_invoice(session)
    name = invoice.buyer["name"]
    assert take(session, a_file((256000, "facture de mars"), name=name)).by_itself == 0
    done = take(session, a_file((256000, f"reglement {invoice.number}"), name=name))
    assert done.by_itself == 1
    first, second = views(session)
    assert (first.state, second.state, second.by_itself) == (LineState.WAITING, LineState.MATCHED, True)
    assert balance_of(session, invoice) == Money(0)
    assert (balances.balance(session, "512"), balances.balance(session, "411")) == (FULL, Money(0))


def test_a_confirmed_line_is_one_payment_dated_by_the_bank_however_often_it_is_confirmed(session: Session):
    invoice = an_issued_invoice(session)
    take(session, a_file((256000, f"{invoice.number}"), name="DRFIP", iban=PAYER))
    one = view(session)
    parts = {part.ref: Money(part.cents) for part in one.proposals[0].parts}
    assert parts == {invoice.ref: FULL}
    (first,) = confirm(session, one.line, parts)
    (second,) = confirm(session, one.line, parts)
    assert first is second
    assert (first.received_on, first.cents, rows(session, Settlement)) == (TODAY, 256000, 1)
    assert refused(lambda: confirm(session, one.line, {invoice.ref: Money(1)})) == "line_matched"
    assert (
        refused(lambda: deciding.set_aside(session, one.line.ref, reason="don", clock=later(), actor=OFFICE))
        == "line_matched"
    )


def test_the_account_that_paid_once_is_known_next_time(session: Session):
    partner = a_client(session)
    drafts = [a_draft_invoice(session, partner) for _ in range(2)]
    first, second = (issue_invoice(session, one.ref, clock=later(), actor=OFFICE) for one in drafts)
    take(session, a_file((256000, f"{first.number}"), name="DRFIP", iban=PAYER))
    confirm(session, view(session).line, {first.ref: FULL})
    assert take(session, a_file((256000, f"{second.number}"), name="DRFIP", iban=PAYER)).by_itself == 1


def test_one_transfer_for_two_invoices_is_proposed_and_recorded_on_each(session: Session):
    partner = a_client(session)
    drafts = [a_draft_invoice(session, partner) for _ in range(2)]
    both = [issue_invoice(session, one.ref, clock=later(), actor=OFFICE) for one in drafts]
    take(session, a_file((512000, "reglement global"), name=both[0].buyer["name"]))
    parts = {part.ref: Money(part.cents) for part in view(session).proposals[0].parts}
    assert parts == {one.ref: FULL for one in both}
    confirm(session, view(session).line, parts)
    assert [balance_of(session, one) for one in both] == [Money(0), Money(0)]
    assert balances.balance(session, "512") == FULL + FULL


def test_a_payment_undone_leaves_the_line_waiting_and_it_may_be_recorded_again(session: Session):
    right, wrong = an_issued_invoice(session), an_issued_invoice(session)
    take(session, a_file((256000, "VIR")))
    line = view(session).line
    (payment,) = confirm(session, line, {wrong.ref: FULL})
    reverse_settlement(session, wrong.ref, payment.ref, reason="Autre structure", clock=later(), actor=OFFICE)
    assert view(session).state is LineState.WAITING
    confirm(session, line, {right.ref: FULL})
    assert (balance_of(session, wrong), balance_of(session, right)) == (FULL, Money(0))
    assert balances.balance(session, "512") == FULL


def test_too_much_is_kept_only_when_it_is_said(session: Session):
    invoice = an_issued_invoice(session)
    take(session, a_file((300000, f"{invoice.number}")))
    line = view(session).line
    assert refused(lambda: confirm(session, line, {invoice.ref: Money(300000)})) == "over_payment"
    assert refused(lambda: confirm(session, line, {invoice.ref: FULL})) == "parts_differ"
    confirm(session, line, {invoice.ref: Money(300000)}, keep=True)
    assert balance_of(session, invoice) == Money(-44000)


def test_a_transfer_typed_before_is_found_and_not_recorded_twice(session: Session):
    invoice = an_issued_invoice(session)
    typed = record_transfer(session, invoice.ref, FULL, TODAY, reference="VIR 1", clock=later(), actor=OFFICE)
    take(session, a_file((256000, f"{invoice.number}")))
    one = view(session)
    assert list(one.typed) == [typed]
    for _ in range(2):
        assert deciding.link_recorded(session, one.line.ref, typed.ref, clock=later(), actor=OFFICE) is typed
    assert (view(session).state, rows(session, Settlement)) == (LineState.MATCHED, 1)


def test_a_line_put_aside_says_why_waits_no_more_and_may_be_taken_back(session: Session):
    invoice = an_issued_invoice(session)
    take(session, a_file((256000, "COTISATION")))
    line = view(session).line
    aside = lambda why: deciding.set_aside(session, line.ref, reason=why, clock=later(), actor=OFFICE)  # noqa: E731
    assert refused(lambda: aside("  ")) == "reason_missing"
    assert aside("Cotisations").aside_why == "Cotisations" == aside("Autre chose").aside_why
    assert view(session).state is LineState.ASIDE
    assert refused(lambda: confirm(session, line, {invoice.ref: FULL})) == "line_aside"
    deciding.take_back(session, line.ref, clock=later(), actor=OFFICE)
    assert view(session).state is LineState.WAITING


def test_money_that_went_out_pays_nothing(session: Session):
    invoice = an_issued_invoice(session)
    take(session, a_file((-500, "FRAIS")))
    assert refused(lambda: confirm(session, view(session).line, {invoice.ref: Money(-500)})) == "not_a_credit"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE statement_line SET cents = cents + 1",
        "UPDATE statement_line SET label = 'autre'",
        "DELETE FROM statement_line",
        "UPDATE bank_statement SET closing = 0",
        "DELETE FROM line_settlement",
        "TRUNCATE bank_statement CASCADE",
        (
            "INSERT INTO line_settlement (line_id, settlement_id, by_itself, created_at) SELECT l.id, s.id, false, now() "
            "FROM statement_line l, settlement s WHERE s.id NOT IN (SELECT settlement_id FROM line_settlement)"
        ),
    ],
)
def test_the_database_refuses_to_change_what_the_bank_said_or_to_record_a_line_twice(session: Session, change: str):
    invoice = an_issued_invoice(session)
    take(session, a_file((256000, f"{invoice.number}")))
    confirm(session, view(session).line, {invoice.ref: FULL})
    record_transfer(session, invoice.ref, Money(1), TODAY, keep_surplus=True, clock=later(), actor=OFFICE)
    session.flush()
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text(change))


def test_a_cfonb_file_of_our_account_is_imported_too(session: Session):
    the_association(session)
    day = f"{date(2027, 3, 2):%d%m%y}"
    content = "\n".join(
        [record("01", amount=signed(0)), record("04", amount=signed(700), day=day), record("07", amount=signed(700))]
    ).encode()
    assert (take(session, content).added, rows(session, LineSettlement), rows(session, Invoice)) == (1, 0, 0)


def test_a_sure_payment_that_is_refused_waits_and_the_import_goes_on(session: Session):
    invoice = an_issued_invoice(session)
    early = (TODAY - timedelta(days=1)).isoformat()
    done = take(session, a_file((256000, f"{invoice.number}"), (500, "A"), day=early, name=invoice.buyer["name"]))
    assert (done.added, done.by_itself) == (2, 0), "booked before the invoice's date"
    assert {one.state for one in views(session)} == {LineState.WAITING}
    assert balance_of(session, invoice) == FULL
