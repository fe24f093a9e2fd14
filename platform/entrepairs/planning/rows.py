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
from entrepairs.planning.problem import MINUTE, POINT, Marks, Whole, whole

Reals = NDArray[np.float64]
ROUNDINGS: Final = 4
"""How many times a limit is rounded: sessions longer than a half, a third, a quarter, a fifth of it."""
HOUR: Final = 60 * MINUTE
_FREE: Final = np.inf


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

    def add_sets(self, sets: Sequence[Sequence[int] | Whole], most: float) -> None:
        """At most `most` of each set."""
        if sets:
            lengths = whole([len(each) for each in sets])
            columns = np.concatenate([whole(each) for each in sets])
            count = len(sets)
            self.add(lengths, columns, np.ones(len(columns)), np.full(count, -_FREE), np.full(count, most))

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
    _leads_and_refusals(rows, piece, place, served_of)
    _by_peer(rows, piece, len(options) + int(has_served.sum()), roundings)
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


def _leads_and_refusals(rows: _Rows, piece: Piece, place: Whole, served_of: Whole) -> None:
    leads = np.flatnonzero(piece.problem.lead[piece.problem.option_peer[piece.options]])
    leads = leads[(piece.lead & (piece.seats > 1))[place[leads]]]
    for request in np.unique(place[leads]).tolist():
        columns, served = leads[place[leads] == request], int(served_of[request])
        if served < 0:
            rows.add(whole([len(columns)]), columns, np.ones(len(columns)), np.ones(1), np.array([_FREE]))
        else:
            both = np.append(columns, served)
            signs = np.append(np.ones(len(columns)), -1.0)
            rows.add(whole([len(both)]), both, signs, np.zeros(1), np.array([_FREE]))
    rows.add_sets(list(_refused_pairs(piece)), 1.0)


def _refused_pairs(piece: Piece) -> Iterable[Whole]:
    problem = piece.problem
    asked, peer = problem.option_request[piece.options], problem.option_peer[piece.options]
    for one, other in problem.refused.tolist():
        first, second = np.flatnonzero(peer == one), np.flatnonzero(peer == other)
        _, here, there = np.intersect1d(asked[first], asked[second], return_indices=True)
        yield from np.stack([first[here], second[there]], axis=1)


def _by_peer(rows: _Rows, piece: Piece, first_beyond: int, roundings: int) -> None:
    """Cliques, limits and hours of each peer."""
    problem = piece.problem
    rank = np.empty(len(problem.requests), dtype=np.int64)
    rank[problem.session_order] = np.arange(len(problem.requests))
    order = np.lexsort((rank[problem.option_request[piece.options]], problem.option_peer[piece.options]))
    cuts = np.searchsorted(problem.option_peer[piece.options][order], piece.peers[1:])
    for at, mine in enumerate(np.split(order, cuts) if len(piece.peers) else ()):
        asked = problem.option_request[piece.options[mine]]
        clash = piece.clashes.among(int(piece.peers[at]), asked)
        rows.add_sets([mine[each] for each in cliques(clash)], 1.0)
        _limits(rows, mine, problem.loads[asked], piece.capacity[at], roundings)
        hours = problem.minutes[asked] * MINUTE / HOUR
        columns = np.append(mine, first_beyond + at)
        high = np.array([piece.target[at] / HOUR])
        rows.add(whole([len(columns)]), columns, np.append(hours, -1.0), np.array([-_FREE]), high)


def _limits(rows: _Rows, mine: Whole, load: Whole, capacity: Whole, roundings: int) -> None:
    tight = load.sum(axis=0) > capacity
    load, capacity = load[:, tight], capacity[tight]
    if not len(capacity):
        return
    _add_limits(rows, mine, load, capacity)
    seen: set[bytes] = set()
    for parts in range(2, roundings + 2):
        # Of loads above a k-th part of the limit, k - 1 fit; a load of several parts counts as many.
        counted = np.maximum(-(-load * parts // np.maximum(capacity, 1)) - 1, 0)
        useful = _first_seen((counted.sum(axis=0) >= parts) & (capacity > 0), counted, seen)
        _add_limits(rows, mine, counted[:, useful], np.full(int(useful.sum()), parts - 1))


def _first_seen(useful: Marks, counted: Whole, seen: set[bytes]) -> Marks:
    for at in np.flatnonzero(useful).tolist():
        key = counted[:, at].tobytes()
        useful[at] = key not in seen
        seen.add(key)
    return useful


def _add_limits(rows: _Rows, mine: Whole, load: Whole, most: Whole) -> None:
    period, at = np.nonzero(load.T)
    lengths = np.bincount(period, minlength=len(most)).astype(np.int64)
    count = len(most)
    if count:
        rows.add(lengths, mine[at], load[at, period].astype(np.float64), np.full(count, -_FREE), most.astype(np.float64))
