"""« Que changer pour en trouver plus ? »: what the demand could bend, and for how many more people nothing ordinary
would then stand in the way.

Only the demand bends: its hours, its days, the distance and the language it asks. Gains count ordinary rules alone,
for people of whom an ordinary rule fails today: the answer is the same whatever anybody has chosen for themselves
(docs/decisions/0009), so nothing can be deduced from it. It promises nothing either: choices come on top.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from entrepairs.kernel.dates import Period, at_paris, paris, paris_day
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.matching.hard_rules import ORDINARY
from entrepairs.matching.protection_rules import HomeByTwo, alone_at_home
from entrepairs.matching.values import Ask, Candidate, Limits
from entrepairs.network.vocabulary import LANGUAGES, WEEKDAYS

WIDER_KM: Final = (20, 40, 60, 80, 120)
"""Distances proposed, then everywhere."""
FARTHEST: Final = timedelta(days=14)
"""How far from what was asked a session may be tried."""
MOST_DATES: Final = 12
"""Sessions tried one by one."""
SHOWN: Final = 6
_SATURDAY: Final = 5
_ALONE_COST: Final = 2
_TIME: Final = frozenset(rule.code for rule in ORDINARY) - {
    "employed_elsewhere",
    "already_comes",
    "language",
    "distance_asked",
    "supervision",
    "home_by_two",
}
"""Rules another date or hour may satisfy."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing the demand could bend. `cost` says how far it is from what was asked, the nearest first."""

    code: str
    cost: int
    sentence: Sentence
    ask: Ask
    touches: frozenset[str]
    """The rules it may satisfy: somebody held back by another is not looked at again."""


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A change that helps: so many more people, before what each has chosen; or so many fewer needed."""

    code: str
    sentence: Sentence
    gain: int
    fewer: int = 0


def relaxations(
    ask: Ask, pool: Sequence[Candidate], limits: Limits, *, missing: int, most: int = SHOWN
) -> tuple[Relaxation, ...]:
    """What `helping` tells of a pool. Personal terms of the pool are not read."""
    held_back = [(one, failing) for one in pool if (failing := _failing(ask, one, limits))]

    def gain(change: Change) -> int:
        return sum(1 for one, failing in held_back if failing <= change.touches and not _fails(change.ask, one, limits))

    return helping(ask, gain, missing=missing, most=most)


def helping(ask: Ask, gain_of: Callable[[Change], int], *, missing: int, most: int = SHOWN) -> tuple[Relaxation, ...]:
    """The changes that help, those enough for the `missing` people first, then the nearest to what was asked.

    `gain_of` counts those whom ordinary rules hold back today, all among the rules the change touches, and none would.
    """
    found: list[tuple[tuple[bool, int, int, str], Relaxation]] = []
    if ask.second_optional and ask.seats > 1 and ask.free_seats:
        alone = Relaxation("alone", say("One person alone, without a second"), 0, fewer=1)
        found.append(((missing > 1, _ALONE_COST, 0, alone.code), alone))
    for change in changes(ask):
        gain = gain_of(change)
        if gain:
            enough = gain >= missing
            found.append(
                ((not enough, change.cost, -gain, change.code), Relaxation(change.code, change.sentence, gain))
            )
    return tuple(relaxation for _order, relaxation in sorted(found, key=lambda each: each[0])[:most])


def _failing(ask: Ask, candidate: Candidate, limits: Limits) -> frozenset[str]:
    return frozenset(rule.code for rule in ORDINARY if rule.check(ask, candidate, limits) is not None)


def _fails(ask: Ask, candidate: Candidate, limits: Limits) -> bool:
    return any(rule.check(ask, candidate, limits) is not None for rule in ORDINARY)


def changes(ask: Ask) -> Iterator[Change]:
    """Everything the demand could bend, one thing at a time."""
    yield from _other_hours(ask)
    if not ask.call_out:
        yield from _other_days(ask)
        yield from _without_a_date(ask)
    yield from _wider(ask)
    if alone_at_home(ask):
        sentence = say("A professional of the place comes too")
        yield Change(
            "with_professional", 1, sentence, replace(ask, with_professional=True), frozenset({HomeByTwo.code})
        )
    if ask.language is not None:
        sentence = say("Not asking for %(language)s", language=Sentence(LANGUAGES.get(ask.language, ask.language)))
        yield Change("language", 3, sentence, replace(ask, language=None), frozenset({"language"}))


_HOURS: Final = (
    ("earlier_1", -60, 1, say("One hour earlier")),
    ("later_1", 60, 1, say("One hour later")),
    ("earlier_2", -120, 3, say("Two hours earlier")),
    ("later_2", 120, 3, say("Two hours later")),
)


def _other_hours(ask: Ask) -> Iterator[Change]:
    for code, minutes, cost, sentence in _HOURS:
        shift = timedelta(minutes=minutes)
        moved = tuple(Period(session.start + shift, session.end + shift) for session in ask.sessions)
        if _same_days(ask.sessions, moved) and (minutes > 0 or _ahead(ask, moved)):
            yield Change(code, cost, sentence, replace(ask, sessions=moved), _TIME)


def _same_days(before: Iterable[Period], after: Iterable[Period]) -> bool:
    return all(paris_day(one.start) == paris_day(other.start) for one, other in zip(before, after, strict=True))


def _ahead(ask: Ask, sessions: Iterable[Period]) -> bool:
    """From tomorrow on: today is too late to come earlier."""
    return all(paris_day(session.start) > ask.today for session in sessions)


def _other_days(ask: Ask) -> Iterator[Change]:
    weekdays = {paris_day(session.start).weekday() for session in ask.sessions}
    if len(weekdays) == 1:
        asked = weekdays.pop()
        for weekday, name in enumerate(WEEKDAYS[: max(_SATURDAY, asked)]):
            moved = _days_later(ask.sessions, weekday - asked)
            if weekday != asked and _ahead(ask, moved):
                sentence = say("On another day of the week: %(weekday)s", weekday=Sentence(name))
                yield Change(
                    f"weekday_{weekday}", 3 + abs(weekday - asked), sentence, replace(ask, sessions=moved), _TIME
                )
    for weeks, sentence in ((1, say("One week later")), (2, say("Two weeks later"))):
        moved = _days_later(ask.sessions, 7 * weeks)
        yield Change(f"week_{weeks}", 3 + weeks, sentence, replace(ask, sessions=moved), _TIME)


def _days_later(sessions: Iterable[Period], days: int) -> tuple[Period, ...]:
    """The same hours on the wall, so many days later."""
    moved = []
    for session in sessions:
        wall = paris(session.start)
        start = at_paris(wall.date() + timedelta(days=days), wall.time())
        moved.append(Period(start, start + session.length))
    return tuple(moved)


def _without_a_date(ask: Ask) -> Iterator[Change]:
    if not 2 <= len(ask.sessions) <= MOST_DATES:
        return
    for at, session in enumerate(ask.sessions):
        others = (*ask.sessions[:at], *ask.sessions[at + 1 :])
        sentence = say("Moving only the session of %(day)s", day=paris_day(session.start))
        yield Change(f"date_{at:02d}", 2, sentence, replace(ask, sessions=others), _TIME)


def _wider(ask: Ask) -> Iterator[Change]:
    if ask.within_km is None:
        return
    touches = frozenset({"distance_asked"})
    for step, km in enumerate(km for km in WIDER_KM if km > ask.within_km):
        sentence = say("Looking up to %(km)s km", km=km)
        yield Change(f"within_{km:03d}", 1 + step, sentence, replace(ask, within_km=km), touches)
    yield Change(
        "anywhere", 1 + len(WIDER_KM), say("Looking everywhere in the region"), replace(ask, within_km=None), touches
    )
