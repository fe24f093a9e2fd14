"""One of two gives the seat back: the other stays, and people are looked for to go with them."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.demands.diary import hold_seat
from entrepairs.dispatch.relays import give_back
from entrepairs.identity.sessions import open_session
from entrepairs.kernel.clock import FixedClock
from entrepairs.matching.looking import look
from entrepairs.matching.scoring import PartKind
from tests.factories.dispatch import a_certified_peer, a_firm_wrap_group
from tests.factories.identity import an_office_account

ACTOR = Actor.SYSTEM


@pytest.fixture
def office(client: FlaskClient, session: Session, app: Flask, clock: FixedClock) -> Iterator[FlaskClient]:
    before = app.config.get("CLOCK")
    app.config["CLOCK"] = clock
    secret = open_session(session, an_office_account(session), user_agent="test")
    session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    yield client
    app.config["CLOCK"] = before


def test_the_other_stays_and_who_has_worked_with_them_comes_first(
    session: Session, office: FlaskClient, clock: FixedClock
) -> None:
    stays, leaves, known, stranger = (a_certified_peer(session) for _ in range(4))
    before = a_firm_wrap_group(session)
    for peer in (stays, known):
        hold_seat(session, before, peer.id, actor=ACTOR, clock=clock)
    demand = a_firm_wrap_group(session, first_day=date(2027, 1, 22), partner=before.partner)
    hold_seat(session, demand, stays.id, actor=ACTOR, clock=clock)
    given = hold_seat(session, demand, leaves.id, actor=ACTOR, clock=clock)
    give_back(session, given.ref, peer_id=leaves.id, actor=ACTOR, clock=clock)
    session.commit()
    session.expire_all()
    found = look(session, demand.ref, clock=clock)
    assert (found.answer.ask.holders, found.answer.ask.free_seats, found.pairs) == ((stays.id,), 1, ())
    continuity = {each.candidate.id: each.explanation.points(PartKind.CONTINUITY) for each in found.answer.possible}
    assert set(continuity) == {known.id, leaves.id, stranger.id}
    assert continuity[known.id] > continuity[stranger.id] == 0
    page = office.get(f"/a/demandes/{demand.ref}/appariement").text.replace("\u00a0", " ")
    assert f"{stays.short_name} reste" in page
    assert "Qui peut venir ensemble" not in page
    assert f"{known.first_name} a déjà travaillé avec la personne qui vient" in page
