"""A small instance in the format of the files, drawn from a seed."""

import random
from typing import Any

DAY = 1440


def an_instance(peers: int, requests: int, seed: int = 1) -> dict[str, Any]:
    """Sites around a town, peers free most mornings and afternoons, requests of one to three sessions."""
    rng = random.Random(seed)
    places = [[43.3 + rng.random() / 4, 5.4 + rng.random() / 4] for _ in range(6)]
    return {
        "institutions": [{"id": at, "pos": place} for at, place in enumerate(places)],
        "peers": [_a_peer(rng, at) for at in range(peers)],
        "requests": [_a_request(rng, at) for at in range(requests)],
    }


def _a_peer(rng: random.Random, number: int) -> dict[str, Any]:
    halves = [(540, 780), (780, 1140)]
    week = [[day * DAY + a, day * DAY + b] for day in range(5) for a, b in halves if rng.random() < 0.8]
    return {
        "id": number,
        "pos": [43.3 + rng.random() / 4, 5.4 + rng.random() / 4],
        "radius_km": rng.choice([20, 40, 60]),
        "skills": ["wrap", "workshop"] if rng.random() < 0.4 else ["workshop"],
        "langs": ["fr"],
        "lead": rng.random() < 0.4,
        "max_week": rng.choice([7, 10, 17.5]),
        "target_month": rng.choice([10.5, 22, 38.5]),
        "week": week,
        "absences": [[8 * DAY, 9 * DAY]] if rng.random() < 0.3 else [],
        "excluded": [rng.randrange(6)] if rng.random() < 0.2 else [],
        "known": [rng.randrange(6)],
        "likes": [rng.choice(["wrap", "workshop"])],
    }


def _a_request(rng: random.Random, number: int) -> dict[str, Any]:
    wrap = rng.random() < 0.3
    start = rng.randrange(10) // 5 * 7 * DAY + rng.randrange(5) * DAY + rng.choice([540, 600, 840, 900])
    times = [start + week * 7 * DAY for week in range(rng.choice([1, 1, 3]))]
    return {
        "id": number,
        "kind": "wrap" if wrap else "workshop",
        "inst": rng.randrange(6),
        "skills": ["wrap"] if wrap else ["workshop"],
        "langs": ["fr"],
        "peers_needed": 2 if wrap else 1,
        "lead": wrap,
        "priority": rng.choice([1.0, 1.5, 3]),
        "sessions": [[at, at + 120] for at in times],
    }
