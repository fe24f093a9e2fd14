"""The engine's answer looked at again by the rules themselves, demand after demand: what fails is dropped, then repaired.

The order is that of the priorities, so that of two people who cannot both be asked, the one needed most stays. Pure.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from entrepairs.matching.explaining import Considered, reasons_against
from entrepairs.matching.pairs import fit_together
from entrepairs.matching.scoring import total
from entrepairs.matching.values import Ask, Candidate, Work
from entrepairs.planning.compiling import Able
from entrepairs.planning.gathering import Gathered, Needed

FIRSTS: Final = 40
"""Of two people missing, how many are tried as the first of the two."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Who the plan would ask for a demand, and how many others could come and are asked elsewhere."""

    needed: Needed
    chosen: tuple[Considered, ...]
    taken_elsewhere: int

    @property
    def complete(self) -> bool:
        """Whether everybody missing was found."""
        return len(self.chosen) == self.needed.ask.free_seats


@dataclass
class _Diaries:
    """What the plan has promised so far, by peer id."""

    gathered: Gathered
    held: dict[int, list[Work]] = field(default_factory=lambda: defaultdict(list))

    def fits(self, ask: Ask, candidate: Candidate) -> bool:
        """Whether every rule holds with what the plan has already promised them."""
        mine = self.held.get(candidate.id)
        if mine:
            candidate = replace(candidate, bookings=tuple(sorted((*candidate.bookings, *mine))))
        return not reasons_against(ask, candidate, self.gathered.limits_of(ask))

    def promise(self, ask: Ask, candidate: Candidate) -> None:
        """Add a demand to somebody's diary."""
        self.held[candidate.id].extend(ask.work)


def settle(
    gathered: Gathered,
    able: Able,
    plan: Mapping[str, Sequence[int]],
    priorities: Mapping[str, int],
    pulse: Callable[[], None] = lambda: None,
) -> tuple[Settled, ...]:
    """The plan that every rule allows, in the order of the demands gathered. `plan`: peer ids by demand's reference."""
    diaries, chosen = _Diaries(gathered), dict[str, list[Considered]]()
    in_order = sorted(
        gathered.needed,
        key=lambda each: (-priorities.get(each.kind, 0), each.ask.span.start, each.ask.ref),
    )
    for needed in in_order:
        pulse()
        chosen[needed.ask.ref] = _kept(needed, able, plan.get(needed.ask.ref, ()), diaries)
    for needed in in_order:
        pulse()
        mine = chosen[needed.ask.ref]
        if len(mine) < needed.ask.free_seats:
            _complete(needed, mine, able, diaries)
    return tuple(
        Settled(each, tuple(chosen[each.ask.ref]), _elsewhere(able[each.ask.ref], chosen[each.ask.ref], diaries))
        for each in gathered.needed
    )


def _kept(needed: Needed, able: Able, peers: Sequence[int], diaries: _Diaries) -> list[Considered]:
    """Of those the engine chose, whom the rules let come; all of them, or some where one may come alone."""
    ask, by_id = needed.ask, {each.candidate.id: each for each in able[needed.ask.ref]}
    kept: list[Considered] = []
    for peer_id in peers[: ask.free_seats]:
        one = by_id.get(peer_id)
        if one is not None and _joins(ask, one, kept) and diaries.fits(ask, one.candidate):
            kept.append(one)
    if len(kept) < ask.free_seats and not needed.second_optional:
        return []
    for one in kept:
        diaries.promise(ask, one.candidate)
    return kept


def _joins(ask: Ask, one: Considered, others: Sequence[Considered]) -> bool:
    return all(one.candidate.id != other.candidate.id and fit_together(ask, one, other) for other in others)


def _complete(needed: Needed, mine: list[Considered], able: Able, diaries: _Diaries) -> None:
    """Look for those still missing among who can come, the best score first; promise only what is whole."""
    ask = needed.ask
    free = [one for one in sorted(able[ask.ref], key=_best_first) if _joins(ask, one, mine)]
    free = [one for one in free if diaries.fits(ask, one.candidate)]
    missing = ask.free_seats - len(mine)
    found = _pair(ask, free) if missing == 2 else free[:missing]
    if len(found) < missing and needed.second_optional:
        found = free[:1]
    elif len(found) < missing:
        return
    for one in found:
        diaries.promise(ask, one.candidate)
        mine.append(one)


def _pair(ask: Ask, free: Sequence[Considered]) -> list[Considered]:
    """The first two, the best first, who may come together."""
    for at, one in enumerate(free[:FIRSTS]):
        other = next((each for each in free[at + 1 :] if fit_together(ask, one, each)), None)
        if other is not None:
            return [one, other]
    return []


def _best_first(one: Considered) -> tuple[int, str]:
    return -total(one.explanation.parts), one.candidate.ref


def _elsewhere(possible: Sequence[Considered], mine: Sequence[Considered], diaries: _Diaries) -> int:
    here = {one.candidate.id for one in mine}
    return sum(1 for one in possible if one.candidate.id not in here and diaries.held.get(one.candidate.id))
