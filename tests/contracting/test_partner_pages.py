"""The structure's pages of quotes and agreements. French, without JavaScript."""

import re

import pytest
from sqlalchemy.orm import Session

from entrepairs.contracting import considering
from entrepairs.contracting.states import QuoteState
from entrepairs.demands.states import DemandState
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.money import Money
from entrepairs.network.models import MemberRole
from tests.contracting.conftest import Enter, House, ask
from tests.contracting.reading import form_of, page_of, plain
from tests.factories.contracting import a_sent_quote, an_active_agreement
from tests.factories.network import a_member

pytestmark = pytest.mark.usefixtures("standing_clock")

SIGNED = {"version": "1", "name": "Hélène Faure", "function": "Directrice", "entitled": "y"}


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
