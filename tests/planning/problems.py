"""Small planning problems, a checker of the hard rules that shares no code with the engine, and brute force."""

import random
from itertools import combinations, product
from typing import Any

import numpy as np

from entrepairs.planning.problem import DAY, MINUTE, POINT, Problem, Whole, whole


def a_problem(seed: int, *, requests: int = 5, peers: int = 4, chance: float = 0.7, **given: Any) -> Problem:
    """Requests over two weeks, some of several sessions and seats, on three sites."""
    rng = random.Random(seed)
    sessions = []
    for request in range(requests):
        day, start = rng.randrange(4), rng.choice([540, 600, 780, 840, 1200])
        length = rng.choice([120, 180])
        for week in range(rng.choice([1, 1, 2])):
            at = week * 7 * DAY + day * DAY + start
            sessions.append((request, at, at + length, rng.randrange(3)))
    options = [(request, peer) for request in range(requests) for peer in range(peers) if rng.random() < chance]
    loads: dict[tuple[int, int], int] = {}
    for request, start, end, _ in sessions:
        key = (request, start // (7 * DAY))
        loads[key] = loads.get(key, 0) + end - start
    values: dict[str, Any] = {
        "requests": tuple(f"r{at}" for at in range(requests)),
        "peers": tuple(range(100, 100 + peers)),
        "value": whole([rng.randrange(20, 900) * POINT for _ in range(requests)]),
        "seats": whole([rng.choice([1, 1, 2]) for _ in range(requests)]),
        "needs_lead": np.array([rng.random() < 0.3 for _ in range(requests)]),
        "lead": np.array([rng.random() < 0.6 for _ in range(peers)]),
        "target": whole([rng.randrange(0, 900) * MINUTE for _ in range(peers)]),
        "option_request": whole([one[0] for one in options]),
        "option_peer": whole([one[1] for one in options]),
        "option_cost": whole([rng.randrange(-20, 60) * POINT for _ in options]),
        "session_request": whole([one[0] for one in sessions]),
        "session_start": whole([one[1] for one in sessions]),
        "session_end": whole([one[2] for one in sessions]),
        "session_site": whole([one[3] for one in sessions]),
        "travel": whole([[0, 45, 130], [45, 0, 70], [130, 70, 0]]),
        "load_request": whole([key[0] for key in loads]),
        "load_period": whole([key[1] for key in loads]),
        "load_minutes": whole(list(loads.values())),
        "capacity": whole([[rng.choice([240, 360, 480, 840])] * 2 for _ in range(peers)]),
    }
    return Problem(**(values | given))


def clash(problem: Problem, peer: int, one: int, other: int) -> bool:
    """Whether two requests clash for a peer, session by session."""
    rows = range(len(problem.session_start))
    mine = [at for at in rows if problem.session_request[at] == one]
    theirs = [at for at in rows if problem.session_request[at] == other]
    for a, b in product(mine, theirs):
        first, then = (a, b) if problem.session_start[a] <= problem.session_start[b] else (b, a)
        same_day = problem.session_start[first] // DAY == problem.session_start[then] // DAY
        sites = problem.session_site[first], problem.session_site[then]
        needed = problem.travel[sites] if same_day else problem.rest[peer]
        if problem.session_start[then] < problem.session_end[first] + needed:
            return True
    told = {(int(p), frozenset((int(x), int(y)))) for p, x, y in problem.clashes}
    return (peer, frozenset((one, other))) in told


def violations(problem: Problem, chosen: Whole) -> list[str]:
    """Every hard rule a plan breaks."""
    bad: list[str] = []
    asked: dict[int, list[int]] = {}
    held: dict[int, list[int]] = {}
    for option in chosen.tolist():
        request, peer = int(problem.option_request[option]), int(problem.option_peer[option])
        asked.setdefault(request, []).append(peer)
        held.setdefault(peer, []).append(request)
    fixed = set(problem.fixed.tolist())
    bad += ["fixed moved"] if not fixed <= set(chosen.tolist()) else []
    kept = {(int(problem.option_request[option]), int(problem.option_peer[option])) for option in fixed}
    refused = {frozenset(pair) for pair in problem.refused.tolist()}
    for request, peers in asked.items():
        only_fixed = all((request, peer) in kept for peer in peers)
        if len(peers) != problem.seats[request] and not only_fixed:
            bad.append(f"{request}: {len(peers)} peers")
        if problem.needs_lead[request] and not any(problem.lead[peer] for peer in peers) and not only_fixed:
            bad.append(f"{request}: no lead")
        bad += [f"{request}: refused" for pair in combinations(peers, 2) if frozenset(pair) in refused]
    for peer, requests in held.items():
        bad += [f"{peer}: clash" for one, other in combinations(requests, 2) if clash(problem, peer, one, other)]
        for period in range(problem.capacity.shape[1]):
            at = zip(problem.load_request, problem.load_period, problem.load_minutes, strict=True)
            spent = sum(int(load) for request, when, load in at if when == period and request in requests)
            bad += [f"{peer}: {spent} in {period}"] if spent > problem.capacity[peer, period] else []
    return bad


def worth(problem: Problem, chosen: Whole) -> int:
    """Units of a plan, counted by hand."""
    counts: dict[int, int] = {}
    minutes = dict.fromkeys(range(len(problem.peers)), 0)
    total = 0
    rows = list(zip(problem.session_request.tolist(), problem.session_start, problem.session_end, strict=True))
    for option in chosen.tolist():
        request = int(problem.option_request[option])
        counts[request] = counts.get(request, 0) + 1
        total -= int(problem.option_cost[option])
        minutes[int(problem.option_peer[option])] += sum(int(end - start) for at, start, end in rows if at == request)
    total += sum(int(problem.value[request]) for request, count in counts.items() if count == problem.seats[request])
    return total - sum(abs(spent * MINUTE - int(problem.target[peer])) for peer, spent in minutes.items())


def brute_force(problem: Problem) -> int:
    """Units of the best plan, every plan being tried (few requests only)."""
    fixed = problem.fixed.tolist()
    ways: list[list[tuple[int, ...]]] = []
    for request, seats in enumerate(problem.seats.tolist()):
        open_ = [at for at in range(len(problem.option_request)) if problem.option_request[at] == request]
        stay = tuple(at for at in open_ if at in fixed)
        free = [at for at in open_ if at not in fixed]
        filled = [stay + more for more in combinations(free, seats - len(stay))] if len(stay) < seats else []
        ways.append([stay, *filled])
    plans = (whole(sorted(sum(plan, ()))) for plan in product(*ways))
    return max(worth(problem, plan) for plan in plans if not violations(problem, plan))
