"""Excluded place, pause, absence, own limit, radius, papers: one reason for all, and only when nothing else prevents."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.matching.explaining import SHARED_REASON, consider, explain
from entrepairs.matching.scoring import Weights
from entrepairs.matching.values import Ask, Paper, Spell
from entrepairs.network.models.peers import ClearanceKind
from tests.factories.matching import AIX, LIMITS, THURSDAY, TODAY, a_candidate, an_ask, at, codes

CAUSES: Mapping[str, Mapping[str, Any]] = {
    "excluded": {"excluded": True},
    "paused today": {"pauses": (Spell(TODAY, TODAY + timedelta(days=1)),)},
    "paused then": {"pauses": (Spell(THURSDAY),)},
    "away": {"absences": (at(THURSDAY, "15:59", 60),)},
    "radius": {"radius_km": 10, "home": AIX},
    "own maximum": {"weekly_max_hours": 1},
    "a paper missing": {"papers": tuple(Paper(kind) for kind in list(ClearanceKind)[:2])},
    "a paper too old": {"papers": tuple(Paper(kind, THURSDAY - timedelta(days=1)) for kind in ClearanceKind)},
    "no mission for now": {"asks_missions": False},
}
ORDINARY_CAUSES: Mapping[str, Mapping[str, Any]] = {
    "qualification": {"qualifications": ()},
    "usual_hours": {"week": ()},
    "team": {"left_on": THURSDAY},
}


@pytest.mark.parametrize("cause", CAUSES)
def test_a_choice_prevents_whatever_it_is(cause: str) -> None:
    assert codes(an_ask(), a_candidate(**CAUSES[cause])) == {"choices"}


def test_the_record_is_the_same_for_each_cause_alone() -> None:
    records = [explain(an_ask(), a_candidate(**terms), LIMITS, Weights()) for terms in CAUSES.values()]
    record = records[0]
    assert all(other == record for other in records)
    assert record.reasons == (SHARED_REASON,)
    assert (record.parts, record.km) == ((), None)


@given(st.sets(st.sampled_from(sorted(CAUSES)), min_size=1))
def test_the_record_is_the_same_for_several_causes_together(causes: set[str]) -> None:
    terms: dict[str, Any] = {}
    for cause in sorted(causes):
        terms |= CAUSES[cause]
    alone = explain(an_ask(), a_candidate(**CAUSES["excluded"]), LIMITS, Weights())
    assert explain(an_ask(), a_candidate(**terms), LIMITS, Weights()) == alone


@given(st.sampled_from(sorted(CAUSES)), st.sampled_from(sorted(ORDINARY_CAUSES)))
def test_when_an_ordinary_rule_fails_too_only_it_is_told(personal: str, ordinary: str) -> None:
    only = explain(an_ask(), a_candidate(**ORDINARY_CAUSES[ordinary]), LIMITS, Weights())
    both = explain(an_ask(), a_candidate(**ORDINARY_CAUSES[ordinary], **CAUSES[personal]), LIMITS, Weights())
    assert both == only
    assert [reason.code for reason in both.reasons] == [ordinary]


def test_the_counts_add_personal_causes_into_one_number_told_last() -> None:
    crowd = [a_candidate(id=n, ref=f"PAI-{n}", **terms) for n, terms in enumerate(CAUSES.values())]
    crowd += [a_candidate(id=100, ref="PAI-100", qualifications=())]
    answer = consider(an_ask(), crowd, LIMITS, Weights())
    assert [(reason.code, count) for reason, count in answer.counts] == [("qualification", 1), ("choices", len(CAUSES))]
    assert [record.peer_ref for record in answer.not_possible] == sorted(c.ref for c in crowd)


@given(st.sampled_from(sorted(CAUSES)), st.integers(1, 4))
def test_lifting_a_choice_is_all_it_takes(cause: str, weeks: int) -> None:
    ask: Ask = an_ask(*(at(THURSDAY + timedelta(weeks=n), "14:00") for n in range(weeks)))
    bent = a_candidate(**CAUSES[cause])
    free = a_candidate(home=bent.home, radius_km=60)
    back = {name: getattr(free, name) for name in CAUSES[cause]}
    assert codes(ask, bent) == {"choices"}
    assert codes(ask, replace(bent, **back)) == set()
