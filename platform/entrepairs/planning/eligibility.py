"""Who may come to which demand of a plan: the rule objects of matching, and only they, decide.

What comes before them (`_cannot`) leaves out people whom a rule would refuse, on facts that cost nothing to compare; it
never lets anybody in. A test holds the two to the same answers.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from entrepairs.kernel.dates import Period
from entrepairs.matching.explaining import SHARED_REASON, Considered, explain
from entrepairs.matching.hard_rules import ORDINARY, PERSONAL
from entrepairs.matching.skill_rules import NotThereYet
from entrepairs.matching.values import Ask, Candidate, Limits, Place
from entrepairs.network.rules import WeeklySlot, covers
from entrepairs.planning.gathering import Gathered, Needed

SAID_NO: Final = "said_no"
"""They answered that they can't come to this one."""
TAKEN_IN_PLAN: Final = "taken_in_plan"
"""They could, and the plan asks them for another."""


def able(gathered: Gathered, pulse: Callable[[], None] = lambda: None) -> Mapping[str, tuple[Considered, ...]]:
    """Everybody who may come to each demand, with the parts of their score, by the demand's reference.

    The order within a demand is the team's. `pulse` is called at each demand.
    """
    hours, roads = _Hours(), _Roads()
    holders_of = _by_term(gathered.team)
    found = {}
    for needed in gathered.needed:
        pulse()
        found[needed.ask.ref] = tuple(_able_for(needed.ask, gathered, holders_of, hours, roads))
    return found


def _able_for(
    ask: Ask, gathered: Gathered, holders_of: "_ByTerm", hours: "_Hours", roads: "_Roads"
) -> Iterable[Considered]:
    limits, said_no = gathered.limits_of(ask), gathered.declined.get(ask.ref, frozenset())
    for peer in holders_of.possible(ask):
        if peer.id in said_no or _cannot(ask, peer, hours, roads) or gathered.is_excluded(peer.id, ask):
            continue
        candidate = gathered.candidate(peer, ask)
        record = explain(ask, candidate, limits, gathered.weights)
        if record.possible:
            yield Considered(candidate, record)


def _cannot(ask: Ask, peer: Candidate, hours: "_Hours", roads: "_Roads") -> bool:
    """Refused by `NotThereYet`, `WithinRadius` or `UsualHours`, which are compared once for many demands."""
    return (
        peer.id in ask.holders
        or roads.km(peer.home, ask.place) > peer.radius_km
        or not all(hours.covers(peer.week, session) for session in ask.sessions)
    )


class _Hours:
    """`covers`, asked once by week and session."""

    def __init__(self) -> None:
        self._known: dict[tuple[tuple[WeeklySlot, ...], Period], bool] = {}

    def covers(self, week: tuple[WeeklySlot, ...], session: Period) -> bool:
        """Whether the usual hours hold the session."""
        key = (week, session)
        if key not in self._known:
            self._known[key] = covers(week, session)
        return self._known[key]


class _Roads:
    """Road km, measured once by home and place."""

    def __init__(self) -> None:
        self._known: dict[tuple[Place, Place], float] = {}

    def km(self, home: Place, place: Place | None) -> float:
        """Estimated km; none to a remote session."""
        if place is None:
            return 0.0
        key = (home, place)
        if key not in self._known:
            self._known[key] = home.road_to(place)
        return self._known[key]


class _ByTerm:
    """The team by qualification held or learned and by language, on any day."""

    def __init__(self, team: Sequence[Candidate]) -> None:
        self.team = team
        self.holding: dict[str, set[int]] = defaultdict(set)
        self.learning: dict[str, set[int]] = defaultdict(set)
        self.speaking: dict[str, set[int]] = defaultdict(set)
        for peer in team:
            for held in peer.qualifications:
                self.holding[held.kind].add(peer.id)
            for held in peer.learning:
                self.learning[held.kind].add(peer.id)
            for language in peer.languages:
                self.speaking[language].add(peer.id)

    def possible(self, ask: Ask) -> Iterable[Candidate]:
        """Those whom `Qualified` and `SpeaksTheLanguage` may let through."""
        sets = [
            self.holding[kind] | self.learning[kind] if ask.learner_seats else self.holding[kind]
            for kind in ask.qualifications
        ]
        if ask.language is not None:
            sets.append(self.speaking[ask.language])
        if not sets:
            return self.team
        kept = set.intersection(*sets)
        return (peer for peer in self.team if peer.id in kept)


def _by_term(team: Sequence[Candidate]) -> _ByTerm:
    return _ByTerm(team)


def first_reason(ask: Ask, candidate: Candidate, limits: Limits) -> str | None:
    """The code of the first reason matching would tell, or None when it is possible."""
    if candidate.id in ask.holders:
        return NotThereYet.code
    for rule in ORDINARY:
        if rule.check(ask, candidate, limits) is not None:
            return rule.code
    if any(rule.check(ask, candidate, limits) is not None for rule in PERSONAL):
        return SHARED_REASON.code
    return None


def reasons_of(needed: Needed, gathered: Gathered, free: int) -> list[tuple[str, int]]:
    """Why nobody, or not enough people, come: how many by reason, the most frequent first.

    `free`: how many may come and are asked for another demand of the plan; that is the first thing to say, since the
    plan decides it. The shared reason comes last, and tells choices, rhythms and papers apart from nothing.
    """
    ask, limits = needed.ask, gathered.limits_of(needed.ask)
    said_no = gathered.declined.get(ask.ref, frozenset())
    found: Counter[str] = Counter()
    for candidate in gathered.candidates(ask):
        reason = first_reason(ask, candidate, limits)
        if reason is None and candidate.id in said_no:
            reason = SAID_NO
        if reason is not None and reason != NotThereYet.code:
            found[reason] += 1
    told = sorted(found.items(), key=lambda one: (one[0] == SHARED_REASON.code, -one[1], one[0]))
    return [(TAKEN_IN_PLAN, free)] * bool(free) + told
