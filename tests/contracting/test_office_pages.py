"""The office's pages of quotes and agreements. French, without JavaScript."""

import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.contracting import considering
from entrepairs.contracting.models import Agreement, InvoiceGrouping, Quote, QuoteVersion
from entrepairs.contracting.states import AgreementState, QuoteState
from entrepairs.demands.states import DemandState
from entrepairs.kernel.clock import FixedClock
from tests.contracting.conftest import House, ask
from tests.contracting.reading import form_of, page_of, plain
from tests.factories.contracting import an_active_agreement

pytestmark = pytest.mark.usefixtures("standing_clock")


def test_a_quote_leaves_in_three_clicks_with_the_lines_already_there(
    session: Session, clinic: House, office: FlaskClient
) -> None:
    demand = ask(session, clinic)
    session.commit()
    assert f"/a/demandes/{demand.ref}/devis" in page_of(office, f"/a/demandes/{demand.ref}")
    html = page_of(office, f"/a/demandes/{demand.ref}/devis")
    fields = form_of(html)
    assert (fields["lines-0-quantity"], fields["lines-0-price"]) == ("8", "320,00")
    assert "Hélène Faure" in html

    answer = office.post(f"/a/demandes/{demand.ref}/devis", data={**fields, "send": "1"})
    assert answer.status_code == 303
    session.expire_all()
    assert demand.state is DemandState.QUOTED
    version = session.scalars(select(QuoteVersion)).one()
    assert (version.state, version.gross) == (QuoteState.SENT, 256000)
    assert "2 560,00" in page_of(office, f"/a/demandes/{demand.ref}/devis")


def test_the_lines_may_be_changed_kept_and_read_as_a_pdf_before_they_leave(
    session: Session, clinic: House, office: FlaskClient
) -> None:
    demand = ask(session, clinic)
    session.commit()
    path = f"/a/demandes/{demand.ref}/devis"
    typed = {**form_of(page_of(office, path)), "lines-0-price": "1 234,50 €", "lines-0-quantity": "2,5"}
    assert office.post(path, data=typed).status_code == 303
    html = page_of(office, path)
    assert "3 086,25" in html
    assert form_of(html)["lines-0-quantity"] == "2,5"
    preview = office.get(f"{path}/apercu.pdf")
    assert preview.data.startswith(b"%PDF-")
    assert session.scalars(select(QuoteVersion)).one().state is QuoteState.DRAFT


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lines-0-quantity": "beaucoup"}, "quantité au-dessus de zéro"),
        ({"lines-0-quantity": "0"}, "quantité au-dessus de zéro"),
        ({"lines-0-price": "cher"}, "montant en euros"),
        ({"lines-0-label": "Suivi de M. Durand"}, ""),
    ],
)
def test_what_can_not_be_quoted_comes_back_with_what_was_typed(
    session: Session, clinic: House, office: FlaskClient, change: dict[str, str], said: str
) -> None:
    demand = ask(session, clinic)
    session.commit()
    path = f"/a/demandes/{demand.ref}/devis"
    answer = office.post(path, data={**form_of(page_of(office, path)), **change, "send": "1"})
    assert answer.status_code == 422
    html = plain(answer.text)
    assert said in html
    assert "field-error" in html
    assert next(iter(change.values())) in html
    assert session.scalar(select(func.count(Quote.id))) == 0


def test_an_agreement_is_made_from_a_structure_with_the_voted_prices(
    session: Session, clinic: House, office: FlaskClient
) -> None:
    session.commit()
    html = page_of(office, f"/a/conventions/nouvelle?structure={clinic.partner.ref}")
    fields = form_of(html)
    assert fields[f"price-{clinic.group.code}"] == "320,00"
    assert fields["signatory"] == "Hélène Faure"
    wanted = {
        **{name: value for name, value in fields.items() if name not in {"prices", "yearly_engagement"}},
        "partner": clinic.partner.ref,
        "prices": clinic.group.code,
        f"price-{clinic.group.code}": "300",
        "ceiling": "12 000",
        "record_access": "own_tab",
        "grouping": "site",
        "cancel_notice_days": "3",
        "cancel_percent": "30",
        "project": "PTSM13-2025",
        "send": "1",
    }
    answer = office.post("/a/conventions/nouvelle", data=wanted)
    assert answer.status_code == 303, plain(answer.text)[:3000]
    agreement = session.scalars(select(Agreement)).one()
    assert (agreement.state, agreement.ceiling, agreement.prices[0].cents) == (AgreementState.SENT, 1200000, 30000)

    assert (agreement.grouping, agreement.cancel_notice_days) == (InvoiceGrouping.SITE, 3)
    page = page_of(office, answer.location)
    assert "Ce qui a été fait dans le mois dans un lieu" in page
    assert "sans frais jusqu'à 3 jours avant, puis 30 % du prix" in page
    assert "Elle attend la signature de Hélène Faure." in page
    assert (agreement.project, "PTSM13-2025" in page) == ("PTSM13-2025", True)
    assert "CV2027-00001" in page
    assert office.get(f"{answer.location}/convention.pdf").data.startswith(b"%PDF-")

    signed = office.post(
        f"{answer.location}/signature",
        data={
            "signed_on": "2027-01-08",
            "signatory": "Hélène Faure",
            "signatory_function": "Directrice",
            "signed_file": (io.BytesIO(b"%PDF-1.7 scan"), "scan.pdf"),
        },
        content_type="multipart/form-data",
    )
    assert signed.status_code == 303
    page = page_of(office, answer.location)
    assert "Signée le 8 janvier 2027, elle court jusqu'au 31 décembre 2027." in page
    scan = office.get(f"{answer.location}/signee.pdf")
    assert scan.data == b"%PDF-1.7 scan"
    assert scan.headers["Content-Disposition"].startswith("attachment")

    assert "En cours" in page_of(office, "/a/conventions")
    assert office.post(f"{answer.location}/terminer").status_code == 303
    assert "Arrêtée" in page_of(office, "/a/conventions?etat=finies")


def test_terms_that_make_no_sense_come_back_with_what_was_typed(
    session: Session, clinic: House, hospital: House, office: FlaskClient
) -> None:
    session.commit()
    fields = form_of(page_of(office, f"/a/conventions/nouvelle?structure={hospital.partner.ref}"))
    sound = {**fields, "partner": hospital.partner.ref, "prices": hospital.group.code, "record_access": "none"}
    for change, said in (
        ({}, "Pour un acheteur public"),
        ({"ceiling": "beaucoup"}, "montant en euros"),
        ({"ceiling": "5000", f"price-{hospital.group.code}": "x"}, "montant en euros"),
        ({"ceiling": "5000", "last_day": "2026-01-01"}, "se termine avant de commencer"),
        ({"ceiling": "5000", "title": ""}, "Donnez un titre"),
    ):
        answer = office.post("/a/conventions/nouvelle", data={**sound, **change})
        assert answer.status_code == 422
        assert said in plain(answer.text)
        assert hospital.group.code in answer.text
    assert session.scalar(select(func.count(Agreement.id))) == 0


def test_a_draft_is_edited_and_lists_have_two_empty_texts(session: Session, clinic: House, office: FlaskClient) -> None:
    session.commit()
    assert "Pas encore de convention." in page_of(office, "/a/conventions")
    fields = form_of(page_of(office, f"/a/conventions/nouvelle?structure={clinic.partner.ref}"))
    fields.pop("yearly_engagement")
    wanted = {**fields, "partner": clinic.partner.ref, "prices": clinic.group.code, "record_access": "none"}
    address = office.post("/a/conventions/nouvelle", data=wanted).location
    html = page_of(office, f"{address}/modifier")
    assert f'value="{clinic.group.code}" checked' in html
    edited = {**wanted, "title": "Convention du pôle Est"}
    assert office.post(f"{address}/modifier", data=edited).status_code == 303
    assert "Convention du pôle Est" in page_of(office, address)
    assert "Rien ne correspond à ces filtres." in page_of(office, "/a/conventions?etat=finies")


def test_the_office_notes_the_number_given_by_telephone(
    session: Session, hospital: House, clock: FixedClock, office: FlaskClient
) -> None:
    an_active_agreement(session, hospital.partner, hospital.group, clock=clock)
    demand = ask(session, hospital)
    considering.consider_demand(session, demand.ref, {}, clock=clock)
    session.commit()
    path = f"/a/demandes/{demand.ref}/engagement"
    assert path in page_of(office, f"/a/demandes/{demand.ref}")
    assert office.post(path, data={"engagement": ""}).status_code == 422
    assert office.post(path, data={"engagement": "EJ-77", "service_code": "PSY"}).status_code == 303
    session.expire_all()
    assert demand.state is DemandState.CONFIRMED
    assert "EJ-77" in page_of(office, f"/a/demandes/{demand.ref}")
