"""A first plan in a blink: requests one after the other, the scarcest and most valued first, the kindest peers for each."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from entrepairs.planning.clashes import Clashes
from entrepairs.planning.problem import MINUTE, POINT, Problem, Whole, score, whole
from entrepairs.planning.standing import Standing

_WAYS: Final = ((20, 0), (1, 1))
"""Two ways, and the better plan of the two: how much scarcity raises a request, and how a peer's time is priced."""


def greedy(problem: Problem, clashes: Clashes, start: Whole | None = None) -> Whole:
    """A plan that keeps every rule and contains the fixed options; at least as good as what `start` still allows."""
    people = np.bincount(problem.option_request, minlength=len(problem.requests)) / np.maximum(problem.seats, 1)
    people = np.maximum(people, 1)
    asked_for = np.bincount(problem.option_peer, minlength=len(problem.peers)) * MINUTE
    hoped = (problem.value / np.maximum(problem.seats, 1) / people)[problem.option_request]
    could_bring = np.bincount(problem.option_peer, weights=hoped, minlength=len(problem.peers)) * MINUTE / POINT / 4
    times = (asked_for, could_bring.astype(np.int64))
    fixed = [Standing(problem, clashes, problem.fixed) for _ in _WAYS]
    plans = [
        _filled(standing, problem.value * (1 + raised / people), times[way])
        for standing, (raised, way) in zip(fixed, _WAYS, strict=True)
    ]
    if start is not None:
        plans.append(_filled(_still_possible(problem, clashes, start), problem.value * (1 + 1 / people), times[0]))
    return max(plans, key=lambda plan: score(problem, plan))


def _filled(standing: Standing, worth: NDArray[np.float64], price: Whole) -> Whole:
    for request in np.argsort(-worth, kind="stable").tolist():
        complete(standing, request, price)
    return standing.chosen()


def _still_possible(problem: Problem, clashes: Clashes, start: Whole) -> Standing:
    """What a plan made earlier still allows, request by request, each whole or not at all."""
    standing = Standing(problem, clashes, problem.fixed)
    start = np.unique(start)
    for request in np.unique(problem.option_request[start]).tolist():
        wanted = start[problem.option_request[start] == request]
        wanted = np.setdiff1d(wanted, problem.fixed)
        if standing.could_complete(request, wanted):
            standing.take(wanted)
    return standing


def complete(standing: Standing, request: int, time: Whole) -> bool:
    """Fill the free seats of a request with the peers who cost least, their time being priced (W); or leave it whole."""
    problem = standing.problem
    free = standing.free_seats(request)
    options = standing.possible(request)
    if not free or len(options) < free:
        return False
    peer = problem.option_peer[options]
    closer = np.abs(standing.gap[peer] + problem.minutes[request] * MINUTE) - np.abs(standing.gap[peer])
    price = problem.option_cost[options] + closer + time[peer]
    order = np.argsort(price, kind="stable")
    taken: list[int] = []
    if standing.needs_lead(request):
        leads = order[problem.lead[peer[order]]]
        if not len(leads):
            return False
        taken.append(int(leads[0]))
    for at in order.tolist():
        if len(taken) == free:
            break
        if at not in taken and standing.get_along(int(peer[at]), [int(peer[other]) for other in taken]):
            taken.append(at)
    if len(taken) < free:
        return False
    standing.take(whole([options[at] for at in taken]))
    return True
