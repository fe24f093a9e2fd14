"""What an office adds to a draft, page by page: a discount, a file; a refusal keeps what was typed."""

from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from entrepairs.billing.drafts.attachments import attach_file
from entrepairs.billing.einvoice.model import AttachmentKind
from entrepairs.billing.issuing import issue_invoice
from entrepairs.identity.models import OfficeRoleKind
from entrepairs.network.models import MemberRole, PartnerMember
from tests.factories.billing import OFFICE, a_draft_invoice, later, the_association
from tests.factories.identity import an_account, an_office_account
from tests.web.forms_of_pages import PDF
from tests.web.test_billing_pages import _standing_clock, enter, text_of  # noqa: F401 - its clock is ours


@pytest.fixture
def office(client: FlaskClient, session: Session) -> FlaskClient:
    the_association(session)
    enter(client, session, an_office_account(session, OfficeRoleKind.BILLING))
    return client


def test_a_discount_is_given_shown_and_taken_back(office: FlaskClient, session: Session) -> None:
    draft = a_draft_invoice(session)
    session.commit()
    url = f"/a/facturation/{draft.ref}"
    assert "Toute la facture" in text_of(office.get(f"{url}/remise"))
    typed = {"position": "0", "amount": "9999999", "percent": "", "code": "65", "more": "séance écourtée"}
    refused = office.post(f"{url}/remise", data=typed)
    assert refused.status_code == 422
    for kept in ('value="9999999"', 'value="séance écourtée"', 'value="65" checked'):
        assert kept in refused.get_data(as_text=True).replace("checked value", "value").replace(
            'value="65" required checked', 'value="65" checked'
        )
    assert "moins de 2 560,00 €" in text_of(refused)
    both = office.post(f"{url}/remise", data={**typed, "amount": "10", "percent": "5"})
    assert "l'un des deux" in text_of(both)
    assert office.post(f"{url}/remise", data={**typed, "amount": "60"}).status_code == 303
    assert office.post(f"{url}/remise", data={**typed, "position": "1", "amount": "", "percent": "10"}).location
    page = text_of(office.get(url))
    assert "Remise après un incident : séance écourtée : − 32,00 €" in page
    assert "Total des lignes hors taxes" in page
    assert "2 468,00 €" in page
    assert office.post(f"{url}/remise/retirer", data={"position": "0"}).status_code == 303
    assert office.post(f"{url}/remise/retirer", data={"position": "1"}).status_code == 303
    assert "2 468,00 €" not in text_of(office.get(url))


def test_a_file_is_attached_read_and_taken_off(office: FlaskClient, session: Session) -> None:
    draft = a_draft_invoice(session)
    session.commit()
    url = f"/a/facturation/{draft.ref}"
    wrong = office.post(f"{url}/jointe", data={"kind": "PJA", "file": (BytesIO(b"MZ"), "outil.exe")})
    assert (wrong.status_code, "Choisissez un PDF ou une image" in text_of(wrong)) == (422, True)
    given = {"kind": "PJA", "file": (BytesIO(PDF), "emargement.pdf")}
    assert office.post(f"{url}/jointe", data=given).status_code == 303
    session.expire_all()
    (row,) = draft.attachments
    assert row.name == "emargement.pdf"
    assert office.get(f"{url}/jointe/{row.ref}").get_data() == PDF
    assert "emargement.pdf" in text_of(office.get(url))
    assert office.post(f"{url}/jointe/{row.ref}/retirer").status_code == 303
    assert "emargement.pdf" not in text_of(office.get(url)).replace("« emargement.pdf »", "")


def test_once_issued_nothing_is_added_any_more(office: FlaskClient, session: Session) -> None:
    draft = a_draft_invoice(session)
    issue_invoice(session, draft.ref, clock=later(), actor=OFFICE)
    session.commit()
    url = f"/a/facturation/{draft.ref}"
    assert "Faire une remise" not in text_of(office.get(url))
    assert "seul un brouillon" in text_of(office.get(f"{url}/remise"))
    assert "seul un brouillon" in text_of(office.get(f"{url}/jointe"))
    late = {"position": "0", "amount": "10", "percent": "", "code": "65", "more": ""}
    assert office.post(f"{url}/remise", data=late).status_code == 409


def test_a_structure_takes_the_files_of_its_own_issued_invoices_and_of_no_other(
    client: FlaskClient, session: Session
) -> None:
    the_association(session)
    own, foreign, waiting = a_draft_invoice(session), a_draft_invoice(session), a_draft_invoice(session)
    files = [
        attach_file(session, one.ref, "emargement.pdf", PDF, AttachmentKind.SUPPORTING, clock=later(), actor=OFFICE).ref
        for one in (own, foreign, waiting)
    ]
    for one in (own, foreign):
        issue_invoice(session, one.ref, clock=later(), actor=OFFICE)
    waiting.partner = own.partner
    member = an_account(session, name="Compta Alpha")
    session.add(PartnerMember(partner=own.partner, account=member, role=MemberRole.ACCOUNTANT, function="Comptable"))
    session.flush()
    enter(client, session, member)
    page = client.get(f"/s/factures/{own.ref}")
    assert f"/s/factures/{own.ref}/jointe/{files[0]}" in page.get_data(as_text=True)
    assert "feuille d'émargement" in text_of(page)
    answer = client.get(f"/s/factures/{own.ref}/jointe/{files[0]}")
    assert (answer.get_data(), answer.mimetype) == (PDF, "application/pdf")
    for invoice, file in ((foreign, files[1]), (own, files[1]), (waiting, files[2])):
        assert client.get(f"/s/factures/{invoice.ref}/jointe/{file}").status_code == 404
