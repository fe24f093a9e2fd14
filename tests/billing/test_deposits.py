"""Deposits: a part of the price asked before, then taken off what is billed, to the cent, in the books too."""

import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.billing.cancellations import cancel_demand
from entrepairs.billing.credit_notes import CREDIT_APPROVAL, Part, approve_credit, credit_invoice
from entrepairs.billing.deposits import deposits_of, draft_deposit, room_of, taken
from entrepairs.billing.drafting import delete_draft, draft_invoices
from entrepairs.billing.einvoices import einvoice_of
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice, InvoiceKind
from entrepairs.billing.payments import balance_of, record_transfer
from entrepairs.cooperative.contribution import _turnover
from entrepairs.demands.models import Demand
from entrepairs.identity.models import OfficeRoleKind
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.money import Money
from entrepairs.ledger import balances
from entrepairs.settings.decisions import vote
from tests.billing.test_grouping import a_vat_number, done
from tests.factories.billing import EXEMPT, OFFICE, a_client, later, the_association
from tests.factories.catalogue import a_wrap_group
from tests.factories.demands import a_confirmed_demand
from tests.factories.network import a_site

BEFORE = FixedClock()


def a_firm_demand(session: Session, regime: str = EXEMPT) -> Demand:
    """Eight sessions at 320 €, to come."""
    the_association(session, vat_number=a_vat_number() if regime == "standard" else None)
    partner = a_client(session)
    return a_confirmed_demand(session, partner, a_site(session, partner), a_wrap_group(session, vat_regime=regime))


def a_deposit(session: Session, demand: Demand, euros: int = 800) -> Invoice:
    made = draft_deposit(session, demand.ref, Money.of(euros), clock=BEFORE, actor=OFFICE)
    return issue_invoice(session, made.ref, clock=BEFORE, actor=OFFICE)


def everything_done(session: Session, demand: Demand) -> Invoice:
    done(session, demand)
    return everything_drafted(session, demand)


def everything_drafted(session: Session, demand: Demand) -> Invoice:
    (draft,) = draft_invoices(session, demand.partner.ref, clock=later(), actor=OFFICE)
    return draft


@pytest.mark.parametrize(("regime", "rate"), [(EXEMPT, 0), ("standard", 20)])
def test_a_deposit_is_numbered_paid_then_taken_off_the_invoice_and_the_books_come_out_even(
    session: Session, regime: str, rate: int
) -> None:
    demand = a_firm_demand(session, regime)
    deposit = a_deposit(session, demand)
    gross = 800_00 * (100 + rate) // 100
    assert (deposit.kind, deposit.number, deposit.gross) == (InvoiceKind.DEPOSIT, "FA2027-00001", gross)
    assert einvoice_of(deposit).type == "386"
    record_transfer(session, deposit.ref, Money(gross), BEFORE.today(), clock=BEFORE, actor=OFFICE)
    assert balances.balance(session, "419") == Money(-800_00)
    assert _turnover(deposit) == Money(0)

    invoice = issue_invoice(session, everything_done(session, demand).ref, clock=later(), actor=OFFICE)
    document = einvoice_of(invoice)
    assert (invoice.number, invoice.net) == ("FA2027-00002", 2560_00 - 800_00)
    assert invoice.lines[-1].label == "Acompte déduit, facture FA2027-00001 du 11/01/2027"
    assert (document.frame, [one.number for one in document.references]) == ("S4", ["FA2027-00001"])
    assert deposit.gross + invoice.gross == 2560_00 * (100 + rate) // 100
    assert balances.balance(session, "419") == Money(0)
    assert balances.balance(session, "7061") == Money(-2560_00)
    assert _turnover(invoice) == Money(2560_00)


def test_more_than_the_price_is_never_asked_and_only_of_a_firm_demand(session: Session) -> None:
    demand = a_firm_demand(session)
    a_deposit(session, demand, 2000)
    assert room_of(session, demand).left == Money.of(560)
    for euros in (561, 0):
        with pytest.raises(InvalidInput, match="deposit_amount"):
            draft_deposit(session, demand.ref, Money.of(euros), clock=BEFORE, actor=OFFICE)
    demand.financed_by = "Subvention"
    with pytest.raises(Conflict, match="no_deposit"):
        draft_deposit(session, demand.ref, Money.of(10), clock=BEFORE, actor=OFFICE)


def test_what_an_invoice_is_too_small_to_take_off_waits_for_the_next_one(session: Session) -> None:
    demand = a_firm_demand(session)
    a_deposit(session, demand, 500)
    done(session, demand)
    clock = later()
    (first,) = draft_invoices(
        session, demand.partner.ref, until=demand.sessions[0].during.lower.date(), clock=clock, actor=OFFICE
    )
    assert (first.net, len(first.lines)) == (0, 2)
    issue_invoice(session, first.ref, clock=clock, actor=OFFICE)
    (rest,) = draft_invoices(session, demand.partner.ref, clock=clock, actor=OFFICE)
    assert rest.net == 7 * 320_00 - 180_00


def test_a_draft_thrown_away_or_credited_gives_the_deposit_back(session: Session) -> None:
    demand = a_firm_demand(session)
    a_deposit(session, demand)
    delete_draft(session, everything_done(session, demand).ref, clock=later(), actor=OFFICE)
    (draft,) = draft_invoices(session, demand.partner.ref, clock=later(), actor=OFFICE)
    issued = issue_invoice(session, draft.ref, clock=later(), actor=OFFICE)
    credit_invoice(session, issued.ref, reason="Mauvais service", clock=later(), actor=OFFICE)
    assert balances.balance(session, "419") == Money(-800_00)
    (again,) = draft_invoices(session, demand.partner.ref, clock=later(), actor=OFFICE)
    assert again.net == 1760_00


def test_a_deposit_credited_is_deducted_no_more(session: Session) -> None:
    demand = a_firm_demand(session)
    deposit = a_deposit(session, demand)
    credit_invoice(session, deposit.ref, reason="Annulée avant de commencer", clock=later(), actor=OFFICE)
    assert (balance_of(session, deposit), balances.balance(session, "419")) == (Money(0), Money(0))
    assert room_of(session, demand).asked == Money(0)
    assert everything_done(session, demand).net == 2560_00


def invoiced(session: Session, regime: str = EXEMPT, euros: int = 800) -> tuple[Invoice, Invoice]:
    """A deposit, and the invoice of everything that takes it off."""
    demand = a_firm_demand(session, regime)
    deposit = a_deposit(session, demand, euros)
    draft = everything_done(session, demand)
    return deposit, issue_invoice(session, draft.ref, clock=later(), actor=OFFICE)


def credit(session: Session, invoice: Invoice, *parts: Part) -> Invoice:
    return credit_invoice(session, invoice.ref, reason="Erreur", parts=parts, clock=later(), actor=OFFICE)


def test_a_credit_note_that_waits_gives_no_deposit_back_until_it_is_approved(session: Session) -> None:
    deposit, invoice = invoiced(session)
    day = date(2027, 1, 1)
    vote(session, CREDIT_APPROVAL, 100_00, since=day, voted_on=day, source="CA", clock=BEFORE)
    waiting = credit(session, invoice)
    (line,) = deposit.lines
    assert taken(session, line) == 800_00
    approve_credit(session, waiting.ref, clock=later(), actor=Actor("CPT-PRES-IDEN", "Le président"))
    assert taken(session, line) == 0


def test_a_deposit_that_an_invoice_takes_off_is_given_back_by_that_invoice_only(session: Session) -> None:
    deposit, invoice = invoiced(session)
    with pytest.raises(Conflict, match="deposit_taken_off"):
        credit(session, deposit)
    credit(session, invoice)
    credit(session, deposit)
    assert balances.balance(session, "419") == Money(0)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([Part(position) for position in range(1, 9)], "credit_above_invoice"),  # all but the deposit's line
        ([Part(1), Part(9, quantity=Decimal("0.5"))], "deposit_in_part"),
        ([Part(1), Part(9, net=Money(100))], "deposit_in_part"),
        ([Part(1), Part(9)], "no_lines_chosen"),  # less than the deposit
    ],
)
def test_no_more_is_credited_than_the_invoice_asks(session: Session, parts: list[Part], code: str) -> None:
    _deposit, invoice = invoiced(session, "standard")
    with pytest.raises(InvalidInput, match=code):
        credit(session, invoice, *parts)
    note = credit(session, invoice, *[Part(position) for position in range(4, 10)])
    assert (note.net, note.vat) == (5 * 320_00 - 800_00, 160_00)


def test_what_is_billed_already_leaves_no_room_for_a_deposit(session: Session) -> None:
    demand = a_firm_demand(session)
    a_deposit(session, demand, 500)
    done(session, demand)
    first = demand.sessions[0].during.lower.date()
    (draft,) = draft_invoices(session, demand.partner.ref, until=first, clock=later(), actor=OFFICE)
    assert draft.net == 0
    assert room_of(session, demand).left == Money.of(7 * 320 - 180)


def test_a_deposit_left_as_a_draft_is_not_issued_once_all_of_it_is_billed(session: Session) -> None:
    demand = a_firm_demand(session)
    forgotten = draft_deposit(session, demand.ref, Money.of(800), clock=BEFORE, actor=OFFICE)
    invoice = everything_done(session, demand)  # nothing is taken off: the deposit was not issued
    assert invoice.net == 2560_00
    with pytest.raises(Conflict, match="deposit_too_late"):
        issue_invoice(session, forgotten.ref, clock=later(), actor=OFFICE)
    delete_draft(session, invoice.ref, clock=later(), actor=OFFICE)
    issue_invoice(session, forgotten.ref, clock=later(), actor=OFFICE)
    assert everything_drafted(session, demand).net == 2560_00 - 800_00


def test_a_deposit_is_not_issued_on_a_demand_given_up_since(session: Session) -> None:
    demand = a_firm_demand(session)
    forgotten = draft_deposit(session, demand.ref, Money.of(800), clock=BEFORE, actor=OFFICE)
    cancel_demand(session, demand.ref, actor=OFFICE, clock=BEFORE)
    with pytest.raises(Conflict, match="deposit_too_late"):
        issue_invoice(session, forgotten.ref, clock=BEFORE, actor=OFFICE)


def test_while_a_colleague_drafts_a_deposit_is_neither_credited_nor_issued_beside(fresh_database: Any) -> None:
    clock, ends = later(), []
    with fresh_database.session() as setup:
        demand = a_firm_demand(setup)
        asked = a_deposit(setup, demand, 400).ref
        waits = draft_deposit(setup, demand.ref, Money.of(400), clock=BEFORE, actor=OFFICE).ref
        done(setup, demand)
        partner = demand.partner.ref
        setup.commit()

    def act(work: Callable[..., Invoice], ref: str, **more: Any) -> None:
        with fresh_database.session() as own:
            try:
                work(own, ref, clock=clock, actor=OFFICE, **more)
                own.commit()
                ends.append("done")
            except Conflict as refusal:
                own.rollback()
                ends.append(refusal.code)

    with fresh_database.session() as drafting:
        draft_invoices(drafting, partner, clock=clock, actor=OFFICE)
        others = [
            threading.Thread(target=act, args=(credit_invoice, asked), kwargs={"reason": "Erreur"}),
            threading.Thread(target=act, args=(issue_invoice, waits)),
        ]
        for one in others:
            one.start()
        others[1].join(0.3)  # both have met the draft, or gone on without it
        drafting.commit()
    for one in others:
        one.join(30)
    assert sorted(ends) == ["deposit_taken_off", "deposit_too_late"]


def test_the_office_asks_for_it_from_the_demand(client, app, session: Session) -> None:
    from tests.billing.test_correction_pages import enter, text_of
    from tests.factories.identity import an_office_account

    demand = a_firm_demand(session)
    app.config["CLOCK"] = BEFORE
    office = enter(client, session, an_office_account(session, OfficeRoleKind.ADMIN, name="Claire Essai"))
    assert f"/a/demandes/{demand.ref}/acompte" in office.get(f"/a/demandes/{demand.ref}").text
    page = f"/a/demandes/{demand.ref}/acompte"
    assert 'value="853,33"' in office.get(page).text
    refused = office.post(page, data={"amount": "99999"})
    assert (refused.status_code, "au plus" in text_of(refused)) == (422, True)
    answer = office.post(page, data={"amount": "800"})
    assert "Brouillon de facture d'acompte" in text_of(office.get(answer.location))
    assert [one.net for one in deposits_of(session, demand)] == [800_00]
    app.config["CLOCK"] = None
