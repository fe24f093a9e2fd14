"""The answer: the best few at once, or everybody with their reasons, exactly as `explaining.consider` gives them."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, Final, TypeVar, overload

import numpy as np

from entrepairs.matching.explaining import (
    HERE_ALREADY,
    SHARED_REASON,
    Answer,
    Considered,
    Explanation,
    Reason,
    fitting,
)
from entrepairs.matching.hard_rules import ORDINARY, PERSONAL, Rule
from entrepairs.matching.index.candidate import Known, known
from entrepairs.matching.index.scores import keys
from entrepairs.matching.index.survey import EVERYBODY, Survey
from entrepairs.matching.index.team import Team
from entrepairs.matching.index.times import Bools, Ints
from entrepairs.matching.index.twins import STANDING, TWINS, Stage, Twin, standing
from entrepairs.matching.personal_rules import CHOICES_CODE
from entrepairs.matching.scoring import Weights
from entrepairs.matching.values import Ask, Limits

CHUNK: Final = 4096
"""Rows whose missions are laid out at once."""
FIRST: Final = 54
"""Rows looked at first beside as many as are wanted: most demands need no second look, and sixty cost hardly more than ten."""
FEW: Final = 1024
"""So few rows that their weeks are read before they are put in order."""
T = TypeVar("T")


class Disagreement(RuntimeError):
    """A twin and its rule do not say the same: the columns are not to be believed."""


def rank(team: Team, ask: Ask, limits: Limits, weights: Weights, *, most: int = 10) -> tuple[Considered, ...]:
    """The best `most` of those who can come, with their records, in order. Raises OutOfSight.

    Rules over columns first, then those over rows; those who are left are put in order, and the rules over missions
    are looked at from the best down, until enough are found.
    """
    with team.lock:
        survey = Survey(team, ask, limits, weights)
        found = known(survey, np.array(_best(survey, most), dtype=np.int64))
        return tuple(Considered(each, fitting(ask, each, limits, weights)) for each in found)


def _best(survey: Survey, most: int) -> list[int]:
    rows = _left_by(survey, Stage.ROWS, _left_by_columns(survey).nonzero()[0])
    few = len(rows) <= FEW
    if few:
        rows = _left_by(survey, Stage.LOAD, rows)
    order = keys(survey, rows)
    found: list[int] = []
    begin, width = 0, most + FIRST
    while begin < len(rows) and len(found) < most:
        chunk = rows[_next(order, begin, width)]
        found += _passing(survey, chunk if few else _left_by(survey, Stage.LOAD, chunk))
        begin, width = begin + width, min(4 * width, CHUNK)
    return found[:most]


def _next(order: Ints, begin: int, width: int) -> Ints:
    """The places of those between `begin` and `begin + width` in the order."""
    end = min(begin + width, len(order))
    if end < len(order):
        first = np.argpartition(order, end - 1)[:end]
        return first[np.argsort(order[first])][begin:]
    return np.argsort(order)[begin:]


def _left_by_columns(survey: Survey) -> Bools:
    left = standing(survey)
    for twin in of_stage(Stage.COLUMNS):
        codes = twin.codes(survey, EVERYBODY)
        if codes is not None:
            left &= codes == 0
    return left


def _left_by(survey: Survey, stage: Stage, rows: Ints) -> Ints:
    """Those whom the rules of a stage leave. Weeks are read once for all their rules, rows are fewer after each."""
    left: Bools | None = None
    for twin in of_stage(stage):
        if not len(rows):
            break
        codes = twin.codes(survey, rows)
        if codes is None:
            continue
        if stage is Stage.ROWS:
            rows = rows[codes == 0]
        else:
            left = codes == 0 if left is None else left & (codes == 0)
    return rows if left is None else rows[left]


def _passing(survey: Survey, rows: Ints) -> list[int]:
    """Those whom the rules over missions leave, and then the rules without a twin, in the order given."""
    left = np.ones(len(rows), dtype=bool)
    for twin in of_stage(Stage.DIARY):
        if not left.any():
            return []
        codes = twin.codes(survey, rows)
        if codes is not None:
            left &= codes == 0
    alone = without_twin()
    if not alone:
        kept: list[int] = rows[left].tolist()
        return kept
    return [
        int(row)
        for row in rows[left]
        if all(rule.check(survey.ask, Known(survey, row), survey.limits) is None for rule in alone)
    ]


@cache
def of_stage(stage: Stage) -> tuple[Twin, ...]:
    """The twins of a stage, in order; found once, the tables being constants."""
    return tuple(twin for code, twin in TWINS.items() if twin.stage is stage and code not in STANDING and code in RULES)


@cache
def without_twin() -> tuple[Rule, ...]:
    """The rules looked at one person at a time."""
    return tuple(rule for rule in RULES.values() if rule.code not in TWINS)


def _considered(survey: Survey, row: int) -> Considered:
    candidate = Known(survey, row)
    return Considered(candidate, fitting(survey.ask, candidate, survey.limits, survey.weights))


RULES: Final[dict[str, Rule]] = {rule.code: rule for rule in (*ORDINARY, *PERSONAL)}


# --- everybody ---------------------------------------------------------------------------------------------


class Surveyed(Answer):
    """An answer whose records are written when they are read."""

    __slots__ = ("_counts",)
    _counts: Sequence[tuple[Reason, int]]

    @property
    def counts(self) -> Sequence[tuple[Reason, int]]:
        """As of any answer, without writing every record; a copy of which something was replaced counts anew."""
        return getattr(self, "_counts", None) or super().counts


class Written(Sequence[T]):
    """Records written one by one when first read."""

    def __init__(self, count: int, write: Callable[[int], T]) -> None:
        self._write = write
        self._held: list[T | None] = [None] * count

    def __len__(self) -> int:
        return len(self._held)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...
    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return tuple(self[each] for each in range(*place.indices(len(self))))
        one = self._held[place]
        if one is None:
            one = self._held[place] = self._write(place if place >= 0 else place + len(self))
        return one

    def __iter__(self) -> Iterator[T]:
        return (self[place] for place in range(len(self)))


def codes_of(survey: Survey, rule: Rule, rows: Ints) -> Ints:
    """What a rule says of each row, some thousands at a time: a code of its own, 0 when it holds."""
    found = np.zeros(len(rows), dtype=np.int16)
    twin = TWINS.get(rule.code)
    for begin in range(0, len(rows), CHUNK):
        chunk = rows[begin : begin + CHUNK]
        codes = _one_by_one(survey, rule, chunk) if twin is None else twin.codes(survey, chunk)
        if codes is not None:
            found[begin : begin + CHUNK] = codes
    return found


def _one_by_one(survey: Survey, rule: Rule, rows: Ints) -> Ints:
    """A rule without a twin: each has a sentence of their own."""
    broken = [rule.check(survey.ask, Known(survey, row), survey.limits) is not None for row in rows]
    return np.array(broken, dtype=np.int16)


class Everybody:
    """The whole pool by rule: `codes[n]` are those of the n-th ordinary rule over `rows`."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.rows: Ints = np.flatnonzero(survey.pool)
        self.codes = np.stack([codes_of(survey, rule, self.rows) for rule in ORDINARY])
        here = np.isin(survey.team.peers.ids[self.rows], survey.ask.holders)
        self.codes[:, here] = 0
        self.ordinary: Bools = np.any(self.codes, axis=0)
        left = np.flatnonzero(~self.ordinary & ~here)
        personal = np.zeros(len(left), dtype=bool)
        for rule in PERSONAL:
            personal |= codes_of(survey, rule, self.rows[left]) != 0
        self.here = here
        fits = left[~personal]
        order = np.argsort(keys(survey, self.rows[fits]))
        self.possible: Ints = self.rows[fits[order]]
        others = np.ones(len(self.rows), dtype=bool)
        others[fits] = False
        away = np.flatnonzero(others)
        peers = survey.team.peers
        self.others: Ints = away[np.lexsort((peers.rank[self.rows[away]], peers.names_rank[self.rows[away]]))]
        """Places in `rows` of those who cannot come, by name."""
        self._reasons: dict[tuple[int, int], Reason] = {}

    def reason(self, number: int, place: int) -> Reason:
        """What the n-th ordinary rule says of somebody. Raises Disagreement."""
        rule = ORDINARY[number]
        key = (number, int(self.codes[number, place]) if rule.code in TWINS else -place)
        found = self._reasons.get(key)
        if found is None:
            survey = self.survey
            sentence = rule.check(survey.ask, Known(survey, self.rows[place]), survey.limits)
            if sentence is None:
                raise Disagreement(rule.code)
            found = self._reasons[key] = Reason(rule.code, sentence, rule.crowd)
        return found

    def reasons(self, place: int) -> tuple[Reason, ...]:
        """All that is said of somebody who cannot come."""
        if self.here[place]:
            return (HERE_ALREADY,)
        if not self.ordinary[place]:
            return (SHARED_REASON,)
        return tuple(self.reason(int(number), place) for number in np.flatnonzero(self.codes[:, place]))

    def refused(self, turn: int) -> Explanation:
        """The record of the n-th of those who cannot come."""
        place, peers = int(self.others[turn]), self.survey.team.peers
        row = int(self.rows[place])
        ref = peers.refs[row].decode("ascii").rstrip()
        return Explanation(ref, peers.first_names[row], peers.short_names[row], self.reasons(place))

    def counts(self) -> Sequence[tuple[Reason, int]]:
        """How many by first reason, in the order of `Answer.counts`; told by the last of those it is true of."""
        first = self.codes[:, self.others] != 0
        number = np.where(first.any(axis=0), first.argmax(axis=0), len(ORDINARY))
        found: Counter[str] = Counter()
        one: dict[str, Reason] = {}
        for group in np.unique(number):
            mine = self.others[number == group]
            for place in (mine[here][-1] for here in (self.here[mine], ~self.here[mine]) if here.any()):
                reason = self.reasons(int(place))[0]
                found[reason.code] += int(np.count_nonzero(self.here[mine] == self.here[place]))
                one[reason.code] = reason
        order = sorted(found, key=lambda code: (code == CHOICES_CODE, -found[code], code))
        return [(one[code], found[code]) for code in order]


def consider_all(team: Team, ask: Ask, limits: Limits, weights: Weights) -> Answer:
    """Everybody, as `explaining.consider` over the pool. Raises OutOfSight, Disagreement."""
    with team.lock:
        everybody = Everybody(Survey(team, ask, limits, weights))
        counts = everybody.counts()
        for number in range(len(ORDINARY)):
            _say_each(everybody, number)

    def possible(turn: int) -> Considered:
        with team.lock:
            return _considered(everybody.survey, int(everybody.possible[turn]))

    answer = Surveyed(
        ask,
        Written(len(everybody.possible), possible),
        Written(len(everybody.others), everybody.refused),
    )
    object.__setattr__(answer, "_counts", counts)
    return answer


def _say_each(everybody: Everybody, number: int) -> None:
    """Have each sentence said once, while the columns stand still."""
    if ORDINARY[number].code in TWINS:
        codes = everybody.codes[number]
        for place in np.unique(codes, return_index=True)[1]:
            if codes[place]:
                everybody.reason(number, int(place))
