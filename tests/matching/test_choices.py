"""Excluded place, pause, absence, own limit, radius, papers: one reason for all, and only when nothing else prevents."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.kernel.dates import Period
from entrepairs.matching.explaining import SHARED_REASON, consider, explain
from entrepairs.matching.scoring import Weights
from entrepairs.matching.values import Ask, Paper, Spell
from entrepairs.network.models.peers import ClearanceKind, PairWish
from tests.factories.matching import AIX, LIMITS, TODAY, a_candidate, an_ask, at, codes, work

ASCENSION = date(2027, 5, 6)
"""A Thursday, and a public holiday."""


def ask_of(*sessions: Period) -> Ask:
    """A seat beside somebody who comes already."""
    return an_ask(*(sessions or (at(ASCENSION, "14:00"),)), holders=(99,))


CAUSES: Mapping[str, Mapping[str, Any]] = {
    "excluded": {"excluded": True},
    "paused today": {"pauses": (Spell(TODAY, TODAY + timedelta(days=1)),)},
    "paused then": {"pauses": (Spell(ASCENSION),)},
    "away": {"absences": (at(ASCENSION, "15:59", 60),)},
    "radius": {"radius_km": 10, "home": AIX},
    "own maximum": {"weekly_max_hours": 1},
    "a paper missing": {"papers": tuple(Paper(kind) for kind in list(ClearanceKind)[:2])},
    "a paper too old": {"papers": tuple(Paper(kind, ASCENSION - timedelta(days=1)) for kind in ClearanceKind)},
    "no mission for now": {"asks_missions": False},
    "own monthly maximum": {"monthly_max_hours": 1},
    "a supervision waited for": {"waits_for_supervision": True, "supervision_due_on": TODAY - timedelta(days=1)},
    "only in a pair": {"pair_wish": PairWish.REQUIRED},
    "a colleague refused": {"refused": frozenset({99})},
    "holidays": {"rests_on_holidays": True},
}
ORDINARY_CAUSES: Mapping[str, Mapping[str, Any]] = {
    "qualification": {"qualifications": ()},
    "usual_hours": {"week": ()},
    "team": {"left_on": ASCENSION},
}


@pytest.mark.parametrize("cause", CAUSES)
def test_a_choice_prevents_whatever_it_is(cause: str) -> None:
    assert codes(ask_of(), a_candidate(**CAUSES[cause])) == {"choices"}


def test_the_record_is_the_same_for_each_cause_alone() -> None:
    records = [explain(ask_of(), a_candidate(**terms), LIMITS, Weights()) for terms in CAUSES.values()]
    record = records[0]
    assert all(other == record for other in records)
    assert record.reasons == (SHARED_REASON,)
    assert (record.parts, record.km) == ((), None)


@given(st.sets(st.sampled_from(sorted(CAUSES)), min_size=1))
def test_the_record_is_the_same_for_several_causes_together(causes: set[str]) -> None:
    terms: dict[str, Any] = {}
    for cause in sorted(causes):
        terms |= CAUSES[cause]
    alone = explain(ask_of(), a_candidate(**CAUSES["excluded"]), LIMITS, Weights())
    assert explain(ask_of(), a_candidate(**terms), LIMITS, Weights()) == alone


@given(st.sampled_from(sorted(CAUSES)), st.sampled_from(sorted(ORDINARY_CAUSES)))
def test_when_an_ordinary_rule_fails_too_only_it_is_told(personal: str, ordinary: str) -> None:
    only = explain(ask_of(), a_candidate(**ORDINARY_CAUSES[ordinary]), LIMITS, Weights())
    both = explain(ask_of(), a_candidate(**ORDINARY_CAUSES[ordinary], **CAUSES[personal]), LIMITS, Weights())
    assert both == only
    assert [reason.code for reason in both.reasons] == [ordinary]


def test_the_counts_add_personal_causes_into_one_number_told_last() -> None:
    crowd = [a_candidate(id=n, ref=f"PAI-{n}", **terms) for n, terms in enumerate(CAUSES.values())]
    crowd += [a_candidate(id=100, ref="PAI-100", qualifications=())]
    answer = consider(ask_of(), crowd, LIMITS, Weights())
    assert [(reason.code, count) for reason, count in answer.counts] == [("qualification", 1), ("choices", len(CAUSES))]
    assert [record.peer_ref for record in answer.not_possible] == sorted(c.ref for c in crowd)


@given(st.sampled_from(sorted(CAUSES)), st.integers(1, 4))
def test_lifting_a_choice_is_all_it_takes(cause: str, weeks: int) -> None:
    ask: Ask = ask_of(*(at(ASCENSION + timedelta(weeks=n), "14:00") for n in range(weeks)))
    bent = a_candidate(**CAUSES[cause])
    free = a_candidate(home=bent.home, radius_km=60)
    back = {name: getattr(free, name) for name in CAUSES[cause]}
    assert codes(ask, bent) == {"choices"}
    assert codes(ask, replace(bent, **back)) == set()


ALONE, WITH_A_PROFESSIONAL, TWO = {"seats": 1}, {"seats": 1, "with_professional": True}, {"seats": 2, "free_seats": 2}


@pytest.mark.parametrize(
    ("wish", "possible"),
    [
        (PairWish.EITHER, (True, True, True)),
        (PairWish.PREFERRED, (True, True, True)),
        (PairWish.REQUIRED, (False, True, True)),
        (PairWish.REFUSED, (True, True, False)),
    ],
)
def test_somebody_comes_alone_or_with_somebody_as_they_wish(wish: PairWish, possible: tuple[bool, ...]) -> None:
    shapes = (ALONE, WITH_A_PROFESSIONAL, TWO)
    assert tuple(codes(an_ask(**shape), a_candidate(pair_wish=wish)) == set() for shape in shapes) == possible


def test_a_supervision_in_time_prevents_nothing() -> None:
    for due_on, refused in ((TODAY, set()), (TODAY - timedelta(days=1), {"choices"})):
        assert codes(an_ask(), a_candidate(waits_for_supervision=True, supervision_due_on=due_on)) == refused


@pytest.mark.parametrize(("day", "refused"), [(5, set()), (6, {"choices"}), (7, set())])
def test_a_holiday_is_kept_free_and_not_its_eve_nor_its_morrow(day: int, refused: set[str]) -> None:
    assert codes(an_ask(at(date(2027, 5, day), "14:00")), a_candidate(rests_on_holidays=True)) == refused
    night = an_ask(at(date(2027, 5, 5), "23:00", 61))
    assert codes(night, a_candidate(rests_on_holidays=True)) == {"choices"}


@pytest.mark.parametrize(("most", "refused"), [(7, set()), (6, {"choices"})])
def test_the_own_monthly_maximum_counts_what_is_held_that_month_and_no_other(most: int, refused: set[str]) -> None:
    held = (work(date(2027, 4, 30), "09:00", 540), work(date(2027, 5, 3), "09:00", 270, preparation=30))
    peer = a_candidate(bookings=held, monthly_max_hours=most)  # 5 h held in May, 2 h asked
    assert codes(an_ask(at(ASCENSION, "14:00")), peer) == refused


def test_the_own_maxima_hold_to_the_minute() -> None:
    exactly, beyond = at(ASCENSION, "14:00", 120), at(ASCENSION, "14:00", 121)
    for terms in ({"weekly_max_hours": 2}, {"monthly_max_hours": 2}):
        assert codes(an_ask(exactly), a_candidate(**terms)) == set()
        assert codes(an_ask(beyond), a_candidate(**terms)) == {"choices"}


def test_papers_are_good_to_their_last_day_on_every_date() -> None:
    sessions = (at(ASCENSION, "14:00"), at(ASCENSION + timedelta(weeks=1), "14:00"))
    for last, refused in ((ASCENSION + timedelta(weeks=1), set()), (ASCENSION + timedelta(days=6), {"choices"})):
        papers = tuple(Paper(kind, last) for kind in ClearanceKind)
        assert codes(an_ask(*sessions), a_candidate(papers=papers)) == refused
