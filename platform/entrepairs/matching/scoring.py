"""How good it would be that a peer comes: five parts that sum to the whole, each with its sentence.

No total and no rank is ever shown: the order of the list, bars and words are. Weights are voted
(`matching.weights` in the settings) and visible to the peers too. The formula is written in docs/guide/matching.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from entrepairs.kernel.errors import Unavailable
from entrepairs.kernel.i18n import N_, Sentence, say
from entrepairs.matching.skill_rules import learns
from entrepairs.matching.values import Ask, Candidate
from entrepairs.network.models.peers import PairWish
from entrepairs.network.vocabulary import THEMES

FULL: Final = 100
FAR_KM: Final = 60
"""From here on the journey earns nothing. The peer's own radius is not used: a bar must not tell it."""
KNOWN_WELL: Final = 3
"""Missions after which a place, or a colleague, is known as well as can be."""


class PartKind(StrEnum):
    """What a score looks at, in the order of its bar."""

    FAIRNESS = "fairness"
    CONTINUITY = "continuity"
    TRAVEL = "travel"
    WISHES = "wishes"
    LEARNING = "learning"


PART_LABELS: Final[Mapping[PartKind, str]] = {
    PartKind.FAIRNESS: N_("Fairness of hours"),
    PartKind.CONTINUITY: N_("Continuity"),
    PartKind.TRAVEL: N_("Journey"),
    PartKind.WISHES: N_("Wishes"),
    PartKind.LEARNING: N_("Learning together"),
}


@dataclass(frozen=True, slots=True)
class Weights:
    """Points of each part, of a hundred in all. The defaults hold until the association votes its own."""

    fairness: int = 40
    continuity: int = 20
    travel: int = 20
    wishes: int = 10
    learning: int = 10

    def __post_init__(self) -> None:
        points = [self.of(kind) for kind in PartKind]
        if any(type(each) is not int or each < 0 for each in points) or sum(points) != FULL:
            raise Unavailable(
                "weights_invalid", N_("The weights voted for matching are whole numbers that make 100 together.")
            )

    @classmethod
    def voted(cls, value: Mapping[str, Any] | None) -> "Weights":
        """The decision's value, or the defaults; a vote older than learning together gives it no point.

        Raises Unavailable("weights_invalid").
        """
        if value is None:
            return cls()
        value = {PartKind.LEARNING.value: 0, **value}
        if set(value) != {kind.value for kind in PartKind}:
            raise Unavailable(
                "weights_invalid", N_("The weights voted for matching are whole numbers that make 100 together.")
            )
        return cls(**value)

    def of(self, kind: PartKind) -> int:
        """The points of a part."""
        points: int = getattr(self, kind.value)
        return points


@dataclass(frozen=True, slots=True)
class Part:
    """Points earned in a part (of 100 for the whole), and why, when there is something to say."""

    kind: PartKind
    points: int
    sentence: Sentence | None = None


def score(ask: Ask, candidate: Candidate, weights: Weights) -> tuple[Part, ...]:
    """The five parts, in order."""
    return (
        _fairness(ask, candidate, weights.fairness),
        _continuity(ask, candidate, weights.continuity),
        _travel(ask, candidate, weights.travel),
        _wishes(ask, candidate, weights.wishes),
        _learning(ask, candidate, weights.learning),
    )


def total(parts: tuple[Part, ...]) -> int:
    """What orders the list; never shown."""
    return sum(part.points for part in parts)


def _points(weight: int, over: int, under: int) -> int:
    """Whole points, half up, of the share `over / under` cut to between 0 and 1."""
    return (2 * weight * min(max(over, 0), under) + under) // (2 * under)


def _fairness(ask: Ask, candidate: Candidate, weight: int) -> Part:
    wished = candidate.wished_hours * 60
    missing = wished - candidate.month_minutes(ask.month)
    hours, name = missing // 60, candidate.first_name
    if hours > 0:
        why = say("%(name)s has %(hours)s h less than wished", name=name, hours=hours)
    elif missing > -60:
        why = say("%(name)s has the number of hours wished", name=name)
    else:
        why = say("%(name)s has %(hours)s h more than wished", name=name, hours=-missing // 60)
    return Part(PartKind.FAIRNESS, _points(weight, missing, wished) if wished else 0, why)


def _continuity(ask: Ask, candidate: Candidate, weight: int) -> Part:
    """The place; and, when somebody comes already, half for having worked with them."""
    name, shared = candidate.first_name, 0
    known, most = min(candidate.visits, KNOWN_WELL), KNOWN_WELL
    if ask.holders:
        shared = max(candidate.together.get(holder, 0) for holder in ask.holders)
        known, most = known + min(shared, KNOWN_WELL), 2 * KNOWN_WELL
    why = None
    if candidate.visits and shared:
        why = say("%(name)s knows the place and the colleague who comes", name=name)
    elif candidate.visits:
        why = say("%(name)s knows the place", name=name)
    elif shared:
        why = say("%(name)s has worked with the colleague who comes", name=name)
    return Part(PartKind.CONTINUITY, _points(weight, known, most), why)


def _travel(ask: Ask, candidate: Candidate, weight: int) -> Part:
    if ask.place is None:
        return Part(PartKind.TRAVEL, weight, say("remote: no journey"))
    km = round(candidate.km_to(ask.place))
    return Part(PartKind.TRAVEL, _points(weight, FAR_KM - km, FAR_KM), say("%(km)s km away", km=km))


def _wishes(ask: Ask, candidate: Candidate, weight: int) -> Part:
    """The themes asked that one accepts to speak of; to be two, for who likes it, gives half of what is missing."""
    name, shared = candidate.first_name, sorted(ask.themes & candidate.themes) if ask.themes else []
    over, under = len(shared), len(ask.themes) or 1
    likes_two = ask.paired and candidate.pair_wish in (PairWish.PREFERRED, PairWish.REQUIRED)
    if likes_two:
        over, under = over + under, 2 * under
    why = None
    if shared:
        why = say("%(name)s accepts to speak of: %(theme)s", name=name, theme=Sentence(THEMES[shared[0]]))
    elif likes_two:
        why = say("%(name)s likes coming with somebody", name=name)
    return Part(PartKind.WISHES, _points(weight, over, under), why)


def _learning(ask: Ask, candidate: Candidate, weight: int) -> Part:
    """Somebody learning beside a qualified colleague, or the colleague who helps them learn."""
    if ask.learner_seats and learns(ask, candidate):
        return Part(PartKind.LEARNING, weight, say("%(name)s would learn with a colleague", name=candidate.first_name))
    if ask.learners_here:
        why = say("%(name)s would help a colleague learn", name=candidate.first_name)
        return Part(PartKind.LEARNING, weight, why)
    return Part(PartKind.LEARNING, 0)
