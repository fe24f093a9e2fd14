"""What is in doubt throws the columns away; who has written is answered by the database."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, create_engine, select, text, update
from sqlalchemy.orm import Session

from entrepairs.kernel.clock import FixedClock
from entrepairs.matching.explaining import consider
from entrepairs.matching.gathering import gather_pool
from entrepairs.matching.index import holding
from entrepairs.matching.index.changes import Doubt, Seen, check, forget_changes, now
from entrepairs.matching.index.holding import Holder
from entrepairs.matching.models import MatchingChange
from entrepairs.matching.scoring import Weights
from entrepairs.network.models import Peer
from entrepairs.settings.decisions import vote
from tests.conftest import FreshDatabase, Proof
from tests.factories.follower import DAY, Follower, limits
from tests.factories.worlds import a_world
from tests.factories.worlds_asks import an_ask_of


@pytest.fixture
def engine(fresh_database: FreshDatabase) -> Iterator[Engine]:
    made = create_engine(fresh_database.url)
    yield made
    made.dispose()


def test_a_session_that_has_written_is_answered_by_the_database(engine: Engine, proof: Proof) -> None:
    with Session(engine) as session:
        world = a_world(session, proof.random("written"), peers=4, demands=2)
        for row in world.demands:
            session.refresh(row)
            session.expunge(row)
        session.commit()
        holder, ask = Holder(engine), an_ask_of(world, proof.random("ask"))
        holder.build(ask.today)
        assert holder.answer(session, ask, limits(), Weights()) is not None
        session.get_one(Peer, world.peers[0]).radius_km = 3
        session.flush()
        assert holder.answer(session, ask, limits(), Weights()) is None
        session.commit()
        answer = holder.answer(session, ask, limits(), Weights())
        assert answer is not None
        wanted = consider(ask, gather_pool(session, ask), limits(), Weights())
        assert tuple(answer.not_possible) == tuple(wanted.not_possible)


def test_a_snapshot_of_before_is_answered_by_the_database(engine: Engine, proof: Proof) -> None:
    with Session(engine) as session:
        world = a_world(session, proof.random("snapshot"), peers=2, demands=2)
        ask = an_ask_of(world, proof.random("ask"))
        session.commit()
    holder = Holder(engine)
    holder.build(ask.today)
    with Session(engine.execution_options(isolation_level="REPEATABLE READ")) as session:
        assert holder.answer(session, ask, limits(), Weights()) is None


def test_changes_forgotten_before_they_were_read_are_a_doubt(
    engine: Engine, proof: Proof, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Session(engine) as session:
        world = a_world(session, proof.random("forgotten"), peers=2, demands=2)
        session.commit()
        follower = Follower(engine)
        session.get_one(Peer, world.peers[0]).radius_km = 5
        session.commit()
        forget_changes(session, clock=clock)
        session.commit()
        assert session.scalars(select(MatchingChange)).all(), "a day is not over"
        # Every database of a cluster shares its transaction numbers: the open transactions of other tests would
        # hold this purge back. A reader and a change of long ago are before all of them.
        long_ago, reader = 4, Seen("3:3:", follower.seen.which)
        assert check(session, reader).changed
        session.execute(
            update(MatchingChange).values(noted_at=MatchingChange.noted_at - timedelta(days=2), xid=long_ago)
        )
        forget_changes(session, clock=clock)
        session.commit()
        assert not session.scalars(select(MatchingChange)).all()
        with pytest.raises(Doubt):
            check(session, reader)
        again = Follower(engine)
        assert not check(session, again.seen).changed


@pytest.mark.parametrize("which", ["another database", "an older one"])
def test_a_database_put_in_place_of_another_is_a_doubt(which: str, engine: Engine) -> None:
    with Session(engine) as session, engine.connect() as connection:
        seen = now(connection)
        other = (
            Seen(seen.snapshot, "elsewhere") if which == "another database" else Seen("9999999:9999999:", seen.which)
        )
        assert not check(session, seen).changed
        with pytest.raises(Doubt):
            check(session, other)


def test_a_vote_on_supervision_has_everything_read_anew(engine: Engine, clock: FixedClock) -> None:
    follower = Follower(engine)
    with Session(engine) as session:
        vote(session, "matching.hand", 1, since=DAY, voted_on=DAY, source="AG", clock=clock)
        session.commit()
        assert not follower.follow()
        vote(session, "supervision.every_days", 30, since=DAY, voted_on=DAY, source="AG", clock=clock)
        session.commit()
    with pytest.raises(Doubt):
        follower.follow()


def test_an_emptied_table_has_everything_read_anew(fresh_database: FreshDatabase, engine: Engine) -> None:
    follower = Follower(engine)
    owner = create_engine(fresh_database.owner_url)
    with owner.begin() as connection:
        connection.execute(text("TRUNCATE pause"))
    owner.dispose()
    with pytest.raises(Doubt):
        follower.follow()


def test_a_clock_moved_back_is_answered_by_the_database(engine: Engine, proof: Proof) -> None:
    with Session(engine) as session:
        world = a_world(session, proof.random("clock"), peers=2, demands=2)
        ask = an_ask_of(world, proof.random("ask"))
        session.commit()
        holder = Holder(engine)
        holder.build(ask.today + timedelta(days=400))
        assert holder.answer(session, ask, limits(), Weights()) is None


def test_the_team_is_built_beside_the_first_question(
    engine: Engine, proof: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[threading.Thread] = []
    start = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", lambda one: (started.append(one), start(one))[1])
    with Session(engine) as session:
        world = a_world(session, proof.random("beside"), peers=2, demands=2)
        ask = an_ask_of(world, proof.random("ask"))
        session.commit()
        assert holding.answer(session, ask, limits(), Weights()) is None, "not allowed yet"
        holding.allow()
        try:
            assert holding.answer(session, ask, limits(), Weights()) is None, "the database answers meanwhile"
            for thread in started:
                thread.join()
            assert len(started) == 1
            assert holding.answer(session, ask, limits(), Weights()) is not None
        finally:
            holding.allow(False)
