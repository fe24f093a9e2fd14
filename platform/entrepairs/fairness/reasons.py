"""Why a demand is without anybody, told without telling of anybody. Pure.

The ordinary rules are passed one after the other, in matching's own order: the first one that leaves fewer people than
are missing is what binds. When none does, either choices and rhythms bind, or people could come and nobody came to be
asked or to say yes. These last two are told apart only when enough people are left once ordinary rules are passed;
with fewer, the same word stands for both, so that nobody's choice can be read from it. What decides the word (how many
people are left) is known to the office already: it is on the page of the demand.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from entrepairs.matching.hard_rules import ORDINARY, PERSONAL
from entrepairs.matching.personal_rules import CHOICES_CODE
from entrepairs.matching.values import Ask, Candidate, Limits

NO_TEAM: Final = "team"
"""Fewer people in the whole team than are missing: the code of matching's first rule."""
NO_TAKER: Final = "no_taker"
"""People could come; nobody was asked yet, or nobody could say yes."""
FEW: Final = "few"
"""Too few people are concerned to tell the two reasons above apart."""
CHOICES: Final = CHOICES_CODE


@dataclass(frozen=True, slots=True)
class Found:
    """The code of what binds, and how many people no ordinary rule keeps."""

    why: str
    eligible: int


def missing(ask: Ask) -> int:
    """How many people the demand lacks at least; one or more, since it is looked at because it lacks some."""
    return max(1, (1 if ask.second_optional else ask.seats) - len(ask.holders))


def look_into(ask: Ask, pool: Iterable[Candidate], limits: Limits, fewest: int) -> Found:
    """What binds first, those who come already set apart. `fewest`: with fewer eligible people, choices stay untold."""
    needed, left = missing(ask), [one for one in pool if one.id not in ask.holders]
    binding = NO_TEAM if len(left) < needed else ""
    for rule in ORDINARY:
        left = [one for one in left if rule.check(ask, one, limits) is None]
        if not binding and len(left) < needed:
            binding = rule.code

    def free() -> int:
        return sum(1 for one in left if all(rule.check(ask, one, limits) is None for rule in PERSONAL))

    return told(binding, len(left), free, needed, fewest)


def told(binding: str, eligible: int, free: Callable[[], int], needed: int, fewest: int) -> Found:
    """The one place that decides what is said: how many are free is not even counted where it must not be told."""
    if binding:
        return Found(binding, eligible)
    if eligible < fewest:
        return Found(FEW, eligible)
    return Found(NO_TAKER if free() >= needed else CHOICES, eligible)
