"""Seven working days for a part-time employee: never a wall, an express agreement."""

from datetime import date, timedelta

import pytest

from entrepairs.kernel.holidays_fr import working_days_between
from entrepairs.matching.explaining import explain
from entrepairs.matching.notice import short_notice
from entrepairs.matching.scoring import Weights
from entrepairs.network.models.peers import Employment
from tests.factories.matching import LIMITS, THURSDAY, TODAY, a_candidate, an_ask, at


def test_working_days_leave_out_week_ends_and_holidays() -> None:
    assert working_days_between(date(2027, 1, 11), date(2027, 1, 21)) == 7
    assert working_days_between(date(2027, 1, 11), date(2027, 1, 20)) == 6
    assert working_days_between(date(2027, 5, 3), date(2027, 5, 7)) == 2  # Tuesday, Wednesday; Thursday is Ascension
    assert working_days_between(date(2027, 1, 11), date(2027, 1, 11)) == 0


@pytest.mark.parametrize(("first", "short"), [(THURSDAY, False), (THURSDAY - timedelta(days=1), True)])
def test_seven_whole_working_days_are_enough_and_six_are_not(first: date, short: bool) -> None:
    ask = an_ask(at(first, "14:00"))
    assert short_notice(ask, a_candidate(), LIMITS) == short
    assert not short_notice(ask, a_candidate(full_time=True), LIMITS)
    for bond in (Employment.VOLUNTEER, Employment.COOPERATOR, Employment.EMPLOYED_ELSEWHERE):
        assert not short_notice(ask, a_candidate(employment=bond), LIMITS)


def test_it_is_said_and_never_prevents() -> None:
    near = explain(an_ask(at(TODAY + timedelta(days=1), "14:00")), a_candidate(), LIMITS, Weights())
    assert near.possible
    assert [note.msgid for note in near.notes] == [
        "less than %(days)s working days ahead: a yes is an express agreement"
    ]
    assert explain(an_ask(), a_candidate(), LIMITS, Weights()).notes == ()
