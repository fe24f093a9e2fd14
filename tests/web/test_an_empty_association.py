"""The first morning: an association without a demand, a structure without a mission, a peer without a proposal."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from entrepairs.identity import sessions
from entrepairs.identity.models import Account, OfficeRoleKind
from entrepairs.kernel.clock import FixedClock
from entrepairs.network.models import MemberRole, PartnerMember
from tests.factories.identity import an_account, an_office_account
from tests.factories.network import a_partner, a_peer
from tests.web.routes_and_objects import Route, all_routes

PAGES = [
    pytest.param(route, id=route.endpoint)
    for route in all_routes()
    if route.method == "GET" and not route.parameters and route.door and not route.endpoint.startswith("demo.")
]
LISTS = {
    *("office.demands", "office.mails", "office.peers", "office.billing", "office.payments", "office.missions"),
    *("office.agreements", "office.tasks", "office.grants"),
    *("partners.demands", "partners.invoices", "partners.services", "partners.sites", "partners.contracts"),
    *("peers.offers", "peers.places", "peers.skills"),
}


@pytest.fixture(autouse=True)
def _monday(app: Flask) -> object:
    app.config["CLOCK"] = FixedClock()
    yield
    app.config["CLOCK"] = None


@pytest.mark.parametrize("route", PAGES)
def test_a_page_opens_on_an_empty_database(route: Route, app_on_session: Flask, session: Session) -> None:
    client = app_on_session.test_client()
    secret = sessions.open_session(session, _somebody(session, route.door), user_agent="test")
    session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    answer = client.get(route.rule)
    assert answer.status_code in {200, 303, 308, 409}, f"{route.rule}: {answer.status}"  # 308: an address of before
    if route.endpoint in LISTS:
        assert 'class="empty"' in answer.text, f"{route.rule} says nothing of being empty"


def test_every_list_named_here_exists() -> None:
    assert not LISTS - {route.endpoint for route in all_routes()}


def _somebody(session: Session, door: str) -> Account:
    if door == "a":
        return an_office_account(session, OfficeRoleKind.ADMIN)
    if door == "p":
        return a_peer(session).account
    account = an_account(session)
    partner = a_partner(session)
    for role in MemberRole:
        session.add(PartnerMember(partner_id=partner.id, account_id=account.id, role=role, function="Direction"))
    session.flush()
    return account
