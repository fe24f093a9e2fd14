"""The score and the order: parts that sum up, words for each, and the same list for the same values."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.kernel.errors import Unavailable
from entrepairs.matching.explaining import consider
from entrepairs.matching.pairs import pairs
from entrepairs.matching.scoring import PartKind, Weights, score, total
from entrepairs.matching.values import Candidate
from tests.factories.matching import AIX, LIMITS, THURSDAY, a_candidate, an_ask, work

THEMES = frozenset({"street", "addictions", "work"})


@st.composite
def candidates(draw: st.DrawFn) -> Candidate:
    number = draw(st.integers(1, 10_000))
    return a_candidate(
        id=number,
        ref=f"PAI-{number:05d}",
        first_name=f"Sam{number}",
        wished_hours=draw(st.integers(0, 150)),
        visits=draw(st.integers(0, 9)),
        themes=draw(st.sets(st.sampled_from(sorted(THEMES))).map(frozenset)),
        bookings=tuple(
            work(THURSDAY + timedelta(days=d), "09:00", 60) for d in sorted(draw(st.sets(st.integers(1, 3))))
        ),
    )


def test_the_parts_are_at_most_their_weight_and_sum_to_the_total() -> None:
    weights = Weights()

    @given(candidates())
    def check(candidate: Candidate) -> None:
        parts = score(an_ask(themes=THEMES), candidate, weights)
        assert [part.kind for part in parts] == list(PartKind)
        assert all(0 <= part.points <= weights.of(part.kind) for part in parts)
        assert total(parts) == sum(part.points for part in parts) <= 100

    check()


def test_who_has_fewest_of_the_hours_wished_comes_first() -> None:
    busy = a_candidate(id=1, ref="PAI-1", wished_hours=10, bookings=(work(THURSDAY + timedelta(days=1), "09:00", 480),))
    free = a_candidate(id=2, ref="PAI-2", wished_hours=10)
    answer = consider(an_ask(), [busy, free], LIMITS, Weights())
    assert [each.candidate.id for each in answer.possible] == [2, 1]
    first, second = (each.explanation.parts[0].sentence for each in answer.possible)
    assert first is not None
    assert first.params["hours"] == 10
    assert second is not None
    assert second.params["hours"] == 2


def test_somebody_who_wishes_no_hour_is_not_pushed_and_not_blamed() -> None:
    record = consider(an_ask(), [a_candidate(wished_hours=0)], LIMITS, Weights()).possible[0].explanation
    assert record.points(PartKind.FAIRNESS) == 0
    assert record.parts[0].sentence is not None
    assert record.parts[0].sentence.msgid == "%(name)s has the number of hours wished"


def test_the_bar_of_the_journey_does_not_tell_the_radius_wished() -> None:
    near, far = (score(an_ask(), a_candidate(home=AIX, radius_km=radius), Weights())[2].points for radius in (40, 90))
    assert near == far


def test_themes_count_only_when_the_demand_asks() -> None:
    open_minded = a_candidate(themes=THEMES)
    assert score(an_ask(), open_minded, Weights())[3].points == 0
    assert score(an_ask(themes=THEMES), open_minded, Weights())[3].points == Weights().wishes
    assert score(an_ask(themes=THEMES), a_candidate(), Weights())[3].points == 0


@given(st.lists(candidates(), unique_by=lambda one: one.id, max_size=8), st.randoms(use_true_random=False))
def test_the_same_people_come_in_the_same_order_however_they_are_read(
    crowd: list[Candidate], chance: random.Random
) -> None:
    ask = an_ask(seats=2, free_seats=2)
    once = consider(ask, crowd, LIMITS, Weights())
    chance.shuffle(crowd)
    again = consider(ask, crowd, LIMITS, Weights())
    assert [each.candidate.id for each in once.possible] == [each.candidate.id for each in again.possible]
    assert pairs(ask, once.possible, Weights()) == pairs(ask, again.possible, Weights())


def test_two_who_have_worked_together_come_before_two_who_have_not() -> None:
    crowd = [
        a_candidate(id=1, ref="PAI-1", first_name="Samira", together={3: 3}),
        a_candidate(id=2, ref="PAI-2", first_name="Inès"),
        a_candidate(id=3, ref="PAI-3", first_name="Paul", together={1: 3}),
    ]
    answer = consider(an_ask(seats=2, free_seats=2), crowd, LIMITS, Weights())
    best = pairs(answer.ask, answer.possible, Weights())
    assert len(best) == 3
    assert set(best[0].refs) == {"PAI-1", "PAI-3"}
    assert best[0].groups == 3
    assert all(part.points <= Weights().of(part.kind) for pair in best for part in pair.parts)


def test_a_pair_is_made_only_of_people_who_can_both_come() -> None:
    crowd = [a_candidate(id=1, ref="PAI-1"), a_candidate(id=2, ref="PAI-2", excluded=True)]
    assert pairs(an_ask(), consider(an_ask(), crowd, LIMITS, Weights()).possible, Weights()) == ()


def test_the_weights_voted_make_a_hundred() -> None:
    assert Weights.voted(None) == Weights()
    assert Weights.voted({"fairness": 70, "continuity": 10, "travel": 10, "wishes": 10}).fairness == 70
    for wrong in ({"fairness": 100}, {"fairness": 70, "continuity": 10, "travel": 10, "wishes": 11}):
        with pytest.raises(Unavailable):
            Weights.voted(wrong)
