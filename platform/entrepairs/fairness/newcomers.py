"""What one more person would make possible: someone who does not exist yet, put through matching's own rules. Pure.

The newcomer lives in the main commune of a département, is free at usual hours, holds exactly the qualifications
looked at, and takes the demands in the order of their dates, so that one's hours and rests count for the next. A demand
for two needs a second person: one whom no ordinary rule keeps is enough. Choices and rhythms of the team are never
looked at, so that nothing of them can be read from the result.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Final

from entrepairs.fairness.departements import Departement
from entrepairs.fairness.figures import StudyTerms
from entrepairs.kernel.dates import paris_day
from entrepairs.matching.explaining import reasons_against
from entrepairs.matching.values import LOOK_AROUND, Ask, Candidate, Limits, Paper, Place
from entrepairs.network.models.peers import ClearanceKind
from entrepairs.network.rules import Held, WeeklySlot

WORKING_DAYS: Final = range(5)
LARGE: Final = 10_000
"""Hours a month wished: the newcomer's wish never limits, the weekly maximum does."""


@dataclass(frozen=True, slots=True)
class Need:
    """A demand that lacks people: what it asks, how many it lacks, how many people no ordinary rule keeps."""

    ask: Ask
    needed: int
    eligible: int

    @property
    def one_more_is_enough(self) -> bool:
        """Whether a single newcomer completes it."""
        return self.eligible >= self.needed - 1


@dataclass(frozen=True, slots=True)
class Help:
    """What a newcomer of a département with these qualifications would have made possible."""

    departement: str
    qualifications: frozenset[str]
    demands: int

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        """Tells two helps apart, and orders those that are worth the same."""
        return self.departement, tuple(sorted(self.qualifications))


def newcomer(departement: Departement, qualifications: frozenset[str], terms: StudyTerms) -> Candidate:
    """The person as matching sees people."""
    day = (time(terms.newcomer_from_hour), time(terms.newcomer_to_hour))
    return Candidate(
        id=0,
        ref="",
        first_name="",
        short_name="",
        home=Place(float(departement.main.latitude), float(departement.main.longitude)),
        radius_km=terms.newcomer_radius_km,
        wished_hours=LARGE,
        weekly_max_hours=terms.newcomer_week_hours,
        qualifications=tuple(Held(kind, None) for kind in sorted(qualifications)),
        week=tuple(WeeklySlot(weekday, *day) for weekday in WORKING_DAYS),
        papers=tuple(Paper(kind) for kind in ClearanceKind),
    )


def would_take(person: Candidate, needs: Iterable[Need], limits: Mapping[date, Limits]) -> int:
    """How many of the demands the person would have completed, taken by date. `limits` by first day of a demand."""
    taken = 0
    for need in needs:
        ask = need.ask
        if not need.one_more_is_enough or reasons_against(ask, _around(person, ask), limits[first_day(ask)]):
            continue
        taken += 1
        person = replace(person, bookings=tuple(sorted((*person.bookings, *ask.work))))
    return taken


def _around(person: Candidate, ask: Ask) -> Candidate:
    """The person with the diary that matching reads around the ask."""
    frame = ask.span.padded(LOOK_AROUND, LOOK_AROUND)
    return replace(person, bookings=tuple(work for work in person.bookings if work.period.overlaps(frame)))


def first_day(ask: Ask) -> date:
    """The Paris day it starts."""
    return paris_day(ask.span.start)


def helps(
    needs: Sequence[Need], places: Sequence[Departement], terms: StudyTerms, limits: Mapping[date, Limits]
) -> list[Help]:
    """Every département and every set of qualifications asked; the most useful first, nothing that helps nobody.

    Somebody with a qualification is counted on the demands that ask for it, somebody without any on the others: the
    sum of both is what that person could do, but the difference is what the qualification brings.
    """
    ordered = sorted(needs, key=lambda need: (need.ask.span.start, need.ask.ref))
    found = []
    for asked in {need.ask.qualifications for need in ordered}:
        concerned = [
            need for need in ordered if need.ask.qualifications <= asked and (need.ask.qualifications or not asked)
        ]
        for place in places:
            count = would_take(newcomer(place, asked, terms), concerned, limits)
            if count:
                found.append(Help(place.code, asked, count))
    return sorted(found, key=lambda one: (-one.demands, one.key))
