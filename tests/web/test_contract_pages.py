"""The pages of quotes and agreements: the office, the structure, the mail link. French, without JavaScript."""

import io
import re
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.models import AuditEntry, Transition
from entrepairs.contracting import considering, mails
from entrepairs.contracting.models import Acceptance, Agreement, Engagement, Quote, QuoteVersion
from entrepairs.contracting.states import AgreementState, QuoteState
from entrepairs.demands.states import DemandState
from entrepairs.identity.models import Account, ActionToken, TokenPurpose
from entrepairs.identity.sessions import open_session
from entrepairs.identity.tokens import mint
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.money import Money
from entrepairs.network.models import MemberRole
from tests.contracting.conftest import House, a_house, ask
from tests.factories.contracting import a_sent_quote, an_active_agreement
from tests.factories.identity import an_office_account
from tests.factories.network import a_member, a_partner, a_public_hospital

Enter = Callable[[Account], FlaskClient]


@pytest.fixture(autouse=True)
def _standing_clock(app: object, clock: FixedClock) -> Iterator[None]:
    """The pages read the test's clock."""
    config = app.config  # type: ignore[attr-defined]
    before = config.get("CLOCK")
    config["CLOCK"] = clock
    yield
    config["CLOCK"] = before


@pytest.fixture
def clinic(session: Session) -> House:
    return a_house(session, a_partner(session, name="Clinique des Tamaris"))


@pytest.fixture
def hospital(session: Session) -> House:
    return a_house(session, a_public_hospital(session, name="EPSM de la Durance"))


@pytest.fixture
def enter(client: FlaskClient, session: Session) -> Enter:
    """The browser, logged in as somebody."""

    def logged_in(account: Account) -> FlaskClient:
        secret = open_session(session, account, user_agent="test")
        session.commit()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = secret, True
        return client

    return logged_in


@pytest.fixture
def office(session: Session, enter: Enter) -> FlaskClient:
    return enter(an_office_account(session))


def page_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:2000]
    assert answer.text.count("<h1") == 1
    return plain(answer.text)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def link_of(session: Session, version: QuoteVersion, account: Account) -> str:
    secret = mint(session, TokenPurpose.QUOTE, mails.token_subject(version), days=30, account_id=account.id)
    session.commit()
    return f"/q/{secret}"


def form_of(html: str) -> dict[str, str]:
    """What the page's fields hold: a browser would send it back as it is."""
    found = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', html))
    chosen = re.findall(r'<select[^>]* name="([^"]+)".*?<option selected value="([^"]*)"', html, re.DOTALL)
    return found | dict(chosen)


SIGNED = {"version": "1", "name": "Hélène Faure", "function": "Directrice", "entitled": "y"}


# --- the office ----------------------------------------------------------------------------------------------


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
        **{name: value for name, value in fields.items() if name != "prices"},
        "partner": clinic.partner.ref,
        "prices": clinic.group.code,
        f"price-{clinic.group.code}": "300",
        "ceiling": "12 000",
        "record_access": "own_tab",
        "send": "1",
    }
    answer = office.post("/a/conventions/nouvelle", data=wanted)
    assert answer.status_code == 303, plain(answer.text)[:3000]
    agreement = session.scalars(select(Agreement)).one()
    assert (agreement.state, agreement.ceiling, agreement.prices[0].cents) == (AgreementState.SENT, 1200000, 30000)

    page = page_of(office, answer.location)
    assert "Elle attend la signature de Hélène Faure." in page
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


# --- the mail link -------------------------------------------------------------------------------------------


def test_reading_a_quote_from_its_mail_changes_nothing(
    session: Session, clinic: House, clock: FixedClock, client: FlaskClient
) -> None:
    version = a_sent_quote(session, ask(session, clinic), clock=clock)
    link = link_of(session, version, clinic.director)
    rows = (ActionToken, Acceptance, Transition, AuditEntry)
    before = [session.scalar(select(func.count(row.id))) for row in rows]
    html = page_of(client, link)
    assert (form_of(html)["name"], form_of(html)["function"]) == ("Hélène Faure", "Directrice")
    assert "2 560,00" in html
    assert client.get(f"{link}/devis.pdf").data.startswith(b"%PDF-")
    session.expire_all()
    assert [session.scalar(select(func.count(row.id))) for row in rows] == before
    assert version.state is QuoteState.SENT
    assert session.scalars(select(ActionToken)).one().used_at is None


def test_a_quote_is_signed_from_its_mail_once(
    session: Session, clinic: House, clock: FixedClock, client: FlaskClient
) -> None:
    demand = ask(session, clinic)
    version = a_sent_quote(session, demand, clock=clock)
    link = link_of(session, version, clinic.director)

    refused = client.post(f"{link}/accord", data={**SIGNED, "entitled": ""})
    assert refused.status_code == 422
    assert "Cochez la case" in plain(refused.text)

    answer = client.post(f"{link}/accord", data=SIGNED, headers={"User-Agent": "Firefox"})
    assert answer.status_code == 303
    assert "Votre accord est enregistré" in page_of(client, answer.location)
    session.expire_all()
    kept = session.scalars(select(Acceptance)).one()
    assert (kept.name, kept.function, kept.ip, kept.user_agent, kept.account_id) == (
        "Hélène Faure",
        "Directrice",
        "127.0.0.1",
        "Firefox",
        clinic.director.id,
    )
    assert demand.state is DemandState.CONFIRMED
    again = client.post(f"{link}/accord", data=SIGNED)
    assert again.status_code == 409
    assert client.get(f"{link}/devis.pdf").status_code == 409


def test_the_link_of_an_older_version_signs_nothing_and_says_so(
    session: Session, clinic: House, clock: FixedClock, client: FlaskClient
) -> None:
    demand = ask(session, clinic)
    link = link_of(session, a_sent_quote(session, demand, clock=clock), clinic.director)
    a_sent_quote(session, demand, clock=clock)
    session.commit()
    html = page_of(client, link)
    assert "Remplacé" in html
    assert "le dernier courriel" in html
    assert client.post(f"{link}/accord", data=SIGNED).status_code == 409
    session.expire_all()
    assert demand.state is DemandState.QUOTED


def test_no_is_said_from_the_mail_without_a_reason(
    session: Session, clinic: House, clock: FixedClock, client: FlaskClient
) -> None:
    version = a_sent_quote(session, ask(session, clinic), clock=clock)
    link = link_of(session, version, clinic.director)
    answer = client.post(f"{link}/refus")
    assert answer.status_code == 303
    page_of(client, answer.location)
    session.expire_all()
    assert version.state is QuoteState.REFUSED


def test_the_number_may_be_given_with_the_signature(
    session: Session, hospital: House, clock: FixedClock, client: FlaskClient
) -> None:
    demand = ask(session, hospital)
    version = a_sent_quote(session, demand, clock=clock)
    link = link_of(session, version, hospital.director)
    assert "Numéro d'engagement" in page_of(client, link)
    assert client.post(f"{link}/accord", data={**SIGNED, "engagement": "EJ-2027-1"}).status_code == 303
    session.expire_all()
    assert demand.state is DemandState.CONFIRMED
    assert session.scalars(select(Engagement.number)).one() == "EJ-2027-1"


def test_a_closed_account_no_longer_commits_by_its_link(
    session: Session, clinic: House, clock: FixedClock, client: FlaskClient
) -> None:
    version = a_sent_quote(session, ask(session, clinic), clock=clock)
    link = link_of(session, version, clinic.director)
    clinic.director.disabled_at = clock.now()
    session.commit()
    assert client.post(f"{link}/accord", data=SIGNED).status_code == 403


# --- the structure -------------------------------------------------------------------------------------------


def test_a_signatory_finds_the_quote_at_home_and_signs(
    session: Session, clinic: House, clock: FixedClock, enter: Enter
) -> None:
    demand = ask(session, clinic)
    version = a_sent_quote(session, demand, clock=clock)
    browser = enter(clinic.director)
    path = f"/s/devis/{version.quote.ref}"
    home = page_of(browser, "/s/")
    assert "Devis à signer" in home
    assert path in home
    assert "Un devis attend une réponse." in page_of(browser, "/s/devis?etat=a-signer")
    assert form_of(page_of(browser, path))["version"] == "1"
    pdf = browser.get(f"{path}/v1.pdf")
    assert pdf.headers["Content-Disposition"].startswith("attachment")
    assert browser.get(f"/s/demandes/{demand.ref}/devis").location.endswith(path)

    answer = browser.post(f"{path}/accord", data=SIGNED)
    assert (answer.status_code, answer.location) == (303, f"/s/demandes/{demand.ref}")
    assert "Bon pour accord de Hélène Faure, Directrice." in page_of(browser, path)


def test_who_does_not_sign_sees_who_does_since_when_and_passes_it_on(
    session: Session, clinic: House, clock: FixedClock, enter: Enter
) -> None:
    version = a_sent_quote(session, ask(session, clinic), clock=clock)
    browser = enter(clinic.manager)
    path = f"/s/devis/{version.quote.ref}"
    html = page_of(browser, path)
    assert "Délégation DEL-2026-12 depuis le 1er septembre 2026." in html
    assert "Transmettre pour accord" in html
    assert "entitled" not in html
    assert "Devis à signer" not in page_of(browser, "/s/")
    assert browser.post(f"{path}/accord", data=SIGNED).status_code == 403
    assert browser.post(f"{path}/refus", data={"version": "1"}).status_code == 403
    assert browser.post(f"{path}/transmettre", data={"signatory": clinic.director.ref}).status_code == 303
    assert "Hélène Faure le reçoit par courriel." in page_of(browser, path)
    session.expire_all()
    assert version.state is QuoteState.SENT


def test_a_version_sent_while_the_page_was_open_is_not_signed_unread(
    session: Session, clinic: House, clock: FixedClock, enter: Enter
) -> None:
    demand = ask(session, clinic)
    a_sent_quote(session, demand, clock=clock)
    second = a_sent_quote(session, demand, clock=clock)
    browser = enter(clinic.director)
    answer = browser.post(f"/s/devis/{second.quote.ref}/accord", data=SIGNED)
    assert answer.status_code == 409
    assert "Une autre version" in plain(answer.text)
    assert re.findall(r'name="version"[^>]* value="(\d)"', answer.text) == ["2", "2"]  # what is before the eyes now
    session.expire_all()
    assert second.state is QuoteState.SENT


def test_the_engagement_number_is_given_from_home(
    session: Session, hospital: House, clock: FixedClock, enter: Enter
) -> None:
    agreement = an_active_agreement(session, hospital.partner, hospital.group, clock=clock)
    demand = ask(session, hospital)
    considering.consider_demand(session, demand.ref, {}, clock=clock)
    accountant = a_member(session, hospital.partner, MemberRole.ACCOUNTANT)
    browser = enter(accountant)
    path = f"/s/demandes/{demand.ref}/engagement"
    home = page_of(browser, "/s/")
    assert "N° d'engagement à donner" in home
    assert path in home
    assert "2 400,00 € engagés sur 12 000,00 €, hors taxes." in home
    assert browser.post(path, data={"engagement": "9" * 51}).status_code == 422
    assert browser.post(path, data={"engagement": "EJ-2027-5"}).status_code == 303
    session.expire_all()
    assert demand.state is DemandState.CONFIRMED

    html = page_of(browser, f"/s/conventions/{agreement.ref}")
    assert "Il reste 9 600,00 €." in html
    assert browser.get(f"/s/conventions/{agreement.ref}/convention.pdf").data.startswith(b"%PDF-")
    assert browser.get(f"/s/conventions/{agreement.ref}/signee.pdf").status_code == 404


def test_another_structure_finds_nothing(
    session: Session, clinic: House, hospital: House, clock: FixedClock, enter: Enter
) -> None:
    demand = ask(session, clinic)
    version = a_sent_quote(session, demand, clock=clock)
    agreement = an_active_agreement(session, clinic.partner, clinic.group, clock=clock)
    browser = enter(hospital.director)
    assert "Pas encore de devis." in page_of(browser, "/s/devis")
    quote = f"/s/devis/{version.quote.ref}"
    for path in (
        quote,
        f"{quote}/v1.pdf",
        f"/s/demandes/{demand.ref}/devis",
        f"/s/demandes/{demand.ref}/engagement",
        f"/s/conventions/{agreement.ref}",
        f"/s/conventions/{agreement.ref}/convention.pdf",
    ):
        assert browser.get(path).status_code == 404, path
    for path in (f"{quote}/accord", f"{quote}/refus", f"{quote}/transmettre", f"/s/demandes/{demand.ref}/engagement"):
        assert browser.post(path, data={**SIGNED, "engagement": "EJ-1"}).status_code == 404, path
    session.expire_all()
    assert version.state is QuoteState.SENT
    assert Money(version.gross) == Money.of(2560)
