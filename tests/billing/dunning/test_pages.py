"""The pages of late payments: read before it leaves, sent once, told to the office, and the statement."""

import io
from datetime import date, timedelta

import pypdf
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.dunning.interest import REFI
from entrepairs.billing.dunning.models import DunningLetter
from entrepairs.billing.models import Invoice
from entrepairs.billing.payments import record_transfer
from entrepairs.identity.models import OfficeRoleKind
from entrepairs.kernel.money import Money
from entrepairs.kernel.parameters import Parameter, Parameters, figures
from tests.billing.test_correction_pages import enter, text_of
from tests.factories.billing import OFFICE, an_issued_invoice, later, the_association
from tests.factories.identity import an_office_account

PAGE = "/a/facturation/relances"


@pytest.fixture
def office(app, client: FlaskClient, session: Session):
    clock = later()
    clock.advance(timedelta(days=38))
    app.config["CLOCK"] = clock
    the_association(session)
    yield enter(client, session, an_office_account(session, OfficeRoleKind.BILLING, name="Fatou Essai"))
    app.config["CLOCK"] = None


def test_letters_are_read_then_sent_once_with_the_sentence_of_the_office(office, session) -> None:
    invoice = an_issued_invoice(session)
    session.commit()
    key = f"{invoice.partner.ref}.friendly"
    said = text_of(office.get(PAGE))
    assert "2 560,00 € sont en retard" in said
    assert "Pour compta@clinique.invalid" in said
    assert "8 jours de retard" in said
    assert "Un courrier de relance à relire" in text_of(office.get("/a/"))
    refused = office.post(PAGE, data={"letter": key, f"words-{key}": "Mme Durand attend."})
    assert refused.status_code == 422
    assert "Mme Durand attend." in refused.text
    assert session.scalars(select(DunningLetter)).all() == []
    sent = {"letter": key, f"words-{key}": "Bonjour à toute l’équipe."}
    assert [office.post(PAGE, data=sent).status_code for _ in range(2)] == [303, 303]
    (letter,) = session.scalars(select(DunningLetter))
    assert letter.words == "Bonjour à toute l’équipe."
    assert "laissé de côté" in text_of(office.get(PAGE))
    assert "Bonjour à toute l'équipe." in text_of(office.get(f"/a/facturation/{invoice.ref}/suivi"))


def test_a_payment_received_while_one_reads_leaves_the_letter_out(office, session) -> None:
    invoice = an_issued_invoice(session)
    session.commit()
    key = f"{invoice.partner.ref}.friendly"
    assert key in office.get(PAGE).text
    record_transfer(session, invoice.ref, Money(invoice.gross), later().today(), clock=later(), actor=OFFICE)
    session.commit()
    office.post(PAGE, data={"letter": key})
    assert session.scalars(select(DunningLetter)).all() == []
    assert "laissé de côté" in text_of(office.get(PAGE))


def test_the_statement_is_a_page_a_paper_and_a_sheet(office, session) -> None:
    invoice = an_issued_invoice(session)
    session.commit()
    url = f"{PAGE}/{invoice.partner.ref}"
    assert "dus en tout" in text_of(office.get(url))
    paper = pypdf.PdfReader(io.BytesIO(office.get(f"{url}/pdf").data)).pages[0].extract_text()
    assert "Relevé de compte" in paper
    assert "FA2027-00001" in paper
    head, line = office.get(f"{url}/csv").data.decode("utf-8-sig").splitlines()
    assert head.startswith("Structure;Facture;")
    assert ";FA2027-00001;02/04/2027;02/05/2027;02/05/2027;8;2560,00;2560,00;" in line


def test_a_promise_and_a_dispute_are_noted_and_closed_and_a_refusal_keeps_what_was_typed(office, session) -> None:
    invoice = an_issued_invoice(session)
    session.commit()
    page = f"/a/facturation/{invoice.ref}"
    answer = office.post(f"{page}/promesse", data={"until": "2020-01-01", "note": "Bientôt"})
    assert answer.status_code == 422
    assert "Ce jour est passé" in text_of(answer)
    assert 'value="Bientôt"' in answer.text
    assert office.post(f"{page}/promesse", data={"until": "2027-06-01"}).status_code == 303
    assert "règlement annoncé pour le 1er juin 2027" in text_of(office.get(PAGE))
    assert office.post(f"{page}/contestation", data={"reason": "Une séance de trop"}).status_code == 303
    told = office.get(f"{page}/suivi")
    assert "les intérêts sont montrés, rien n'est demandé" in text_of(told)
    assert office.post(f"{page}/recours", data={"route": "judge", "note": "x"}).status_code == 409
    assert office.post(f"{page}/interets/abandon", data={"reason": "Bonne entente"}).status_code == 303


def test_interest_is_asked_for_once_from_the_page(office, session, monkeypatch) -> None:
    known = figures()
    others = [one for code in known.codes if code != REFI for one in known.history(code)]
    rates = Parameters([*others, Parameter(REFI, date(2020, 1, 1), None, 2, "percent", "test", "F")])
    invoice = an_issued_invoice(session)
    session.commit()
    page = f"/a/facturation/{invoice.ref}"
    assert "Le demander par une facture" not in text_of(office.get(f"{page}/suivi"))  # a rate is missing
    monkeypatch.setattr("entrepairs.billing.dunning.standing.figures", lambda: rates)
    assert "Le demander par une facture" in text_of(office.get(f"{page}/suivi"))
    assert [office.post(f"{page}/interets").status_code for _ in range(2)] == [303, 409]
    (claim,) = session.scalars(select(Invoice).where(Invoice.interest_of_id == invoice.id))
    assert f"demandés · {claim.number}" in text_of(office.get(f"{page}/suivi"))
    assert office.get(f"/a/facturation/{claim.ref}").status_code == 200


def test_the_forecast_draws_what_is_expected(office, session) -> None:
    an_issued_invoice(session)
    session.commit()
    page = office.get("/a/facturation/prevision")
    assert "Encaissements attendus" in text_of(page)
    assert page.text.count('class="chart-own" x=') == 2
    assert "son délai légal" in text_of(page)
