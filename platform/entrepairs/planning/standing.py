"""Where a plan stands while it is being built: who is taken when, what each may still do."""

from collections.abc import Iterable

import numpy as np

from entrepairs.planning.clashes import Clashes
from entrepairs.planning.problem import MINUTE, Problem, Whole, whole


class Standing:
    """A plan in the making. Options are taken one request at a time; nothing is given back."""

    def __init__(self, problem: Problem, clashes: Clashes, taken: Whole) -> None:
        self.problem = problem
        self._clashes = clashes
        self._room = problem.capacity.copy()
        self.gap = -problem.target.copy()
        """Units beyond each peer's target, negative below it (W)."""
        self._blocked = np.zeros((len(problem.peers), len(problem.requests)), dtype=np.bool_)
        self._seats = problem.seats.copy()
        self._led = ~problem.needs_lead
        self._there: dict[int, list[int]] = {}
        self._refused = {(one, other) for a, b in problem.refused.tolist() for one, other in ((a, b), (b, a))}
        self._options: list[int] = []
        self.take(taken)

    def chosen(self) -> Whole:
        """The options taken, ascending."""
        return np.sort(whole(self._options))

    def free_seats(self, request: int) -> int:
        """Seats still to fill."""
        return int(self._seats[request])

    def needs_lead(self, request: int) -> bool:
        """Whether none of those taken can lead it and somebody must."""
        return not self._led[request]

    def get_along(self, peer: int, others: Iterable[int]) -> bool:
        """Whether the peer may be asked together with all the others."""
        return not self._refused or all((peer, other) not in self._refused for other in others)

    def possible(self, request: int) -> Whole:
        """Options of a request whose peer is free for it, has room, and gets along with those already on it."""
        problem = self.problem
        options = np.arange(problem.first_option[request], problem.first_option[request + 1])
        peer = problem.option_peer[options]
        load = problem.loads[request]
        periods = np.flatnonzero(load)
        fine = ~self._blocked[peer, request]
        fine &= (self._room[np.ix_(peer, periods)] >= load[periods]).all(axis=1)
        there = self._there.get(request)
        if there and self._refused:
            fine &= np.array([self.get_along(each, there) for each in peer.tolist()], dtype=np.bool_)
        free: Whole = options[fine]
        return free

    def could_complete(self, request: int, options: Whole) -> bool:
        """Whether those options, all of one request, would fill it and keep every rule."""
        problem = self.problem
        peers = [int(peer) for peer in problem.option_peer[options]]
        return (
            len(options) == self.free_seats(request)
            and bool(np.isin(options, self.possible(request)).all())
            and (not self.needs_lead(request) or bool(problem.lead[peers].any()))
            and all(self.get_along(peer, [other for other in peers if other != peer]) for peer in peers)
        )

    def take(self, options: Whole) -> None:
        """Take options, each possible."""
        problem = self.problem
        for option in options.tolist():
            request, peer = int(problem.option_request[option]), int(problem.option_peer[option])
            self._options.append(option)
            self._there.setdefault(request, []).append(peer)
            self._seats[request] -= 1
            self._led[request] |= problem.lead[peer]
            self._room[peer] -= problem.loads[request]
            self.gap[peer] += problem.minutes[request] * MINUTE
            self._blocked[peer] |= self._clashes.row(peer, request)
            self._blocked[peer, request] = True
