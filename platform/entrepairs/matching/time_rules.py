"""Ordinary rules about time: free hours, journeys, and the rests of the labour code. Figures come from the kernel."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from entrepairs.kernel.dates import week_start
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.matching.values import Ask, Candidate, Limits, Work, minutes_between
from entrepairs.matching.working_time import (
    days_by_week,
    long_span,
    mean_exceeds,
    minutes_by_day,
    minutes_by_week,
    rest_weeks,
    short_nights,
    weekly_rest_lost,
)
from entrepairs.network.rules import covers

A_DAY: Final = timedelta(days=1)


class UsualHours:
    """Every session falls within the hours the peer gives to missions."""

    code: Final = "usual_hours"
    source: Final = "the peer's weekly availability"
    personal: Final = False
    crowd: Final = say("not available at these hours")

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """The week, by the wall clock of Paris, holds every session."""
        held = all(covers(candidate.week, session) for session in ask.sessions)
        return None if held else say("not available at all these hours")


class NotTaken:
    """No other mission then, the time to travel from one to the other included."""

    code: Final = "taken"
    source: Final = "the diary: ex_booking_peer_during"
    personal: Final = False
    crowd: Final = say("on another mission at these hours")

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """The first session that another mission prevents."""
        for piece in ask.work:
            if any(_too_close(piece, held) for held in candidate.bookings):
                return say("on another mission: %(period)s", period=piece.period)
        return None


def _too_close(one: Work, other: Work) -> bool:
    if other.period.start - one.period.end > A_DAY or one.period.start - other.period.end > A_DAY:
        return False  # no journey of the region lasts that long
    travel = timedelta(minutes=minutes_between(one.place, other.place))
    return one.period.padded(travel, travel).overlaps(other.period)


class DailyRest:
    """Eleven hours between two days of work; a day stretches over thirteen at most."""

    code: Final = "daily_rest"
    source: Final = "C. trav. L3131-1"
    personal: Final = False
    crowd: Final = say("too short a rest between two days")

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """Elapsed hours: the night of a change of hour counts as it is lived."""
        rest, span = timedelta(hours=limits.daily_rest_hours), timedelta(hours=limits.span_hours)
        if short_nights(ask.work, candidate.bookings, rest) or long_span(ask.work, candidate.bookings, span):
            return say("less than %(hours)s h of rest between two days", hours=limits.daily_rest_hours)
        return None


class DayLength:
    """Ten hours of work a day."""

    code: Final = "day_length"
    source: Final = "C. trav. L3121-18"
    personal: Final = False
    crowd: Final = say("beyond the legal length of a day")

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """The days of the demand, with what is held already."""
        days = minutes_by_day((*ask.work, *candidate.bookings))
        if any(days[day] > limits.day_hours * 60 for day in minutes_by_day(ask.work)):
            return say("more than %(hours)s h of work in a day", hours=limits.day_hours)
        return None


class WeekLength:
    """48 hours a week and 44 on average, hours declared for other employers included (C. trav. L8261-1)."""

    code: Final = "week_length"
    source: Final = "C. trav. L3121-20 and L3121-22"
    personal: Final = False
    crowd: Final = say("beyond the legal length of a week")

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """The weeks of the demand, then every run of weeks that holds one of them."""
        outside = candidate.outside_hours * 60
        weeks, touched = _weeks(ask, candidate), minutes_by_week(ask.work)
        if any(weeks[week] + outside > limits.week_hours * 60 for week in touched):
            return say("more than %(hours)s h of work in a week", hours=limits.week_hours)
        if mean_exceeds(weeks, touched, limits.mean_weeks, limits.mean_hours * 60 - outside):
            return say("more than %(hours)s h a week on average", hours=limits.mean_hours)
        return None


def _weeks(ask: Ask, candidate: Candidate) -> Mapping[date, int]:
    return minutes_by_week((*ask.work, *candidate.bookings))


class WeeklyRest:
    """35 hours of rest in a row each week, and six days of work at most."""

    code: Final = "weekly_rest"
    source: Final = "C. trav. L3132-1 and L3132-2"
    personal: Final = False
    crowd: Final = say("without a weekly rest")

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """The weeks of the demand, and the one before when it starts early on a Monday."""
        pieces = (*ask.work, *candidate.bookings)
        days, rest = days_by_week(pieces), timedelta(hours=limits.weekly_rest_hours)
        own = {week_start(day) for day in ask.days}
        for week in sorted(rest_weeks(ask.sessions)):
            too_many = week in own and len(days[week]) > limits.days_a_week
            if too_many or weekly_rest_lost(week, pieces, rest):
                return say("no weekly rest of %(hours)s h", hours=limits.weekly_rest_hours)
        return None


TIME_RULES: Final = (UsualHours(), NotTaken(), DailyRest(), DayLength(), WeekLength(), WeeklyRest())
