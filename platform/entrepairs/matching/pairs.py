"""Two seats: the pair is looked at as a pair. Both can come; what they share of the place and of each other counts."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice
from typing import Final

from entrepairs.kernel.i18n import Sentence, say
from entrepairs.matching.explaining import SHARED_REASON, Answer, Considered, Explanation
from entrepairs.matching.scoring import KNOWN_WELL, Part, PartKind, Weights, total
from entrepairs.matching.skill_rules import learns
from entrepairs.matching.values import Ask

LOOKED_AT: Final = 40
"""The first people of the list make pairs, 780 at most."""
FURTHER: Final = 200
"""Up to here down the list, those who have worked together make pairs too."""
FEW: Final = 12
"""Among so few people, somebody who fits with nobody would stand out."""
SHOWN: Final = 8
TIMES_EACH: Final = 3
"""The most pairs somebody is shown in."""
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
    ask: Ask, possible: Sequence[Considered], weights: Weights, *, leave_out: Collection[str] = (), most: int = SHOWN
) -> tuple[Pair, ...]:
    """The best pairs, in an order that is the same for the same values; without the references of `leave_out`.

    Nobody is ever shown with everybody else, so that two who are not shown together are no news (decision 0011).
    """
    able = _able(possible, leave_out)
    each_at_most = max(1, min(TIMES_EACH, len(able) - 2))
    shown: list[Pair] = []
    times: Counter[str] = Counter()
    for pair in _ranked(ask, able, weights):
        if len(shown) < most and all(times[ref] < each_at_most for ref in pair.refs):
            shown.append(pair)
            times.update(pair.refs)
    return tuple(shown)


def every_pair(ask: Ask, possible: Sequence[Considered], weights: Weights) -> tuple[Pair, ...]:
    """All the pairs that can be made, the best first; for a plan or a test, never for a page."""
    return tuple(_ranked(ask, _able(possible, ()), weights))


def _able(possible: Iterable[Considered], leave_out: Collection[str]) -> list[Considered]:
    return list(islice((each for each in possible if each.candidate.ref not in leave_out), FURTHER))


def _ranked(ask: Ask, able: Sequence[Considered], weights: Weights) -> list[Pair]:
    found = [_pair(ask, one, other, weights) for one, other in _couples(able) if fit_together(ask, one, other)]
    found.sort(key=lambda pair: (-total(pair.parts), (pair.one.km or 0) + (pair.other.km or 0), pair.refs))
    return found


def kept_apart(answer: Answer) -> Answer:
    """For two free seats and few people: who goes with none of the others, by a refusal, is told as any other choice.

    Without it, two people who can come and make no pair would tell that one of them refused the other. Where nobody
    goes with anybody and one may come alone, the first of the list still may.
    """
    people = answer.possible
    if answer.ask.free_seats < 2 or not 2 <= len(people) <= FEW:
        return answer
    alone = [each for each in people if all(_refused(each, other) for other in people if other is not each)]
    if answer.ask.second_optional and len(alone) == len(people):
        alone = alone[1:]
    if not alone:
        return answer
    told = [
        Explanation(each.candidate.ref, each.candidate.first_name, each.candidate.short_name, (SHARED_REASON,))
        for each in alone
    ]
    others = sorted((*answer.not_possible, *told), key=lambda record: (record.name, record.peer_ref))
    return replace(answer, possible=tuple(each for each in people if each not in alone), not_possible=tuple(others))


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
    if _refused(one, other):
        return False
    return not (learns(ask, one.candidate) and learns(ask, other.candidate))


def _refused(one: Considered, other: Considered) -> bool:
    return other.candidate.id in one.candidate.refused or one.candidate.id in other.candidate.refused


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
