"""Each hard rule at its edge. Weeks of change of hour: 28 March and 31 October 2027."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.kernel.dates import Period, at_paris, paris_day
from entrepairs.matching.hard_rules import ORDINARY, PERSONAL
from entrepairs.matching.values import Work, minutes_between
from entrepairs.network.models.peers import Employment
from entrepairs.network.rules import Held, WeeklySlot
from tests.factories.matching import AIX, MARSEILLE, THURSDAY, a_candidate, an_ask, at, codes, work

WEDNESDAY = THURSDAY - timedelta(days=1)
FRIDAY = THURSDAY + timedelta(days=1)
MONDAY = THURSDAY - timedelta(days=3)
NIGHTS = [THURSDAY, date(2027, 3, 28), date(2027, 10, 31)]


def test_somebody_whose_every_term_fits_can_come() -> None:
    assert codes(an_ask(), a_candidate()) == set()


def test_every_rule_has_a_name_of_its_own_and_says_where_it_comes_from() -> None:
    rules = [*ORDINARY, *PERSONAL]
    assert len({rule.code for rule in rules}) == len(rules)
    assert all(rule.source and not rule.personal for rule in ORDINARY)
    assert all(rule.source and rule.personal for rule in PERSONAL)


@given(st.integers(0, 60))
def test_a_qualification_is_valid_on_the_last_session_or_it_is_not_enough(left: int) -> None:
    sessions = [at(THURSDAY + timedelta(weeks=n), "14:00") for n in range(8)]
    until = THURSDAY + timedelta(days=left)
    held = a_candidate(qualifications=(Held("wrap_facilitator", date(2026, 1, 1), until),))
    last_day = THURSDAY + timedelta(weeks=7)
    assert ("qualification" in codes(an_ask(*sessions), held)) == (until <= last_day)


def test_a_language_asked_is_spoken() -> None:
    assert codes(an_ask(language="lsf"), a_candidate()) == {"language"}
    assert codes(an_ask(language="lsf"), a_candidate(languages=frozenset({"fr", "lsf"}))) == set()


@given(st.integers(0, 23 * 60), st.integers(30, 240))
def test_usual_hours_hold_the_whole_session(begin: int, minutes: int) -> None:
    start = time(begin // 60, begin % 60)
    week = (WeeklySlot(3, time(9), time(17)),)
    session = Period(at_paris(THURSDAY, start), at_paris(THURSDAY, start) + timedelta(minutes=minutes))
    inside = begin >= 9 * 60 and begin + minutes <= 17 * 60
    refused = codes(an_ask(session), a_candidate(week=week))
    assert ("usual_hours" not in refused) == inside


@pytest.mark.parametrize("day", [date(2027, 3, 25), date(2027, 4, 1), date(2027, 10, 28), date(2027, 11, 4)])
def test_usual_hours_are_those_of_the_wall_before_and_after_a_change_of_hour(day: date) -> None:
    week = (WeeklySlot(3, time(14), time(16)),)
    assert codes(an_ask(at(day, "14:00")), a_candidate(week=week)) == set()
    assert codes(an_ask(at(day, "13:59")), a_candidate(week=week)) == {"usual_hours"}


@given(st.integers(-300, 300))
def test_a_mission_elsewhere_leaves_the_time_to_travel(gap: int) -> None:
    travel = minutes_between(AIX, MARSEILLE)
    ask = an_ask(at(THURSDAY, "14:00"))
    end = ask.sessions[0].start - timedelta(minutes=gap)
    other = Period(end - timedelta(hours=1), end)
    refused = codes(ask, a_candidate(bookings=(Work(other, AIX),)))
    after_the_session = other.start >= ask.sessions[0].end + timedelta(minutes=travel)
    assert ("taken" in refused) == (gap < travel and not after_the_session)


def test_no_journey_inside_a_service_nor_to_a_remote_session() -> None:
    same = work(THURSDAY, "12:00", 120, MARSEILLE)
    assert codes(an_ask(), a_candidate(bookings=(same,))) == set()
    assert codes(an_ask(place=None), a_candidate(bookings=(work(THURSDAY, "12:00", 120, AIX),))) == set()
    assert codes(an_ask(), a_candidate(bookings=(work(THURSDAY, "12:01", 120, MARSEILLE),))) == {"taken"}


@pytest.mark.parametrize(("start", "refused"), [("08:00", True), ("08:59", True), ("09:00", False)])
def test_eleven_hours_between_the_evening_and_the_morning(start: str, refused: bool) -> None:
    evening = work(WEDNESDAY, "20:00", 120)  # ends at 22 h
    assert ("daily_rest" in codes(an_ask(at(THURSDAY, start)), a_candidate(bookings=(evening,)))) == refused
    # The same between an asked evening and a morning already held.
    ask, morning = an_ask(at(WEDNESDAY, "20:00")), work(THURSDAY, start)
    assert ("daily_rest" in codes(ask, a_candidate(bookings=(morning,)))) == refused


def test_the_night_of_spring_is_ten_hours_and_the_night_of_autumn_twelve() -> None:
    spring, autumn = date(2027, 3, 28), date(2027, 10, 31)
    before_spring = work(spring - timedelta(days=1), "20:00", 120)
    assert "daily_rest" in codes(an_ask(at(spring, "09:00")), a_candidate(bookings=(before_spring,)))
    assert "daily_rest" not in codes(an_ask(at(spring, "10:00")), a_candidate(bookings=(before_spring,)))
    before_autumn = work(autumn - timedelta(days=1), "20:00", 120)
    assert "daily_rest" not in codes(an_ask(at(autumn, "08:00")), a_candidate(bookings=(before_autumn,)))


@given(st.sampled_from(NIGHTS), st.integers(0, 24 * 60))
def test_the_rest_between_two_days_is_elapsed_time(day: date, gap: int) -> None:
    end = at_paris(day - timedelta(days=1), time(22))
    start = end + timedelta(minutes=gap)
    ask = an_ask(Period(start, start + timedelta(hours=1)))
    held = Work(Period(end - timedelta(hours=1), end), MARSEILLE)
    another_day = paris_day(start) != day - timedelta(days=1)
    expected = another_day and gap < 11 * 60
    assert ("daily_rest" in codes(ask, a_candidate(bookings=(held,)))) == expected


def test_a_day_stretches_over_thirteen_hours_at_most() -> None:
    early = work(THURSDAY, "08:00", 60)
    assert codes(an_ask(at(THURSDAY, "19:00")), a_candidate(bookings=(early,))) == set()
    assert codes(an_ask(at(THURSDAY, "19:01")), a_candidate(bookings=(early,))) == {"daily_rest"}


@given(st.integers(60, 720))
def test_ten_hours_of_work_a_day(minutes: int) -> None:
    held = work(THURSDAY, "08:00", 240)
    ask = an_ask(at(THURSDAY, "12:00", minutes))
    assert ("day_length" in codes(ask, a_candidate(bookings=(held,)))) == (240 + minutes > 600)


@given(st.integers(0, 480), st.integers(0, 20))
def test_forty_eight_hours_a_week_with_those_of_other_employers(minutes: int, outside: int) -> None:
    held = tuple(work(MONDAY + timedelta(days=n), "09:00", 480) for n in (0, 1, 2, 4))  # 32 h
    ask = an_ask(at(THURSDAY, "09:00", max(minutes, 30)), preparation_minutes=30)
    week = 32 * 60 + max(minutes, 30) + 30 + outside * 60
    refused = codes(ask, a_candidate(bookings=held, outside_hours=outside))
    assert ("week_length" in refused) == (week > 48 * 60)


def test_forty_four_hours_on_average_over_twelve_weeks() -> None:
    def weeks(hours: int) -> tuple[Work, ...]:
        # Five days of nine hours, and the rest on Saturday.
        return tuple(
            work(MONDAY - timedelta(weeks=n) + timedelta(days=d), "08:00", 540 if d < 5 else (hours - 45) * 60)
            for n in range(1, 12)
            for d in range(6 if hours > 45 else 5)
        )

    ask = an_ask(at(THURSDAY, "14:00"))
    assert codes(ask, a_candidate(bookings=weeks(45))) == set()  # 11 × 45 h + 2 h
    assert codes(ask, a_candidate(bookings=weeks(48))) == {"week_length"}  # 11 × 48 h + 2 h: 44.2 h on average


def test_a_week_keeps_thirty_five_hours_of_rest_in_a_row() -> None:
    sunday = MONDAY + timedelta(days=6)
    six_days = tuple(work(MONDAY + timedelta(days=n), "09:00", 180) for n in range(6) if n != 3)
    assert codes(an_ask(), a_candidate(bookings=six_days)) == set()
    assert codes(an_ask(), a_candidate(bookings=(*six_days, work(sunday, "09:00", 180)))) == {"weekly_rest"}
    # Six days, but Saturday late and the next Monday early: 24 h and 11 h no longer follow one another.
    late = (
        *six_days[:-1],
        work(MONDAY + timedelta(days=5), "21:30", 90),
        work(MONDAY + timedelta(days=7), "10:00", 60),
    )
    assert codes(an_ask(), a_candidate(bookings=late)) == set()
    early = (*late[:-1], work(MONDAY + timedelta(days=7), "09:59", 60))
    assert codes(an_ask(), a_candidate(bookings=early)) == {"weekly_rest"}


def test_one_seat_for_one_person() -> None:
    assert codes(an_ask(holders=(1,)), a_candidate(id=1)) == {"already_comes"}


def test_a_member_employed_elsewhere_is_offered_missions_only_if_they_ask() -> None:
    elsewhere = {"employment": Employment.EMPLOYED_ELSEWHERE}
    assert codes(an_ask(), a_candidate(**elsewhere, asks_missions=False)) == {"employed_elsewhere"}
    assert codes(an_ask(), a_candidate(**elsewhere, asks_missions=True)) == set()


def test_somebody_who_leaves_before_the_last_session_is_not_asked() -> None:
    assert codes(an_ask(), a_candidate(left_on=THURSDAY)) == {"team"}
    assert codes(an_ask(), a_candidate(left_on=FRIDAY)) == set()
    assert codes(an_ask(), a_candidate(joined_on=FRIDAY)) == {"team"}


@given(
    st.lists(
        st.tuples(st.integers(-80, 80), st.integers(0, 23), st.integers(15, 600)),
        max_size=40,
    )
)
def test_no_diary_however_full_makes_a_rule_stumble(pieces: list[tuple[int, int, int]]) -> None:
    bookings = tuple(work(THURSDAY + timedelta(days=n), f"{hour:02d}:00", minutes) for n, hour, minutes in pieces)
    sessions = [at(THURSDAY + timedelta(weeks=n), "14:00") for n in range(8)]
    codes(an_ask(*sessions), a_candidate(bookings=tuple(sorted(bookings))))
