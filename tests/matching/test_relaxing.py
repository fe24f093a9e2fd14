"""What the demand could bend: what helps, for how many, and never a word of what people chose."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.kernel.dates import at_paris
from entrepairs.matching.explaining import reasons_against
from entrepairs.matching.relaxing import changes, relaxations
from entrepairs.matching.values import Ask, Candidate, Paper, Spell
from entrepairs.network.models.peers import ClearanceKind, PairWish
from entrepairs.network.rules import Held, WeeklySlot
from tests.factories.matching import AIX, LIMITS, THURSDAY, TODAY, a_candidate, an_ask, at, work

FRIDAY = THURSDAY + timedelta(days=1)


def gains(ask: Ask, *pool: Candidate, missing: int = 1) -> dict[str, int]:
    return {one.code: one.gain for one in relaxations(ask, pool, LIMITS, missing=missing, most=100)}


def free(weekday: int, starts: str, ends: str, **given: Any) -> Candidate:
    slot = WeeklySlot(weekday, time.fromisoformat(starts), time.fromisoformat(ends))
    return a_candidate(week=(slot,), **given)


def test_an_hour_helps_who_is_free_an_hour_away_and_nobody_else() -> None:
    ask = an_ask(at(THURSDAY, "14:00"))
    assert gains(ask, free(3, "13:00", "15:00")) == {"earlier_1": 1}
    assert gains(ask, free(3, "15:00", "17:00")) == {"later_1": 1}
    assert gains(ask, free(3, "16:00", "18:00")) == {"later_2": 1}
    assert gains(ask, free(3, "13:01", "15:00")) == {}
    assert gains(ask, free(3, "16:01", "18:01")) == {}


def test_another_day_of_the_week_is_tried_with_the_same_hours() -> None:
    ask = an_ask(*(at(THURSDAY + timedelta(weeks=n), "14:00") for n in range(3)))
    assert gains(ask, free(1, "14:00", "16:00")) == {"weekday_1": 1}
    assert gains(ask, free(5, "14:00", "16:00")) == {}  # Saturday is not proposed to a demand of weekdays


def test_a_week_later_helps_who_comes_out_of_a_week_of_training() -> None:
    peer = a_candidate(training=(Spell(THURSDAY, THURSDAY + timedelta(days=7)),))
    found = gains(an_ask(at(THURSDAY, "14:00")), peer)
    assert {code: gain for code, gain in found.items() if code.startswith("week_")} == {"week_1": 1, "week_2": 1}


def test_one_date_in_the_way_of_many_is_told() -> None:
    sessions = [at(THURSDAY + timedelta(weeks=n), "14:00") for n in range(4)]
    peer = a_candidate(bookings=(work(THURSDAY + timedelta(weeks=2), "13:00", 180),))
    others = {"date_02": 1, "weekday_0": 1, "weekday_1": 1, "weekday_2": 1, "weekday_4": 1, "later_2": 1}
    assert gains(an_ask(*sessions), peer) == others


def test_a_distance_a_language_and_a_second_that_can_be_done_without() -> None:
    far = a_candidate(home=AIX, radius_km=300)
    assert gains(an_ask(within_km=10), far) == {
        "within_040": 1, "within_060": 1, "within_080": 1, "within_120": 1, "anywhere": 1
    }  # fmt: skip
    assert gains(an_ask(language="lsf"), far) == {"language": 1}
    ask = an_ask(seats=2, free_seats=2, second_optional=True)
    alone = relaxations(ask, [far], LIMITS, missing=1)
    assert [(one.code, one.gain, one.fewer) for one in alone] == [("alone", 0, 1)]
    assert relaxations(replace(ask, second_optional=False), [far], LIMITS, missing=1) == ()


def test_an_emergency_is_not_moved_to_another_day_and_nothing_is_moved_into_the_past() -> None:
    today = an_ask(at(TODAY, "14:00"), call_out=True)
    assert {change.code for change in changes(today)} == {"later_1", "later_2"}
    tomorrow = an_ask(at(TODAY + timedelta(days=1), "14:00"))  # a Tuesday: Monday is today
    assert "weekday_0" not in {change.code for change in changes(tomorrow)}
    assert "weekday_2" in {change.code for change in changes(tomorrow)}


def test_hours_do_not_slip_into_another_day_and_keep_the_wall_across_a_change_of_hour() -> None:
    late = an_ask(at(THURSDAY, "22:30", 60))
    assert {change.code for change in changes(late) if change.code.startswith("later")} == {"later_1"}
    sunday = an_ask(at(date(2027, 3, 21), "14:00"))
    moved = next(change for change in changes(sunday) if change.code == "week_1")
    assert moved.ask.sessions[0].start == at_paris(date(2027, 3, 28), time(14))


def test_what_is_enough_comes_first_then_what_is_nearest() -> None:
    crowd = [free(3, "13:00", "15:00", id=1, ref="PAI-1")]
    crowd += [free(1, "14:00", "16:00", id=n, ref=f"PAI-{n}") for n in (2, 3)]
    ask = an_ask(at(THURSDAY, "14:00"))
    assert [one.code for one in relaxations(ask, crowd, LIMITS, missing=2)] == ["weekday_1", "earlier_1"]
    assert [one.code for one in relaxations(ask, crowd, LIMITS, missing=1)] == ["earlier_1", "weekday_1"]


PERSONAL: Mapping[str, Any] = {
    "excluded": True,
    "pauses": (Spell(TODAY),),
    "absences": (at(FRIDAY, "00:00", 1440),),
    "radius_km": 0,
    "weekly_max_hours": 1,
    "monthly_max_hours": 1,
    "rests_on_holidays": True,
    "waits_for_supervision": True,
    "pair_wish": PairWish.REFUSED,
    "refused": frozenset({9}),
    "papers": tuple(Paper(kind, TODAY) for kind in ClearanceKind),
    "asks_missions": False,
}
ORDINARY_TERMS = st.fixed_dictionaries(
    {},
    optional={
        "week": st.sampled_from([(), (WeeklySlot(3, time(13), time(15)),), (WeeklySlot(4, time(9), time(20)),)]),
        "qualifications": st.sampled_from([(), (Held("wrap_facilitator", date(2026, 1, 1), FRIDAY),)]),
        "bookings": st.sampled_from([(), (work(THURSDAY, "13:00", 120),), (work(THURSDAY, "20:00", 180),)]),
        "home": st.just(AIX),
        "languages": st.just(frozenset({"fr", "lsf"})),
        "supervision_due_on": st.just(TODAY - timedelta(days=1)),
    },
)


@given(st.lists(st.tuples(ORDINARY_TERMS, st.sets(st.sampled_from(sorted(PERSONAL)))), max_size=6), st.booleans())
def test_nothing_that_anybody_chose_changes_what_is_told(
    crowd: list[tuple[dict[str, Any], set[str]]], asks_more: bool
) -> None:
    more = {"within_km": 20, "language": "lsf", "second_optional": True} if asks_more else {}
    ask = an_ask(at(THURSDAY, "14:00"), at(FRIDAY, "14:00"), seats=2, free_seats=1, holders=(9,), **more)
    plain = [a_candidate(id=n, ref=f"PAI-{n}", **terms) for n, (terms, _chosen) in enumerate(crowd, 10)]
    chosen = [
        replace(peer, **{name: PERSONAL[name] for name in sorted(names)})
        for peer, (_terms, names) in zip(plain, crowd, strict=True)
    ]
    assert relaxations(ask, plain, LIMITS, missing=1) == relaxations(ask, chosen, LIMITS, missing=1)


@pytest.mark.parametrize("chosen", PERSONAL)
def test_somebody_held_back_by_a_choice_alone_is_in_no_count(chosen: str) -> None:
    ask = an_ask(seats=2, free_seats=1, holders=(9,))
    peer = a_candidate(**{chosen: PERSONAL[chosen]})
    reasons = {reason.code for reason in reasons_against(ask, peer, LIMITS)}
    assert reasons <= {"choices"}
    assert gains(ask, peer) == {}
