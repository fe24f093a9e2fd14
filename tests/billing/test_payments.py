"""Credit notes, transfers, refunds; and whatever happens, the ledger says what is due."""

import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.billing.credit_notes import credit_invoice, creditable_lines
from entrepairs.billing.drafting import draft_invoices
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice, InvoiceKind, Settlement
from entrepairs.billing.payments import balance_of, record_refund, record_transfer
from entrepairs.billing.queries import Totals, to_bill, totals, view_of
from entrepairs.billing.states import ShownState
from entrepairs.kernel.errors import Conflict, DomainError, InvalidInput
from entrepairs.kernel.money import Money
from entrepairs.ledger import balances
from tests.factories.billing import EXEMPT, OFFICE, a_client, a_demand_done, an_issued_invoice, later, the_association
from tests.factories.catalogue import an_offering

TODAY = later().today()


def test_a_transfer_pays_once_even_recorded_twice(session: Session):
    invoice = an_issued_invoice(session)
    for _ in range(2):
        record_transfer(session, invoice.ref, Money(256000), TODAY, reference="VIR 1", clock=later(), actor=OFFICE)
    view = view_of(session, invoice, TODAY)
    assert (view.shown, view.balance) == (ShownState.PAID, Money(0))
    assert balances.balance(session, "411") == Money(0)
    assert balances.balance(session, "512") == Money(256000)


def test_a_reference_as_long_as_the_field_takes_is_recorded_once(session: Session):
    invoice = an_issued_invoice(session)
    said = ("VIR SEPA RECU CENTRE HOSPITALIER DE MONTPERRIN REF MANDAT 2027 00123 " * 2)[:119]
    for end in "AAB":
        record_transfer(session, invoice.ref, Money(100), TODAY, reference=said + end, clock=later(), actor=OFFICE)
    assert balance_of(session, invoice) == Money(256000 - 200)
    record_transfer(session, invoice.ref, Money(256000), TODAY, keep_surplus=True, clock=later(), actor=OFFICE)
    record_refund(session, invoice.ref, Money(200), TODAY, reference=said, clock=later(), actor=OFFICE)
    assert balance_of(session, invoice) == Money(0) == balances.balance(session, "411")


def test_a_part_then_too_much_then_the_surplus_goes_back(session: Session):
    invoice = an_issued_invoice(session)
    record_transfer(session, invoice.ref, Money(200000), TODAY, clock=later(), actor=OFFICE)
    assert view_of(session, invoice, TODAY).shown is ShownState.PART_PAID
    with pytest.raises(InvalidInput, match="over_payment"):
        record_transfer(session, invoice.ref, Money(60000), TODAY, clock=later(), actor=OFFICE)
    record_transfer(session, invoice.ref, Money(60000), TODAY, keep_surplus=True, clock=later(), actor=OFFICE)
    assert balance_of(session, invoice) == Money(-4000) == balances.balance(session, "411")
    with pytest.raises(InvalidInput, match="refund_too_high"):
        record_refund(session, invoice.ref, Money(4001), TODAY, clock=later(), actor=OFFICE)
    record_refund(session, invoice.ref, Money(4000), TODAY, clock=later(), actor=OFFICE)
    assert balance_of(session, invoice) == Money(0) == balances.balance(session, "411")


def test_a_transfer_of_tomorrow_is_refused(session: Session):
    invoice = an_issued_invoice(session)
    with pytest.raises(InvalidInput, match="received_ahead"):
        record_transfer(session, invoice.ref, Money(1), TODAY + timedelta(days=1), clock=later(), actor=OFFICE)


def test_a_full_credit_note_cancels_the_sale_and_gives_the_services_back(session: Session):
    invoice = an_issued_invoice(session)
    note = credit_invoice(session, invoice.ref, reason="Erreur de structure", clock=later(), actor=OFFICE)
    assert (note.number, note.kind, note.gross, note.corrected) == (
        "AV2027-00001",
        InvoiceKind.CREDIT_NOTE,
        256000,
        invoice,
    )
    assert view_of(session, invoice, TODAY).shown is ShownState.CREDITED
    assert balances.balance(session, "411") == Money(0) == balances.balance(session, "706")
    assert [one.count for one in to_bill(session, invoice.partner_id)] == [8]
    with pytest.raises(Conflict, match="credited_already"):
        credit_invoice(session, invoice.ref, reason="Encore", clock=later(), actor=OFFICE)
    (again,) = draft_invoices(session, invoice.partner.ref, clock=later(), actor=OFFICE)
    assert issue_invoice(session, again.ref, clock=later(), actor=OFFICE).number == "FA2027-00002"


def test_a_partial_credit_note_takes_back_the_lines_chosen_once(session: Session):
    invoice = an_issued_invoice(session)
    options = {"reason": "Séance écourtée", "bill_again": False, "clock": later(), "actor": OFFICE}
    credit_invoice(session, invoice.ref, positions=[3, 4], **options)
    assert balance_of(session, invoice) == Money(6 * 32000)
    assert [line.position for line in creditable_lines(session, invoice)] == [1, 2, 5, 6, 7, 8]
    assert to_bill(session, invoice.partner_id) == []
    with pytest.raises(InvalidInput, match="no_lines_chosen"):
        credit_invoice(session, invoice.ref, positions=[4, 5], **options)


def test_a_credit_note_says_why_and_names_nobody(session: Session):
    invoice = an_issued_invoice(session)
    for reason in ("  ", "Mme Durand n'est pas venue"):
        with pytest.raises(InvalidInput):
            credit_invoice(session, invoice.ref, reason=reason, clock=later(), actor=OFFICE)


@pytest.mark.parametrize("statement", ["UPDATE settlement SET cents = 1", "DELETE FROM settlement"])
def test_a_settlement_is_written_once(session: Session, statement: str):
    invoice = an_issued_invoice(session)
    record_transfer(session, invoice.ref, Money(100), TODAY, clock=later(), actor=OFFICE)
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text(statement))


@given(seed=st.integers(0, 2**32))
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_history_the_clients_account_is_what_is_due(session: Session, seed: int):
    chance = random.Random(seed)
    with session.begin_nested() as point:
        the_association(session)
        offering = an_offering(session, vat_regime=chance.choice([EXEMPT, "exempt_261_4_4_a"]))
        partners = [a_client(session) for _ in range(2)]
        for _ in range(12):
            _one_deed(session, chance, partners, offering)
        invoices = session.scalars(select(Invoice).where(Invoice.kind == InvoiceKind.INVOICE)).all()
        for partner in partners:
            due = Money.sum(balance_of(session, one) for one in invoices if one.partner is partner and one.number)
            assert balances.balance(session, "411", aux_code=partner.ref) == due
        rows = balances.trial_balance(session)
        assert sum(row.balance.cents for row in rows) == 0
        numbers = sorted(one.number for one in invoices if one.number)
        assert numbers == [f"FA2027-{n:05d}" for n in range(1, len(numbers) + 1)]
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        point.rollback()
    session.expire_all()


def _one_deed(session: Session, chance: random.Random, partners: list, offering: object) -> None:
    issued = session.scalars(select(Invoice).where(Invoice.kind == InvoiceKind.INVOICE, Invoice.number.is_not(None)))
    invoices = list(issued)
    deed = chance.choice(["issue", "pay", "credit", "refund"]) if invoices else "issue"
    try:
        with session.begin_nested():
            _do(session, deed, chance, partners, offering, invoices)
    except DomainError:  # a deed that is refused leaves no trace
        return


def _do(session, deed, chance, partners, offering, invoices) -> None:
    if deed == "issue":
        partner = chance.choice(partners)
        demand = a_demand_done(session, partner, offering)
        (draft,) = draft_invoices(session, partner.ref, demand_refs=[demand.ref], clock=later(), actor=OFFICE)
        issue_invoice(session, draft.ref, clock=later(), actor=OFFICE)
        return
    invoice = chance.choice(invoices)
    amount = Money(chance.randint(1, 30000))
    if deed == "pay":
        record_transfer(
            session, invoice.ref, amount, TODAY, keep_surplus=chance.random() < 0.5, clock=later(), actor=OFFICE
        )
    elif deed == "refund":
        record_refund(session, invoice.ref, amount, TODAY, clock=later(), actor=OFFICE)
    else:
        credit_invoice(session, invoice.ref, reason="Erreur", clock=later(), actor=OFFICE)


def test_the_four_numbers_of_the_office(session: Session):
    invoice = an_issued_invoice(session)
    record_transfer(session, invoice.ref, Money(56000), TODAY, clock=later(), actor=OFFICE)
    paid = an_issued_invoice(session)
    record_transfer(session, paid.ref, Money(300000), TODAY, keep_surplus=True, clock=later(), actor=OFFICE)
    a_demand_done(session, a_client(session), done=3)
    in_june = TODAY + timedelta(days=60)
    assert totals(session, TODAY) == Totals(to_bill=3, drafts=0, due=Money(200000), late=Money(0))
    assert totals(session, in_june).late == Money(200000)


def test_a_settlement_points_to_its_credit_note(session: Session):
    invoice = an_issued_invoice(session)
    note = credit_invoice(session, invoice.ref, reason="Erreur", clock=later(), actor=OFFICE)
    row = session.scalars(select(Settlement).where(Settlement.invoice_id == invoice.id)).one()
    assert (row.credit_note_id, row.cents) == (note.id, note.gross)
