"""Many say yes in the same instant: each seat is held once, the others read a kind sentence, nobody sees a deadlock.

Shown red: `check_then_hold` below does what one writes first (is a seat free? then take it) and holds one seat several
times over. Of the real code, take the FOR UPDATE out of `db.locked` and `diary.lock_seats`: four of these five tests
fail, fifteen people reading a unique violation (23505), the last line, in place of a sentence.
"""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.demands.models import Assignment, Booking, Demand, Seat
from entrepairs.demands.states import AssignmentState, DemandState, SeatState
from entrepairs.dispatch.answering import accept_offer
from entrepairs.dispatch.models import Offer, OfferState
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import DomainError
from entrepairs.kernel.references import new_reference
from entrepairs.web.retrying import committed
from tests.conftest import FreshDatabase, Proof
from tests.factories.catalogue import an_offering
from tests.factories.demands import a_confirmed_demand
from tests.factories.dispatch import a_certified_peer, a_firm_wrap_group, offers_to
from tests.factories.network import a_site

THREADS = 16
CLOCK = FixedClock()
pytestmark = pytest.mark.race

Act = Callable[[Session, str], object]


def accept(session: Session, ref: str) -> object:
    return committed(session, lambda s: accept_offer(s, ref, actor=Actor(f"test:{ref}", "Test"), clock=CLOCK))


def check_then_hold(session: Session, ref: str, others: threading.Barrier) -> object:
    """What one writes first: look for a free seat, then take it. No lock; another has looked meanwhile."""

    def work(s: Session) -> None:
        offer = s.scalars(select(Offer).where(Offer.ref == ref)).one()
        taken = select(Assignment.seat_id).where(Assignment.state == AssignmentState.DONE)
        free = s.scalars(select(Seat).where(Seat.demand_id == offer.demand_id, Seat.id.not_in(taken))).first()
        if free is None:
            raise RuntimeError("seat_taken")
        with suppress(threading.BrokenBarrierError):  # nobody else is left
            others.wait(2)
        # `done` is not in the partial unique index: nothing stands behind this naive code, as in many systems.
        s.add(
            Assignment(
                ref=new_reference("AFF"),
                demand_id=offer.demand_id,
                seat_id=free.id,
                peer_id=offer.peer_id,
                state=AssignmentState.DONE,
                created_at=CLOCK.now(),
            )
        )

    return committed(session, work)


def all_at_once(database: FreshDatabase, act: Act, refs: Sequence[str]) -> Counter[str]:
    """Each reference in its own thread and connection, released together; how each ended."""
    barrier, outcomes = threading.Barrier(len(refs)), Counter[str]()

    def run(ref: str) -> None:
        with database.session() as session:
            session.scalar(select(1))  # connected before the start
            session.rollback()
            barrier.wait()
            try:
                act(session, ref)
                how = "held"
            except DomainError as refusal:
                how = refusal.code
            except (DBAPIError, RuntimeError) as error:
                how = str(getattr(getattr(error, "orig", None), "sqlstate", None) or error)
        outcomes[how] += 1

    threads = [threading.Thread(target=run, args=(ref,)) for ref in refs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


@pytest.fixture
def crowd(fresh_database: FreshDatabase) -> list[str]:
    """References of sixteen certified peers, committed."""
    with fresh_database.session() as session:
        refs = [a_certified_peer(session, wished_hours=150, weekly_max_hours=48).ref for _ in range(THREADS)]
        session.commit()
        return refs


def offered(database: FreshDatabase, crowd: Sequence[str], *, alone: bool) -> tuple[str, list[str]]:
    """A fresh demand with an open offer to everybody: its reference and the offers'."""
    from entrepairs.network.models import Peer

    with database.session() as session:
        peers = session.scalars(select(Peer).where(Peer.ref.in_(crowd))).unique().all()
        if alone:
            site = a_site(session)
            demand = a_confirmed_demand(session, site.partner, site, an_offering(session))
        else:
            demand = a_firm_wrap_group(session)
        refs = [offer.ref for offer in offers_to(session, demand, peers)]
        session.commit()
        return demand.ref, refs


def release(database: FreshDatabase) -> None:
    """Everybody is free again for the next round."""
    with database.session() as session:
        for booking in session.scalars(select(Booking).where(Booking.active)):
            booking.active = False
        session.commit()


@pytest.mark.parametrize(("alone", "places"), [(True, 1), (False, 2)], ids=["one seat", "two seats"])
def test_the_last_seat_is_held_once_and_the_others_read_a_sentence(
    fresh_database: FreshDatabase, crowd: list[str], proof: Proof, alone: bool, places: int
) -> None:
    for _round in range(proof.size(3, 300)):
        demand_ref, offers = offered(fresh_database, crowd, alone=alone)
        outcomes = all_at_once(fresh_database, accept, offers)
        assert outcomes == {"held": places, "seat_taken": THREADS - places}
        with fresh_database.session() as session:
            demand = session.scalars(select(Demand).where(Demand.ref == demand_ref)).one()
            assert demand.state is DemandState.STAFFED
            assert [seat.state for seat in demand.seats] == [SeatState.CONFIRMED] * places
            live = select(func.count(Assignment.id)).where(
                Assignment.demand_id == demand.id, Assignment.state == AssignmentState.CONFIRMED
            )
            assert session.scalar(live) == places
            states = Counter(session.scalars(select(Offer.state).where(Offer.demand_id == demand.id)))
            assert states == {OfferState.ACCEPTED: places, OfferState.SUPERSEDED: THREADS - places}
        release(fresh_database)


def test_one_peer_who_says_yes_to_everything_at_once_is_in_one_place_only(
    fresh_database: FreshDatabase, crowd: list[str], proof: Proof
) -> None:
    for _round in range(proof.size(2, 100)):
        offers = [offered(fresh_database, crowd[:1], alone=True)[1][0] for _ in range(8)]
        outcomes = all_at_once(fresh_database, accept, offers)
        assert outcomes == {"held": 1, "no_longer_fits": 7}
        release(fresh_database)


def test_clicking_twice_at_once_gives_one_answer(fresh_database: FreshDatabase, crowd: list[str]) -> None:
    _demand, offers = offered(fresh_database, crowd[:1], alone=True)
    assert all_at_once(fresh_database, accept, offers * 8) == {"held": 8}
    with fresh_database.session() as session:
        assert session.scalar(select(func.count(Assignment.id))) == 1


def test_without_the_lock_the_same_crowd_takes_one_seat_many_times(
    fresh_database: FreshDatabase, crowd: list[str]
) -> None:
    """The crowd above is able to break things: here it does."""
    _demand, offers = offered(fresh_database, crowd, alone=True)
    hold = partial(check_then_hold, others=threading.Barrier(2))
    assert all_at_once(fresh_database, hold, offers)["held"] > 1
