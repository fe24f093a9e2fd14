"""How an invoice left, as the office sees it: the picture and its twin, what is stuck, and every gesture that mends."""

import io
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.delivery import produce_einvoice
from entrepairs.billing.models import Invoice
from entrepairs.billing.transmission.carriers import Heard, News, Receipt
from entrepairs.billing.transmission.channels import Accounts, Channel
from entrepairs.billing.transmission.following import apply_heard
from entrepairs.billing.transmission.models import EventSource, PayerChannel, Transmission
from entrepairs.billing.transmission.sending import live_sending, note_receipt, open_sending, send_invoice
from entrepairs.identity.models import OfficeRoleKind
from entrepairs.outbox.models import OutboxItem
from tests.factories.billing import a_siret, an_issued_invoice, later, the_association, the_paper_due
from tests.factories.network import a_public_hospital
from tests.web.office_browser import *  # noqa: F403 - fixtures
from tests.web.office_browser import text_of

CHORUS = {
    "CHORUS_TOKEN_URL": "http://127.0.0.1:1/token",
    "CHORUS_API_BASE": "http://127.0.0.1:1",
    **dict.fromkeys(("CHORUS_PISTE_ID", "CHORUS_PISTE_SECRET", "CHORUS_LOGIN", "CHORUS_PASSWORD"), "demo-x"),
}
PDF = b"%PDF-1.7 liste"


@pytest.fixture
def office(app, client: FlaskClient, session: Session, logged_in) -> FlaskClient:
    app.config["CLOCK"] = later()
    app.config.update(CHORUS)
    the_association(session)
    logged_in(OfficeRoleKind.BILLING)
    return client


@pytest.fixture
def invoice(session: Session) -> Invoice:
    hospital = a_public_hospital(session, siret=a_siret(), requires_engagement=False, billing_email="a@b.test")
    row = an_issued_invoice(session, hospital)
    produce_einvoice(session, row.ref, the_paper_due(session, row), clock=later())
    session.expire(row, ["file"])
    send_invoice(session, row.ref, {}, clock=later())
    session.commit()
    return row


def deposited(session: Session, invoice: Invoice, *news: tuple[int, str]) -> Transmission:
    """Deposited, and what was said since."""
    parcel = open_sending(session, invoice.ref, Accounts(chorus=True), clock=later())
    assert parcel is not None
    receipt = Receipt("CPP-1", "8316")
    note_receipt(session, parcel.ref, receipt, clock=later())
    told = tuple(
        News(str(place), code, None, reason or None, "mots du payeur" if reason else "")
        for place, (code, reason) in enumerate(news)
    )
    apply_heard(session, parcel.ref, Heard(receipt, told), source=EventSource.CHORUS_PRO, clock=later())
    session.commit()
    return session.scalars(select(Transmission).where(Transmission.ref == parcel.ref)).one()


def planned(session: Session, kind: str) -> int:
    return len(session.scalars(select(OutboxItem).where(OutboxItem.kind == kind)).all())


def test_the_picture_and_its_twin_tell_the_same(office: FlaskClient, session: Session, invoice: Invoice):
    deposited(session, invoice, (202, ""), (203, ""))
    page = office.get(f"/a/facturation/{invoice.ref}")
    html = page.get_data(as_text=True)
    assert html.count("<svg") >= 2
    assert re.search(r'role="img" aria-label="La vie de cette facture"', html)
    words = text_of(page)
    for word in (
        "Émise",
        "Déposée",
        "Reçue",
        "Mise à disposition",
        "Approuvée",
        "Paiement",
        "202 · Reçue par la plateforme",
    ):
        assert word in words
    assert "Demander des nouvelles" in words
    assert "Corriger le destinataire" not in words
    assert office.post(f"/a/facturation/{invoice.ref}/nouvelles").status_code == 303
    assert planned(session, "billing.look_at_sending") == 1
    assert office.post(f"/a/facturation/{invoice.ref}/renvoyer").status_code == 409


def test_what_is_stuck_is_listed_with_what_to_do_and_counted_at_home(
    office: FlaskClient, session: Session, invoice: Invoice
):
    assert "Rien n'est arrêté" in text_of(office.get("/a/facturation/transmissions"))
    deposited(session, invoice, (210, "NON_CONFORME"))
    words = text_of(office.get("/a/facturation/transmissions"))
    assert "Une facture est arrêtée en chemin" in words
    assert "Faites un avoir" in words
    assert "« mots du payeur »" in words
    assert str(invoice.number) in text_of(office.get("/a/"))
    assert "Faire l'avoir" in text_of(office.get(f"/a/facturation/{invoice.ref}"))


def test_the_recipient_is_mended_and_the_invoice_leaves_again(office: FlaskClient, session: Session, invoice: Invoice):
    url = f"/a/facturation/{invoice.ref}/destinataire"
    former = deposited(session, invoice, (221, ""))
    assert "À recycler" in text_of(office.get(f"/a/facturation/{invoice.ref}"))
    assert invoice.buyer["siret"] in office.get(url).get_data(as_text=True)
    refused = office.post(url, data={"siret": "12345678901234"})
    assert refused.status_code == 422
    done = office.post(url, data={"siret": invoice.buyer["siret"], "service_code": "PSY-9"})
    assert done.status_code == 303
    live = live_sending(session, invoice.id)
    assert live is not None
    assert (live.previous_id, live.service_code) == (former.id, "PSY-9")
    assert planned(session, "billing.transmit") == 2
    assert invoice.service_code != "PSY-9"


def test_a_document_is_given_to_a_suspended_invoice(office: FlaskClient, session: Session, invoice: Invoice):
    url = f"/a/facturation/{invoice.ref}/piece"
    assert "Personne n'attend de pièce" in text_of(office.get(url))
    deposited(session, invoice, (208, "JUSTIF_ABS"))
    assert "une pièce justificative manque" in text_of(office.get(url))
    wrong = office.post(url, data={"file": (io.BytesIO(b"MZ"), "liste.exe")})
    assert wrong.status_code == 422
    assert "n'accepte pas ce type de fichier" in text_of(wrong)
    assert office.post(url, data={"file": (io.BytesIO(PDF), "C:\\dossier\\liste.pdf")}).status_code == 303
    assert planned(session, "billing.complete_sending") == 1
    assert "liste.pdf" in text_of(office.get(url))


def test_the_channel_of_a_structure_says_why_and_may_be_set(office: FlaskClient, session: Session, invoice: Invoice):
    url = f"/a/structures/{invoice.partner.ref}/envoi-des-factures"
    assert "la loi fait passer ses factures par Chorus Pro" in text_of(office.get(url))
    for _twice in range(2):
        assert office.post(url, data={"channel": "platform"}).status_code == 303
    row = session.scalars(select(PayerChannel)).one()
    assert row.channel is Channel.PLATFORM
    assert "Le compte de ce canal n'est pas réglé" in text_of(office.get(url))
    assert office.post(url, data={"channel": "pigeon"}).status_code == 422
    assert office.post(url, data={"channel": ""}).status_code == 303
    assert session.scalars(select(PayerChannel)).all() == []
