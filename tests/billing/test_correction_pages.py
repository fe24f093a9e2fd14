"""Mending a payment from the invoice's page: what it does is said before, why is asked, nothing is erased."""

import html
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice, Settlement
from entrepairs.billing.payments import balance_of, record_transfer
from entrepairs.identity import sessions
from entrepairs.identity.models import Account, OfficeRoleKind
from entrepairs.kernel.money import Money
from entrepairs.network.models import MemberRole
from tests.factories.billing import OFFICE, a_client, a_draft_invoice, an_issued_invoice, later
from tests.factories.identity import an_office_account
from tests.factories.network import a_member


@pytest.fixture(autouse=True)
def _standing_clock(app):
    app.config["CLOCK"] = later()
    yield
    app.config["CLOCK"] = None


def enter(client: FlaskClient, session: Session, account: Account) -> FlaskClient:
    secret = sessions.open_session(session, account, user_agent="test")
    session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


@pytest.fixture
def office(client: FlaskClient, session: Session) -> FlaskClient:
    return enter(client, session, an_office_account(session, OfficeRoleKind.BILLING, name="Fatou Essai"))


def text_of(answer) -> str:
    plain = html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))))
    return plain.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def paid(session: Session, invoice: Invoice, cents: int = 256000) -> Settlement:
    row = record_transfer(
        session,
        invoice.ref,
        Money(cents),
        later().today(),
        reference="VIR 7",
        keep_surplus=True,
        clock=later(),
        actor=OFFICE,
    )
    session.commit()
    return row


def two_invoices(session: Session) -> tuple[Invoice, Invoice]:
    partner = a_client(session)
    drafts = [a_draft_invoice(session, partner) for _ in range(2)]
    first, second = (issue_invoice(session, one.ref, clock=later(), actor=OFFICE) for one in drafts)
    return first, second


def rows(session: Session) -> int:
    session.expire_all()
    return session.scalar(select(func.count(Settlement.id))) or 0


def test_a_transfer_is_undone_from_the_invoice_with_a_reason(office, session):
    invoice = an_issued_invoice(session)
    row = paid(session, invoice)
    address = f"/a/facturation/{invoice.ref}/reglements/{row.ref}/annuler"
    assert address in office.get(f"/a/facturation/{invoice.ref}").text
    page = text_of(office.get(address))
    assert "L'écriture inverse est passée, datée d'aujourd'hui ; rien n'est effacé." in page
    assert "VIR 7" in page
    assert rows(session) == 1, "looking undoes nothing"
    assert office.post(address, data={"reason": ""}).status_code == 422
    assert office.post(address, data={"reason": "appeler le 06 12 34 56 78"}).status_code == 422
    assert office.post(address, data={"reason": "Virement de l'EPSM"}).location == f"/a/facturation/{invoice.ref}"
    assert rows(session) == 2
    told = text_of(office.get(f"/a/facturation/{invoice.ref}"))
    assert "Enregistré par erreur, annulé" in told
    assert "Virement de l'EPSM (Fatou Essai)" in told
    assert address not in office.get(f"/a/facturation/{invoice.ref}").text
    assert office.post(address, data={"reason": "Encore"}).status_code == 409
    assert "C'est déjà annulé" in text_of(office.get(address))
    assert rows(session) == 2


def test_the_structure_sees_the_payment_and_its_opposite_without_our_reason(client, session):
    invoice = an_issued_invoice(session)
    row = paid(session, invoice)
    biller = enter(client, session, an_office_account(session, OfficeRoleKind.BILLING))
    biller.post(f"/a/facturation/{invoice.ref}/reglements/{row.ref}/annuler", data={"reason": "Virement de l'EPSM"})
    accountant = enter(client, session, a_member(session, invoice.partner, MemberRole.ACCOUNTANT))
    page = text_of(accountant.get(f"/s/factures/{invoice.ref}"))
    assert "Enregistré par erreur, annulé" in page
    assert "EPSM" not in page


def test_a_surplus_goes_to_the_oldest_invoice_that_waits(office, session):
    source, target = two_invoices(session)
    paid(session, source, 300000)
    address = f"/a/facturation/{source.ref}/report"
    assert address in office.get(f"/a/facturation/{source.ref}").text
    page = office.get(address)
    assert target.number in page.text
    assert 'value="440,00"' in page.text
    assert office.post(address, data={"target": target.ref, "amount": "440,01", "reason": "x"}).status_code == 422
    sent = office.post(address, data={"target": target.ref, "amount": "440", "reason": "Payée deux fois"})
    assert sent.location == f"/a/facturation/{target.ref}"
    session.expire_all()
    assert (balance_of(session, source), balance_of(session, target)) == (Money(0), Money(212000))
    assert "Trop-perçu d'une autre facture" in text_of(office.get(f"/a/facturation/{target.ref}"))
    assert "Trop-perçu reporté sur une autre facture" in text_of(office.get("/a/paiements"))


def test_an_invoice_of_another_structure_is_not_in_the_list_and_is_refused(office, session):
    source, _target = two_invoices(session)
    other = an_issued_invoice(session)
    paid(session, source, 300000)
    address = f"/a/facturation/{source.ref}/report"
    assert other.number not in office.get(address).text
    assert office.post(address, data={"target": other.ref, "amount": "1", "reason": "x"}).status_code == 422


def test_without_a_surplus_or_without_another_invoice_the_page_says_so(office, session):
    invoice = an_issued_invoice(session)
    session.commit()
    assert "Rien n'est dû sur une autre facture" in text_of(office.get(f"/a/facturation/{invoice.ref}/report"))
    assert "/report" not in office.get(f"/a/facturation/{invoice.ref}").text


def test_a_payment_of_another_invoice_is_not_found(office, session):
    one, other = an_issued_invoice(session), an_issued_invoice(session)
    row = paid(session, one)
    address = f"/a/facturation/{other.ref}/reglements/{row.ref}/annuler"
    assert office.get(address).status_code == 404
    assert office.post(address, data={"reason": "x"}).status_code == 404


def test_who_coordinates_does_not_mend_the_accounts(client, session):
    invoice = an_issued_invoice(session)
    row = paid(session, invoice)
    coordinator = enter(client, session, an_office_account(session, OfficeRoleKind.COORDINATOR))
    address = f"/a/facturation/{invoice.ref}/reglements/{row.ref}/annuler"
    assert coordinator.get(address).status_code == 403
    assert coordinator.post(address, data={"reason": "x"}).status_code == 403
    assert address not in coordinator.get(f"/a/facturation/{invoice.ref}").text
