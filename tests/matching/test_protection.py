"""Rules that protect people beyond the law, the days of training and the distance asked: each at its edge."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.kernel.parameters import figures
from entrepairs.matching.explaining import reasons_against
from entrepairs.matching.relaxing import relaxations
from entrepairs.matching.values import HomeVisits, Limits, Spell, Work
from entrepairs.network.models.peers import Employment, HomeWish
from entrepairs.network.rules import Held
from tests.factories.matching import AIX, LIMITS, MARSEILLE, THURSDAY, TODAY, a_candidate, an_ask, at, codes, work

FRIDAY = THURSDAY + timedelta(days=1)
MONDAY = THURSDAY - timedelta(days=3)
DAY = timedelta(days=1)


def test_the_houses_figures_are_dated_and_a_vote_takes_their_place() -> None:
    limits = Limits.on(figures(), THURSDAY)
    assert (limits.call_out_rest_hours, limits.volunteer_week_hours, limits.volunteer_month_hours) == (24, 12, 40)
    assert (limits.notice_days, limits.supervision_blocks) == (7, False)
    voted = limits.voted(call_out_rest_hours=11, volunteer_week_hours=None, supervision_blocks=True)
    assert (voted.call_out_rest_hours, voted.volunteer_week_hours, voted.supervision_blocks) == (11, 12, True)


@given(st.integers(0, 36 * 60))
def test_after_a_call_out_one_rests_for_the_hours_voted(gap: int) -> None:
    end = at(THURSDAY, "14:00").start - timedelta(minutes=gap)
    held = Work(replace(at(THURSDAY, "14:00"), start=end - timedelta(hours=1), end=end), MARSEILLE, call_out=True)
    assert ("call_out_rest" in codes(an_ask(), a_candidate(bookings=(held,)))) == (gap < 24 * 60)


def test_an_emergency_leaves_the_rest_before_what_is_already_held() -> None:
    ask = an_ask(at(THURSDAY, "14:00"), call_out=True)
    assert "call_out_rest" not in codes(ask, a_candidate(bookings=(work(FRIDAY, "16:00"),)))
    assert "call_out_rest" in codes(ask, a_candidate(bookings=(work(FRIDAY, "15:59"),)))
    assert codes(an_ask(at(THURSDAY, "14:00")), a_candidate(bookings=(work(FRIDAY, "15:59"),))) == set()


def test_no_rest_is_asked_before_a_call_out_nor_between_its_own_sessions() -> None:
    later = Work(at(FRIDAY, "08:00"), MARSEILLE, call_out=True)
    assert codes(an_ask(), a_candidate(bookings=(later,))) == set()
    assert codes(an_ask(at(THURSDAY, "08:00"), at(THURSDAY, "14:00"), call_out=True), a_candidate()) == set()


@given(st.integers(0, 720))
def test_a_volunteer_gives_twelve_hours_a_week_at_most(minutes: int) -> None:
    held = work(MONDAY, "09:00", 540, preparation=30)  # 9 h 30
    ask = an_ask(at(THURSDAY, "09:00", max(minutes, 1)), preparation_minutes=30)
    peer = a_candidate(employment=Employment.VOLUNTEER, bookings=(held,))
    assert ("volunteer_hours" in codes(ask, peer)) == (570 + max(minutes, 1) + 30 > 720)
    assert "volunteer_hours" not in codes(ask, replace(peer, employment=Employment.EMPLOYEE))


@pytest.mark.parametrize(("minutes", "refused"), [(240, False), (241, True)])
def test_a_volunteer_gives_forty_hours_a_month_at_most(minutes: int, refused: bool) -> None:
    first = date(2027, 1, 1)
    held = tuple(work(first + timedelta(days=n), "09:00", 180) for n in (0, 2, 4, 6, 8, 10, 11, 13, 15, 25, 27, 29))
    ask = an_ask(at(THURSDAY, "09:00", minutes))  # 36 h held
    assert ("volunteer_hours" in codes(ask, a_candidate(employment=Employment.VOLUNTEER, bookings=held))) == refused


def test_a_supervision_owed_comes_first_only_where_it_was_voted() -> None:
    blocks = LIMITS.voted(supervision_blocks=True)
    for due_on, late in ((TODAY, False), (TODAY - DAY, True), (None, False)):
        peer = a_candidate(supervision_due_on=due_on)
        assert codes(an_ask(), peer) == set()
        assert [reason.code for reason in reasons_against(an_ask(), peer, blocks)] == ["supervision"] * late


@pytest.mark.parametrize(("last_day", "refused"), [(THURSDAY - DAY, False), (THURSDAY, True)])
def test_training_days_are_kept_free_to_the_last(last_day: date, refused: bool) -> None:
    week = Spell(MONDAY, last_day + DAY)
    assert ("training" in codes(an_ask(), a_candidate(training=(week,)))) == refused
    from_friday = Spell(FRIDAY, FRIDAY + DAY)
    assert codes(an_ask(), a_candidate(training=(from_friday,))) == set()
    assert codes(an_ask(at(THURSDAY, "23:00", 61)), a_candidate(training=(from_friday,))) == {"training"}


def test_the_distance_asked_is_the_demands_and_holds_to_the_kilometre() -> None:
    km = a_candidate(home=AIX).km_to(MARSEILLE)
    near, far = int(km) + 1, int(km)
    assert codes(an_ask(within_km=near), a_candidate(home=AIX)) == set()
    assert codes(an_ask(within_km=far), a_candidate(home=AIX)) == {"distance_asked"}
    assert codes(an_ask(within_km=1, place=None), a_candidate(home=AIX)) == set()


LEARNS = (Held("wrap_facilitator", date(2026, 1, 1), FRIDAY),)


def test_somebody_learning_takes_a_seat_only_where_one_is_a_learners() -> None:
    learner = a_candidate(qualifications=(), learning=LEARNS)
    assert codes(an_ask(), learner) == {"qualification"}
    assert codes(an_ask(seats=2, free_seats=2, learner_seats=1), learner) == set()
    assert codes(an_ask(at(FRIDAY, "14:00"), seats=2, learner_seats=1), learner) == {"qualification"}
    other = a_candidate(qualifications=(), learning=(Held("trainer", date(2026, 1, 1)),))
    assert codes(an_ask(seats=2, learner_seats=1), other) == {"qualification"}


HOME = {"at_home": True}
WITH_SOMEBODY = ({"seats": 2}, {"with_professional": True}, {"at_home": False})


@pytest.mark.parametrize(
    ("vote", "known_home", "by_two"),
    [
        (HomeVisits.ALL, False, True),
        (HomeVisits.ALL, True, True),
        (HomeVisits.FIRST, False, True),
        (HomeVisits.FIRST, True, False),
        (HomeVisits.AS_WISHED, False, False),
    ],
)
def test_visits_at_home_are_made_by_two_as_it_is_voted(vote: HomeVisits, known_home: bool, by_two: bool) -> None:
    limits = LIMITS.voted(home_visits=vote)
    ask = an_ask(**HOME, known_home=known_home)

    def told(wish: HomeWish, **more: object) -> set[str]:
        return {one.code for one in reasons_against(replace(ask, **more), a_candidate(home_wish=wish), limits)}

    assert told(HomeWish.AS_ALL) == ({"home_by_two"} if by_two else set())
    assert told(HomeWish.ALONE_TOO) == set(), "unless the person says that alone is fine"
    assert told(HomeWish.NEVER_ALONE) == {"home_by_two" if by_two else "choices"}
    for company in WITH_SOMEBODY:
        assert all(told(wish, **company) == set() for wish in HomeWish)


def test_until_a_vote_all_visits_at_home_are_made_by_two() -> None:
    assert Limits.on(figures(), THURSDAY).home_visits is HomeVisits.ALL
    sentence = reasons_against(an_ask(**HOME), a_candidate(), LIMITS)[0].sentence
    assert sentence.msgid == "home visits are made by two"


def test_a_professional_of_the_place_is_what_a_visit_alone_could_bend() -> None:
    found = relaxations(an_ask(**HOME), [a_candidate()], LIMITS, missing=1)
    assert [(one.code, one.gain) for one in found] == [("with_professional", 1)]
