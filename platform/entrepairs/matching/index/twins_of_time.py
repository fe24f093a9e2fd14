"""Twins of the rules about missions held: journeys, daily and weekly rest, lengths of days and weeks."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from entrepairs.matching.index.survey import Survey
from entrepairs.matching.index.times import HOUR, Bools, Ints

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
    limits, load = survey.limits, survey.load(rows)
    outside = survey.team.peers.outside[rows].astype(np.int64) * 60
    codes: Ints = (load.busiest + outside > limits.week_hours * 60).astype(np.int64)
    weeks, touched = load.weeks
    most = limits.mean_hours * 60 - outside
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
    weeks, rest = np.array(asked.rest_weeks), HOUR * limits.weekly_rest_hours
    held = survey.worked_days(rows, asked.rest_weeks[0], asked.rest_weeks[-1] - asked.rest_weeks[0] + 1)
    worked = held[:, weeks - weeks[0]] | asked.rest_days
    own = COUNT_OF_DAYS[worked] > limits.days_a_week
    lost: Bools = np.any(own & asked.rest_own, axis=1)
    unsure = np.ones(worked.shape, dtype=bool)
    if limits.weekly_rest_hours <= TWO_DAYS_FREE:
        unsure = ~FREE_PAIR[worked]
    if unsure.any():
        for turn, week in enumerate(asked.rest_weeks):
            places = np.flatnonzero(unsure[:, turn] & ~lost)
            if len(places):
                lost[places] = survey.held(rows).rest_lost(week, places, rest)
    return lost


LOAD_CODES: Final[Mapping[str, Callable[[Survey, Ints], Ints | Bools | None]]] = {"week_length": _week_length}
TIME_CODES: Final[Mapping[str, Callable[[Survey, Ints], Ints | Bools | None]]] = {
    "taken": _taken,
    "daily_rest": _daily_rest,
    "day_length": _day_length,
    "weekly_rest": _weekly_rest,
    "call_out_rest": _call_out_rest,
}
