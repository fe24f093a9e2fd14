"""The weights: tried on last month's demands before anybody votes, voted with their date, read by everybody."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from entrepairs.demands.diary import hold_seat
from entrepairs.identity.models import OfficeRoleKind
from entrepairs.identity.sessions import open_session
from entrepairs.kernel.clock import FixedClock
from entrepairs.matching.looking import weights_on
from entrepairs.matching.previewing import preview
from entrepairs.matching.scoring import Weights
from tests.factories.catalogue import an_offering
from tests.factories.demands import ACTOR, a_confirmed_demand
from tests.factories.dispatch import a_certified_peer, a_firm_wrap_group
from tests.factories.identity import an_office_account
from tests.factories.network import a_site, the_communes

NEAR = Weights(fairness=0, continuity=0, travel=100, wishes=0, learning=0)
FAIR = Weights(fairness=100, continuity=0, travel=0, wishes=0, learning=0)


@pytest.fixture
def february(clock: FixedClock) -> FixedClock:
    """A month after the demands of January."""
    return FixedClock(datetime(2027, 2, 15, 9, tzinfo=ZoneInfo("Europe/Paris")))


def a_choice(session: Session, clock: FixedClock) -> tuple[str, str]:
    """A demand of January: one lives near and wishes no hour, the other lives far and wishes many."""
    the_communes(session)
    site = a_site(session)
    near = a_certified_peer(session, wished_hours=0, first_name="Anne", last_name="Près")
    far = a_certified_peer(session, commune="13001", wished_hours=40, first_name="Loïc", last_name="Loin")
    demand = a_confirmed_demand(
        session, site.partner, site, an_offering(session), first_day=date(2027, 3, 4), clock=clock
    )
    other = a_confirmed_demand(
        session, site.partner, site, an_offering(session), first_day=date(2027, 3, 11), clock=clock
    )
    hold_seat(session, other, near.id, actor=ACTOR, clock=clock)
    hold_seat(session, demand, far.id, actor=ACTOR, clock=clock)
    return near.short_name, far.short_name


def test_last_months_demands_are_looked_at_again_as_if_nobody_had_come(
    session: Session, clock: FixedClock, february: FixedClock
) -> None:
    near, far = a_choice(session, clock)
    a_confirmed_demand(session, *_place(session), first_day=date(2027, 3, 18), clock=february)
    seen = preview(session, FAIR, NEAR, clock=february)
    assert len(seen) == 2  # the demand of this month is not last month's
    assert {(one.before, one.after, one.changes) for one in seen} == {((far,), (near,), True)}
    assert not any(one.changes for one in preview(session, FAIR, FAIR, clock=february))


def _place(session: Session):  # type: ignore[no-untyped-def]
    site = a_site(session)
    return site.partner, site, an_offering(session)


def test_a_demand_for_two_is_compared_by_pairs(session: Session, clock: FixedClock, february: FixedClock) -> None:
    a_firm_wrap_group(session, first_day=date(2027, 3, 4), clock=clock)
    for _ in range(3):
        a_certified_peer(session)
    (seen,) = preview(session, FAIR, NEAR, clock=february)
    assert len(seen.before) == len(seen.after) == 2


@pytest.fixture
def enter(client: FlaskClient, session: Session, app: object, february: FixedClock, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setitem(app.config, "CLOCK", february)  # type: ignore[attr-defined]

    def as_role(role: OfficeRoleKind) -> FlaskClient:
        secret = open_session(session, an_office_account(session, role), user_agent="test")
        session.commit()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = secret, True
        return client

    return as_role


TRIED = "fairness=0&continuity=0&travel=100&wishes=0&learning=0"


def test_the_office_tries_weights_and_reads_what_would_change(enter, session: Session, clock: FixedClock) -> None:  # type: ignore[no-untyped-def]
    near, far = a_choice(session, clock)
    office = enter(OfficeRoleKind.COORDINATOR)
    plain = office.get("/a/appariement/poids")
    assert plain.status_code == 200
    assert "Essayez d’autres poids" in plain.text
    told = office.get(f"/a/appariement/poids?{TRIED}").text.replace("\u00a0", " ")
    assert "Sur 2 demandes du mois dernier, 2 auraient été proposées d’abord à quelqu’un d’autre." in told
    assert f"{near} plutôt que {far}" in told
    assert "Voter ces poids" not in told
    wrong = office.get("/a/appariement/poids?fairness=90&travel=20").text
    assert "ici ils font 110" in wrong


def test_weights_are_voted_from_the_page_that_shows_what_they_change(enter, session: Session) -> None:  # type: ignore[no-untyped-def]
    admin = enter(OfficeRoleKind.ADMIN)
    assert "Voter ces poids" in admin.get(f"/a/appariement/poids?{TRIED}").text
    vote = {"since": "2027-03-01", "voted_on": "2027-02-10", "source": "AG du 10 février"}
    points = dict(part.split("=") for part in TRIED.split("&"))
    assert admin.post("/a/decisions/matching-weights", data={**vote, **points}).status_code == 303
    session.expire_all()
    assert weights_on(session, date(2027, 3, 1)) == NEAR
    assert weights_on(session, date(2027, 2, 28)) == Weights()
    assert "AG du 10 février" in admin.get("/a/appariement/poids").text
