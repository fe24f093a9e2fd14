"""Who may come to which demand of a plan: matching decides, over the columns of the whole team, demand after demand.

The columns say what the rule objects say (tests hold them equal, case by case); after any doubt the rule objects answer
themselves, slowly. Whoever a plan proposes in the end is looked at again by them: see `checking`.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from sqlalchemy.orm import Session

from entrepairs.kernel.clock import Clock
from entrepairs.matching.explaining import consider, fitting
from entrepairs.matching.index.holding import DOUBTS, horizon
from entrepairs.matching.index.ranking import Everybody
from entrepairs.matching.index.scores import PARTS
from entrepairs.matching.index.survey import OutOfSight, Survey
from entrepairs.matching.index.team import Team
from entrepairs.matching.personal_rules import CHOICES_CODE
from entrepairs.matching.scoring import PartKind, Weights
from entrepairs.matching.skill_rules import NotThereYet
from entrepairs.matching.values import Ask
from entrepairs.planning.gathering import Gathered

SAID_NO: Final = "said_no"
"""They answered that they can't come to this one."""
TAKEN_IN_PLAN: Final = "taken_in_plan"
"""They could, and the plan asks them for another."""
ALONE: Final = "alone"
"""The only one who could, where two are needed."""
CHOSEN: Final = (PartKind.CONTINUITY, PartKind.TRAVEL, PartKind.WISHES, PartKind.LEARNING)
"""The parts of the score a plan pays for one by one; fairness is counted over the whole plan instead."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Able:
    """Who may come to a demand: peer ids, the best first, the points of the score each loses on what is chosen one by
    one; and how many of the others by the first reason told, the most frequent first, the shared reason last.
    """

    peers: tuple[int, ...]
    lost: tuple[int, ...]
    refused: tuple[tuple[str, int], ...]

    def without(self, said_no: frozenset[int]) -> "Able":
        """The same when those have answered no."""
        gone = said_no.intersection(self.peers)
        if not gone:
            return self
        kept = [(peer, lost) for peer, lost in zip(self.peers, self.lost, strict=True) if peer not in gone]
        refused = Counter(dict(self.refused)) + Counter({SAID_NO: len(gone)})
        return Able(tuple(peer for peer, _ in kept), tuple(lost for _, lost in kept), in_order(refused))


def in_order(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Reasons as they are told. Somebody who comes already is no reason."""
    told = [(code, count) for code, count in counts.items() if code != NotThereYet.code]
    return tuple(sorted(told, key=lambda one: (one[0] == CHOICES_CODE, -one[1], one[0])))


def able(
    session: Session, gathered: Gathered, *, clock: Clock, pulse: Callable[[], None] = lambda: None
) -> Mapping[str, Able]:
    """Who may come to each demand, by its reference. `pulse` is called at each demand; it may commit."""
    team = _columns(session, clock)
    found = {}
    for needed in gathered.needed:
        pulse()
        one = _by_columns(team, needed.ask, gathered) if team is not None else None
        one = _with_who_may_move(one, needed.ask, gathered) if one else by_rules(needed.ask, gathered)
        one = one.without(gathered.declined.get(needed.ask.ref, frozenset()))
        found[needed.ask.ref] = _with_holders(one, needed.ask, gathered)
    return found


def _with_who_may_move(found: Able, ask: Ask, gathered: Gathered) -> Able:
    """The columns know the diaries of today: those who may be freed are looked at again, free, for what is missing."""
    movers = gathered.holds.today
    if not movers or gathered.holds.is_held(ask.ref):
        return found
    limits, weights = gathered.limits_of(ask), gathered.weights
    pool = [one for one in gathered.candidates(ask) if one.id in movers]
    free = consider(ask, pool, limits, weights)
    busy = consider(ask, (replace(one, bookings=movers[one.id].bookings) for one in pool), limits, weights)
    known = set(found.peers)
    more = [one for one in free.possible if one.candidate.id not in known]
    refused = Counter(dict(found.refused))
    refused.subtract({reason.code: count for reason, count in busy.counts})
    refused.update({reason.code: count for reason, count in free.counts})
    return Able(
        (*found.peers, *(one.candidate.id for one in more)),
        (*found.lost, *(lost_points(one.explanation.points, weights) for one in more)),
        in_order(+refused),
    )


def _with_holders(found: Able, ask: Ask, gathered: Gathered) -> Able:
    """Who holds a seat that may move can always keep it, whatever has changed since they said yes."""
    holders = gathered.holds.by_demand.get(ask.ref, ())
    missing = [peer_id for peer_id in holders if peer_id not in found.peers]
    lost = []
    for peer_id in missing:
        candidate = gathered.candidate(gathered.by_id[peer_id], ask)
        record = fitting(ask, candidate, gathered.limits_of(ask), gathered.weights)
        lost.append(lost_points(record.points, gathered.weights))
    return Able((*found.peers, *missing), (*found.lost, *lost), found.refused) if missing else found


def _columns(session: Session, clock: Clock) -> Team | None:
    try:
        return Team(session.connection(), horizon(clock.today()))
    except DOUBTS:
        log.warning("the team could not be read into columns", exc_info=True)
        return None


def _by_columns(team: Team, ask: Ask, gathered: Gathered) -> Able | None:
    """From the columns; None when they cannot tell."""
    try:
        with team.lock:
            survey = Survey(team, ask, gathered.limits_of(ask), gathered.weights)
            everybody = Everybody(survey)
            rows = everybody.possible
            lost = np.zeros(len(rows), dtype=np.int64)
            for kind in CHOSEN:
                weight = gathered.weights.of(kind)
                lost += weight - PARTS[kind](survey, rows, weight)
            counts = {reason.code: count for reason, count in everybody.counts()}
            return Able(tuple(team.peers.ids[rows].tolist()), tuple(lost.tolist()), in_order(counts))
    except (OutOfSight, *DOUBTS):
        log.warning("the columns cannot tell who may come to %s", ask.ref, exc_info=True)
        return None


def by_rules(ask: Ask, gathered: Gathered) -> Able:
    """From the rule objects, one person after the other."""
    answer = consider(ask, gathered.candidates(ask), gathered.limits_of(ask), gathered.weights)
    return Able(
        tuple(each.candidate.id for each in answer.possible),
        tuple(lost_points(each.explanation.points, gathered.weights) for each in answer.possible),
        in_order({reason.code: count for reason, count in answer.counts}),
    )


def lost_points(points: Callable[[PartKind], int], weights: Weights) -> int:
    """What is missing to the most one could earn on the parts chosen one by one."""
    return sum(weights.of(kind) - points(kind) for kind in CHOSEN)


def reasons_of(able_: Able, taken_elsewhere: int, left: int = 0) -> Sequence[tuple[str, int]]:
    """Why nobody, or not enough people, come. First who could and is asked for another demand: the plan decides that.

    `left`: how many could come and are asked for nothing else. Alone where two are needed, they are said to be; of
    several, that they make no pair is told as any other choice.
    """
    told = [(TAKEN_IN_PLAN, taken_elsewhere)] * bool(taken_elsewhere)
    if left == 1:
        return [*told, (ALONE, 1), *able_.refused]
    return [*told, *in_order(Counter(dict(able_.refused)) + Counter({CHOICES_CODE: left}))]
