import time
from collections import Counter

from tests.matching.test_index_equals_rules import *


def test_stats(session, proof):
    seen = Counter()
    t = Counter()
    poss = []
    for number in range(6):
        chance = proof.random("stats", number)
        sp = session.begin_nested()
        a = time.process_time()
        w = time.time()
        world = a_world(session, chance)
        t["world"] += time.process_time() - a
        t["world_wall"] += time.time() - w
        a = time.process_time()
        team = Team(session.connection(), SINCE)
        t["team"] += time.process_time() - a
        for _ in range(20):
            ask = an_ask_of(world, chance)
            lim = limits_of(ask, chance)
            a = time.process_time()
            w = time.time()
            pool = gather_pool(session, ask)
            t["gather"] += time.process_time() - a
            t["gather_wall"] += time.time() - w
            a = time.process_time()
            wanted = consider(ask, pool, lim, Weights())
            t["consider"] += time.process_time() - a
            a = time.process_time()
            found = consider_all(team, ask, lim, Weights())
            tuple(found.possible)
            tuple(found.not_possible)
            t["all"] += time.process_time() - a
            a = time.process_time()
            rank(team, ask, lim, Weights(), most=5)
            t["rank"] += time.process_time() - a
            poss.append(len(wanted.possible))
            for e in wanted.not_possible:
                for r in e.reasons:
                    seen[r.code] += 1
            # personal individually
            for c in pool:
                for r in PERSONAL:
                    if r.check(ask, c, lim):
                        seen["P:" + r.code] += 1
        sp.rollback()
        session.expunge_all()
    print(dict(seen))
    print(poss)
    print({k: round(v, 2) for k, v in t.items()})
