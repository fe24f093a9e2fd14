"""The points of many peers at once, to put them in order: the same whole points as `scoring` gives one by one."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

import numpy as np

from entrepairs.matching.index.candidate import Known
from entrepairs.matching.index.peers import PAIR_WISHES
from entrepairs.matching.index.survey import Survey
from entrepairs.matching.index.times import Ints
from entrepairs.matching.scoring import FAR_KM, KNOWN_WELL, PartKind, score
from entrepairs.network.models.peers import PairWish

LIKES_TWO: Final = np.array([wish in {PairWish.PREFERRED, PairWish.REQUIRED} for wish in PAIR_WISHES], dtype=np.int64)
_KM, _FAIRNESS, _WHOLE = 24, 40, 47
"""Where each begins in a key of 63 bits: the place of the reference takes 24, the km 16, the points 7 each."""


def _points(weight: int, over: Ints, under: Ints | int) -> Ints:
    """Whole points, half up, of the share `over / under` cut to between 0 and 1."""
    cut = np.minimum(np.maximum(over, 0), under).astype(np.int64)
    return (2 * weight * cut + under) // (2 * under)


def _fairness(survey: Survey, rows: Ints, weight: int) -> Ints:
    wished = survey.team.peers.wished[rows].astype(np.int64) * 60
    cut = np.minimum(np.maximum(wished - survey.month_minutes(rows), 0), wished)
    found: Ints = (2 * weight * cut + wished) // np.maximum(2 * wished, 1)  # who wishes no hour earns nothing
    return found


@lru_cache(maxsize=64)
def _table(weight: int, under: int) -> Ints:
    """The points of `0 / under` to `under / under`."""
    return _points(weight, np.arange(under + 1), under)


def _continuity(survey: Survey, rows: Ints, weight: int) -> Ints | int:
    if survey.visits is None and not survey.ask.holders:
        return 0
    known = np.minimum(survey.visits_of(rows), KNOWN_WELL)
    if not survey.ask.holders:
        return _table(weight, KNOWN_WELL)[known]
    return _points(weight, known + np.minimum(_shared(survey)[rows], KNOWN_WELL), 2 * KNOWN_WELL)


def _shared(survey: Survey) -> Ints:
    """Missions held with one of those who come already, over every row: the most."""
    peers = survey.team.peers
    found = np.zeros(peers.room, dtype=np.int32)
    for holder in survey.ask.holders if survey.ask.seats > 1 else ():
        row = peers.row_of.get(holder)
        for other, times in survey.team.history.together.of(row).items() if row is not None else ():
            place = peers.row_of[other]
            found[place] = max(found[place], times)
    return found


def _travel(survey: Survey, rows: Ints, weight: int) -> Ints | int:
    if survey.ask.place is None:
        return weight
    found: Ints = _table(weight, FAR_KM)[FAR_KM - np.minimum(survey.whole_km_of(rows), FAR_KM)]
    return found


def _wishes(survey: Survey, rows: Ints, weight: int) -> Ints | int:
    ask, themes = survey.ask, survey.team.themes
    asked = max(len(ask.themes), 1)
    likes_two = LIKES_TWO[survey.team.peers.pair_wish[rows]] if ask.paired else None
    if not ask.themes and likes_two is None:
        return 0
    shared = np.bitwise_count(themes.bits[rows] & themes.mask(ask.themes)).astype(np.int64)
    if likes_two is not None:
        shared = 2 * shared + likes_two * (asked - shared)
        return _points(weight, shared, 2 * asked)
    found: Ints = _table(weight, asked)[shared]
    return found


def _learning(survey: Survey, rows: Ints, weight: int) -> Ints | int:
    ask = survey.ask
    if ask.learners_here:
        return weight
    return survey.learns(rows) * weight if ask.learner_seats else 0


PARTS: Final[Mapping[PartKind, Callable[[Survey, Ints, int], Ints | int]]] = {
    PartKind.FAIRNESS: _fairness,
    PartKind.CONTINUITY: _continuity,
    PartKind.TRAVEL: _travel,
    PartKind.WISHES: _wishes,
    PartKind.LEARNING: _learning,
}
"""The twins of the score's parts; one missing makes the scores be counted one by one, and a test fail."""


def keys(survey: Survey, rows: Ints) -> Ints:
    """What puts rows in order, the best first, no two alike: score, fairness, distance, reference."""
    whole, fairness = _scores(survey, rows)
    peers = survey.team.peers
    found: Ints = (survey.whole_km_of(rows) << _KM) - (fairness << _FAIRNESS) - (whole << _WHOLE) + peers.rank[rows]
    return found


def _scores(survey: Survey, rows: Ints) -> tuple[Ints, Ints]:
    """The total and the points of fairness."""
    weights = survey.weights
    if set(PARTS) == set(PartKind):
        fairness = _fairness(survey, rows, weights.fairness)
        whole = fairness.copy()
        for kind, part in PARTS.items():
            if kind is not PartKind.FAIRNESS:
                whole += part(survey, rows, weights.of(kind))
        return whole, fairness
    each = [score(survey.ask, Known(survey, row), weights) for row in rows]
    fair = [next(part.points for part in parts if part.kind is PartKind.FAIRNESS) for parts in each]
    return np.array([sum(part.points for part in parts) for parts in each], dtype=np.int64), np.array(
        fair, dtype=np.int64
    )
