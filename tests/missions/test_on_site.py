"""« Je suis sur place »: one tap on the day, taken back in one, for the association alone, soon erased."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.demands.models import Demand, PlaceKind
from entrepairs.demands.scheduling import period_of
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.missions.models import OnSite
from entrepairs.missions.on_site import AFTER, BEFORE, KEPT, forget_on_site, say_back, say_here, take_back
from tests.factories.missions import a_held_demand, holders


@pytest.fixture
def demand(session: Session) -> Demand:
    return a_held_demand(session)


def tap(session: Session, demand: Demand, at: FixedClock, act=say_here, **given):  # type: ignore[no-untyped-def]
    """What the first peer says of the first session."""
    hold = holders(session, demand)[0]
    given.setdefault("peer_id", hold.peer_id)
    return act(session, hold.ref, demand.sessions[0].ref, **given, **({} if act is take_back else {"clock": at}))


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(OnSite)) or 0


def test_it_is_said_once_on_the_day_and_only_then(session: Session, demand: Demand) -> None:
    period = period_of(demand.sessions[0])
    for when in (period.start - BEFORE - timedelta(minutes=1), period.end):
        with pytest.raises(Conflict):
            tap(session, demand, FixedClock(when))
    first = FixedClock(period.start - BEFORE)
    row = tap(session, demand, first)
    assert tap(session, demand, FixedClock(period.start)).id == row.id
    assert (row.here_at, count(session)) == (first.now(), 1), "the first tap counts"


def test_it_is_taken_back_in_one_tap_and_twice_is_once(session: Session, demand: Demand) -> None:
    clock = FixedClock(period_of(demand.sessions[0]).start)
    tap(session, demand, clock)
    for _ in range(2):
        tap(session, demand, clock, take_back)
    assert count(session) == 0
    tap(session, demand, clock)
    assert count(session) == 1


def test_only_of_one_s_own_session(session: Session, demand: Demand) -> None:
    clock, (mine, other) = FixedClock(period_of(demand.sessions[0]).start), holders(session, demand)
    with pytest.raises(NotFound):
        tap(session, demand, clock, peer_id=other.peer_id)
    mine.bookings[0].active = False
    session.flush()
    with pytest.raises(NotFound):
        tap(session, demand, clock)


def test_one_is_back_safely_after_a_visit_at_home_only(session: Session, demand: Demand) -> None:
    period = period_of(demand.sessions[0])
    with pytest.raises(Conflict):
        tap(session, demand, FixedClock(period.end), say_back)
    demand.place_kind, demand.place_detail, demand.site_id = PlaceKind.HOME, "", None
    session.flush()
    row = tap(session, demand, FixedClock(period.end + timedelta(hours=1)), say_back)
    assert tap(session, demand, FixedClock(period.end + timedelta(hours=2)), say_back).id == row.id
    assert row.back_at == period.end + timedelta(hours=1)
    with pytest.raises(Conflict):
        tap(session, demand, FixedClock(period.end + AFTER), say_back)


def test_it_is_erased_after_a_week(session: Session, demand: Demand) -> None:
    start = period_of(demand.sessions[0]).start
    tap(session, demand, FixedClock(start))
    assert forget_on_site(session, clock=FixedClock(start + KEPT)) == 0
    assert forget_on_site(session, clock=FixedClock(start + KEPT + timedelta(minutes=1))) == 1
    assert count(session) == 0
