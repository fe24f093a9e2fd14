"""What each move of a plan gains, and the plan without the moves that gain nothing. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from entrepairs.matching.explaining import Considered, reasons_against
from entrepairs.matching.values import Ask
from entrepairs.planning.checking import Settled
from entrepairs.planning.compiling import Horizon, worth
from entrepairs.planning.gathering import Gathered
from entrepairs.planning.problem import Problem

Peers = Mapping[str, Sequence[int]]
"""Peer ids by demand's reference."""


@dataclass(frozen=True, slots=True)
class Move:
    """A seat that would change hands, and what that gains: minutes nearer to both wishes, km of road spared over its
    sessions, the demands it frees for.
    """

    leaves: int
    comes: Considered
    minutes: int
    km: int
    serves: tuple[str, ...]

    @property
    def kept(self) -> dict[str, Any]:
        """The gain as it is kept in a row."""
        return {"minutes": self.minutes, "km": self.km, "serves": list(self.serves)}


def worthwhile(
    problem: Problem,
    gathered: Gathered,
    settled: Sequence[Settled],
    settle_again: Callable[[Peers], Sequence[Settled]],
) -> Sequence[Settled]:
    """The same plan without the moves it does as well or better without, each tried by itself."""
    best = settled
    for each in settled:
        ref = each.needed.ask.ref
        holders = gathered.holds.by_demand.get(ref)
        if holders is None or set(each.peer_ids) == set(holders):
            continue
        stays = dict(peers_of(best)) | {ref: list(holders)}
        if worth(problem, stays) < worth(problem, peers_of(best)):
            continue  # better with the move even if everything else could stay
        other = settle_again(stays)
        if worth(problem, peers_of(other)) >= worth(problem, peers_of(best)):
            best = other
    return best


def peers_of(settled: Sequence[Settled]) -> Peers:
    """The demands wholly served, with their people."""
    return {each.needed.ask.ref: each.peer_ids for each in settled if each.complete}


def moves_of(each: Settled, settled: Sequence[Settled], gathered: Gathered, horizon: Horizon) -> tuple[Move, ...]:
    """The moves of a demand held already: who leaves beside who comes, in the order of their ids."""
    holders = gathered.holds.by_demand.get(each.needed.ask.ref, ())
    leaving = sorted(set(holders) - set(each.peer_ids))
    coming = sorted((one for one in each.chosen if one.candidate.id not in holders), key=lambda one: one.candidate.id)
    weighing = _Weighing(settled, gathered, horizon)
    return tuple(weighing.move(each.needed.ask, *who) for who in zip(leaving, coming, strict=True))


@dataclass(frozen=True, slots=True)
class _Weighing:
    """Compares somebody's hours and journeys with the plan and without one move of it."""

    settled: Sequence[Settled]
    gathered: Gathered
    horizon: Horizon

    def move(self, ask: Ask, leaves: int, comes: Considered) -> Move:
        """One seat that changes hands."""
        length = sum(work.paid_minutes for work in ask.work if self.horizon.holds(work.period))
        gap_left, gap_come = self._gap(leaves), self._gap(comes.candidate.id)
        minutes = abs(gap_left + length) - abs(gap_left) + abs(gap_come - length) - abs(gap_come)
        before, after = (self.gathered.by_id[one].km_to(ask.place) for one in (leaves, comes.candidate.id))
        km = round(2 * len(ask.sessions) * (before - after))
        return Move(leaves, comes, minutes, km, tuple(self._freed_for(ask, leaves)))

    def _gap(self, peer_id: int) -> int:
        """Minutes beyond the wish of somebody with the whole plan, negative below it."""
        peer = self.gathered.by_id[peer_id]
        promised = sum(
            work.paid_minutes
            for each in self.settled
            if peer_id in each.peer_ids
            for work in each.needed.ask.work
            if self.horizon.holds(work.period)
        )
        return self.horizon.booked_minutes(peer) + promised - self.horizon.wished_minutes(peer)

    def _freed_for(self, ask: Ask, leaves: int) -> Iterator[str]:
        """The demands somebody is proposed for that they could not hold with the one they would leave."""
        gathered = self.gathered
        for each in self.settled:
            other = each.needed.ask
            if leaves in each.peer_ids and not gathered.holds.is_held(other.ref):
                candidate = gathered.candidate(gathered.by_id[leaves], other)
                busy = replace(candidate, bookings=tuple(sorted({*candidate.bookings, *ask.work})))
                if reasons_against(other, busy, gathered.limits_of(other)):
                    yield other.ref
