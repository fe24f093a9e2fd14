"""A part-time employee who says yes to a near mission agrees expressly: told before, stored with its hour, no wall."""

from collections.abc import Iterator
from datetime import date, time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.dispatch.answering import accept_offer
from entrepairs.dispatch.cards import offer_card
from entrepairs.identity.sessions import open_session
from entrepairs.kernel.clock import FixedClock
from entrepairs.network.models import Employment
from tests.factories.catalogue import an_offering
from tests.factories.demands import a_confirmed_demand
from tests.factories.dispatch import a_certified_peer, an_offer
from tests.factories.network import a_site

SAID = "vous donnez votre accord exprès pour ce délai court"


def a_demand_on(session: Session, day: date):  # type: ignore[no-untyped-def]
    site = a_site(session)
    return a_confirmed_demand(session, site.partner, site, an_offering(session), first_day=day, start=time(14))


@pytest.fixture
def standing(app: Flask, clock: FixedClock) -> Iterator[None]:
    before = app.config.get("CLOCK")
    app.config["CLOCK"] = clock
    yield
    app.config["CLOCK"] = before


@pytest.mark.parametrize(("day", "short"), [(date(2027, 1, 20), True), (date(2027, 1, 21), False)])
def test_a_yes_stores_the_express_agreement_only_when_the_notice_is_short(
    session: Session, clock: FixedClock, day: date, short: bool
) -> None:
    peer = a_certified_peer(session)
    offer = an_offer(session, a_demand_on(session, day), peer)
    assert (offer_card(session, offer, clock=clock).short_notice is not None) == short
    accept_offer(session, offer.ref, actor=Actor.SYSTEM, clock=clock)
    assert offer.short_notice_agreed_at == (clock.now() if short else None)
    assert (offer_card(session, offer, clock=clock).short_notice is not None) == short


def test_nobody_else_is_asked_for_it(session: Session, clock: FixedClock) -> None:
    for given in ({"employment": Employment.VOLUNTEER}, {"full_time": True}):
        offer = an_offer(session, a_demand_on(session, date(2027, 1, 20)), a_certified_peer(session, **given))
        assert offer_card(session, offer, clock=clock).short_notice is None
        accept_offer(session, offer.ref, actor=Actor.SYSTEM, clock=clock)
        assert offer.short_notice_agreed_at is None


def test_the_peer_reads_it_before_saying_yes_and_after(
    session: Session, client: FlaskClient, clock: FixedClock, standing: None
) -> None:
    peer = a_certified_peer(session)
    offer = an_offer(session, a_demand_on(session, date(2027, 1, 14)), peer)
    secret = open_session(session, peer.account, user_agent="test")
    session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    path = f"/p/propositions/{offer.ref}"
    assert SAID in client.get(path).text
    assert client.post(f"{path}/oui").status_code == 303
    assert "Votre accord exprès pour un délai court a été noté le" in client.get(path).text
