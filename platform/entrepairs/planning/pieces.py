"""A piece of a problem: the options left open, around everything that stays as it is. The whole problem is one piece."""

from dataclasses import dataclass

import numpy as np

from entrepairs.planning.clashes import Clashes
from entrepairs.planning.problem import MINUTE, Marks, Problem, Whole, whole


@dataclass(frozen=True, eq=False)
class Piece:
    """Open options, in the problem's order, with what the options that stay leave to each request and peer."""

    problem: Problem
    clashes: Clashes
    kept: Whole
    """Options that stay."""
    options: Whole
    """Open options: each is possible beside all that stays."""
    requests: Whole
    """Requests of the open options, ascending (r)."""
    seats: Whole
    """Seats still to fill (r)."""
    must: Marks
    """Requests to be completed: somebody stays on them and they are served today (r)."""
    lead: Marks
    """Requests that still need a lead (r)."""
    peers: Whole
    """Peers of the open options, ascending (p)."""
    capacity: Whole
    """Minutes left by period (p x B)."""
    target: Whole
    """Units left to the target; negative once beyond it (p)."""
    outside: int
    """Units that nothing open can change: what is complete without it, the fairness of the other peers."""


def whole_piece(problem: Problem, clashes: Clashes) -> Piece:
    """Everything open but what is fixed."""
    return piece_of(problem, clashes, kept=problem.fixed, opened=np.arange(len(problem.option_request)))


def piece_of(problem: Problem, clashes: Clashes, *, kept: Whole, opened: Whole, complete: Whole | None = None) -> Piece:
    """The piece where `opened` may be taken and `kept` stays. Options that what stays makes impossible are left out, and
    requests too few people can come to. `complete`: requests that must be completed (indices).
    """
    options = np.setdiff1d(opened, kept)
    seats = problem.seats - np.bincount(problem.option_request[kept], minlength=len(problem.requests))
    load, minutes = _spent(problem, kept)
    options = options[seats[problem.option_request[options]] > 0]
    room = problem.capacity - load
    fits = (problem.loads[problem.option_request[options]] <= room[problem.option_peer[options]]) | (
        problem.loads[problem.option_request[options]] == 0
    )
    options = _beside_kept(problem, clashes, kept, options[fits.all(axis=1)])
    led = np.zeros(len(problem.requests), dtype=np.bool_)
    led[problem.option_request[kept[problem.lead[problem.option_peer[kept]]]]] = True
    options = _enough_people(problem, options, seats, problem.needs_lead & ~led)
    requests, peers = np.unique(problem.option_request[options]), np.unique(problem.option_peer[options])
    gap = np.abs(minutes * MINUTE - problem.target)
    settled = int(problem.value[(seats == 0) & (problem.seats > 0)].sum()) - int(problem.option_cost[kept].sum())
    return Piece(
        problem=problem,
        clashes=clashes,
        kept=kept,
        options=options,
        requests=requests,
        seats=seats[requests],
        must=np.isin(requests, complete if complete is not None else whole([])),
        lead=(problem.needs_lead & ~led)[requests],
        peers=peers,
        capacity=room[peers],
        target=problem.target[peers] - minutes[peers] * MINUTE,
        outside=settled - int(gap.sum()) + int(gap[peers].sum()),
    )


def _spent(problem: Problem, kept: Whole) -> tuple[Whole, Whole]:
    load = np.zeros_like(problem.capacity)
    minutes = np.zeros(len(problem.peers), dtype=np.int64)
    np.add.at(load, problem.option_peer[kept], problem.loads[problem.option_request[kept]])
    np.add.at(minutes, problem.option_peer[kept], problem.minutes[problem.option_request[kept]])
    return load, minutes


def _beside_kept(problem: Problem, clashes: Clashes, kept: Whole, options: Whole) -> Whole:
    """Without the options that clash, for their peer, with one that stays, or join a refused peer."""
    fine = np.ones(len(options), dtype=np.bool_)
    busy = np.intersect1d(problem.option_peer[kept], problem.option_peer[options])
    for peer in busy.tolist():
        mine = np.flatnonzero(problem.option_peer[options] == peer)
        held = problem.option_request[kept[problem.option_peer[kept] == peer]]
        fine[mine] = ~clashes.between(peer, held, problem.option_request[options[mine]]).any(axis=0)
    if len(problem.refused):
        there = set(zip(problem.option_request[kept].tolist(), problem.option_peer[kept].tolist(), strict=True))
        for one, other in problem.refused.tolist():
            for refusing, refused in ((one, other), (other, one)):
                mine = np.flatnonzero(problem.option_peer[options] == refusing)
                met = [(int(request), refused) in there for request in problem.option_request[options[mine]]]
                fine[mine[np.array(met, dtype=np.bool_)]] = False
    return options[fine]


def _enough_people(problem: Problem, options: Whole, seats: Whole, lead: Marks) -> Whole:
    """Without the requests that too few of the open options could complete; a last seat that needs a lead is a lead's."""
    leads = problem.lead[problem.option_peer[options]]
    asked = problem.option_request[options]
    options = options[leads | ~(lead & (seats == 1))[asked]]
    asked, leads = problem.option_request[options], problem.lead[problem.option_peer[options]]
    count = np.bincount(asked, minlength=len(seats))
    leading = np.bincount(asked[leads], minlength=len(seats))
    possible = (count >= seats) & ((leading > 0) | ~lead)
    return options[possible[asked]]
