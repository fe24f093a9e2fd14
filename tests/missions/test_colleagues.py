"""The dates without their professional are told in time, once, and shown where the peer looks."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.catalogue.models import Facilitation
from entrepairs.demands.diary import hold_seat
from entrepairs.demands.models import Demand
from entrepairs.demands.scheduling import period_of
from entrepairs.kernel.clock import FixedClock
from entrepairs.messages.models import Message
from entrepairs.missions import colleague_mails, papers
from entrepairs.missions.colleagues import DEFAULT_NOTICE_DAYS, tell_unconfirmed
from entrepairs_workers.mailing import MintedLinks
from tests.factories.billing import the_association
from tests.factories.catalogue import an_offering
from tests.factories.demands import a_confirmed_demand
from tests.factories.dispatch import OFFICE_ACTOR
from tests.factories.missions import holders
from tests.factories.network import a_member, a_partner, a_peer, a_site


@pytest.fixture
def shared(session: Session, clock: FixedClock) -> Demand:
    """Two Thursdays held by a peer, with a nurse of the ward."""
    the_association(session)
    partner = a_partner(session)
    offering = an_offering(session, facilitation=Facilitation.PEER_AND_PROFESSIONAL)
    demand = a_confirmed_demand(session, partner, a_site(session, partner), offering, sessions_count=2)
    demand.requester_id, demand.colleague_function = a_member(session, partner).id, "infirmière de secteur"
    session.flush()
    session.refresh(demand)
    hold_seat(session, demand, a_peer(session).id, actor=OFFICE_ACTOR, clock=clock)
    return demand


def near(demand: Demand, number: int = 0, *, days: int = DEFAULT_NOTICE_DAYS) -> FixedClock:
    """So many days before a session, an hour later in the day."""
    return FixedClock(period_of(demand.sessions[number]).start - timedelta(days=days) + timedelta(hours=1))


def kinds(session: Session) -> list[str]:
    return sorted(session.scalars(select(Message.kind)))


def test_the_ward_the_peer_and_the_office_are_told_once_and_in_time(session: Session, shared: Demand) -> None:
    assert tell_unconfirmed(session, clock=near(shared, days=DEFAULT_NOTICE_DAYS + 1)) == 0
    for _ in range(2):
        assert tell_unconfirmed(session, clock=near(shared)) == 1
    told = ["missions.colleague_missing", "missions.colleague_unsure", "missions.colleague_wanted"]
    assert kinds(session) == told
    tell_unconfirmed(session, clock=near(shared, 1))
    assert kinds(session) == sorted(told * 2)


def test_a_date_confirmed_or_held_by_nobody_is_told_to_nobody(session: Session, shared: Demand) -> None:
    shared.sessions[0].colleague_confirmed_at = near(shared).now()
    shared.sessions[1].bookings[0].active = False
    session.flush()
    assert [tell_unconfirmed(session, clock=near(shared, number)) for number in (0, 1)] == [0, 0]


def test_a_letter_whose_date_is_confirmed_meanwhile_does_not_leave(session: Session, shared: Demand) -> None:
    clock = near(shared)
    tell_unconfirmed(session, clock=clock)
    builders = {"missing": "", "unsure": "", "wanted": "/s/demandes/"}
    for name, path in builders.items():
        message = session.scalars(select(Message).where(Message.kind == f"missions.colleague_{name}")).one()
        links = MintedLinks(session, message, "https://exemple.test")
        build = getattr(colleague_mails, name)
        content = build(session, message, links, clock=clock)
        assert content is not None
        assert path in content.action[1]
        shared.sessions[0].colleague_confirmed_at = clock.now()
        assert build(session, message, links, clock=clock) is None
        shared.sessions[0].colleague_confirmed_at = None


def test_the_mission_order_says_it_date_by_date(session: Session, shared: Demand) -> None:
    shared.sessions[0].colleague_confirmed_at = near(shared).now()
    (hold,) = holders(session, shared)
    paper = papers.order_paper(session, hold, shared.sessions, number="OM2027-00001", replaces=None, clock=near(shared))
    assert [one["with_whom"] for one in paper["sessions"]] == [
        "avec infirmière de secteur : présence confirmée",
        "avec infirmière de secteur : présence à confirmer",
    ]
    assert "à confirmer" in (paper["notes"] or "")
