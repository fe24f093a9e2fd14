"""Planning files for the benchmark: drawn here, or by a generator in a folder given, and checked by its referee if any."""

import json
import math
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

DAY, WEEK = 1440, 7 * 1440
TOWNS = (
    (43.30, 5.37, 30), (43.53, 5.45, 10), (43.68, 4.63, 4), (43.12, 5.93, 12), (43.43, 6.74, 5),
    (43.95, 4.81, 9), (43.70, 7.26, 15), (43.55, 7.02, 5), (43.83, 5.79, 2), (44.09, 6.24, 1),
)  # fmt: skip
KINDS = {
    # sessions, minutes, seats, lead, priority, share
    "series": ((8,), 150, (2,), True, 1.5, 8),
    "workshop": ((1, 1, 2, 4), 120, (1, 1, 2), False, 1.0, 30),
    "urgent": ((1,), 180, (1,), False, 3.0, 15),
    "talks": ((1, 2, 3, 4), 180, (1,), False, 1.0, 35),
    "course": ((1, 2), 180, (1, 2), True, 1.2, 12),
}
SHARES = {"series": 0.35, "workshop": 0.7, "urgent": 0.3, "talks": 0.75, "course": 0.3}


def drawn(peers: int, requests: int, seed: int) -> dict[str, Any]:
    """An instance of our own: a month of demands of five kinds in ten towns."""
    rng = random.Random(f"{seed}/{peers}/{requests}")

    def place(spread: float) -> list[float]:
        lat, lon, _ = rng.choices(TOWNS, [town[2] for town in TOWNS])[0]
        return [lat + rng.gauss(0, spread), lon + rng.gauss(0, spread)]

    sites = [{"id": at, "pos": place(0.05)} for at in range(max(12, peers // 4))]
    return {
        "institutions": sites,
        "peers": [_a_peer(rng, at, place(0.09), len(sites)) for at in range(peers)],
        "requests": [_a_request(rng, at, len(sites)) for at in range(requests)],
    }


def _a_peer(rng: random.Random, number: int, home: list[float], sites: int) -> dict[str, Any]:
    windows = ((480, 780, 1.0), (780, 1140, 1.0), (1140, 1380, 0.35))
    week = [
        [day * DAY + a, day * DAY + b]
        for day in range(7)
        for a, b, often in windows
        if rng.random() < (0.72 if day < 5 else 0.12) * often
    ]
    hours = rng.choice([7, 10, 14, 17.5, 17.5, 24, 28, 35])
    away = [rng.randrange(70) * DAY for _ in range(rng.randrange(3))]
    return {
        "id": number,
        "pos": home,
        "radius_km": rng.choice([20, 30, 40, 60, 90, 120]),
        "skills": [kind for kind, share in SHARES.items() if rng.random() < share],
        "langs": ["fr"] + ["ar"] * (rng.random() < 0.15),
        "lead": rng.random() < 0.4,
        "max_week": hours,
        "target_month": round(hours * 2.2, 1),
        "week": week,
        "absences": [[start, start + rng.choice([1, 2, 5]) * DAY] for start in away],
        "excluded": rng.sample(range(sites), rng.choice([0, 0, 1])),
        "known": rng.sample(range(sites), 3),
        "likes": rng.sample(sorted(KINDS), 2),
    }


def _a_request(rng: random.Random, number: int, sites: int) -> dict[str, Any]:
    kind = rng.choices(list(KINDS), [each[5] for each in KINDS.values()])[0]
    counts, minutes, seats, lead, priority, _ = KINDS[kind]
    first = rng.randrange(2 if kind == "series" else 4) * WEEK + rng.randrange(5) * DAY
    first += rng.choice([540, 570, 600, 660, 840, 870, 1050])
    needed = rng.choice(seats)
    return {
        "id": number,
        "kind": kind,
        "inst": rng.randrange(sites),
        "skills": [kind],
        "langs": ["ar"] if rng.random() < 0.03 else ["fr"],
        "peers_needed": needed,
        "lead": lead and needed > 1,
        "priority": priority,
        "sessions": [[first + at * WEEK, first + at * WEEK + minutes] for at in range(rng.choice(counts))],
    }


def an_instance_file(folder: Path, shared: Path | None, peers: int, requests: int, seed: int) -> Path:
    """The file of an instance, drawn once."""
    path = folder / f"{'shared' if shared else 'own'}_{peers}x{requests}_{seed}.json"
    if path.exists():
        return path
    if shared is None:
        path.write_text(json.dumps(drawn(peers, requests, seed)))
    else:
        sizes = ["--peers", str(peers), "--requests", str(requests), "--seed", str(seed)]
        subprocess.run([sys.executable, shared / "gen_instances.py", *sizes, "-o", path], check=True)
    return path


def referee(shared: Path | None, instance: Path, plan: Path) -> float:
    """What an independent referee says of a plan, in points; NaN without one. A plan that breaks a rule ends the run."""
    if shared is None:
        return math.nan
    done = subprocess.run(
        [sys.executable, shared / "score_plan.py", instance, plan], capture_output=True, text=True, check=False
    )
    told = json.loads(done.stdout)
    if not told["valid"]:
        raise SystemExit(f"{plan}: {told['first']}")
    return float(told["score"])
