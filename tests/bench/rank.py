"""How long one demand takes to rank in memory: 1k, 10k and 100k peers with a million missions.

    .venv/bin/python -m tests.bench.rank [--peers 1000 10000 100000] [--missions 1000000] [--asks 200]

Each size: a throw-away database is filled, the columns are built from it (time, memory), the best ten are asked for
with their records, beside the bare numpy floor of `rank_floor` in the same process and the rules over the database.
"""

import argparse
import gc
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from time import perf_counter, process_time, thread_time

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from entrepairs.embedded.postgres import EmbeddedPostgres, Role
from entrepairs.kernel.dates import paris_period
from entrepairs.kernel.parameters import figures
from entrepairs.matching.explaining import consider
from entrepairs.matching.gathering import gather_pool
from entrepairs.matching.index.changes import catch_up, check, now
from entrepairs.matching.index.holding import horizon
from entrepairs.matching.index.ranking import consider_all, rank
from entrepairs.matching.index.team import Team
from entrepairs.matching.scoring import Weights
from entrepairs.matching.values import Ask, Limits, Place
from entrepairs.network.vocabulary import QUALIFICATIONS
from tests.bench.rank_data import TODAY, fill
from tests.bench.rank_floor import Floor
from tests.throwaway import TEMPLATE, Run

WEIGHTS = Weights()
MOST_BY_RULES = 10_000
"""Peers beyond which the rule objects are not asked: one demand takes them many minutes."""


@dataclass(frozen=True)
class Spread:
    """Milliseconds of many runs."""

    median: float
    p95: float
    most: float

    def __str__(self) -> str:
        return f"{self.median:8.2f} {self.p95:8.2f} {self.most:8.2f}"


def spread(seconds: Sequence[float]) -> Spread:
    ordered = sorted(1000 * each for each in seconds)
    return Spread(statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))], ordered[-1])


def timed(work: Callable[[Ask], object], asks: Sequence[Ask]) -> list[float]:
    """Seconds of each; CPU seconds of this thread, so that a neighbour on the machine does not count."""
    found = []
    for ask in asks:
        begin = thread_time()
        work(ask)
        found.append(thread_time() - begin)
    return found


def asks_of(connection: Connection, count: int, seed: int) -> list[Ask]:
    """Demands of every shape over the region's sites, in the ten weeks to come."""
    chance = random.Random(seed)
    sites = connection.execute(
        text("SELECT s.id, s.partner_id, c.latitude::float8, c.longitude::float8 FROM site s JOIN commune c"
             " ON c.insee = s.commune_insee ORDER BY s.id")
    ).all()  # fmt: skip
    return [_ask(chance, chance.choice(sites), number) for number in range(count)]


def _ask(chance: random.Random, site: Sequence[float], number: int) -> Ask:
    first = TODAY + timedelta(days=chance.randrange(3, 25))
    first -= timedelta(days=max(first.weekday() - 4, 0))
    count = chance.choice((1, 1, 2, 4, 8))
    minutes, wall = chance.choice((120, 150, 180)), chance.choice((time(9, 30), time(10), time(14), time(14, 30)))
    return Ask(
        ref=f"DEM-ASK-{number}",
        sessions=tuple(paris_period(first + timedelta(weeks=n), wall, minutes) for n in range(count)),
        place=None if chance.random() < 0.05 else Place(site[2], site[3], int(site[0])),
        today=TODAY,
        partner_id=int(site[1]),
        site_id=int(site[0]),
        qualifications=frozenset(chance.sample(list(QUALIFICATIONS), chance.choice((0, 1, 1, 1, 2)))),
        language=chance.choice([None] * 9 + ["ar"]),
        themes=frozenset(chance.sample(["street", "addictions", "work"], chance.choice((0, 0, 1, 2)))),
        preparation_minutes=30,
    )


def memory() -> float:
    """Resident megabytes of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


def measure(cluster: EmbeddedPostgres, peers: int, missions: int, count: int) -> None:
    """One size, printed."""
    name = f"bench_{peers}"
    cluster.clone_database(TEMPLATE, name)
    owner = create_engine(cluster.url(name, Role.OWNER), poolclass=NullPool)
    with owner.connect() as connection:
        begin = perf_counter()
        written = fill(connection, peers=peers, missions=missions)
        print(f"\n== {peers} peers, {written} missions (written in {perf_counter() - begin:.0f} s)")
    owner.dispose()
    engine = create_engine(cluster.url(name, Role.APP), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            _rank(connection, count)
        _follow(engine.url.render_as_string(hide_password=False), peers)
    finally:
        engine.dispose()
        cluster.drop_database(name)


def _build(connection: Connection) -> Team:
    gc.collect()
    before, wall, cpu = memory(), perf_counter(), process_time()
    team = Team(connection, horizon(TODAY))
    wall, cpu = perf_counter() - wall, process_time() - cpu
    gc.collect()
    print(f"build           {wall:.1f} s wall, {cpu:.1f} s of this process, {memory() - before:.0f} MB more resident;"
          f" {team.diary.held.used} missions since the horizon")  # fmt: skip
    return team


def _rank(connection: Connection, count: int) -> None:
    team = _build(connection)
    limits, asks = Limits.on(figures(), TODAY), asks_of(connection, count, 7)
    floor = Floor(team, TODAY.toordinal())
    for ask in asks_of(connection, 20, 8):  # what is read once: holidays, midnights, places of code
        floor.few(ask)
        floor.same(ask)
        rank(team, ask, limits, WEIGHTS)
    bare: list[float] = []
    same: list[float] = []
    full: list[float] = []
    for ask in asks:  # side by side, so that both meet the same moments of the machine; the quicker of three
        bare.append(min(timed(floor.few, [ask] * 3)))
        same.append(min(timed(floor.same, [ask] * 3)))
        full.append(min(timed(lambda one: rank(team, one, limits, WEIGHTS), [ask] * 3)))
    found = [len(rank(team, ask, limits, WEIGHTS)) for ask in asks]
    few, low, high = spread(bare), spread(same), spread(full)
    print("ms                median      p95      max")
    print(f"floor, 8 rules  {few}")
    print(f"floor, the same {low}")
    print(f"best ten        {high}")
    print(f"p95 is {high.p95 / low.p95:.2f} x the floor of the same rules, {high.p95 / few.p95:.2f} x that of eight;"
          f" the median {high.median / low.median:.2f} x and {high.median / few.median:.2f} x")  # fmt: skip
    print(f"everybody       {spread(timed(lambda one: consider_all(team, one, limits, WEIGHTS), asks[:40]))}")
    some = asks[: 5 if team.peers.used <= 1000 else 1]
    if team.peers.used <= MOST_BY_RULES:
        with Session(connection) as session:
            slow = timed(lambda one: consider(one, gather_pool(session, one), limits, WEIGHTS), some)
            agreed = sum(_agree(team, session, ask, limits) for ask in some)
        print(f"rules, database {spread(slow)}   (of {len(some)}; {agreed} agree)")
    print(f"found           {sum(found)} people over {len(asks)} asks, ten for {sum(n == 10 for n in found)}")


def _agree(team: Team, session: Session, ask: Ask, limits: Limits) -> bool:
    wanted = consider(ask, gather_pool(session, ask), limits, WEIGHTS).possible[:10]
    return [each.explanation for each in rank(team, ask, limits, WEIGHTS)] == [each.explanation for each in wanted]


def _follow(url: str, peers: int) -> None:
    """One change at a time, written and committed by one connection, read by another."""
    engine = create_engine(url, poolclass=NullPool)
    chance = random.Random(9)
    changes = (
        "UPDATE peer SET radius_km = radius_km + 1 WHERE id = :peer",
        "UPDATE booking SET active = NOT active WHERE id = (SELECT min(id) FROM booking WHERE peer_id = :peer)",
        "INSERT INTO pause (peer_id, since) VALUES (:peer, DATE '2027-02-01')",
        "UPDATE availability SET ends = ends WHERE peer_id = :peer",
        "UPDATE assignment SET state = 'done' WHERE id = (SELECT min(id) FROM assignment WHERE peer_id = :peer)",
    )
    applied: list[float] = []
    looked: list[float] = []
    snapshot = engine.execution_options(isolation_level="REPEATABLE READ")
    with (
        snapshot.connect() as reading,
        engine.connect() as writing,
        engine.connect() as asking,
        Session(asking) as session,
    ):
        seen, team = now(reading), Team(reading, horizon(TODAY))
        reading.commit()
        for number in range(200):
            peer = chance.choice(team.peers.ids[:peers].tolist())
            writing.execute(text(changes[number % len(changes)]), {"peer": peer})
            writing.commit()
            begin = perf_counter()
            check(session, seen)
            looked.append(perf_counter() - begin)
            session.commit()
            begin = perf_counter()
            seen = catch_up(team, reading, seen)
            reading.commit()
            applied.append(perf_counter() - begin)
    print(f"one change      {spread(applied)}   (wall)")
    print(f"anything new?   {spread(looked)}   (wall)")
    engine.dispose()


def main() -> None:
    """Every size asked for."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--peers", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    given.add_argument("--missions", type=int, default=1_000_000)
    given.add_argument("--asks", type=int, default=200)
    chosen = given.parse_args()
    run = Run()
    try:
        for peers in chosen.peers:
            measure(run.postgres, peers, chosen.missions, chosen.asks)
    finally:
        run.stop()


if __name__ == "__main__":
    main()
