"""Two seats: the pair is looked at as a pair. Both can come; what they share of the place and of each other counts."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from entrepairs.kernel.i18n import Sentence, say
from entrepairs.matching.explaining import Considered, Explanation
from entrepairs.matching.scoring import KNOWN_WELL, Part, PartKind, Weights, total
from entrepairs.matching.skill_rules import learns
from entrepairs.matching.values import Ask

LOOKED_AT: Final = 40
"""The first people of the list make pairs, 780 at most; further down, only those who have worked together."""


_TANDEM: Final = PartKind.LEARNING


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people who can come together. `groups` counts the missions they held together."""

    one: Explanation
    other: Explanation
    groups: int
    parts: tuple[Part, ...]

    @property
    def refs(self) -> tuple[str, str]:
        """The two references, in the order shown."""
        return self.one.peer_ref, self.other.peer_ref


def pairs(
    ask: Ask, possible: Sequence[Considered], weights: Weights, *, leave_out: Collection[str] = (), most: int = 8
) -> tuple[Pair, ...]:
    """The best pairs, in an order that is the same for the same values; without the references of `leave_out`."""
    able = [each for each in possible if each.candidate.ref not in leave_out]
    found = [_pair(ask, one, other, weights) for one, other in _couples(able) if fit_together(ask, one, other)]
    found.sort(key=lambda pair: (-total(pair.parts), (pair.one.km or 0) + (pair.other.km or 0), pair.refs))
    return tuple(found[:most])


def _couples(able: Sequence[Considered]) -> Iterator[tuple[Considered, Considered]]:
    """The first of the list two by two; then, further down, everybody with those they have worked with."""
    yield from combinations(able[:LOOKED_AT], 2)
    at = {each.candidate.id: place for place, each in enumerate(able)}
    for place in range(LOOKED_AT, len(able)):
        for colleague in sorted(able[place].candidate.together):
            if at.get(colleague, place) < place:
                yield able[at[colleague]], able[place]


def fit_together(ask: Ask, one: Considered, other: Considered) -> bool:
    """Neither refused the other, and one at least is qualified where the other is learning."""
    if other.candidate.id in one.candidate.refused or one.candidate.id in other.candidate.refused:
        return False
    return not (learns(ask, one.candidate) and learns(ask, other.candidate))


def _pair(ask: Ask, one: Considered, other: Considered, weights: Weights) -> Pair:
    groups = one.candidate.together.get(other.candidate.id, 0)
    first, second = one.explanation, other.explanation
    tandem = learns(ask, one.candidate) or learns(ask, other.candidate)
    shared = tuple(_shared_part(kind, first, second, groups, weights) for kind in PartKind if kind is not _TANDEM)
    return Pair(first, second, groups, (*shared, _tandem(first, second, weights.learning if tandem else 0)))


def _tandem(one: Explanation, other: Explanation, points: int) -> Part:
    """One learns, the other helps: the whole part is theirs together."""
    return Part(_TANDEM, points, _of(_TANDEM, one, other) if points else None)


def _shared_part(kind: PartKind, one: Explanation, other: Explanation, groups: int, weights: Weights) -> Part:
    """The mean of both; for continuity, half for the place and half for having worked together."""
    mean = (one.points(kind) + other.points(kind)) // 2
    if kind is PartKind.CONTINUITY:
        known = weights.continuity * min(groups, KNOWN_WELL) // KNOWN_WELL
        return Part(kind, (mean + known + 1) // 2, _of_continuity(one, other, groups))
    return Part(kind, mean, _of(kind, one, other))


def _of_continuity(one: Explanation, other: Explanation, groups: int) -> Sentence | None:
    if one.points(PartKind.CONTINUITY) and other.points(PartKind.CONTINUITY):
        return say("%(one)s and %(other)s know the place", one=one.first_name, other=other.first_name)
    if groups:
        return say("%(one)s and %(other)s have worked together", one=one.first_name, other=other.first_name)
    return _of(PartKind.CONTINUITY, one, other)


def _of(kind: PartKind, one: Explanation, other: Explanation) -> Sentence | None:
    """What is said of the one for whom the part is greater; of the journey, both distances."""
    if kind is PartKind.TRAVEL and one.km is not None:
        return say("%(one)s and %(other)s km away", one=one.km, other=other.km)
    speaking = max(one, other, key=lambda each: each.points(kind))
    return next((part.sentence for part in speaking.parts if part.kind is kind), None)
