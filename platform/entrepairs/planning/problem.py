"""What the engine solves, as arrays: requests, peers, who may be asked for what, at which cost. No file, no database.

An *option* is one peer on one request: the compiler of a problem lists only those every rule allows. A request is served
as a whole, by as many peers as it has seats, or not at all. Everything is whole numbers: times and loads in minutes,
points in units of 1/60 000 point, so that a minute of unfairness (1/60 point) is exactly 1,000 units.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]

POINT: Final = 60_000
"""Units in a point."""
MINUTE: Final = POINT // 60
"""Units lost for a minute away from a peer's target: one point an hour."""
DAY: Final = 1440
REST: Final = 660
"""Default rest between two days of work, in minutes."""


def whole(values: ArrayLike) -> Whole:
    """An array of whole numbers; an empty one keeps its type."""
    return np.asarray(values, dtype=np.int64)


def _none() -> Whole:
    return whole([])


def _no_pairs() -> Whole:
    return np.zeros((0, 2), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Problem:
    """R requests, W peers, N options, S sessions, B periods with a limit (weeks, days, months: the compiler chooses).

    Served requests bring their `value`; each option taken costs its `cost`; each peer costs MINUTE units a minute away
    from their `target`. Hard rules: `seats` peers or none; a lead among them where `needs_lead`; no two requests that
    clash for a peer; loads within `capacity`; refused pairs never together; fixed options always in.
    """

    requests: tuple[Hashable, ...]
    """Names of the requests, as the compiler knows them; likewise `peers`."""
    peers: tuple[Hashable, ...]
    value: Whole
    """Units gained by serving each request (R)."""
    seats: Whole
    needs_lead: Marks
    lead: Marks
    """Who can lead (W)."""
    target: Whole
    """Minutes each peer hopes for, times MINUTE (W)."""
    option_request: Whole
    option_peer: Whole
    option_cost: Whole
    session_request: Whole
    session_start: Whole
    """Minutes since a Monday at midnight, local time (S); likewise `session_end`."""
    session_end: Whole
    session_site: Whole
    """Row of `travel` (S)."""
    travel: Whole
    """Minutes needed between the end at a site and a start at another the same day (sites x sites)."""
    load_request: Whole
    """Loads as (request, period, minutes) triples: what counts against `capacity`."""
    load_period: Whole
    load_minutes: Whole
    capacity: Whole
    """Minutes each peer may still work in each period (W x B)."""
    rest: Whole = field(default_factory=_none)
    """Minutes of rest of each peer between sessions that begin on different days (W); empty: REST for all."""
    clashes: Whole = field(default_factory=lambda: np.zeros((0, 3), dtype=np.int64))
    """Further clashes the compiler knows: (peer, request, request) rows."""
    refused: Whole = field(default_factory=_no_pairs)
    """Peers never to be asked together: (peer, peer) rows."""
    beside: Whole = field(default_factory=_none)
    """Minutes paid for each request beside its sessions, such as preparation (R); empty: none."""
    fixed: Whole = field(default_factory=_none)
    """Options already accepted: never moved. A request may keep an open seat beside them."""

    def __post_init__(self) -> None:
        if not len(self.rest):
            object.__setattr__(self, "rest", np.full(len(self.peers), REST, dtype=np.int64))
        if not len(self.beside):
            object.__setattr__(self, "beside", np.zeros(len(self.requests), dtype=np.int64))
        complaint = _first_nonsense(self)
        if complaint:
            raise ValueError(complaint)

    @cached_property
    def minutes(self) -> Whole:
        """Minutes each request is paid, all sessions and what goes with them (R): what is compared with a wish."""
        spent = self.session_end - self.session_start
        sessions = np.bincount(self.session_request, weights=spent, minlength=len(self.requests))
        return sessions.astype(np.int64) + self.beside

    @cached_property
    def loads(self) -> Whole:
        """Minutes of each request in each period (R x B)."""
        table = np.zeros((len(self.requests), self.capacity.shape[1]), dtype=np.int64)
        np.add.at(table, (self.load_request, self.load_period), self.load_minutes)
        return table

    @cached_property
    def first_option(self) -> Whole:
        """Options of request r are `first_option[r]` to `first_option[r + 1]` (R + 1)."""
        return np.searchsorted(self.option_request, np.arange(len(self.requests) + 1)).astype(np.int64)

    @cached_property
    def options_by_peer(self) -> tuple[Whole, ...]:
        """Options of each peer, in the order of the requests."""
        order = np.argsort(self.option_peer, kind="stable")
        cuts = np.searchsorted(self.option_peer[order], np.arange(1, len(self.peers)))
        return tuple(np.split(order, cuts)) if len(self.peers) else ()

    @cached_property
    def session_order(self) -> Whole:
        """Requests in the order of their first session: neighbours in it are neighbours in time (R)."""
        first = np.full(len(self.requests), np.iinfo(np.int64).max)
        np.minimum.at(first, self.session_request, self.session_start)
        return np.argsort(first, kind="stable").astype(np.int64)

    def plan(self, chosen: Whole) -> dict[Hashable, list[Hashable]]:
        """The chosen options by request, under the compiler's names, complete requests only."""
        asked: dict[int, list[int]] = {}
        for option in np.sort(chosen).tolist():
            asked.setdefault(int(self.option_request[option]), []).append(int(self.option_peer[option]))
        return {
            self.requests[request]: [self.peers[peer] for peer in peers]
            for request, peers in asked.items()
            if len(peers) == self.seats[request]
        }


def score(problem: Problem, chosen: Whole) -> int:
    """Units a plan is worth: value of what is served, less the costs, less what separates each peer from their target."""
    taken = np.bincount(problem.option_request[chosen], minlength=len(problem.requests))
    served = (taken == problem.seats) & (problem.seats > 0)
    gained = int(problem.value[served].sum()) - int(problem.option_cost[chosen].sum())
    return gained - int(unfairness(problem, worked(problem, chosen)).sum())


def worked(problem: Problem, chosen: Whole) -> Whole:
    """Minutes each peer works in a plan (W)."""
    weights = problem.minutes[problem.option_request[chosen]]
    return np.bincount(problem.option_peer[chosen], weights=weights, minlength=len(problem.peers)).astype(np.int64)


def unfairness(problem: Problem, minutes: Whole) -> Whole:
    """Units lost by each peer for those minutes (W)."""
    apart: Whole = np.abs(minutes * MINUTE - problem.target)
    return apart


def _first_nonsense(problem: Problem) -> str | None:
    """What a compiler got wrong, in a word to its author; None when the arrays hold together."""
    requests, peers, options = len(problem.requests), len(problem.peers), len(problem.option_request)
    sizes: dict[str, tuple[Any, tuple[int, ...]]] = {
        "value": (problem.value, (requests,)),
        "seats": (problem.seats, (requests,)),
        "needs_lead": (problem.needs_lead, (requests,)),
        "lead": (problem.lead, (peers,)),
        "target": (problem.target, (peers,)),
        "rest": (problem.rest, (peers,)),
        "beside": (problem.beside, (requests,)),
        "option_peer": (problem.option_peer, (options,)),
        "option_cost": (problem.option_cost, (options,)),
        "capacity": (problem.capacity, (peers, problem.capacity.shape[-1])),
    }
    wrong = [name for name, (array, shape) in sizes.items() if array.shape != shape]
    if wrong:
        return f"wrong length: {', '.join(wrong)}"
    keys = problem.option_request * max(peers, 1) + problem.option_peer
    if (np.diff(keys) <= 0).any():
        return "options must be sorted by request then peer, without a repeat"
    bounds = (
        (problem.option_request, requests),
        (problem.option_peer, peers),
        (problem.session_request, requests),
        (problem.session_site, len(problem.travel)),
        (problem.load_request, requests),
        (problem.load_period, problem.capacity.shape[1]),
        (problem.fixed, options),
    )
    if any(len(array) and (array.min() < 0 or array.max() >= size) for array, size in bounds):
        return "an index points outside its table"
    return "a session ends before it begins" if (problem.session_end < problem.session_start).any() else None
