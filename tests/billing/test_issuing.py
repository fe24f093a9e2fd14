"""From services done to an issued invoice that the rules accept and the database freezes."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.billing.delivery import produce_einvoice
from entrepairs.billing.drafting import delete_draft, draft_invoices
from entrepairs.billing.einvoice.produce import NotIssuable
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.mails import invoice_sent
from entrepairs.billing.models import Invoice, InvoiceState
from entrepairs.billing.queries import invoice_of, to_bill
from entrepairs.billing.transmission.sending import send_invoice
from entrepairs.contracting.models import Engagement
from entrepairs.documents.storing import read_file
from entrepairs.kernel.errors import Conflict, DomainError, NotFound
from entrepairs.kernel.money import Money
from entrepairs.ledger import balances
from entrepairs.messages.models import Message
from entrepairs.network.models import Partner
from entrepairs.outbox.models import OutboxItem
from tests.factories.billing import (
    EXEMPT,
    OFFICE,
    a_client,
    a_demand_done,
    a_draft_invoice,
    a_siret,
    an_issued_invoice,
    later,
    the_association,
    the_paper_due,
)
from tests.factories.catalogue import an_offering
from tests.factories.network import a_public_hospital


def test_a_draft_has_one_line_by_session_and_holds_each_service_once(session: Session):
    draft = a_draft_invoice(session)
    assert draft.lines[2].label.startswith("Groupe WRAP, séance 3/8, ")
    assert (len(draft.lines), draft.net, draft.vat, draft.number) == (8, 8 * 32000, 0, None)
    with pytest.raises(Conflict, match="nothing_to_bill"):
        draft_invoices(session, draft.partner.ref, clock=later(), actor=OFFICE)


def test_a_draft_thrown_away_gives_its_services_back(session: Session):
    draft = a_draft_invoice(session)
    partner = draft.partner
    delete_draft(session, draft.ref, clock=later(), actor=OFFICE)
    (waiting,) = to_bill(session, partner.id)
    assert (waiting.count, waiting.net, waiting.blockers) == (8, Money(256000), ())
    assert draft_invoices(session, partner.ref, clock=later(), actor=OFFICE)


def test_sessions_not_confirmed_yet_are_left_for_later(session: Session):
    the_association(session)
    partner = a_client(session)
    a_demand_done(session, partner, done=3)
    (draft,) = draft_invoices(session, partner.ref, clock=later(), actor=OFFICE)
    assert len(draft.lines) == 3


def test_two_vat_regimes_are_two_invoices(session: Session):
    the_association(session)
    partner = a_client(session)
    a_demand_done(session, partner)
    a_demand_done(session, partner, an_offering(session, vat_regime="exempt_261_4_4_a"))
    drafts = draft_invoices(session, partner.ref, clock=later(), actor=OFFICE)
    assert sorted(len(draft.lines) for draft in drafts) == [1, 8]


def test_issuing_numbers_freezes_posts_and_plans_the_paper(session: Session):
    invoice = an_issued_invoice(session)
    assert (invoice.number, invoice.state) == ("FA2027-00001", InvoiceState.ISSUED)
    assert invoice.due_date == later().today() + timedelta(days=30)
    assert balances.balance(session, "411", aux_code=invoice.partner.ref) == Money(256000)
    assert balances.balance(session, "7061") == Money(-256000)
    planned = session.scalars(select(OutboxItem).where(OutboxItem.dedup_key == f"einvoice:{invoice.ref}")).one()
    assert planned.kind == "billing.produce_einvoice"


def test_the_paper_carries_the_checked_xml_and_leaves_by_mail_once(session: Session):
    from facturx import get_xml_from_pdf

    invoice = an_issued_invoice(session)
    for _ in range(2):
        produce_einvoice(session, invoice.ref, the_paper_due(session, invoice), clock=later())
        send_invoice(session, invoice.ref, {}, clock=later())
        session.refresh(invoice)
    assert invoice.file is not None
    pdf = read_file(session, invoice.file.pdf_id)
    _, embedded = get_xml_from_pdf(pdf, check_xsd=False, check_schematron=False)
    assert embedded == read_file(session, invoice.file.xml_id)
    message = session.scalars(select(Message).where(Message.subject_ref == invoice.ref)).one()
    letter = invoice_sent(session, message, FakeLinks(), clock=later())
    assert letter is not None
    assert (letter.attachments[0].filename, letter.attachments[0].content) == ("FA2027-00001.pdf", pdf)


class FakeLinks:
    """Addresses without a token."""

    def action(self, purpose: str, subject_ref: str, path: str, *, account_id: int | None = None, days: int = 3) -> str:
        return path

    def page(self, path: str) -> str:
        return f"http://test{path}"


def test_a_public_hospital_needs_its_commitment_number(session: Session):
    the_association(session)
    hospital = a_public_hospital(session, siret=a_siret())
    demand = a_demand_done(session, hospital)
    (waiting,) = to_bill(session)
    assert [blocker.msgid for blocker in waiting.blockers] == ["The commitment number of this demand is missing."]
    (draft,) = draft_invoices(session, hospital.ref, clock=later(), actor=OFFICE)
    with pytest.raises(NotIssuable, match="einvoice_engagement"), session.begin_nested():
        issue_invoice(session, draft.ref, clock=later(), actor=OFFICE)
    session.add(Engagement(demand_id=demand.id, number="ENG-42", recorded_at=later().now(), recorded_by="x"))
    session.flush()
    invoice = issue_invoice(session, draft.ref, clock=later(), actor=OFFICE)
    assert (invoice.engagement, invoice.number) == ("ENG-42", "FA2027-00001")
    assert invoice.due_date == later().today() + timedelta(days=50)


def test_a_structure_without_siret_is_told_before_a_number_is_taken(session: Session):
    draft = a_draft_invoice(session, a_client(session, siret=None))
    with pytest.raises(DomainError, match="buyer_siret"):
        issue_invoice(session, draft.ref, clock=later(), actor=OFFICE)


def test_a_vat_regime_nobody_decided_blocks(session: Session):
    the_association(session)
    partner = a_client(session)
    a_demand_done(session, partner, an_offering(session, vat_regime="franchise_293_b"))
    (draft,) = draft_invoices(session, partner.ref, clock=later(), actor=OFFICE)
    with pytest.raises(Conflict, match="vat_undecided"):
        issue_invoice(session, draft.ref, clock=later(), actor=OFFICE)


def test_numbers_follow_dates(session: Session):
    first = a_draft_invoice(session)
    second = a_draft_invoice(session)
    issue_invoice(session, first.ref, clock=later(), actor=OFFICE)
    earlier = later()
    earlier.advance(timedelta(days=-1))
    with pytest.raises(Conflict, match="issue_date_behind"), session.begin_nested():
        issue_invoice(session, second.ref, clock=earlier, actor=OFFICE)


def test_an_issued_invoice_can_not_be_issued_or_deleted_again(session: Session):
    invoice = an_issued_invoice(session)
    with pytest.raises(Conflict, match="invoice_issued"):
        issue_invoice(session, invoice.ref, clock=later(), actor=OFFICE)
    with pytest.raises(Conflict, match="invoice_issued"):
        delete_draft(session, invoice.ref, clock=later(), actor=OFFICE)


def test_a_structure_sees_neither_drafts_nor_the_invoices_of_others(session: Session):
    draft = a_draft_invoice(session)
    issued = an_issued_invoice(session)
    for ref, partner_id in ((draft.ref, draft.partner_id), (issued.ref, draft.partner_id)):
        with pytest.raises(NotFound):
            invoice_of(session, ref, partner_id=partner_id)
    assert invoice_of(session, issued.ref, partner_id=issued.partner_id) is issued


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE invoice SET net = net + 1, gross = gross + 1 WHERE state = 'issued'",
        "UPDATE invoice SET state = 'draft', number = NULL",
        "DELETE FROM invoice",
        "UPDATE invoice_line SET label = 'autre'",
        "DELETE FROM vat_line",
        "INSERT INTO vat_line (invoice_id, regime, category, rate, base, vat) SELECT id, 'x', 'E', 0, 0, 0 FROM invoice",
        "UPDATE invoice_file SET pdf_id = xml_id",
        "DELETE FROM invoice_file",
        "DELETE FROM billed_service",
        "UPDATE billed_service SET service_id = service_id + 1",
        "UPDATE number_series SET next = next + 2",
        "UPDATE number_series SET next = 1",
        "DELETE FROM number_series",
        "INSERT INTO number_series (series, year, next) VALUES ('FA', 2030, 7)",
        "UPDATE stored_file SET content = 'x'",
        "DELETE FROM stored_file",
        "TRUNCATE invoice CASCADE",
        "TRUNCATE settlement",
    ],
)
def test_the_database_refuses_to_touch_an_issued_invoice(session: Session, statement: str):
    invoice = an_issued_invoice(session)
    produce_einvoice(session, invoice.ref, the_paper_due(session, invoice), clock=later())
    session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))  # that a number taken is borne is seen at the end
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text(statement))


@pytest.mark.race
def test_invoices_issued_in_the_same_instant_have_continuous_numbers(fresh_database, proof):
    workers, each = 3, proof.size(2, 20)
    with fresh_database.session() as session:
        the_association(session)
        offering = an_offering(session, vat_regime=EXEMPT)
        refs = [_a_small_draft(session, offering) for _ in range(workers * each)]
        session.commit()
    barrier = threading.Barrier(workers)
    failures: list[BaseException] = []

    def work(mine: list[str]) -> None:
        try:
            barrier.wait()
            for n, ref in enumerate(mine):
                with fresh_database.session() as own:
                    if n == 0:  # a first try that is given up must give its number back
                        issue_invoice(own, ref, clock=later(), actor=OFFICE)
                        own.rollback()
                    issue_invoice(own, ref, clock=later(), actor=OFFICE)
                    own.commit()
        except BaseException as error:  # noqa: BLE001 - told by the main thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(refs[n::workers],)) for n in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with fresh_database.session() as session:
        numbers = list(session.scalars(select(Invoice.number).order_by(Invoice.number)))
    assert numbers == [f"FA2027-{n:05d}" for n in range(1, workers * each + 1)]


def _a_small_draft(session: Session, offering: object) -> str:
    partner: Partner = a_client(session)
    a_demand_done(session, partner, offering)  # type: ignore[arg-type]
    return draft_invoices(session, partner.ref, clock=later(), actor=OFFICE)[0].ref
