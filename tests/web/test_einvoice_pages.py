"""The office and the electronic invoice: what stands in its way leads to where it is mended; the same invoice in UBL."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from entrepairs.billing.delivery import produce_einvoice
from entrepairs.billing.einvoice.checker import shared_checker
from entrepairs.billing.einvoice.inspecting import inspect_xml
from entrepairs.billing.models import InvoiceState
from entrepairs.settings.models import Association
from entrepairs.web.office.invoice_mending import mending_of
from tests.factories.billing import a_client, a_draft_invoice, a_siret, an_issued_invoice, later, the_paper_due
from tests.factories.network import a_public_hospital
from tests.web.test_billing_pages import _standing_clock, office, text_of  # noqa: F401 - fixtures


def refused(office: FlaskClient, ref: str) -> str:  # noqa: F811
    answer = office.post(f"/a/facturation/{ref}/emettre")
    assert answer.status_code == 422
    assert "Rien n'a été émis" in text_of(answer)
    return answer.get_data(as_text=True)


def test_a_missing_commitment_number_leads_to_where_it_is_written(office: FlaskClient, session: Session):  # noqa: F811
    draft = a_draft_invoice(session, a_public_hospital(session, siret=a_siret()))
    demand = draft.lines[0].service.session.demand
    session.commit()
    page = refused(office, draft.ref)
    assert f'href="/a/demandes/{demand.ref}/engagement"' in page
    assert "Noter le numéro d’engagement" in page


def test_a_missing_siret_leads_to_the_structure(office: FlaskClient, session: Session):  # noqa: F811
    draft = a_draft_invoice(session, a_client(session, siret=None))
    session.commit()
    assert f'href="/a/structures/{draft.partner.ref}/modifier"' in refused(office, draft.ref)


def test_a_wrong_iban_leads_to_the_association(office: FlaskClient, session: Session):  # noqa: F811
    draft = a_draft_invoice(session, a_client(session))
    session.get(Association, 1).iban = "FR7630006000011234567890188"
    session.commit()
    page = refused(office, draft.ref)
    assert 'href="/a/association"' in page
    assert "L’IBAN de l’association n’est pas juste" in page
    session.expire_all()
    assert (draft.state, draft.number) == (InvoiceState.DRAFT, None)


@pytest.mark.parametrize(
    ("field", "page"),
    [
        ("BT-31", "/a/association"),
        ("seller.siret", "/a/association"),
        ("BT-47", "/modifier"),
        ("buyer.electronic_address", "/modifier"),
        ("BT-13", "/engagement"),
        ("BT-146", "/a/demandes/"),
        ("lines.3", "/a/demandes/"),
        ("BT-120", "/a/catalogue"),
    ],
)
def test_every_kind_of_fault_has_its_page(app, session: Session, field: str, page: str):
    draft = a_draft_invoice(session)
    with app.test_request_context():
        found = mending_of(draft, field)
    assert found is not None
    assert page in found.url
    assert found.label


def test_what_no_page_mends_has_no_link(app, session: Session):
    draft = a_draft_invoice(session)
    with app.test_request_context():
        assert [mending_of(draft, field) for field in (None, "EP-RULES", "notes.PMT", "preceding")] == [None] * 4


def test_the_office_downloads_both_xml_and_both_hold(office: FlaskClient, session: Session):  # noqa: F811
    invoice = an_issued_invoice(session)
    produce_einvoice(session, invoice.ref, the_paper_due(session, invoice), clock=later())
    session.commit()
    page = office.get(f"/a/facturation/{invoice.ref}").get_data(as_text=True)
    for kind in ("xml", "ubl"):
        assert f'href="/a/facturation/{invoice.ref}/{kind}"' in page
        answer = office.get(f"/a/facturation/{invoice.ref}/{kind}")
        assert (answer.status_code, answer.mimetype) == (200, "application/xml")
        assert "no-store" in answer.headers["Cache-Control"]
        verdict = inspect_xml(answer.data, shared_checker())
        assert verdict.holds
        assert verdict.opened.reading.value("BT-1") == invoice.number
    assert answer.headers["Content-Disposition"] == f"attachment; filename={invoice.number}-ubl.xml"


def test_a_draft_has_no_ubl(office: FlaskClient, session: Session):  # noqa: F811
    draft = a_draft_invoice(session)
    session.commit()
    assert office.get(f"/a/facturation/{draft.ref}/ubl").status_code == 409
