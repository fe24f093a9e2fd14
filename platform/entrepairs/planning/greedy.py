"""A first plan in a blink: requests one after the other, the scarcest and most valued first, the kindest peers for each."""

from typing import Final

import numpy as np

from entrepairs.planning.clashes import Clashes
from entrepairs.planning.problem import MINUTE, Problem, Whole, whole
from entrepairs.planning.standing import Standing

_PLENTY: Final = 40
"""Beyond so many people for a seat, a request isn't scarce."""


def greedy(problem: Problem, clashes: Clashes) -> Whole:
    """A plan that keeps every rule and contains the fixed options."""
    standing = Standing(problem, clashes, problem.fixed)
    asked_for = np.bincount(problem.option_peer, minlength=len(problem.peers))
    for request in _order(problem).tolist():
        complete(standing, request, asked_for)
    return standing.chosen()


def _order(problem: Problem) -> Whole:
    """Value of an hour asked, raised for requests to which few can come."""
    hours = np.maximum(problem.minutes * problem.seats, 1)
    people = np.bincount(problem.option_request, minlength=len(problem.requests)) / np.maximum(problem.seats, 1)
    worth = problem.value / hours * (1 + 1 / np.clip(people, 1, _PLENTY))
    return np.argsort(-worth, kind="stable").astype(np.int64)


def complete(standing: Standing, request: int, asked_for: Whole) -> bool:
    """Fill the free seats of a request with the peers who cost least and are least in demand; or leave it whole."""
    problem = standing.problem
    free = standing.free_seats(request)
    options = standing.possible(request)
    if not free or len(options) < free:
        return False
    peer = problem.option_peer[options]
    closer = np.abs(standing.gap[peer] + problem.minutes[request] * MINUTE) - np.abs(standing.gap[peer])
    price = problem.option_cost[options] + closer + asked_for[peer] * MINUTE
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
