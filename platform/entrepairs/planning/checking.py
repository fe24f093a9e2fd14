"""The engine's answer looked at again by the rules themselves, demand after demand: what fails is dropped, then repaired.

The order is that of the priorities, so that of two people who cannot both be asked, the one needed most stays. Pure.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, islice
from typing import Final

from entrepairs.matching.explaining import Considered, explain, fitting, reasons_against
from entrepairs.matching.pairs import fit_together
from entrepairs.matching.values import Ask, Candidate, Work
from entrepairs.planning.eligibility import Able
from entrepairs.planning.gathering import Gathered, Needed

FIRSTS: Final = 40
"""When two people are missing, how many of those free are tried two by two."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Who the plan would ask for a demand; how many others could come and are asked elsewhere, or are `left`."""

    needed: Needed
    chosen: tuple[Considered, ...]
    taken_elsewhere: int
    left: int = 0

    @property
    def peer_ids(self) -> list[int]:
        """Who would be asked."""
        return [one.candidate.id for one in self.chosen]

    @property
    def complete(self) -> bool:
        """Whether everybody missing was found."""
        return len(self.chosen) == self.needed.ask.free_seats


@dataclass
class _Diaries:
    """What the plan has promised so far, by peer id."""

    gathered: Gathered
    held: dict[int, list[Work]] = field(default_factory=lambda: defaultdict(list))

    def coming(self, ask: Ask, peer_id: int) -> Considered | None:
        """Somebody with their record, when every rule holds with what the plan has already promised them."""
        peer = self.gathered.by_id.get(peer_id)
        if peer is None:
            return None
        candidate, limits = self.gathered.candidate(peer, ask), self.gathered.limits_of(ask)
        mine = self.held.get(peer_id)
        if mine:
            busy = replace(candidate, bookings=tuple(sorted({*candidate.bookings, *mine})))
            if reasons_against(ask, busy, limits):
                return None
        record = explain(ask, candidate, limits, self.gathered.weights)
        return Considered(candidate, record) if record.possible else None

    def standing(self, ask: Ask, peer_id: int) -> Considered:
        """Somebody who holds the demand already, with their record."""
        gathered = self.gathered
        candidate = gathered.candidate(gathered.by_id[peer_id], ask)
        return Considered(candidate, fitting(ask, candidate, gathered.limits_of(ask), gathered.weights))

    def promise(self, ask: Ask, candidate: Candidate) -> None:
        """Add a demand to somebody's diary."""
        self.held[candidate.id].extend(ask.work)


def settle(
    gathered: Gathered,
    able: Mapping[str, Able],
    plan: Mapping[str, Sequence[int]],
    priorities: Mapping[str, int],
    pulse: Callable[[], None] = lambda: None,
) -> tuple[Settled, ...]:
    """The plan that every rule allows, in the order of the demands gathered. `plan`: peer ids by demand's reference."""
    diaries, chosen = _Diaries(gathered), dict[str, list[Considered]]()
    by_need = sorted(
        gathered.needed,
        key=lambda each: (-priorities.get(each.kind, 0), each.ask.span.start, each.ask.ref),
    )
    for needed in (one for one in by_need if gathered.holds.is_held(one.ask.ref)):
        pulse()
        chosen[needed.ask.ref] = _held(needed, plan.get(needed.ask.ref, ()), diaries)
    by_need = [one for one in by_need if one.ask.ref not in chosen]
    for needed in by_need:
        pulse()
        able_ids = frozenset(able[needed.ask.ref].peers)
        wanted = [peer_id for peer_id in plan.get(needed.ask.ref, ()) if peer_id in able_ids]
        chosen[needed.ask.ref] = _kept(needed, wanted, diaries)
    for needed in by_need:
        mine = chosen[needed.ask.ref]
        if len(mine) < needed.ask.free_seats:
            pulse()
            _complete(needed, mine, able[needed.ask.ref].peers, diaries)
    return tuple(_settled(each, chosen[each.ask.ref], able[each.ask.ref], diaries) for each in gathered.needed)


def _held(needed: Needed, wanted: Sequence[int], diaries: _Diaries) -> list[Considered]:
    """Who would come to a demand held already: as the engine says if the rules allow it, else who holds it today.

    Holders are not judged again: they have been asked, they have said yes. A newcomer is free for it as things stand,
    so that keeping one thing never undoes another.
    """
    ask, holders = needed.ask, diaries.gathered.holds.by_demand[needed.ask.ref]
    chosen: list[Considered] = []
    for peer_id in wanted:
        one = diaries.standing(ask, peer_id) if peer_id in holders else diaries.coming(ask, peer_id)
        if one is None or (peer_id not in holders and not _joins(ask, one, chosen)):
            chosen = []
            break
        chosen.append(one)
    if len(chosen) != ask.free_seats:
        chosen = [diaries.standing(ask, peer_id) for peer_id in holders]
    for one in chosen:
        diaries.promise(ask, one.candidate)
    return chosen


def _kept(needed: Needed, peers: Sequence[int], diaries: _Diaries) -> list[Considered]:
    """Of those the engine chose, whom the rules let come; all of them, or some where one may come alone."""
    ask = needed.ask
    kept: list[Considered] = []
    for peer_id in peers[: ask.free_seats]:
        one = diaries.coming(ask, peer_id)
        if one is not None and _joins(ask, one, kept):
            kept.append(one)
    if len(kept) < ask.free_seats and not needed.second_optional:
        return []
    for one in kept:
        diaries.promise(ask, one.candidate)
    return kept


def _joins(ask: Ask, one: Considered, others: Sequence[Considered]) -> bool:
    return all(one.candidate.id != other.candidate.id and fit_together(ask, one, other) for other in others)


def _complete(needed: Needed, mine: list[Considered], peers: Sequence[int], diaries: _Diaries) -> None:
    """Look for those still missing among who can come, the best score first; promise only what is whole."""
    ask, here = needed.ask, {one.candidate.id for one in mine}
    coming = (diaries.coming(ask, peer_id) for peer_id in peers if peer_id not in here)
    free = (one for one in coming if one is not None and _joins(ask, one, mine))
    missing = ask.free_seats - len(mine)
    tried = list(islice(free, FIRSTS if missing > 1 else 1))
    found = _pair(ask, tried) if missing == 2 else tried[:missing]
    if len(found) < missing:
        found = tried[:1] if needed.second_optional else []
    for one in found:
        diaries.promise(ask, one.candidate)
        mine.append(one)


def _pair(ask: Ask, free: Sequence[Considered]) -> list[Considered]:
    """The first two, the best first, who may come together."""
    for one, other in combinations(free, 2):
        if fit_together(ask, one, other):
            return [one, other]
    return []


def _settled(needed: Needed, mine: Sequence[Considered], possible: Able, diaries: _Diaries) -> Settled:
    here = {one.candidate.id for one in mine}
    others = [peer_id for peer_id in possible.peers if peer_id not in here]
    elsewhere = sum(1 for peer_id in others if diaries.held.get(peer_id))
    return Settled(needed, tuple(mine), elsewhere, len(others) - elsewhere)
