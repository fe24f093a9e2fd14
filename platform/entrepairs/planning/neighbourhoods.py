"""Which part of a plan to open next: peers whose requests are freed, together with what nobody serves yet.

A walk puts peers in an order, from an unserved request or from a peer: by those who could come to the same requests, or
step by step along the options that the prices find worth a look. As many peers are opened as the size allows, counted in
options: small pieces are proven in a blink, large ones see further. Each way's gain by effort decides how often it is
tried; nothing depends on the clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from entrepairs.planning.problem import POINT, Marks, Problem, Whole, whole

SIZES: Final = (500, 1200, 2500)
"""Open options of a piece."""
LOSSES: Final = (1.0, 30.0)
"""How much an option may lose, in points, to be worth a look: little, for most ways; more, for the last ones."""
_FADING: Final = 0.8
_CURIOUS: Final = 0.06
_DRAWN: Final = 8


@dataclass(frozen=True, slots=True)
class Way:
    """One way of choosing: how to walk, how much to open, which options."""

    unserved: bool
    """From an unserved request; else from a peer."""
    near: bool
    """Along the options worth a look; else by chance among those who could come."""
    size: int
    loss: float | None


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """What a piece opens. `complete`: requests that somebody outside stays on."""

    way: int
    kept: Whole
    freed: Whole
    opened: Whole
    complete: Whole
    requests: Whole
    peers: Whole


@dataclass
class _Record:
    """Points gained and effort spent by a way, the old ones fading."""

    gained: float = 0.0
    spent: float = 0.0
    tries: int = 0

    @property
    def rate(self) -> float:
        return self.gained / self.spent if self.spent else 0.0


@dataclass
class Choosing:
    """The ways, what they brought so far, and the options worth a look once prices are known."""

    problem: Problem
    rng: np.random.Generator
    reduced: np.ndarray | None = None
    """Points each option loses at the prices; None while they are unknown."""
    ways: list[Way] = field(default_factory=list)
    records: list[_Record] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.enough = np.bincount(self.problem.option_request, minlength=len(self.problem.requests)) > 0
        self._opened_peers = np.zeros(len(self.problem.peers), dtype=np.int64)
        self._tried = np.zeros(len(self.problem.requests), dtype=np.int64)
        self._guided: dict[float, _Good] = {}
        self._any = _Good(self.problem, np.ones(len(self.problem.option_request), dtype=np.bool_))
        self._restart([Way(unserved, False, size, None) for unserved in (True, False) for size in SIZES])

    def _restart(self, ways: list[Way]) -> None:
        self.ways, self.records = ways, [_Record() for _ in ways]

    def learn(self, reduced: np.ndarray) -> None:
        """Take new prices into account."""
        fresh = self.reduced is None
        self.reduced = reduced
        self._guided = {loss: _Good(self.problem, reduced > -loss) for loss in LOSSES}
        if fresh:
            guided = [
                Way(unserved, near, size, LOSSES[0])
                for size in SIZES
                for unserved in (True, False)
                for near in (True, False)
            ]
            wider = [Way(unserved, True, size, LOSSES[1]) for size in SIZES[1:] for unserved in (True, False)]
            self._restart([*guided, *wider, Way(True, False, SIZES[1], None)])

    def tell(self, way: int, gained: int, effort: float) -> None:
        """What a piece chosen that way brought, in units, and what it cost."""
        if way >= len(self.records):
            return
        record = self.records[way]
        record.gained = record.gained * _FADING + gained / POINT
        record.spent = record.spent * _FADING + effort
        record.tries += 1

    def choose(self, chosen: Whole, busy: Marks, taken: Marks) -> Neighbourhood | None:
        """What to open next in a plan, away from busy peers and taken requests; None when nothing was found."""
        at = self._next_way()
        way = self.ways[at]
        good = self._good(at)
        held = np.zeros(len(self.problem.option_request), dtype=np.bool_)
        held[chosen] = True
        served = np.bincount(self.problem.option_request[chosen], minlength=len(self.problem.requests))
        waiting = np.flatnonzero((served < self.problem.seats) & self.enough & ~taken)
        order = self._walk(way, good, waiting, held)
        order = order[~busy[order]]
        if not len(order):
            return None
        waiting_marks = np.zeros(len(taken), dtype=np.bool_)
        waiting_marks[waiting] = True
        found = self._opened(at, order, held, waiting_marks, taken)
        if found is not None:
            self._opened_peers[found.peers] += 1
        return found

    def _opened(self, way: int, order: Whole, held: Marks, waiting: Marks, taken: Marks) -> Neighbourhood | None:
        """The first peers of the order, as many as the size allows, and all they may be asked for."""
        problem = self.problem
        never = np.iinfo(np.int64).max
        turn = np.full(len(problem.peers), never)
        turn[order] = np.arange(len(order))
        opens = np.full(len(problem.requests), never)
        chosen = np.flatnonzero(held)
        np.minimum.at(opens, problem.option_request[chosen], turn[problem.option_peer[chosen]])
        opens[waiting] = 0
        opens[taken] = never
        options = np.flatnonzero((self._good(way).marks | held) & (turn[problem.option_peer] < never))
        at = np.maximum(turn[problem.option_peer[options]], opens[problem.option_request[options]])
        options, at = options[at < never], at[at < never]
        if not len(options):
            return None
        counts = np.cumsum(np.bincount(at, minlength=len(order)))
        last = max(2, int(np.searchsorted(counts, self.ways[way].size, side="right")))
        options = options[at < last]
        inside = turn < last
        freed = chosen[inside[problem.option_peer[chosen]] & ~taken[problem.option_request[chosen]]]
        kept = np.setdiff1d(chosen, freed)
        return Neighbourhood(
            way=way,
            kept=kept,
            freed=freed,
            opened=options,
            complete=np.intersect1d(problem.option_request[freed], problem.option_request[kept]),
            requests=np.unique(problem.option_request[options]),
            peers=np.flatnonzero(inside),
        )

    def _next_way(self) -> int:
        untried = [at for at, record in enumerate(self.records) if not record.tries]
        if untried:
            return untried[0]
        rates = np.array([record.rate for record in self.records])
        weights = rates / rates.sum() if rates.sum() > 0 else np.zeros(len(rates))
        weights = weights + _CURIOUS
        return int(self.rng.choice(len(rates), p=weights / weights.sum()))

    def _good(self, way: int) -> "_Good":
        loss = self.ways[way].loss
        return self._any if loss is None else self._guided[loss]

    def _walk(self, way: Way, good: "_Good", waiting: Whole, held: Marks) -> Whole:
        if way.unserved and len(waiting):
            seeds = whole([self._least(waiting, self._tried)])
            self._tried[seeds] += 1
        else:
            peer = self._least(np.arange(len(self.problem.peers)), self._opened_peers)
            seeds = good.of_peer(peer)
            if not way.near:
                seeds = self._some(self.problem.option_request[self.problem.options_by_peer[peer]], 30)
        if way.near:
            return whole(list(good.around(seeds, self.rng, way.size)))
        order = self._by_chance(seeds)
        theirs = self._some(self.problem.option_request[held & np.isin(self.problem.option_peer, order)], 10)
        return np.concatenate([order, np.setdiff1d(self._by_chance(theirs), order)])

    def _least(self, among: Whole, times: Whole) -> int:
        """One of a few drawn by chance: the one opened the fewest times."""
        few = self._some(among, _DRAWN)
        return int(few[np.argmin(times[few])])

    def _some(self, requests: Whole, most: int) -> Whole:
        return self.rng.choice(requests, most, replace=False) if len(requests) > most else requests

    def _by_chance(self, requests: Whole) -> Whole:
        """Those who could come to the requests, the more of them the sooner, by chance."""
        count = np.zeros(len(self.problem.peers))
        for request in requests.tolist():
            first, last = self.problem.first_option[request : request + 2]
            count[self.problem.option_peer[first:last]] += 1
        able = np.flatnonzero(count)
        return able[np.argsort(self.rng.exponential(size=len(able)) / count[able], kind="stable")]


class _Good:
    """The options worth a look, by request and by peer."""

    def __init__(self, problem: Problem, marks: Marks) -> None:
        self._problem, self.marks = problem, marks
        options = np.flatnonzero(marks)
        self._peer = problem.option_peer[options]
        self._first = np.searchsorted(problem.option_request[options], np.arange(len(problem.requests) + 1))
        order = np.argsort(self._peer, kind="stable")
        self._request = problem.option_request[options][order]
        self._first_of_peer = np.searchsorted(self._peer[order], np.arange(len(problem.peers) + 1))

    def of_request(self, request: int) -> Whole:
        """Peers worth asking."""
        return self._peer[self._first[request] : self._first[request + 1]]

    def of_peer(self, peer: int) -> Whole:
        """Requests worth asking them for."""
        return self._request[self._first_of_peer[peer] : self._first_of_peer[peer + 1]]

    def around(self, seeds: Whole, rng: np.random.Generator, most: int) -> Iterator[int]:
        """Peers met step by step from some requests, each once."""
        met: set[int] = set()
        seen = set(seeds.tolist())
        front = seeds.tolist()
        while front and len(met) < most:
            further: list[int] = []
            for request in front:
                for peer in self.of_request(request).tolist():
                    if peer not in met:
                        met.add(peer)
                        yield peer
                        further += [each for each in self.of_peer(peer).tolist() if each not in seen]
                        seen.update(further)
            front = [further[at] for at in rng.permutation(len(further))]
