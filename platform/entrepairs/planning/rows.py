"""The linear model of a piece, as arrays ready for the solver: maximise points under rows of coefficients.

Columns: the open options, then one `served` for each request with several seats left that may stay unserved, then one
`beyond` for each peer, the hours past their target. One seat left needs no `served`: its value is on its options.
Beside what the rules say, rows that no whole solution breaks make the bound tight: cliques instead of pairs, an option at
most its request's `served`, and limits divided and rounded down (Chvátal-Gomory): at most two sessions longer than a
third of the week's limit, and so on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from entrepairs.planning.cliques import cliques
from entrepairs.planning.pieces import Piece
from entrepairs.planning.problem import MINUTE, POINT, Whole, whole

Reals = NDArray[np.float64]
ROUNDINGS: Final = 4
"""How many times a limit is rounded: sessions longer than a half, a third, a quarter, a fifth of it."""
HOUR: Final = 60 * MINUTE
_FREE: Final = np.inf


HOURS, CLIQUE = -1, 0
"""Kinds of a peer's row, in the place of `parts`."""


@dataclass(frozen=True, eq=False)
class PeerRows:
    """What each row that one peer alone must keep says; these rows come last in the model, peer after peer."""

    first: int
    """Rank of the first of them in the model."""
    peer: Whole
    """Rank in the piece's peers."""
    parts: Whole
    """HOURS, CLIQUE, 1 for a limit as it is, k for a limit rounded in k parts."""
    period: Whole
    """Of a limit; -1 for the others."""


@dataclass(frozen=True, eq=False)
class Model:
    """Maximise `gain · x + constant`, `low <= A x <= high`, `0 <= x <= upper`; A by rows."""

    gain: Reals
    """Points (options, then served, then beyond)."""
    upper: Reals
    whole_columns: int
    """The first columns take whole values; the rest, `beyond`, are hours."""
    low: Reals
    high: Reals
    start: Whole
    column: Whole
    coefficient: Reals
    constant: float
    """Points that no column moves: value to be completed, fairness of what stays."""
    served_of: Whole
    """The `served` column of each request of the piece, -1 without (r)."""
    lead_of: Whole
    """The row that asks each request for a lead, -1 without (r). The first r rows are the seats'."""
    peer_rows: PeerRows


class _Rows:
    """Rows in the making: each call adds many at once."""

    def __init__(self) -> None:
        self._columns: list[Whole] = []
        self._coefficients: list[Reals] = []
        self._lengths: list[Whole] = []
        self._low: list[Reals] = []
        self._high: list[Reals] = []

    def add(self, lengths: Whole, columns: Whole, coefficients: Reals, low: Reals, high: Reals) -> None:
        """Rows one after the other in `columns` and `coefficients`, of those lengths."""
        self._lengths.append(lengths)
        self._columns.append(columns)
        self._coefficients.append(coefficients)
        self._low.append(low)
        self._high.append(high)

    @property
    def count(self) -> int:
        """Rows so far."""
        return sum(len(each) for each in self._lengths)

    def add_sets(self, sets: Sequence[Sequence[int] | Whole], most: float) -> None:
        """At most `most` of each set."""
        if sets:
            lengths = whole([len(each) for each in sets])
            columns = np.concatenate([whole(each) for each in sets])
            count = len(sets)
            self.add(lengths, columns, np.ones(len(columns)), np.full(count, -_FREE), np.full(count, most))

    def add_row(self, columns: Whole, coefficients: Reals, high: float) -> None:
        """One row, at most `high`."""
        self.add(whole([len(columns)]), columns, coefficients, np.array([-_FREE]), np.array([high]))

    def table(self) -> tuple[Whole, Whole, Reals, Reals, Reals]:
        """Starts, columns, coefficients, lows, highs."""
        lengths = np.concatenate([*self._lengths, whole([])])
        return (
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            np.concatenate([*self._columns, whole([])]),
            np.concatenate([*self._coefficients, np.zeros(0)]),
            np.concatenate([*self._low, np.zeros(0)]),
            np.concatenate([*self._high, np.zeros(0)]),
        )


def model_of(piece: Piece, *, roundings: int = ROUNDINGS) -> Model:
    """The model of a piece."""
    problem, options = piece.problem, piece.options
    place = np.searchsorted(piece.requests, problem.option_request[options])
    alone = piece.seats == 1
    has_served = ~alone & ~piece.must
    served_of = np.where(has_served, len(options) + np.cumsum(has_served) - 1, -1)
    value = problem.value[piece.requests] / POINT
    gain = -problem.option_cost[options] / POINT
    gain += np.where((alone & ~piece.must)[place], value[place], 0.0)
    gain += problem.minutes[problem.option_request[options]] * MINUTE / POINT
    rows = _Rows()
    _seats(rows, piece, place, served_of)
    lead_of = _leads(rows, piece, place, served_of)
    rows.add_sets(list(_refused_pairs(piece)), 1.0)
    peer_rows = _by_peer(rows, piece, len(options) + int(has_served.sum()), roundings)
    start, column, coefficient, low, high = rows.table()
    columns = len(options) + int(has_served.sum())
    return Model(
        gain=np.concatenate([gain, value[has_served], np.full(len(piece.peers), -2.0)]),
        upper=np.concatenate([np.ones(columns), np.full(len(piece.peers), _FREE)]),
        whole_columns=columns,
        low=low,
        high=high,
        start=start,
        column=column,
        coefficient=coefficient,
        constant=float(value[piece.must].sum()) - float(piece.target.sum()) / POINT,
        served_of=served_of,
        lead_of=lead_of,
        peer_rows=peer_rows,
    )


def _seats(rows: _Rows, piece: Piece, place: Whole, served_of: Whole) -> None:
    """Seats filled all together; an option at most its request's served."""
    count = np.bincount(place, minlength=len(piece.requests))
    served = served_of >= 0
    lengths = count + served
    ends = np.cumsum(lengths)
    columns = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.int64)
    coefficients = np.ones(len(columns))
    last = ends[served] - 1
    at_options = np.ones(len(columns), dtype=np.bool_)
    at_options[last] = False
    columns[at_options] = np.arange(len(place))
    columns[last] = served_of[served]
    coefficients[last] = -piece.seats[served]
    high = np.where(served, 0.0, piece.seats)
    low = np.where(served | piece.must, high, -_FREE)
    rows.add(lengths, columns, coefficients, low, high)
    coupled = np.flatnonzero(served[place])
    pairs = np.stack([coupled, served_of[place[coupled]]], axis=1).ravel()
    ones = np.tile([1.0, -1.0], len(coupled))
    rows.add(np.full(len(coupled), 2), pairs, ones, np.full(len(coupled), -_FREE), np.zeros(len(coupled)))


def _leads(rows: _Rows, piece: Piece, place: Whole, served_of: Whole) -> Whole:
    """A lead at least, for the requests of several seats that need one; their rows."""
    found = np.full(len(piece.requests), -1, dtype=np.int64)
    leads = np.flatnonzero(piece.problem.lead[piece.problem.option_peer[piece.options]])
    leads = leads[(piece.lead & (piece.seats > 1))[place[leads]]]
    for request in np.unique(place[leads]).tolist():
        columns, served = leads[place[leads] == request], int(served_of[request])
        found[request] = rows.count
        if served < 0:
            rows.add(whole([len(columns)]), columns, np.ones(len(columns)), np.ones(1), np.array([_FREE]))
        else:
            both = np.append(columns, served)
            signs = np.append(np.ones(len(columns)), -1.0)
            rows.add(whole([len(both)]), both, signs, np.zeros(1), np.array([_FREE]))
    return found


def _refused_pairs(piece: Piece) -> Iterable[Whole]:
    problem = piece.problem
    asked, peer = problem.option_request[piece.options], problem.option_peer[piece.options]
    for one, other in problem.refused.tolist():
        first, second = np.flatnonzero(peer == one), np.flatnonzero(peer == other)
        _, here, there = np.intersect1d(asked[first], asked[second], return_indices=True)
        yield from np.stack([first[here], second[there]], axis=1)


def _by_peer(rows: _Rows, piece: Piece, first_beyond: int, roundings: int) -> PeerRows:
    """Cliques, limits and hours of each peer."""
    problem, first = piece.problem, rows.count
    parts: list[int] = []
    periods: list[int] = []
    counts: list[int] = []
    for at, mine in enumerate(by_peer_in_time(piece)):
        asked = problem.option_request[piece.options[mine]]
        cover = cliques(piece.clashes.among(int(piece.peers[at]), asked))
        rows.add_sets([mine[each] for each in cover], 1.0)
        limits = list(_limits(problem.loads[asked], piece.capacity[at], roundings))
        for _, _, load, most in limits:
            there = np.flatnonzero(load)
            rows.add_row(mine[there], load[there].astype(np.float64), float(most))
        hours = problem.minutes[asked] * MINUTE / HOUR
        rows.add_row(np.append(mine, first_beyond + at), np.append(hours, -1.0), piece.target[at] / HOUR)
        parts += [CLIQUE] * len(cover) + [limit[0] for limit in limits] + [HOURS]
        periods += [-1] * len(cover) + [limit[1] for limit in limits] + [-1]
        counts.append(len(cover) + len(limits) + 1)
    return PeerRows(first, np.repeat(np.arange(len(counts)), counts), whole(parts), whole(periods))


def by_peer_in_time(piece: Piece) -> list[Whole]:
    """Places, among the piece's options, of each peer's, in the order of the requests' first session."""
    problem = piece.problem
    rank = np.empty(len(problem.requests), dtype=np.int64)
    rank[problem.session_order] = np.arange(len(problem.requests))
    peer = problem.option_peer[piece.options]
    order = np.lexsort((rank[problem.option_request[piece.options]], peer))
    return np.split(order, np.searchsorted(peer[order], piece.peers[1:])) if len(piece.peers) else []


Limit = tuple[int, int, Whole, int]
"""Parts, period, what each option counts for, how much may be counted."""


def _limits(load: Whole, capacity: Whole, roundings: int) -> Iterable[Limit]:
    """The limits that a peer's options could break together, as they are and rounded (load: n x B)."""
    tight = np.flatnonzero(load.sum(axis=0) > capacity)
    if not len(tight):
        return
    for period in tight.tolist():
        yield 1, period, load[:, period], int(capacity[period])
    load, capacity = load[:, tight], capacity[tight]
    seen: set[bytes] = set()
    for parts in range(2, roundings + 2):
        counted = rounded(load, capacity, parts)
        for at in np.flatnonzero((counted.sum(axis=0) >= parts) & (capacity > 0)).tolist():
            key = counted[:, at].tobytes()
            if key not in seen:
                seen.add(key)
                yield parts, int(tight[at]), counted[:, at], parts - 1


def rounded(load: Whole, capacity: Whole, parts: int) -> Whole:
    """Of loads above a k-th part of a limit, k - 1 fit; a load of several parts counts as many."""
    return np.maximum(-(-load * parts // np.maximum(capacity, 1)) - 1, 0)
