"""« Besoin aujourd'hui » after it was sent: an honest picture, read again with or without JavaScript; the office first."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.catalogue.models import Offering, OfferingKind
from entrepairs.contracting.considering import consider_demand
from entrepairs.demands.models import Demand
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import DemandState
from entrepairs.dispatch import mails
from entrepairs.dispatch.answering import accept_offer, decline_offer, mark_seen
from entrepairs.dispatch.following import tell_need
from entrepairs.dispatch.models import Offer
from entrepairs.identity.models import Account, OfficeRoleKind
from entrepairs.kernel.clock import FixedClock
from entrepairs.messages.models import Message
from entrepairs.network.models import Partner, Site
from entrepairs.outbox.models import ItemState, OutboxItem
from tests.factories.billing import EXEMPT, the_association
from tests.factories.catalogue import an_offering
from tests.factories.contracting import an_active_agreement
from tests.factories.dispatch import a_firm_wrap_group, offers_to
from tests.factories.identity import an_office_account
from tests.factories.missions import PEER_ACTOR, PlainLinks
from tests.factories.network import a_member, a_partner, a_peer, a_site
from tests.web.office_browser import enter, logged_in, standing_clock, text_of

__all__ = ["logged_in", "standing_clock"]


@pytest.fixture
def ward(session: Session) -> Site:
    the_association(session)
    return a_site(session, partner=a_partner(session, phone="+33491112233"), name="Service des urgences")


@pytest.fixture
def offering(session: Session) -> Offering:
    return an_offering(session, kind=OfferingKind.EMERGENCY, session_minutes=120, position=-10, vat_regime=EXEMPT)


@pytest.fixture
def manager(session: Session, ward: Site, client: FlaskClient) -> Account:
    account = a_member(session, ward.partner)
    enter(client, session, account)
    return account


@pytest.fixture
def covered(session: Session, ward: Site, offering: Offering) -> Partner:
    an_active_agreement(session, ward.partner, offering)
    session.commit()
    return ward.partner


def send(client: FlaskClient, session: Session, ward: Site) -> Demand:
    session.commit()
    answer = client.post("/s/besoin", data={"site": ward.ref, "start": "15:00", "context": ""})
    assert answer.status_code == 303, answer.text
    session.expire_all()
    demand = session.scalars(select(Demand).order_by(Demand.id.desc())).first()
    assert demand is not None
    assert answer.location == f"/s/besoin/{demand.ref}"
    return demand


def considered(session: Session, demand: Demand) -> None:
    """The worker has looked whether an agreement covers it."""
    consider_demand(session, demand.ref, {}, clock=FixedClock())
    for item in session.scalars(select(OutboxItem).where(OutboxItem.kind == "contracting.consider_demand")):
        item.state = ItemState.DONE
    session.commit()


def picture(client: FlaskClient, demand: Demand) -> str:
    page = client.get(f"/s/besoin/{demand.ref}")
    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    return text_of(page)


def news(client: FlaskClient, demand: Demand) -> dict[str, object]:
    answer = client.get(f"/s/besoin/{demand.ref}/suite")
    assert answer.status_code == 200
    found: dict[str, object] = answer.get_json()
    return found


def asked(session: Session, demand: Demand, count: int = 2) -> list[Offer]:
    found = offers_to(
        session,
        demand,
        [a_peer(session, first_name=name) for name in ("Samira", "Karim", "Ioana")[:count]],
        deadline=FixedClock().now() + timedelta(hours=3),
    )
    session.commit()
    return found


def test_the_picture_goes_from_proposed_to_seen_to_accepted_and_names_nobody_before_a_yes(
    client, session, ward, covered, manager
):
    demand = send(client, session, ward)
    assert "Nous regardons si votre convention le couvre" in picture(client, demand)
    considered(session, demand)
    assert demand.state is DemandState.CONFIRMED
    assert "personne n'a encore été sollicité" in picture(client, demand)
    first, second = asked(session, demand)
    told = picture(client, demand)
    assert "Personne pour l'instant. 2 personnes sont sollicitées." in told
    assert "Samira" not in told
    mark_seen(session, second.ref, clock=FixedClock())
    session.commit()
    told = picture(client, demand)
    assert re.search(r"Vu \(\w+\) par une personne, 9 h", told), told
    assert "Karim" not in told
    accept_offer(session, second.ref, actor=PEER_ACTOR, clock=FixedClock())
    session.commit()
    told = picture(client, demand)
    assert "Karim vient. Arrivée vers 15 h." in told
    assert "Samira" not in told
    assert first.ref not in told


def test_nobody_for_now_is_said_with_the_telephone(client, session, ward, covered, manager):
    demand = send(client, session, ward)
    considered(session, demand)
    for offer in asked(session, demand):
        decline_offer(session, offer.ref, actor=PEER_ACTOR, clock=FixedClock())
    session.commit()
    page = client.get(f"/s/besoin/{demand.ref}")
    assert "Personne pour l'instant : les personnes sollicitées ne peuvent pas" in text_of(page)
    assert 'href="tel:' in page.text


def test_without_an_agreement_the_page_says_what_comes_next_and_nobody_is_asked(
    client, session, ward, offering, manager
):
    demand = send(client, session, ward)
    considered(session, demand)
    assert demand.state is DemandState.SUBMITTED
    page = client.get(f"/s/besoin/{demand.ref}")
    told = text_of(page)
    assert "Aucune convention ne couvre ce besoin : l'association vous rappelle d'abord." in told
    assert "Personne ne se déplace avant." in told
    assert 'href="tel:' in page.text
    assert "l'association vous rappelle d'abord" in text_of(client.get(f"/s/demandes/{demand.ref}"))


def test_the_page_reads_itself_again_without_javascript_and_with_it(client, session, ward, covered, manager):
    demand = send(client, session, ward)
    considered(session, demand)
    page = client.get(f"/s/besoin/{demand.ref}").text
    assert re.search(r'<noscript><meta http-equiv="refresh" content="\d+"></noscript>', page)
    assert f'href="/s/besoin/{demand.ref}"' in page, "a plain link too"
    assert f'data-follow-url="/s/besoin/{demand.ref}/suite"' in page
    before = news(client, demand)
    assert news(client, demand)["mark"] == before["mark"], "nothing happened, nothing is read aloud"
    (offer,) = asked(session, demand, 1)
    after = news(client, demand)
    assert after["mark"] != before["mark"]
    assert "sollicitée" in str(after["html"])
    assert after["settled"] is False
    accept_offer(session, offer.ref, actor=PEER_ACTOR, clock=FixedClock())
    session.commit()
    assert news(client, demand)["settled"] is True
    assert "noscript" not in client.get(f"/s/besoin/{demand.ref}").text


def test_once_the_hour_has_passed_the_page_says_so_and_rests(app: Flask, client, session, ward, covered, manager):
    demand = send(client, session, ward)
    considered(session, demand)
    app.config["CLOCK"] = FixedClock(period_of(demand.sessions[0]).end + timedelta(minutes=1))
    assert "nous n'avons trouvé personne" in picture(client, demand)
    assert news(client, demand)["settled"] is True
    assert f"/s/besoin/{demand.ref}" not in client.get(f"/s/demandes/{demand.ref}").text


def test_another_structure_and_another_kind_of_demand_find_nothing(client, session, ward, covered, manager):
    demand = send(client, session, ward)
    enter(client, session, a_member(session, a_partner(session)))
    for end in ("", "/suite"):
        assert client.get(f"/s/besoin/{demand.ref}{end}").status_code == 404


def test_the_office_sees_it_before_everything_else_with_whom_to_call(
    client, session, ward, offering, manager, logged_in
):
    demand = send(client, session, ward)
    considered(session, demand)
    logged_in(OfficeRoleKind.COORDINATOR)
    home = text_of(client.get("/a/"))
    listed = home[home.index("À traiter") :]
    assert "besoin aujourd'hui" in listed[:60].lower(), listed[:200]
    assert f"appelez {manager.name}, 04 91 11 22 33" in home
    assert home.count(f"{offering.name}, Service des urgences") == 1, "told once"


def test_once_firm_the_office_is_led_to_who_can_come_until_somebody_does(
    client, session, ward, covered, manager, logged_in
):
    demand = send(client, session, ward)
    considered(session, demand)
    logged_in(OfficeRoleKind.COORDINATOR)
    assert "Personne ne vient pour l'instant." in text_of(client.get("/a/"))
    assert f"/a/demandes/{demand.ref}/appariement" in client.get("/a/").text
    (offer,) = asked(session, demand, 1)
    accept_offer(session, offer.ref, actor=PEER_ACTOR, clock=FixedClock())
    session.commit()
    assert "Personne ne vient pour l'instant." not in text_of(client.get("/a/"))


@pytest.mark.parametrize("agreement", [True, False])
def test_the_coordination_is_written_to_at_once(client, session, ward, offering, manager, agreement):
    office = an_office_account(session)
    if agreement:
        an_active_agreement(session, ward.partner, offering)
    demand = send(client, session, ward)
    considered(session, demand)
    effect = session.scalars(select(OutboxItem).where(OutboxItem.kind == "dispatch.tell_need")).one()
    for _ in range(2):
        tell_need(session, effect.subject_ref, effect.payload, clock=FixedClock())
    (letter,) = session.scalars(select(Message).where(Message.kind == "dispatch.need_today")).all()
    assert letter.to_ref == office.ref
    content = mails.need_today(session, letter, PlainLinks(), clock=FixedClock())
    assert content is not None
    assert content.action is not None
    assert content.action[1].endswith("/appariement") is agreement
    assert ("No agreement covers it" in content.paragraphs[0].msgid) is not agreement


def test_a_series_tells_nobody_and_has_no_live_page(client, session, ward, manager):
    demand = a_firm_wrap_group(session, partner=ward.partner, site=ward)
    session.commit()
    assert client.get(f"/s/besoin/{demand.ref}").status_code == 404
    assert session.scalars(select(OutboxItem).where(OutboxItem.kind == "dispatch.tell_need")).all() == []
