"""What no plan can go beyond, by the prices of a linear relaxation; and which options those prices leave worth a look.

The relaxation is solved on few options first; the prices it gives to each peer's rows are then put on all the options,
and those that would still pay are added, until none would. Whatever the prices, adding up what each request could bring
at best beside them is a valid bound (Lagrange): it is published after each step, and never depends on a solver's word.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from entrepairs.planning.cliques import bits_of, ones
from entrepairs.planning.pieces import Piece, piece_of
from entrepairs.planning.problem import POINT, Whole, whole
from entrepairs.planning.rows import CLIQUE, HOURS, Model, Reals, by_peer_in_time, model_of, rounded

_ALL_AT_ONCE: Final = 30_000
"""Options up to which the relaxation is solved whole."""
_FIRST, _MORE = 4, (4, 2)
"""Options by seat in the first relaxation, then added at each step."""
_CLOSE: Final = 1e-5
_SAFETY: Final = POINT // 100
"""Added to the bound, far above what floating point may lose."""


@dataclass(frozen=True, eq=False)
class Prices:
    """A step of the bounding: the bound in units, and what each option of the piece would change."""

    bound: int
    reduced: Reals
    """Points an option loses against the best at these prices: zero and above are worth taking (N of the piece)."""
    last: bool
    """Whether further steps would not improve the bound."""


def first_bound(piece: Piece) -> int:
    """The bound without any relaxation: each request at its best, as if peers had all their time."""
    net, constant = _Pricing(piece).base
    return _units(piece, by_request(piece, net) + constant)


def prices(piece: Piece, start: Whole) -> Iterator[Prices]:
    """Ever better bounds; `start`: options of a plan, looked at from the first step on."""
    from entrepairs.planning.exact import loaded  # HiGHS is loaded only in the process that uses it

    pricing = _Pricing(piece)
    among = _first_options(piece, start)
    best = first_bound(piece)
    step = 0
    while len(piece.options):
        some = piece_of(piece.problem, piece.clashes, kept=piece.kept, opened=piece.options[among])
        model = model_of(some)
        solver = loaded(model, whole_numbers=False)
        solver.run()
        duals = _signed(model, np.asarray(solver.getSolution().row_dual))
        relaxed = float(solver.getObjectiveValue()) + model.constant
        net, constant = pricing.at(some, model, duals)
        found = by_request(piece, net) + constant
        best = min(best, _units(piece, found))
        reduced = _reduced(piece, some, model, duals, net)
        new = _paying(piece, np.where(among, -np.inf, reduced), _MORE[min(step, len(_MORE) - 1)])
        last = not new.any() or found - relaxed <= _CLOSE * abs(found)
        yield Prices(best, reduced, last)
        if last:
            return
        among |= new
        step += 1


def by_request(piece: Piece, net: Reals) -> float:
    """Points the requests could bring at best, each filled with its best options at those net values, or left."""
    problem = piece.problem
    place = np.searchsorted(piece.requests, problem.option_request[piece.options])
    lead = problem.lead[problem.option_peer[piece.options]]
    rank = ranked(place, -net)
    seats = piece.seats[place]
    taken = rank < seats
    total = np.bincount(place, weights=np.where(taken, net, 0.0), minlength=len(piece.requests)).astype(np.float64)
    led = np.bincount(place, weights=taken & lead, minlength=len(piece.requests)) > 0
    best_lead = np.full(len(piece.requests), -np.inf)
    np.maximum.at(best_lead, place[lead], net[lead])
    worst = np.bincount(place, weights=np.where(rank == seats - 1, net, 0.0), minlength=len(piece.requests))
    total = np.where(piece.lead & ~led, total - worst + best_lead, total)
    total += problem.value[piece.requests] / POINT
    return float(np.where(piece.must, total, np.maximum(total, 0.0)).sum())


def ranked(group: Whole, key: Reals) -> Whole:
    """Rank of each element within its group, lowest key first; groups ascending from 0."""
    order = np.lexsort((key, group))
    first = np.searchsorted(group[order], np.arange(int(group.max(initial=-1)) + 1))
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - first[group[order]]
    return rank


def _units(piece: Piece, points: float) -> int:
    return piece.outside + int(np.ceil(points * POINT)) + _SAFETY


def _first_options(piece: Piece, start: Whole) -> np.ndarray:
    problem = piece.problem
    if len(piece.options) <= _ALL_AT_ONCE:
        return np.ones(len(piece.options), dtype=np.bool_)
    request, peer = problem.option_request[piece.options], problem.option_peer[piece.options]
    asked_for = np.bincount(peer, minlength=len(problem.peers))[peer]
    key = problem.option_cost[piece.options] / POINT
    key = key + asked_for * problem.minutes[request] / max(1.0, float(problem.minutes.mean()))
    place, lead = np.searchsorted(piece.requests, request), problem.lead[peer]
    among = ranked(place, key) < _FIRST * piece.seats[place]
    leads = np.flatnonzero(lead & piece.lead[place])
    among[leads[ranked(place[leads], key[leads]) < _FIRST]] = True
    return among | np.isin(piece.options, start)


def _signed(model: Model, duals: Reals) -> Reals:
    """Duals with the sign their row allows: a solver's last digits may stray."""
    duals = np.where(np.isneginf(model.low), np.maximum(duals, 0.0), duals)
    return np.where(np.isposinf(model.high), np.minimum(duals, 0.0), duals)


def _reduced(piece: Piece, some: Piece, model: Model, duals: Reals, net: Reals) -> Reals:
    """Net value less what the request's seats are worth at these prices."""
    problem = piece.problem
    place = np.searchsorted(piece.requests, problem.option_request[piece.options])
    seat, lead = np.zeros(len(piece.requests)), np.zeros(len(piece.requests))
    there = np.searchsorted(piece.requests, some.requests)
    seat[there] = duals[: len(some.requests)] - (problem.value[some.requests] / POINT) * (
        (some.seats == 1) & ~some.must
    )
    lead[there] = np.where(model.lead_of >= 0, duals[model.lead_of], 0.0)
    return net - seat[place] - lead[place] * problem.lead[problem.option_peer[piece.options]]


def _paying(piece: Piece, reduced: Reals, by_seat: int) -> np.ndarray:
    place = np.searchsorted(piece.requests, piece.problem.option_request[piece.options])
    return (reduced > 1e-3) & (ranked(place, -reduced) < by_seat * piece.seats[place])


class _Pricing:
    """Puts the prices of some options' rows on all the options of the piece."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self._of_peer = by_peer_in_time(piece)
        self._rank = np.empty(len(piece.options), dtype=np.int64)
        for mine in self._of_peer:
            self._rank[mine] = np.arange(len(mine))
        self._neighbours: dict[int, list[int]] = {}
        problem = piece.problem
        self._hours = problem.minutes[problem.option_request[piece.options]] / 60
        self._gain = self._hours - problem.option_cost[piece.options] / POINT

    @property
    def base(self) -> tuple[Reals, float]:
        """Without prices but an hour's: fairness can't be better than perfect."""
        target = self.piece.target / POINT
        price = np.where(target >= 0, 1.0, 2.0)
        net = self._gain.copy()
        for at, mine in enumerate(self._of_peer):
            net[mine] -= price[at] * self._hours[mine]
        return net, float((price * target - target).sum())

    def at(self, some: Piece, model: Model, duals: Reals) -> tuple[Reals, float]:
        """Net value of all the options at the duals of the peers' rows, and the points the rows themselves bring."""
        rows = model.peer_rows
        duals = np.concatenate([duals[rows.first :], np.zeros(1)])
        net, constant = self.base
        cuts = np.searchsorted(rows.peer, np.arange(len(some.peers) + 1))
        for at, peer in enumerate(some.peers.tolist()):
            mine = int(np.searchsorted(self.piece.peers, peer))
            priced = np.arange(cuts[at], cuts[at + 1])
            hour = min(max(float(duals[priced[rows.parts[priced] == HOURS]][0]), 0.0), 2.0)
            target = float(self.piece.target[mine]) / POINT
            base_hour = 1.0 if target >= 0 else 2.0
            places = self._of_peer[mine]
            net[places] -= (hour - base_hour) * self._hours[places]
            constant += (hour - base_hour) * target
            priced = priced[(duals[priced] > 1e-9) & (rows.parts[priced] != HOURS)]
            if len(priced):
                price, brought = self._of_rows(mine, some, model, priced, duals[priced])
                net[places] -= price
                constant += brought
        return net, constant

    def _of_rows(self, mine: int, some: Piece, model: Model, priced: Whole, duals: Reals) -> tuple[Reals, float]:
        rows, problem = model.peer_rows, self.piece.problem
        places = self._of_peer[mine]
        price, brought = np.zeros(len(places)), 0.0
        asked = problem.option_request[self.piece.options[places]]
        for row, dual in zip(priced.tolist(), duals.tolist(), strict=True):
            parts, period = int(rows.parts[row]), int(rows.period[row])
            if parts == CLIQUE:
                at = rows.first + row
                columns = model.column[model.start[at] : model.start[at + 1]]
                price[self._widened(mine, some.options[columns])] += dual
                brought += dual
                continue
            load, limit = problem.loads[asked, period], int(self.piece.capacity[mine, period])
            counted = load if parts == 1 else rounded(load, whole(limit), parts)
            price += dual * counted
            brought += dual * (limit if parts == 1 else parts - 1)
        return price, brought

    def _widened(self, mine: int, options: Whole) -> list[int]:
        """A clique of some options, with others of the same peer that clash with all its members and each other."""
        places = self._of_peer[mine]
        if mine not in self._neighbours:
            asked = self.piece.problem.option_request[self.piece.options[places]]
            peer = int(self.piece.peers[mine])
            self._neighbours[mine] = bits_of(self.piece.clashes.among(peer, asked))
        neighbours = self._neighbours[mine]
        members: list[int] = self._rank[np.searchsorted(self.piece.options, options)].tolist()
        open_to_all = -1
        for member in members:
            open_to_all &= neighbours[member]
        while open_to_all:
            member = next(ones(open_to_all))
            members.append(member)
            open_to_all &= neighbours[member]
        return members
