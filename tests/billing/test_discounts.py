"""A discount on a line, or on the whole: to the cent in the VAT, the books, the XML, the deposits and the credit notes."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.billing.ceilings import invoiced_under
from entrepairs.billing.credit_notes import Part, credit_invoice
from entrepairs.billing.deposits import draft_deposit
from entrepairs.billing.drafting import delete_draft, draft_invoices
from entrepairs.billing.drafts.attachments import attach_file, detach_file
from entrepairs.billing.drafts.discounts import drop_discount, give_discount
from entrepairs.billing.drafts.models import InvoiceAttachment
from entrepairs.billing.drafts.rules import Discount, ensure_sound, shared_out, taken_off
from entrepairs.billing.einvoice.checker import Checker, shared_checker
from entrepairs.billing.einvoice.facturx import build_ubl
from entrepairs.billing.einvoice.inspecting import inspect_xml
from entrepairs.billing.einvoice.model import AttachmentKind
from entrepairs.billing.einvoice.opening import open_xml
from entrepairs.billing.einvoice.paper import paper_of
from entrepairs.billing.einvoice.produce import checked_xml
from entrepairs.billing.einvoices import einvoice_of
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice
from entrepairs.billing.month.months import Month
from entrepairs.billing.month.reading import waiting_up_to
from entrepairs.billing.payments import balance_of
from entrepairs.billing.spreading import PEER_AXIS
from entrepairs.contracting.considering import draw
from entrepairs.contracting.models import Agreement, InvoiceGrouping
from entrepairs.contracting.queries import room_of
from entrepairs.cooperative.contribution import _turnover
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.money import Money
from entrepairs.ledger import balances
from tests.billing.test_cancellations import agreed
from tests.billing.test_deposits import BEFORE, a_deposit, a_firm_demand, everything_done
from tests.billing.test_grouping import a_vat_number, done
from tests.factories.billing import OFFICE, a_client, a_demand_done, later, the_association
from tests.factories.catalogue import a_wrap_group
from tests.factories.demands import a_submitted_demand
from tests.factories.network import a_site


@pytest.fixture
def checker() -> Checker:
    """The one that issuing uses: its rules are compiled once."""
    return shared_checker()


PDF = b"%PDF-1.7\nune feuille"
EVENT = Discount("65", percent=Decimal("12.50"), more="séance écourtée")


def a_draft(session: Session, regime: str = "exempt_261_7_1_b") -> Invoice:
    """Eight sessions at 320 €."""
    the_association(session, vat_number=a_vat_number() if regime == "standard" else None)
    partner = a_client(session)
    a_demand_done(session, partner, a_wrap_group(session, vat_regime=regime))
    (made,) = draft_invoices(session, partner.ref, clock=later(), actor=OFFICE)
    return made


def off(session: Session, invoice: Invoice, discount: Discount, position: int | None = None) -> Invoice:
    return give_discount(session, invoice.ref, discount, position=position, clock=later(), actor=OFFICE)


# --- arithmetic --------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=40), st.data())
def test_a_whole_in_parts_loses_no_cent_and_takes_no_part_below_nothing(parts: list[int], data: st.DataObject) -> None:
    amount = data.draw(st.integers(0, sum(parts)))
    shares = shared_out(Money(amount), [Money(one) for one in parts])
    assert sum(one.cents for one in shares) == amount
    assert all(0 <= share.cents <= part for share, part in zip(shares, parts, strict=True))


def test_a_percentage_is_rounded_half_up() -> None:
    assert taken_off(Discount("95", percent=Decimal("12.5")), Money(100)) == Money(13)
    assert taken_off(Discount("95", amount=Money(7)), Money(100)) == Money(7)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (Discount("999", amount=Money(1)), "code"),
        (Discount("95"), "amount"),
        (Discount("95", amount=Money(1), percent=Decimal(1)), "amount"),
        (Discount("95", amount=Money(0)), "amount"),
        (Discount("95", percent=Decimal(100)), "percent"),
        (Discount("95", percent=Decimal("0.001")), "percent"),
        (Discount("95", percent=Decimal("NaN")), "percent"),
        (Discount("95", amount=Money(1), more="x" * 100), "more"),
    ],
)
def test_what_is_no_discount_is_said_on_its_field(wrong: Discount, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ensure_sound(wrong)
    assert refusal.value.field == field


# --- on a draft --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("regime", "rate"), [("exempt_261_7_1_b", 0), ("standard", 20)])
def test_both_discounts_are_right_in_the_vat_the_books_and_every_rule(
    session: Session, checker: Checker, regime: str, rate: int
) -> None:
    draft = a_draft(session, regime)
    off(session, draft, EVENT, position=2)
    off(session, draft, Discount("64", percent=Decimal("3.33")))
    lines = 2560_00 - 40_00
    whole = 83_92  # 2 520 × 3,33 % = 83,916
    assert (draft.lines[1].discount, draft.discount, draft.net) == (40_00, whole, lines - whole)
    assert draft.vat == (draft.net * rate + 50) // 100
    assert sum(line.net for line in draft.lines) == draft.net

    issued = issue_invoice(session, draft.ref, clock=later(), actor=OFFICE, checker=checker)
    document = einvoice_of(issued)
    assert (document.lines_net.cents, document.allowed.cents, document.net.cents) == (lines, whole, issued.net)
    assert document.lines[1].discount_reason == "Remise après un incident : séance écourtée"
    assert inspect_xml(build_ubl(document), checker).holds
    read = open_xml(checked_xml(document, checker)[0]).reading
    assert (read.value("BT-98"), read.value("BT-140"), read.value("BT-92")) == ("64", "65", "83.92")
    assert balances.balance(session, "7061") == Money(-issued.net)
    assert balances.balance(session, "709") == Money(0)
    assert _turnover(issued) == Money(issued.net)
    totals = dict(paper_of(document)["totals"])
    assert "83,92" in totals["Remise : Remise convenue avec la structure"]


def test_an_amount_on_the_whole_is_replaced_then_taken_back(session: Session) -> None:
    draft = a_draft(session)
    off(session, draft, Discount("95", amount=Money(100)))
    off(session, draft, Discount("95", amount=Money(10_01)))
    assert (draft.discount, draft.net) == (10_01, 2560_00 - 10_01)
    drop_discount(session, draft.ref, clock=later(), actor=OFFICE)
    assert (draft.discount, draft.net, {line.shared for line in draft.lines}) == (0, 2560_00, {0})
    off(session, draft, EVENT, position=1)
    drop_discount(session, draft.ref, position=1, clock=later(), actor=OFFICE)
    assert (draft.net, draft.lines[0].discount_reason) == (2560_00, "")


def test_a_discount_leaves_something_to_pay_and_is_for_drafts_of_invoices(session: Session) -> None:
    draft = a_draft(session)
    for position, most in ((1, 320_00), (None, 2560_00)):
        with pytest.raises(InvalidInput) as refusal:
            off(session, draft, Discount("95", amount=Money(most)), position)
        assert refusal.value.code == "discount_too_large"
    session.refresh(draft)
    with pytest.raises(NotFound):
        off(session, draft, EVENT, position=99)
    issue_invoice(session, draft.ref, clock=later(), actor=OFFICE)
    with pytest.raises(Conflict, match="issued"):
        off(session, draft, EVENT)
    with pytest.raises(DBAPIError, match="issued invoice never changes"), session.begin_nested():
        session.execute(Invoice.__table__.update().where(Invoice.id == draft.id).values(discount=1))


def test_a_deposit_takes_none_and_is_never_more_than_what_a_discount_leaves(session: Session) -> None:
    demand = a_firm_demand(session)
    asked = draft_deposit(session, demand.ref, Money.of(800), clock=BEFORE, actor=OFFICE)
    with pytest.raises(Conflict) as refusal:
        give_discount(session, asked.ref, EVENT, clock=BEFORE, actor=OFFICE)
    assert refusal.value.code == "no_discount_here"
    delete_draft(session, asked.ref, clock=BEFORE, actor=OFFICE)
    a_deposit(session, demand)
    draft = everything_done(session, demand)
    off(session, draft, Discount("95", percent=Decimal(10)))
    assert (draft.discount, draft.net) == (256_00, 2560_00 - 256_00 - 800_00)
    with pytest.raises(InvalidInput) as too_much:
        off(session, draft, Discount("95", amount=Money(1800_00)))
    assert too_much.value.code == "discount_under_deposit"


def test_credit_notes_of_a_discounted_invoice_give_back_what_was_asked_and_no_more(
    session: Session, checker: Checker
) -> None:
    draft = a_draft(session, "standard")
    off(session, draft, EVENT, position=1)
    off(session, draft, Discount("100", amount=Money(33_33)))
    invoice = issue_invoice(session, draft.ref, clock=later(), actor=OFFICE, checker=checker)

    def credit(*parts: Part) -> Invoice:
        return credit_invoice(
            session, invoice.ref, reason="Erreur", parts=parts, clock=later(), actor=OFFICE, checker=checker
        )

    half = credit(Part(1, quantity=Decimal("0.5")), Part(2, net=Money.of(10)))
    assert half.lines[0].net == (Money(invoice.lines[0].net) * Decimal("0.5")).cents
    assert half.lines[0].discount == 160_00 - half.lines[0].net
    whole = credit(Part(3))
    assert (whole.lines[0].net, whole.lines[0].discount_reason) == (invoice.lines[2].net, "Remise exceptionnelle")
    assert inspect_xml(build_ubl(einvoice_of(whole)), checker).holds
    rest = credit()
    assert half.gross + whole.gross + rest.gross == invoice.gross
    assert balance_of(session, invoice) == Money(0)
    assert balances.balance(session, "7061") == Money(0)


# --- files and project -------------------------------------------------------------------------------------------


def attached(session: Session, draft: Invoice, name: str = "emargement.pdf", content: bytes = PDF) -> InvoiceAttachment:
    return attach_file(
        session, draft.ref, name, content, AttachmentKind.SUPPORTING, clock=later(), actor=OFFICE
    )  # fmt: skip


def test_a_file_and_the_buyers_project_travel_in_the_invoice_and_freeze_with_it(
    session: Session, checker: Checker
) -> None:
    draft = a_draft(session)
    row = attached(session, draft)
    attached(session, draft, "plan.png", b"\x89PNG plan")
    detach_file(session, draft.ref, draft.attachments[1].ref, clock=later(), actor=OFFICE)
    issued = issue_invoice(session, draft.ref, clock=later(), actor=OFFICE, checker=checker)
    document = einvoice_of(issued)
    xml, _ = checked_xml(document, checker)
    read = open_xml(xml).reading
    assert read.value("BT-123") == "PJA"
    assert read.nodes("BT-125")[0].get("filename") == "emargement.pdf"
    assert inspect_xml(build_ubl(document), checker).holds
    assert ("Pièce jointe", "emargement.pdf") in paper_of(document)["references"]
    with pytest.raises(Conflict):
        attached(session, issued, "autre.pdf")
    with pytest.raises(DBAPIError, match="issued invoice never changes"), session.begin_nested():
        session.execute(InvoiceAttachment.__table__.delete().where(InvoiceAttachment.id == row.id))


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("feuille.exe", PDF, "piece_kind"),
        ("feuille.docx", PDF, "piece_kind"),
        ("feuille.pdf", b"", "piece_empty"),
        ("feuille.pdf", b"\x89PNG", "piece_other"),
        ("f" * 47 + ".pdf", PDF, "piece_name"),
        ("emargement.pdf", PDF, "piece_twice"),
        ("lourd.pdf", PDF + b"x" * 7_999_999, "piece_too_many"),
    ],
)
def test_a_file_that_chorus_pro_would_turn_down_is_not_attached(
    session: Session, name: str, content: bytes, code: str
) -> None:
    draft = a_draft(session)
    attached(session, draft)
    with pytest.raises(InvalidInput) as refusal:
        attached(session, draft, name, content)
    assert (refusal.value.code, refusal.value.field) == (code, "file")


def test_a_draft_thrown_away_takes_its_files_with_it(session: Session) -> None:
    draft = a_draft(session)
    attached(session, draft)
    delete_draft(session, draft.ref, clock=later(), actor=OFFICE)
    assert session.scalars(select(InvoiceAttachment)).all() == []


def test_what_is_taken_off_is_taken_off_the_work_of_each_who_came(session: Session) -> None:
    invoice = a_draft(session)
    line = invoice.lines[0]
    line.axes = {**line.axes, PEER_AXIS: {"PAI-AAAA-AAAA": 16000, "PAI-BBBB-BBBB": 16000}}
    session.flush()
    off(session, invoice, Discount("95", amount=Money(1001)), position=line.position)
    assert line.axes[PEER_AXIS] == {"PAI-AAAA-AAAA": 15500, "PAI-BBBB-BBBB": 15499}
    off(session, invoice, EVENT)
    issue_invoice(session, invoice.ref, clock=later(), actor=OFFICE)
    assert sum(line.axes[PEER_AXIS].values()) == line.net


def test_what_is_discounted_or_credited_does_not_eat_the_ceiling_of_the_agreement(session: Session) -> None:
    """Eight sessions at 300 € draw 2 400 €; 100 € off a line, 10 % off the whole, then 50 € credited: 2 020 € are paid."""
    partner, demand = agreed(session, held=False, ceiling=Money(4400_00), grouping=InvoiceGrouping.MISSION)
    done(session, demand)
    agreement = session.scalars(select(Agreement)).one()
    (draft,) = draft_invoices(session, partner.ref, clock=later(), actor=OFFICE)
    off(session, draft, Discount("65", amount=Money(100_00)), 1)
    off(session, draft, Discount("64", percent=Decimal(10)))
    assert room_of(session, agreement).drawn == Money(2400_00), "a draft may still change"
    assert invoiced_under(session, agreement) == Money(draft.net) == Money(2070_00)
    issued = issue_invoice(session, draft.ref, clock=later(), actor=OFFICE)
    assert (room_of(session, agreement).drawn, room_of(session, agreement).left) == (Money(2070_00), Money(2330_00))
    part = [Part(2, net=Money(50_00))]
    credit_invoice(session, issued.ref, reason="Séance écourtée.", parts=part, clock=later(), actor=OFFICE)
    assert room_of(session, agreement).drawn == invoiced_under(session, agreement) == Money(2020_00)
    second = a_submitted_demand(session, partner, a_site(session, partner), demand.offering)
    later_on = Month(date(2027, 3, 1))
    assert not draw(session, second, agreement, actor=OFFICE, clock=FixedClock()), "4 420 €: 20 € too many"
    rest = [Part(2, net=Money(20_00))]
    credit_invoice(session, issued.ref, reason="Séance écourtée.", parts=rest, clock=later(), actor=OFFICE)
    assert draw(session, second, agreement, actor=OFFICE, clock=FixedClock())
    done(session, second)
    assert waiting_up_to(session, later_on, today=later().today()).obstacles == (), "4 400 € of 4 400 €"
