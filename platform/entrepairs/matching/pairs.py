"""Two seats: the pair is looked at as a pair. Both can come; what they share of the place and of each other counts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from entrepairs.kernel.i18n import Sentence, say
from entrepairs.matching.explaining import Considered, Explanation
from entrepairs.matching.scoring import KNOWN_WELL, Part, PartKind, Weights, total

LOOKED_AT: Final = 40
"""The first people of the list make the pairs: 780 of them at most."""


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
    possible: Sequence[Considered], weights: Weights, *, leave_out: Collection[str] = (), most: int = 8
) -> tuple[Pair, ...]:
    """The best pairs, in an order that is the same for the same values; without the references of `leave_out`."""
    looked_at = [each for each in possible if each.candidate.ref not in leave_out][:LOOKED_AT]
    found = [_pair(one, other, weights) for one, other in combinations(looked_at, 2)]
    found.sort(key=lambda pair: (-total(pair.parts), (pair.one.km or 0) + (pair.other.km or 0), pair.refs))
    return tuple(found[:most])


def _pair(one: Considered, other: Considered, weights: Weights) -> Pair:
    groups = one.candidate.together.get(other.candidate.id, 0)
    first, second = one.explanation, other.explanation
    parts = tuple(_shared_part(kind, first, second, groups, weights) for kind in PartKind)
    return Pair(first, second, groups, parts)


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
