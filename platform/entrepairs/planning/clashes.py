"""Which requests clash for a peer: overlapping sessions, no time to travel, too short a rest, or said by the compiler."""

from functools import cached_property
from typing import Final

import numpy as np

from entrepairs.planning.problem import DAY, Marks, Problem, Whole

_AT_ONCE: Final = 2_000_000
"""Pairs of sessions compared in one go, to bound the memory."""


def clash_table(problem: Problem, rest: int) -> Marks:
    """Whether two requests clash for a peer with that rest (R x R, symmetric, false on the diagonal).

    Sessions are swept in the order of their start: each is compared only with those that begin before it can be left.
    """
    table = np.zeros((len(problem.requests), len(problem.requests)), dtype=np.bool_)
    order = np.lexsort((problem.session_site, problem.session_end, problem.session_start))
    start, end = problem.session_start[order], problem.session_end[order]
    site, request = problem.session_site[order], problem.session_request[order]
    longest = max(rest, int(problem.travel.max(initial=0)))
    until = np.searchsorted(start, end + longest)
    counts = np.maximum(until - np.arange(len(order)) - 1, 0)
    reach = np.concatenate([[0], np.cumsum(counts)])
    at = 0
    while at < len(order):
        stop = max(at + 1, int(np.searchsorted(reach, reach[at] + _AT_ONCE, side="right")) - 1)
        one = np.repeat(np.arange(at, stop), counts[at:stop])
        other = one + 1 + np.arange(len(one)) - np.repeat(reach[at:stop] - reach[at], counts[at:stop])
        same_day = start[one] // DAY == start[other] // DAY
        needed = np.where(same_day, problem.travel[site[one], site[other]], rest)
        bad = start[other] < end[one] + needed
        table[request[one[bad]], request[other[bad]]] = True
        at = stop
    table |= table.T
    np.fill_diagonal(table, val=False)
    return table


class Clashes:
    """The clashes of a problem, computed once by length of rest."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._tables: dict[int, Marks] = {}

    @cached_property
    def _further(self) -> dict[int, Whole]:
        rows = self._problem.clashes
        return {int(peer): rows[rows[:, 0] == peer, 1:] for peer in np.unique(rows[:, 0])}

    def table(self, peer: int) -> Marks:
        """The clashes that come from times and places, for a peer with that one's rest (R x R)."""
        rest = int(self._problem.rest[peer])
        if rest not in self._tables:
            self._tables[rest] = clash_table(self._problem, rest)
        return self._tables[rest]

    def between(self, peer: int, some: Whole, others: Whole) -> Marks:
        """Which of some requests clash with which of others, for that peer (n x m)."""
        found: Marks = self.table(peer)[np.ix_(some, others)]
        further = self._further.get(peer)
        if further is not None:
            for one, other in (*further.tolist(), *further[:, ::-1].tolist()):
                found |= (some == one)[:, None] & (others == other)[None, :] & (one != other)
        return found

    def row(self, peer: int, request: int) -> Marks:
        """Which requests clash with one, for that peer (R)."""
        found: Marks = self.table(peer)[request]
        further = self._further.get(peer)
        if further is None:
            return found
        found = found.copy()
        found[further[further[:, 0] == request, 1]] = True
        found[further[further[:, 1] == request, 0]] = True
        found[request] = False
        return found

    def among(self, peer: int, requests: Whole) -> Marks:
        """Which of those requests clash with which, for that peer (n x n)."""
        return self.between(peer, requests, requests)
