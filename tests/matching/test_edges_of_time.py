"""Rules of time where calendars turn: midnight, Monday, and the weeks of 28 March and 31 October 2027."""

from datetime import date, time, timedelta

import pytest

from entrepairs.kernel.dates import Period, at_paris
from entrepairs.matching.values import Paper, Spell, Work, days_touched, minutes_between
from entrepairs.matching.working_time import minutes_by_day, minutes_by_week
from entrepairs.network.models.peers import ClearanceKind
from entrepairs.network.rules import END_OF_DAY, Held, WeeklySlot
from tests.factories.matching import AIX, MARSEILLE, THURSDAY, a_candidate, an_ask, at, codes, work

FRIDAY = THURSDAY + timedelta(days=1)
MONDAY = THURSDAY - timedelta(days=3)
SUNDAY = MONDAY + timedelta(days=6)
NEXT_MONDAY = MONDAY + timedelta(days=7)
NIGHT = at(THURSDAY, "23:00", 120)
"""From 23 h on Thursday to 1 h on Friday."""
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)


def test_a_session_across_midnight_touches_two_days_and_one_that_ends_at_midnight_one() -> None:
    assert days_touched((NIGHT,)) == (THURSDAY, FRIDAY)
    assert days_touched((at(THURSDAY, "22:00", 120),)) == (THURSDAY,)


def test_a_qualification_and_a_paper_are_good_on_both_days_of_a_night() -> None:
    for last_day, refused in ((FRIDAY, False), (THURSDAY, True)):
        held = (Held("wrap_facilitator", date(2026, 1, 1), last_day + timedelta(days=1)),)
        papers = tuple(Paper(kind, last_day) for kind in ClearanceKind)
        assert ("qualification" in codes(an_ask(NIGHT), a_candidate(qualifications=held))) == refused
        assert ("choices" in codes(an_ask(NIGHT), a_candidate(papers=papers))) == refused


def test_a_pause_that_starts_on_the_second_day_of_a_night_counts() -> None:
    assert codes(an_ask(NIGHT), a_candidate(pauses=(Spell(FRIDAY),))) == {"choices"}
    assert codes(an_ask(NIGHT), a_candidate(pauses=(Spell(FRIDAY + timedelta(days=1)),))) == set()


def test_usual_hours_hold_a_night_only_when_both_days_do() -> None:
    evening, early = WeeklySlot(3, time(20), END_OF_DAY), WeeklySlot(4, time(), time(1))
    assert codes(an_ask(NIGHT), a_candidate(week=(evening, early))) == set()
    assert codes(an_ask(NIGHT), a_candidate(week=(evening,))) == {"usual_hours"}
    short = WeeklySlot(4, time(), time(0, 59))
    assert codes(an_ask(NIGHT), a_candidate(week=(evening, short))) == {"usual_hours"}


@pytest.mark.parametrize(("day", "hours", "short"), [(SPRING, 1, time(1, 59)), (AUTUMN, 3, time(2, 59))])
def test_the_hour_that_is_not_given_or_given_twice_is_counted_as_lived(day: date, hours: int, short: time) -> None:
    night = Work(Period(at_paris(day, time(1)), at_paris(day, time(3))), MARSEILLE)
    assert minutes_by_day([night]) == {day: hours * 60}
    sunday = WeeklySlot(6, time(1), time(3))
    assert codes(an_ask(night.period), a_candidate(week=(sunday,))) == set()
    assert codes(an_ask(night.period), a_candidate(week=(WeeklySlot(6, time(1), short),))) == {"usual_hours"}


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_the_journey_between_two_places_is_elapsed_time_on_a_day_of_change(day: date) -> None:
    travel = timedelta(minutes=minutes_between(AIX, MARSEILLE))
    asked = Period(at_paris(day, time(4)), at_paris(day, time(5)))
    just = Work(Period(asked.start - travel - timedelta(hours=1), asked.start - travel), AIX)
    late = Work(Period(just.period.start, just.period.end + timedelta(minutes=1)), AIX)
    assert "taken" not in codes(an_ask(asked), a_candidate(bookings=(just,)))
    assert "taken" in codes(an_ask(asked), a_candidate(bookings=(late,)))


def test_a_session_across_the_night_of_sunday_is_shared_between_two_weeks() -> None:
    night = work(SUNDAY, "23:00", 120, preparation=30)
    assert minutes_by_week([night]) == {MONDAY: 90, NEXT_MONDAY: 60}


def test_the_week_that_starts_in_the_middle_of_a_night_has_its_own_limit() -> None:
    days = ((1, 540), (2, 540), (3, 540), (4, 570), (5, 570))
    held = tuple(work(NEXT_MONDAY + timedelta(days=n), "13:00", minutes) for n, minutes in days)  # 46 h
    for minutes, refused in ((60 + 120, False), (60 + 121, True)):
        night = at(SUNDAY, "23:00", minutes)
        assert ("week_length" in codes(an_ask(night), a_candidate(bookings=held))) == refused


def test_an_early_monday_does_not_take_the_rest_of_the_week_before() -> None:
    """Six days of work until late on Saturday: 35 h of rest end on Monday at 10 h."""
    week = tuple(work(MONDAY + timedelta(days=n), "09:00", 180) for n in range(5))
    held = (*week, work(MONDAY + timedelta(days=5), "21:30", 90))
    for start, refused in (("10:00", False), ("09:59", True)):
        assert ("weekly_rest" in codes(an_ask(at(NEXT_MONDAY, start)), a_candidate(bookings=held))) == refused


def test_the_rest_of_the_week_of_spring_is_lived_hours() -> None:
    """Saturday until 22 h, Monday at 10 h: 36 h on the wall, 35 lived in the night of 28 March 2027."""
    saturday, monday = SPRING - timedelta(days=1), SPRING + timedelta(days=1)
    week = tuple(work(saturday - timedelta(days=n), "09:00", 180) for n in range(1, 6))
    for end, refused in ((22 * 60, False), (22 * 60 + 1, True)):
        late = work(saturday, "21:00", end - 21 * 60)
        found = codes(an_ask(at(monday, "10:00")), a_candidate(bookings=(*week, late)))
        assert ("weekly_rest" in found) == refused
