"""Signing a quote from its mail. French, without JavaScript."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.models import AuditEntry, Transition
from entrepairs.contracting.models import Acceptance, Engagement
from entrepairs.contracting.states import QuoteState
from entrepairs.demands.states import DemandState
from entrepairs.identity.models import ActionToken
from entrepairs.kernel.clock import FixedClock
from tests.contracting.conftest import House, ask
from tests.contracting.reading import form_of, link_of, page_of, plain
from tests.factories.contracting import a_sent_quote

pytestmark = pytest.mark.usefixtures("standing_clock")

SIGNED = {"version": "1", "name": "Hélène Faure", "function": "Directrice", "entitled": "y"}


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
    unread = client.post(f"{link}/accord", data={**SIGNED, "name": "²", "function": "Cheffe de pôle"})
    assert unread.status_code == 422
    assert "« ² » ne nomme personne : écrivez le prénom et le nom." in plain(unread.text)
    assert (form_of(unread.text)["name"], form_of(unread.text)["function"]) == ("²", "Cheffe de pôle")

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
