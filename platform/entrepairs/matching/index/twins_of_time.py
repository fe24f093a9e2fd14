"""Twins of the rules about missions held: journeys, daily and weekly rest, lengths of days and weeks."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from entrepairs.matching.index.survey import Survey
from entrepairs.matching.index.times import HOUR, Bools, Ints, week_of

TWO_DAYS_FREE: Final = 46
"""The hours of rest that two free days in a row give at least, a change of hour included."""
_WEEK: Final = np.arange(128, dtype=np.uint8)
COUNT_OF_DAYS: Final = np.bitwise_count(_WEEK)
FREE_PAIR: Final = (~_WEEK & ~(_WEEK >> 1) & 0b0111111) != 0
"""Whether two days in a row are free, by the bits of the days worked."""


def _taken(survey: Survey, rows: Ints) -> Ints:
    return survey.held(rows).taken()


def _daily_rest(survey: Survey, rows: Ints) -> Bools:
    return survey.held(rows).short_rest()


def _day_length(survey: Survey, rows: Ints) -> Bools:
    return survey.held(rows).long_day()


def _call_out_rest(survey: Survey, rows: Ints) -> Bools | None:
    return survey.held(rows).call_out_rest()


def _week_length(survey: Survey, rows: Ints) -> Ints:
    """1: a week is too long; 2: the mean of a run of weeks is."""
    limits, asked = survey.limits, survey.asked.by_week
    first, last = min(asked) - limits.mean_weeks + 1, max(asked) + limits.mean_weeks - 1
    weeks = survey.weeks(rows, first, last - first + 1).astype(np.int64)
    touched = np.array(sorted(asked)) - first
    weeks[:, touched] += np.array([asked[week] for week in sorted(asked)])
    outside = survey.team.peers.outside[rows].astype(np.int64) * 60
    too_long = np.any(weeks[:, touched] + outside[:, None] > limits.week_hours * 60, axis=1)
    most = limits.mean_hours * 60 - outside
    codes: Ints = np.asarray(too_long).astype(np.int64)
    some = np.flatnonzero((codes == 0) & (weeks.max(axis=1) > most))
    if len(some):
        codes[some] = np.where(_mean_exceeds(weeks[some], touched, limits.mean_weeks, most[some]), 2, 0)
    return codes


def _mean_exceeds(weeks: Ints, touched: Ints, count: int, most: Ints) -> Bools:
    """Whether a run of `count` weeks that holds a touched one is above `most` a week on average."""
    sums = np.cumsum(np.pad(weeks, ((0, 0), (1, 0))), axis=1)
    runs = sums[:, count:] - sums[:, :-count]
    holds = np.zeros(runs.shape[1], dtype=bool)
    for week in touched:
        holds[max(week - count + 1, 0) : week + 1] = True
    found: Bools = (runs[:, holds] > (most * count)[:, None]).any(axis=1)
    return found


def _weekly_rest(survey: Survey, rows: Ints) -> Bools:
    limits, asked = survey.limits, survey.asked
    own = {week_of(day) for day in asked.days}
    rest = HOUR * limits.weekly_rest_hours
    lost = np.zeros(len(rows), dtype=bool)
    for week in asked.rest_weeks:
        mine = sum(1 << (day - 1) % 7 for day in asked.by_day if week_of(day) == week)
        worked = survey.worked_days(rows, week) | np.uint8(mine)
        if week in own:
            lost |= COUNT_OF_DAYS[worked] > limits.days_a_week
        unsure = ~lost
        if limits.weekly_rest_hours <= TWO_DAYS_FREE:
            unsure &= ~FREE_PAIR[worked]
        places = np.flatnonzero(unsure)
        if len(places):
            lost[places] = survey.held(rows).rest_lost(week, places, rest)
    return lost


TIME_CODES: Final[Mapping[str, Callable[[Survey, Ints], Ints | Bools | None]]] = {
    "taken": _taken,
    "daily_rest": _daily_rest,
    "day_length": _day_length,
    "week_length": _week_length,
    "weekly_rest": _weekly_rest,
    "call_out_rest": _call_out_rest,
}
