"""The professional of the place: the ward confirms date by date."""

from datetime import date, time

import pytest
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.catalogue.models import Facilitation
from entrepairs.demands.colleagues import confirm_colleague
from entrepairs.demands.models import Demand
from entrepairs.demands.scheduling import reschedule_session
from entrepairs.demands.scopes import Scope
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, NotFound
from tests.factories.catalogue import an_offering
from tests.factories.demands import a_confirmed_demand
from tests.factories.network import a_site

ACTOR = Actor.SYSTEM


def a_shared_demand(session: Session, **kw: object) -> Demand:
    site = a_site(session)
    offering = an_offering(session, facilitation=Facilitation.PEER_AND_PROFESSIONAL, **kw)
    return a_confirmed_demand(session, site.partner, site, offering, sessions_count=3)


def test_the_ward_confirms_each_date_and_may_take_it_back(session: Session, clock: FixedClock) -> None:
    demand = a_shared_demand(session)
    scope = Scope(demand.partner_id)
    for _ in range(2):
        confirm_colleague(session, demand.ref, demand.sessions[1].ref, scope, there=True, actor=ACTOR, clock=clock)
    assert [row.colleague_confirmed_at for row in demand.sessions] == [None, clock.now(), None]
    confirm_colleague(session, demand.ref, demand.sessions[1].ref, scope, there=False, actor=ACTOR, clock=clock)
    assert demand.sessions[1].colleague_confirmed_at is None


def test_a_session_moved_is_to_be_confirmed_again(session: Session, clock: FixedClock) -> None:
    demand = a_shared_demand(session)
    row = confirm_colleague(
        session, demand.ref, demand.sessions[0].ref, Scope(None), there=True, actor=ACTOR, clock=clock
    )
    reschedule_session(session, row.ref, day=date(2027, 2, 26), start=time(10), actor=ACTOR, clock=clock)
    assert row.colleague_confirmed_at is None


def test_only_the_structure_concerned_and_only_where_a_professional_comes(session: Session, clock: FixedClock) -> None:
    demand = a_shared_demand(session)
    other = a_shared_demand(session).sessions[0].ref
    for scope, session_ref in (
        (Scope(demand.partner_id + 1), demand.sessions[0].ref),
        (Scope(demand.partner_id), other),
    ):
        with pytest.raises(NotFound):
            confirm_colleague(session, demand.ref, session_ref, scope, there=True, actor=ACTOR, clock=clock)
    site = a_site(session)
    alone = a_confirmed_demand(session, site.partner, site, an_offering(session))
    with pytest.raises(Conflict):
        confirm_colleague(session, alone.ref, alone.sessions[0].ref, Scope(None), there=True, actor=ACTOR, clock=clock)
