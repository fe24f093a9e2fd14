"""Why nobody came: the first ordinary rule that binds; of choices, nothing that could be traced to somebody."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from entrepairs.fairness.reasons import CHOICES, FEW, NO_TAKER, Found, look_into, missing
from entrepairs.kernel.dates import Period
from entrepairs.matching.values import Candidate, Place, Spell
from entrepairs.network.rules import WeeklySlot
from tests.factories.matching import LIMITS, THURSDAY, a_candidate, an_ask, at, work

FEWEST = 5


def a_team(count: int, **given) -> list[Candidate]:
    return [a_candidate(id=n, ref=f"PAI-TEST-{n:04d}", **given) for n in range(1, count + 1)]


def found(pool: list[Candidate], **ask) -> Found:
    return look_into(an_ask(**ask), pool, LIMITS, FEWEST)


PERSONAL = {
    "excluded": {"excluded": True},
    "pause": {"pauses": (Spell(date(2027, 1, 1)),)},
    "absence": {"absences": (Period(at(THURSDAY, "08:00").start, at(THURSDAY, "20:00").end),)},
    "radius": {"home": Place(43.70313, 7.26608), "radius_km": 30},
    "own maximum": {"weekly_max_hours": 1},
    "papers": {"papers": ()},
    "no missions": {"asks_missions": False},
}
"""Each choice or rhythm alone."""


def test_the_first_rule_that_leaves_too_few_is_told() -> None:
    evenings = (WeeklySlot(3, time(18), time(22)),)
    assert found([]) == Found("team", 0)
    assert found(a_team(6, qualifications=())) == Found("qualification", 0)
    assert found(a_team(6, week=evenings)) == Found("usual_hours", 0)
    assert found(a_team(6, bookings=(work(THURSDAY, "14:00"),))) == Found("taken", 0)
    mixed = [*a_team(6, qualifications=()), a_candidate(id=20), a_candidate(id=21, week=evenings)]
    assert found(mixed, seats=2) == Found("usual_hours", 1), "two were qualified, one of them was free"


def test_somebody_who_comes_already_leaves_one_fewer_to_find() -> None:
    ask = an_ask(seats=2, holders=(1,))
    assert missing(ask) == 1
    assert look_into(ask, a_team(1), LIMITS, FEWEST) == Found("team", 0)


def test_with_enough_people_left_choices_and_no_taker_are_told_apart() -> None:
    assert found(a_team(FEWEST)) == Found(NO_TAKER, FEWEST)
    assert found(a_team(FEWEST, excluded=True)) == Found(CHOICES, FEWEST)


@pytest.mark.parametrize("cause", PERSONAL)
@pytest.mark.parametrize("count", range(1, FEWEST))
def test_with_few_people_left_a_choice_is_told_like_no_choice_at_all(cause: str, count: int) -> None:
    with_choice = found([*a_team(count - 1), a_candidate(id=99, **PERSONAL[cause])])
    without = found(a_team(count))
    assert with_choice == without == Found(FEW, count)


@pytest.mark.parametrize("cause", PERSONAL)
def test_every_choice_is_told_in_the_same_word(cause: str) -> None:
    assert found(a_team(FEWEST + 1, **PERSONAL[cause])) == Found(CHOICES, FEWEST + 1)


def test_an_ordinary_reason_hides_every_choice() -> None:
    team = a_team(8, qualifications=())
    for terms in PERSONAL.values():
        assert found([replace(one, **terms) for one in team]) == found(team)


def test_demands_of_the_night_after_count_their_own_rest() -> None:
    late = a_team(6, bookings=(work(THURSDAY - timedelta(days=1), "21:00", 180),))
    assert found(late, sessions=(at(THURSDAY, "08:00"),)).why == "daily_rest"
