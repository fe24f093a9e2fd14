"""Invoices as a structure and the office see them, and Stripe's door, as a browser without JavaScript."""

import json
import re

import pytest
import stripe
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.delivery import produce_einvoice
from entrepairs.billing.models import CheckoutPayment, Invoice, InvoiceKind, InvoiceState, PaymentState, StripeEvent
from entrepairs.billing.transmission.sending import send_invoice
from entrepairs.doubles.stripe_api.service import StripeApi
from entrepairs.identity import sessions
from entrepairs.identity.models import Account, OfficeRoleKind
from entrepairs.network.models import MemberRole, Partner
from entrepairs.outbox.models import OutboxItem
from tests.factories.billing import (
    a_client,
    a_demand_done,
    a_draft_invoice,
    a_siret,
    an_issued_invoice,
    later,
    the_association,
    the_paper_due,
)
from tests.factories.identity import an_office_account
from tests.factories.network import a_member, a_public_hospital


@pytest.fixture(autouse=True)
def _standing_clock(app):
    app.config["CLOCK"] = later()
    yield
    app.config["CLOCK"] = None


def enter(client: FlaskClient, session: Session, account: Account) -> None:
    secret = sessions.open_session(session, account, user_agent="test")
    session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True


@pytest.fixture
def office(client: FlaskClient, session: Session) -> FlaskClient:
    the_association(session)
    enter(client, session, an_office_account(session, OfficeRoleKind.BILLING))
    return client


def accountant(client: FlaskClient, session: Session, partner: Partner) -> FlaskClient:
    enter(client, session, a_member(session, partner, MemberRole.ACCOUNTANT))
    return client


def text_of(answer) -> str:
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))
    return plain.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def draw(session: Session, invoice: Invoice) -> None:
    produce_einvoice(session, invoice.ref, the_paper_due(session, invoice), clock=later())
    send_invoice(session, invoice.ref, {}, clock=later())
    session.commit()


def test_empty_pages_say_what_will_come(office: FlaskClient):
    assert "Rien à facturer" in text_of(office.get("/a/facturation"))
    assert "Aucun paiement" in text_of(office.get("/a/paiements"))
    assert "Aucune écriture" in text_of(office.get("/a/comptes", follow_redirects=True))
    assert office.get("/a/facturation?vue=retard").status_code == 200


def test_from_sessions_to_a_paid_invoice_in_the_office(office: FlaskClient, session: Session):
    partner = a_client(session)
    demand = a_demand_done(session, partner)
    session.commit()
    assert "8 séances · 2 560,00 €" in text_of(office.get("/a/facturation"))
    made = office.post(f"/a/facturation/structures/{partner.ref}", data={"demand": demand.ref})
    assert made.status_code == 303
    page = office.get(made.location)
    assert "Brouillon de facture" in text_of(page)
    assert office.post(made.location + "/emettre").status_code == 303
    assert "Facture FA2027-00001" in text_of(office.get(made.location))
    session.expire_all()
    draw(session, session.scalars(select(Invoice)).one())
    assert office.get(made.location + "/pdf").data.startswith(b"%PDF")
    assert office.get(made.location + "/xml").mimetype == "application/xml"
    too_much = {"amount": "3 000,00 €", "received_on": "2027-04-02", "reference": "VIR 7"}
    refused = office.post(made.location + "/paiement", data=too_much)
    assert refused.status_code == 422
    assert "440,00 € de trop" in text_of(refused)
    assert office.post(made.location + "/paiement", data={**too_much, "amount": "2560"}).status_code == 303
    assert "payée" in text_of(office.get(made.location))
    assert "VIR 7" in text_of(office.get("/a/paiements"))
    assert "FA2027-00001" in text_of(office.get("/a/comptabilite/journal?journal=VE"))


def test_what_stands_in_the_way_is_said_and_nothing_is_numbered(office: FlaskClient, session: Session):
    hospital = a_public_hospital(session, siret=a_siret())
    draft = a_draft_invoice(session, hospital)
    session.commit()
    answer = office.post(f"/a/facturation/{draft.ref}/emettre")
    assert answer.status_code == 422
    assert "Rien n'a été émis" in text_of(answer)
    session.expire_all()
    assert (draft.state, draft.number) == (InvoiceState.DRAFT, None)


def test_a_draft_is_deleted_and_its_sessions_come_back(office: FlaskClient, session: Session):
    draft = a_draft_invoice(session)
    session.commit()
    assert office.post(f"/a/facturation/{draft.ref}/supprimer").status_code == 303
    assert "8 séances" in text_of(office.get("/a/facturation"))


def test_a_credit_note_by_lines_then_a_refund(office: FlaskClient, session: Session):
    invoice = an_issued_invoice(session)
    session.commit()
    url = f"/a/facturation/{invoice.ref}"
    office.post(url + "/paiement", data={"amount": "2560", "received_on": "2027-04-02"})
    assert office.get(url + "/avoir").status_code == 200
    assert office.post(url + "/avoir", data={"reason": ""}).status_code == 422
    assert office.post(url + "/avoir", data={"reason": "Séance écourtée", "positions": ["2"]}).status_code == 303
    assert "Rembourser" in text_of(office.get(url))
    assert office.get(url + "/remboursement").status_code == 200
    assert office.post(url + "/remboursement", data={"amount": "320", "received_on": "2027-04-02"}).status_code == 303
    session.expire_all()
    note = session.scalars(select(Invoice).where(Invoice.kind == InvoiceKind.CREDIT_NOTE)).one()
    assert office.get(f"/a/facturation/{note.ref}").status_code == 200


def test_a_deposit_on_chorus_is_noted_once(office: FlaskClient, session: Session):
    hospital = a_public_hospital(session, siret=a_siret(), requires_engagement=False)
    invoice = an_issued_invoice(session, hospital)
    session.commit()
    url = f"/a/facturation/{invoice.ref}"
    assert office.post(url + "/chorus", data={"note": "D-1"}).status_code == 303
    assert "Déposée à la main" in text_of(office.get(url))
    assert office.post(url + "/chorus").status_code == 409


def test_a_structure_reads_its_invoice_and_how_to_pay_it(client: FlaskClient, session: Session):
    invoice = an_issued_invoice(session)
    draw(session, invoice)
    accountant(client, session, invoice.partner)
    listed = text_of(client.get("/s/factures"))
    assert "Facture FA2027-00001 · 2 560,00 €" in listed
    page = text_of(client.get(f"/s/factures/{invoice.ref}"))
    assert "Payer en ligne" in page
    assert "IBAN" in page
    assert client.get(f"/s/factures/{invoice.ref}/pdf").data.startswith(b"%PDF")
    assert client.get("/s/factures?etat=payees").status_code == 200


def test_a_hospital_is_given_the_transfer_only(client: FlaskClient, session: Session):
    the_association(session)
    hospital = a_public_hospital(session, siret=a_siret(), requires_engagement=False)
    invoice = an_issued_invoice(session, hospital)
    accountant(client, session, hospital)
    page = text_of(client.get(f"/s/factures/{invoice.ref}"))
    assert "Payer en ligne" not in page
    assert "Référence à indiquer FA2027-00001" in page
    assert client.post(f"/s/factures/{invoice.ref}/payer").status_code == 409


def test_the_invoice_of_another_structure_does_not_exist(client: FlaskClient, session: Session):
    invoice = an_issued_invoice(session)
    accountant(client, session, a_client(session))
    for tail in ("", "/pdf", "/xml", "/paiement", "/paiement/nouvelles"):
        assert client.get(f"/s/factures/{invoice.ref}{tail}").status_code == 404
    assert client.post(f"/s/factures/{invoice.ref}/payer").status_code == 404


@pytest.fixture
def stand(app, tmp_path):
    with StripeApi(
        data=tmp_path / "stripe.sqlite", webhook_url=None, webhook_secret=app.config["STRIPE_WEBHOOK_SECRET"]
    ) as stand:
        app.config["STRIPE_API_BASE"] = stand.address
        yield stand
        app.config["STRIPE_API_BASE"] = ""


def test_paying_online_leads_to_stripe_and_back_to_we_are_checking(
    client: FlaskClient, session: Session, stand: StripeApi
):
    invoice = an_issued_invoice(session)
    accountant(client, session, invoice.partner)
    first = client.post(f"/s/factures/{invoice.ref}/payer")
    again = client.post(f"/s/factures/{invoice.ref}/payer")
    assert first.status_code == again.status_code == 303
    assert first.location == again.location
    assert first.location.startswith(stand.address + "/c/pay/")
    waiting = text_of(client.get(f"/s/factures/{invoice.ref}/paiement"))
    assert "Nous vérifions le paiement" in waiting
    assert "échec" not in waiting.lower()
    news = f"/s/factures/{invoice.ref}/paiement/nouvelles"
    assert client.get(news).json["finished"] is False
    session.expire_all()
    payment = session.scalars(select(CheckoutPayment)).one()
    payment.state = PaymentState.PAID
    session.commit()
    assert client.get(news).json["reload"] is True
    assert "Merci, le paiement est arrivé" in text_of(client.get(f"/s/factures/{invoice.ref}/paiement"))


def test_stripe_down_is_a_sentence_on_the_invoice(client: FlaskClient, session: Session, app):
    invoice = an_issued_invoice(session)
    accountant(client, session, invoice.partner)
    app.config["STRIPE_API_BASE"] = "http://127.0.0.1:9"
    answer = client.post(f"/s/factures/{invoice.ref}/payer")
    app.config["STRIPE_API_BASE"] = ""
    assert answer.status_code == 503
    assert "Stripe ne répond pas" in text_of(answer)


def test_a_signed_webhook_is_kept_once_and_a_forged_one_never(client: FlaskClient, session: Session, app):
    body = json.dumps(
        {
            "id": "evt_1",
            "type": "checkout.session.completed",
            "livemode": False,
            "data": {"object": {"object": "checkout.session", "id": "cs_unknown"}},
        }
    ).encode()
    secret = app.config["STRIPE_WEBHOOK_SECRET"]
    good = stripe.WebhookSignature.generate_signature_header(body.decode(), secret)
    forged = stripe.WebhookSignature.generate_signature_header(body.decode(), "whsec_other")
    statuses = [
        client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": signature}).status_code
        for signature in (good, good, forged)
    ]
    assert statuses == [204, 204, 400]
    assert client.post("/webhooks/stripe", data=body).status_code == 400
    assert len(session.scalars(select(StripeEvent)).all()) == 1
    assert len(session.scalars(select(OutboxItem).where(OutboxItem.kind == "billing.handle_stripe_event")).all()) == 1


def test_looking_changes_nothing(office: FlaskClient, session: Session):
    invoice = an_issued_invoice(session)
    session.commit()
    before = session.scalars(select(OutboxItem.id)).all()
    for path in ("", "/avoir", "/paiement", "/remboursement"):
        assert office.get(f"/a/facturation/{invoice.ref}{path}").status_code == 200
    assert session.scalars(select(OutboxItem.id)).all() == before
