"""The twins of the rules: what a rule object says of one peer, said of many.

A twin gives, for each of the rows asked, 0 when its rule holds, else a number for each sentence the rule may say; or
None when it holds for everybody. The sentence itself is always the rule's own, asked of one peer of that number.
`OBJECTS` are the rules looked at one peer at a time, on those whom the twins leave. A rule must be in one of the two;
one that is in neither is looked at one peer at a time, and a test fails.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

import numpy as np

from entrepairs.kernel.holidays_fr import holiday_name
from entrepairs.matching.index.leave import PAPERS
from entrepairs.matching.index.peers import EMPLOYMENTS, HOME_WISHES, NO_WISH, PAIR_WISHES
from entrepairs.matching.index.survey import EVERYBODY, Rows, Survey
from entrepairs.matching.index.times import Bools, Ints
from entrepairs.matching.index.twins_of_time import LOAD_CODES, TIME_CODES
from entrepairs.matching.protection_rules import alone_at_home, visit_by_two
from entrepairs.network.models.peers import ClearanceKind, Employment, HomeWish, PairWish

Codes = Ints | None
"""0, or the number of a sentence; truths serve where there is one sentence."""


class Stage(IntEnum):
    """How dear a twin is: over whole columns, over those left, over the weeks or the missions of the best left."""

    COLUMNS = 0
    ROWS = 1
    LOAD = 2
    DIARY = 3


@dataclass(frozen=True, slots=True)
class Twin:
    """`codes` over rows (COLUMNS: a slice too)."""

    codes: Callable[[Survey, Rows], Codes]
    stage: Stage


ELSEWHERE: Final = EMPLOYMENTS.index(Employment.EMPLOYED_ELSEWHERE)
VOLUNTEER: Final = EMPLOYMENTS.index(Employment.VOLUNTEER)
CONTRACT: Final = PAPERS.index(ClearanceKind.CONTRACT)


def _team(survey: Survey, rows: Rows) -> Codes:
    peers, asked = survey.team.peers, survey.asked
    found: Bools = (peers.left[rows] <= asked.last_day) | (peers.joined[rows] > asked.first_day)
    return found


def _employed_elsewhere(survey: Survey, rows: Rows) -> Codes:
    peers = survey.team.peers
    found: Bools = (peers.employment[rows] == ELSEWHERE) & ~peers.asks[rows]
    return found


def _already_comes(survey: Survey, rows: Rows) -> Codes:
    holders = survey.ask.holders
    return np.isin(survey.team.peers.ids[rows], holders) if holders else None


def _qualification(survey: Survey, rows: Rows) -> Codes:
    """The first missing, by code; an even number when it is held at some other time."""
    team, ask, days = survey.team, survey.ask, survey.asked.days_array
    codes: Codes = None
    for place, kind in enumerate(sorted(ask.qualifications)):
        lacks = team.held.lacking(kind, days, rows)
        if ask.learner_seats:
            lacks &= team.learning.lacking(kind, days, rows)
        if len(ask.qualifications) == 1 and rows is EVERYBODY:
            return lacks  # which sentence matters only when told, of rows
        number = 2 * place + 1 + team.held.had(kind, rows)
        codes = np.where(lacks, number, 0) if codes is None else np.where((codes == 0) & lacks, number, codes)
    return codes


def _language(survey: Survey, rows: Rows) -> Codes:
    if survey.ask.language is None:
        return None
    languages = survey.team.languages
    found: Bools = (languages.bits[rows] & languages.mask(frozenset({survey.ask.language}))) == 0
    return found


def _distance_asked(survey: Survey, rows: Rows) -> Codes:
    within = survey.ask.within_km
    return None if within is None else survey.km_of(rows) > within


def _training(survey: Survey, rows: Rows) -> Codes:
    return _some_day(survey, rows, "training", survey.asked.days)


def _some_day(survey: Survey, rows: Rows, name: str, days: list[int]) -> Codes:
    """Who has a spell of days (`training`, `pauses`) in force on one of the days, given in order."""
    entries = getattr(survey.team, name)
    since, until = entries.held["since"], entries.held["until"]
    near = np.flatnonzero((since <= days[-1]) & (until > days[0]))
    if not len(near):
        return None
    hits = np.searchsorted(days, since[near]) < np.searchsorted(days, until[near])
    found: Bools = entries.marked(near[hits], survey.team.peers.room)[rows]
    return found


def _supervision(survey: Survey, rows: Rows) -> Codes:
    return _overdue(survey, rows) if survey.limits.supervision_blocks else None


def _overdue(survey: Survey, rows: Rows) -> Bools:
    found: Bools = survey.team.supervision.overdue(survey.ask.today)[rows]
    return found


def _excluded(survey: Survey, rows: Rows) -> Codes:
    ask, entries = survey.ask, survey.team.exclusions
    chosen = entries.held["partner"] == ask.partner_id
    if ask.site_id is not None:
        chosen |= entries.held["site"] == ask.site_id
    return entries.marked(chosen, survey.team.peers.room)[rows] if chosen.any() else None


def _paused(survey: Survey, rows: Rows) -> Codes:
    return _some_day(survey, rows, "pauses", sorted({survey.asked.today, *survey.asked.days}))


def _away(survey: Survey, rows: Rows) -> Codes:
    asked, entries = survey.asked, survey.team.absences
    start, end = entries.held["start"], entries.held["end"]
    near = np.flatnonzero((start < asked.end) & (end > asked.start))
    if not len(near):
        return None
    # The sessions that end after its start are the last ones, those that start before its end the first ones.
    ends = np.maximum.accumulate(asked.line_ends)
    hits = np.searchsorted(ends, start[near], side="right") < np.searchsorted(asked.line_starts, end[near])
    if len(ends) > 1 and (asked.line_starts[1:] < ends[:-1]).any():  # sessions of one ask that overlap
        hits = np.any((start[near] < asked.ends[:, None]) & (end[near] > asked.starts[:, None]), axis=0)
    found: Bools = entries.marked(near[hits], survey.team.peers.room)[rows]
    return found


def _radius(survey: Survey, rows: Rows) -> Codes:
    return None if survey.ask.place is None else survey.km_of(rows) > survey.team.peers.radius[rows]


def _holidays(survey: Survey, rows: Rows) -> Codes:
    if not any(holiday_name(date.fromordinal(day)) for day in survey.asked.days):
        return None
    found: Bools = survey.team.peers.rests_on_holidays[rows]
    return found


def _waits_for_supervision(survey: Survey, rows: Rows) -> Codes:
    found: Bools = survey.team.peers.waits_for_supervision[rows] & _overdue(survey, rows)
    return found


def _pair_wish(survey: Survey, rows: Rows) -> Codes:
    ask, wish = survey.ask, survey.team.peers.pair_wish[rows]
    if ask.with_professional and ask.seats < 2:
        return None
    found: Bools = wish == PAIR_WISHES.index(PairWish.REFUSED if ask.seats > 1 else PairWish.REQUIRED)
    return found


def _home_by_two(survey: Survey, rows: Rows) -> Codes:
    if not (alone_at_home(survey.ask) and visit_by_two(survey.ask, survey.limits)):
        return None
    found: Bools = survey.team.peers.home_wish[rows] != HOME_WISHES.index(HomeWish.ALONE_TOO)
    return found


def _home_alone(survey: Survey, rows: Rows) -> Codes:
    if not alone_at_home(survey.ask):
        return None
    found: Bools = survey.team.peers.home_wish[rows] == HOME_WISHES.index(HomeWish.NEVER_ALONE)
    return found


def _refused_colleague(survey: Survey, rows: Rows) -> Codes:
    if survey.ask.seats < 2:
        return None
    refused: set[int] = set().union(*(survey.team.refusals.of.get(one, ()) for one in survey.ask.holders))
    return np.isin(survey.team.peers.ids[rows], list(refused)) if refused else None


def _papers(survey: Survey, rows: Rows) -> Codes:
    team, last = survey.team, survey.asked.days[-1]
    lacks = team.papers.best[:, rows] < last
    lacks[CONTRACT] &= team.peers.employment[rows] != VOLUNTEER
    found: Bools = np.any(lacks, axis=0)
    return found


def _no_missions(survey: Survey, rows: Rows) -> Codes:
    found: Bools = ~survey.team.peers.asks[rows]
    return found


def _usual_hours(survey: Survey, rows: Rows) -> Codes:
    return survey.team.hours.shut(survey.asked.pieces, rows)


def _volunteer_hours(survey: Survey, rows: Rows) -> Codes:
    volunteers = survey.team.peers.employment[rows] == VOLUNTEER
    if not volunteers.any():
        return None
    load, limits = survey.load(rows), survey.limits
    over = np.zeros(len(rows), dtype=bool)
    if limits.volunteer_week_hours is not None:
        over |= load.busiest > limits.volunteer_week_hours * 60
    if limits.volunteer_month_hours is not None:
        over |= load.months > limits.volunteer_month_hours * 60
    over &= volunteers
    return over


def _own_maximum(survey: Survey, rows: Rows) -> Codes:
    found: Bools = survey.load(rows).busiest > survey.team.peers.weekly_max[rows] * 60
    return found


def _own_monthly_maximum(survey: Survey, rows: Rows) -> Codes:
    most = survey.team.peers.monthly_max[rows]
    chosen = most != NO_WISH
    return chosen & (survey.load(rows).months > most * 60) if chosen.any() else None


def standing(survey: Survey) -> Bools:
    """The rules of STANDING all at once, and being of the pool, over every row: what most asks need first."""
    peers, asked = survey.team.peers, survey.asked
    found: Bools = peers.left > asked.last_day
    found &= peers.joined <= asked.first_day
    found &= survey.team.ready_until >= asked.days[-1]
    return found


STANDING: Final = frozenset({"team", "papers", "no_missions", "employed_elsewhere"})
"""Rules about a person alone, whose columns are joined beforehand (`Team.ready_until`)."""
TWINS: Final[Mapping[str, Twin]] = {
    "team": Twin(_team, Stage.COLUMNS),
    "employed_elsewhere": Twin(_employed_elsewhere, Stage.COLUMNS),
    "already_comes": Twin(_already_comes, Stage.COLUMNS),
    "qualification": Twin(_qualification, Stage.COLUMNS),
    "language": Twin(_language, Stage.COLUMNS),
    "papers": Twin(_papers, Stage.COLUMNS),
    "no_missions": Twin(_no_missions, Stage.COLUMNS),
    "pair_wish": Twin(_pair_wish, Stage.COLUMNS),
    "home_by_two": Twin(_home_by_two, Stage.COLUMNS),
    "home_alone": Twin(_home_alone, Stage.COLUMNS),
    "holidays": Twin(_holidays, Stage.COLUMNS),
    "supervision": Twin(_supervision, Stage.COLUMNS),
    "waits_for_supervision": Twin(_waits_for_supervision, Stage.COLUMNS),
    "refused_colleague": Twin(_refused_colleague, Stage.COLUMNS),
    "distance_asked": Twin(_distance_asked, Stage.ROWS),
    "radius": Twin(_radius, Stage.ROWS),
    "usual_hours": Twin(_usual_hours, Stage.ROWS),
    "excluded": Twin(_excluded, Stage.ROWS),
    "training": Twin(_training, Stage.ROWS),
    "paused": Twin(_paused, Stage.ROWS),
    "away": Twin(_away, Stage.ROWS),
    "own_maximum": Twin(_own_maximum, Stage.LOAD),
    "own_monthly_maximum": Twin(_own_monthly_maximum, Stage.LOAD),
    "volunteer_hours": Twin(_volunteer_hours, Stage.LOAD),
    **{code: Twin(codes, Stage.LOAD) for code, codes in LOAD_CODES.items()},
    **{code: Twin(codes, Stage.DIARY) for code, codes in TIME_CODES.items()},
}
OBJECTS: Final[frozenset[str]] = frozenset()
