"""What is committed reaches the columns, in any order of commits; what is in doubt throws them away."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import date
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, delete, select, update
from sqlalchemy.orm import Session

from entrepairs.demands.models import Assignment, Booking, Demand, PlaceKind
from entrepairs.demands.states import AssignmentState
from entrepairs.matching.explaining import consider
from entrepairs.matching.gathering import gather_pool
from entrepairs.matching.guards import ROWS, WATCHED
from entrepairs.matching.index.changes import EVERYTHING, Doubt
from entrepairs.matching.index.ranking import consider_all
from entrepairs.matching.index.team import PARTS, Team
from entrepairs.matching.scoring import Weights
from entrepairs.matching.values import Ask
from entrepairs.network.models import (
    Absence,
    Availability,
    Clearance,
    Exclusion,
    Learning,
    Pause,
    Peer,
    PeerLanguage,
    PeerTheme,
    Qualification,
    RefusedColleague,
    Site,
    TrainingDays,
)
from entrepairs.network.wishes import choose_themes
from entrepairs.supervision.models import Support
from tests.conftest import FreshDatabase, Proof
from tests.factories.follower import Follower, limits
from tests.factories.worlds import COMMUNES, World, a_world, add_missions, add_peers, add_terms
from tests.factories.worlds_asks import an_ask_of, another

TERMS = (PeerLanguage, PeerTheme, Qualification, Learning, Availability, Absence, Pause, TrainingDays, Exclusion,
         Clearance, RefusedColleague, Support)  # fmt: skip


@pytest.fixture
def engine(fresh_database: FreshDatabase) -> Iterator[Engine]:
    made = create_engine(fresh_database.url)
    yield made
    made.dispose()


def same_answer(session: Session, team: Team, ask: Ask) -> None:
    wanted = consider(ask, gather_pool(session, ask), limits(), Weights())
    found = consider_all(team, ask, limits(), Weights())
    assert tuple(found.not_possible) == tuple(wanted.not_possible)
    assert [each.explanation for each in found.possible] == [each.explanation for each in wanted.possible]
    assert list(found.counts) == list(wanted.counts)


def same_columns(one: Team, other: Team) -> None:
    """Every answer's worth of two teams: what is read of each peer, whatever their rows."""
    from entrepairs.matching.index.candidate import Known
    from entrepairs.matching.index.survey import Survey
    from entrepairs.matching.values import Candidate, Place
    from tests.factories.matching import an_ask

    ask = an_ask(place=Place(43.3, 5.4, 1), seats=2)
    mine, theirs = (Survey(team, ask, limits(), Weights()) for team in (one, other))
    assert {each for each, row in one.peers.row_of.items() if one.peers.left[row] > 0} == set(other.peers.row_of)
    for peer_id, row in other.peers.row_of.items():
        left, right = Known(mine, one.peers.row_of[peer_id]), Known(theirs, row)
        for term in fields(Candidate):
            values = [getattr(known, term.name) for known in (left, right)]
            if isinstance(values[0], tuple):
                values = [sorted(each, key=str) for each in values]
            assert values[0] == values[1], term.name
        assert one.diary.minutes[one.peers.row_of[peer_id]].sum() == other.diary.minutes[row].sum()


def test_many_changes_one_by_one_make_the_same_columns_as_a_build(
    fresh_database: FreshDatabase, engine: Engine, proof: Proof
) -> None:
    chance = proof.random("changes")
    with Session(engine) as session:
        world = a_world(session, chance, peers=14, demands=6)
        for row in world.demands:
            session.refresh(row)
            session.expunge(row)
        session.commit()
        follower = Follower(engine)
        for turn in range(proof.size(30, 400)):
            change = chance.choice(CHANGES)
            change(session, chance, world)
            session.commit()
            _followed(follower)
            if turn % 5 == 0:
                ask = an_ask_of(world, chance)
                for one in (ask, another(ask, world, chance)):
                    same_answer(session, follower.team, one)
                session.rollback()
    same_columns(follower.team, follower.built()[0])


def _followed(follower: Follower) -> None:
    try:
        follower.follow()
    except Doubt:
        follower.team, follower.seen = follower.built()


# --- changes a day brings ----------------------------------------------------------------------------------


def _new_terms(session: Session, chance: Random, world: World) -> None:
    """Somebody says everything anew."""
    peer_id = chance.choice(world.peers)
    for model in TERMS:
        session.execute(delete(model).where(model.peer_id == peer_id))
    add_terms(session, chance, world, [peer_id])


def _one_term_less(session: Session, chance: Random, world: World) -> None:
    model: Any = chance.choice(TERMS)
    row = session.scalars(select(model).where(model.peer_id == chance.choice(world.peers)).limit(1)).first()
    if row is not None:
        session.delete(row)


def _another_peer(session: Session, chance: Random, world: World) -> None:
    (peer_id,) = add_peers(session, chance, 1)
    world.peers.append(peer_id)
    world.held[peer_id] = []
    add_terms(session, chance, world, [peer_id])


def _missions(session: Session, chance: Random, world: World) -> None:
    add_missions(session, chance, world, chance.choice(world.peers), 3)


def _let_go(session: Session, chance: Random, world: World) -> None:
    held = select(Assignment).where(Assignment.peer_id == chance.choice(world.peers))
    for row in session.scalars(held.limit(1)):
        row.state = AssignmentState.WITHDRAWN
        world.coming.discard((row.demand_id, row.peer_id))
        session.execute(update(Booking).where(Booking.assignment_id == row.id).values(active=False))


def _other_wishes(session: Session, chance: Random, world: World) -> None:
    peer = session.get_one(Peer, chance.choice(world.peers))
    peer.radius_km, peer.wished_hours = chance.choice((10, 60, 400)), chance.choice((0, 20, 60))
    peer.commune_insee, peer.first_name = chance.choice(list(COMMUNES)), chance.choice(("Lou", "Zoé"))


def _leave(session: Session, chance: Random, world: World) -> None:
    peer = session.get_one(Peer, chance.choice(world.peers))
    peer.left_on = chance.choice((None, date(2027, 2, 1)))


def _demand_elsewhere(session: Session, chance: Random, world: World) -> None:
    demand = session.get_one(Demand, chance.choice(world.demands).id)
    demand.place_kind = chance.choice((PlaceKind.REMOTE, PlaceKind.SITE))
    demand.site_id = chance.choice(world.sites)[0]


def _site_elsewhere(session: Session, chance: Random, world: World) -> None:
    site = session.get_one(Site, chance.choice(world.sites)[0])
    site.commune_insee = chance.choice(list(COMMUNES))


CHANGES: tuple[Callable[[Session, Random, World], None], ...] = (
    _new_terms, _new_terms, _one_term_less, _another_peer, _missions, _missions, _let_go, _other_wishes, _other_wishes,
    _leave, _demand_elsewhere, _site_elsewhere,
)  # fmt: skip


# --- order of commits --------------------------------------------------------------------------------------


def test_what_commits_late_is_read_though_its_number_is_older(engine: Engine, proof: Proof) -> None:
    with Session(engine) as session:
        world = a_world(session, proof.random("late"), peers=3, demands=2)
        session.commit()
    follower, (early, late) = Follower(engine), world.peers[:2]
    with Session(engine) as slow, Session(engine) as quick:
        slow.get_one(Peer, late).radius_km = 11
        slow.flush()
        quick.get_one(Peer, early).radius_km = 22
        quick.commit()
        assert follower.follow()
        assert radius(follower.team, early) == 22
        assert radius(follower.team, late) != 11
        slow.commit()
    assert follower.follow()
    assert radius(follower.team, late) == 11
    assert not follower.follow()


def radius(team: Team, peer_id: int) -> int:
    return int(team.peers.radius[team.peers.row_of[peer_id]])


def test_what_is_rolled_back_is_never_read(engine: Engine, proof: Proof) -> None:
    with Session(engine) as session:
        world = a_world(session, proof.random("rolled back"), peers=2, demands=2)
        session.commit()
        follower = Follower(engine)
        session.get_one(Peer, world.peers[0]).radius_km = 7
        session.flush()
        session.rollback()
    assert not follower.follow()
    assert radius(follower.team, world.peers[0]) != 7


def test_nothing_is_lost_while_many_write_and_one_reads(engine: Engine, proof: Proof) -> None:
    with Session(engine) as session:
        world = a_world(session, proof.random("many"), peers=8, demands=2)
        session.commit()
    follower = Follower(engine)
    turns = proof.size(15, 150)
    threads = [threading.Thread(target=_write, args=(engine, peer, turns)) for peer in world.peers]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        follower.follow()
    for thread in threads:
        thread.join()
    follower.follow()
    assert [radius(follower.team, peer) for peer in world.peers] == [turns] * len(world.peers)


def _write(engine: Engine, peer_id: int, turns: int) -> None:
    for turn in range(1, turns + 1):
        with Session(engine) as session:
            session.execute(update(Peer).where(Peer.id == peer_id).values(radius_km=turn))
            session.commit()


# --- what is watched ---------------------------------------------------------------------------------------


def test_every_part_is_read_again_by_some_table() -> None:
    told = [word for words in WATCHED.values() for word in words[::2]] + [part for *_, part in ROWS]
    assert set(PARTS) <= set(told)
    assert set(told) - set(PARTS) == {EVERYTHING, "demand", "demand_history"}


def test_every_table_the_pool_reads_is_watched(session: Session, proof: Proof) -> None:
    """Whatever `gather_pool` comes to read must reach the columns."""
    import re

    from tests.matching.test_looking import counted

    watched = {*WATCHED, *(event.rpartition(" ")[2] for _name, event, _when, _part in ROWS)}
    fixed = {"demand_session"}  # a booking holds its own hours: the session only leads to its demand
    ask = an_ask_of(a_world(session, proof.random("read"), peers=2, demands=2), proof.random("ask"))
    with counted(session) as said:
        gather_pool(session, ask)
        choose = re.compile(r"(?:FROM|JOIN) (\w+)")
        read = {name for statement in said for name in choose.findall(statement)}
    assert {name for name in read if not name.startswith("anon")} - watched - fixed == set()


def test_a_theme_chosen_reaches_the_columns(engine: Engine, proof: Proof) -> None:
    with Session(engine) as session:
        world = a_world(session, proof.random("theme"), peers=2, demands=2)
        peer = session.get_one(Peer, world.peers[0])
        session.commit()
        follower = Follower(engine)
        choose_themes(session, peer.ref, ["rights"])
        session.commit()
    assert follower.follow()
    assert follower.team.themes.names(follower.team.peers.row_of[world.peers[0]]) == {"rights"}
