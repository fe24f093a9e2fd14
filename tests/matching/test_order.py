"""The score and the order: parts that sum up, words for each, and the same list for the same values."""

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.kernel.errors import Unavailable
from entrepairs.matching.explaining import consider
from entrepairs.matching.pairs import every_pair, kept_apart, pairs
from entrepairs.matching.scoring import PartKind, Weights, score, total
from entrepairs.matching.values import Candidate, Place
from entrepairs.network.models.peers import PairWish
from entrepairs.network.rules import Held
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
    best = every_pair(answer.ask, answer.possible, Weights())
    assert len(best) == 3
    assert pairs(answer.ask, answer.possible, Weights()) == best[:1]
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
    old = Weights.voted({"fairness": 70, "continuity": 10, "travel": 10, "wishes": 10})
    assert old.learning == 0
    assert Weights.voted({"fairness": 60, "continuity": 10, "travel": 10, "wishes": 10, "learning": 10}).learning == 10


def points(candidate: Candidate, kind: PartKind, **ask: Any) -> int:
    return next(part.points for part in score(an_ask(**ask), candidate, Weights()) if part.kind is kind)


def test_continuity_is_the_place_and_half_the_colleague_once_somebody_comes() -> None:
    weight, coming = Weights().continuity, {"seats": 2, "free_seats": 1, "holders": (9,)}
    assert points(a_candidate(visits=3), PartKind.CONTINUITY) == weight
    assert points(a_candidate(visits=3), PartKind.CONTINUITY, **coming) == weight // 2
    assert points(a_candidate(together={9: 3}), PartKind.CONTINUITY, **coming) == weight // 2
    assert points(a_candidate(together={8: 3}), PartKind.CONTINUITY, **coming) == 0
    assert points(a_candidate(visits=5, together={9: 4}), PartKind.CONTINUITY, **coming) == weight


def test_who_likes_to_be_two_is_served_and_who_only_comes_so_cannot_be_told_apart() -> None:
    liking, only, any_way = (
        a_candidate(pair_wish=wish) for wish in (PairWish.PREFERRED, PairWish.REQUIRED, PairWish.EITHER)
    )
    for shape in ({"seats": 2, "free_seats": 2}, {"with_professional": True}):
        assert score(an_ask(**shape), liking, Weights()) == score(an_ask(**shape), only, Weights())
        assert points(liking, PartKind.WISHES, **shape) == Weights().wishes // 2
        assert points(any_way, PartKind.WISHES, **shape) == 0
    assert points(liking, PartKind.WISHES) == 0


WRAP = Held("wrap_facilitator", date(2026, 1, 1))


def test_somebody_learns_beside_a_colleague_and_a_pair_of_learners_is_no_pair() -> None:
    lead = a_candidate(id=1, ref="PAI-1")
    learner, other = (
        a_candidate(id=n, ref=f"PAI-{n}", first_name=f"Sam{n}", qualifications=(), learning=(WRAP,)) for n in (2, 3)
    )
    open_seats = {"seats": 2, "free_seats": 2, "learner_seats": 1}
    assert points(learner, PartKind.LEARNING, **open_seats) == Weights().learning
    assert points(lead, PartKind.LEARNING, **open_seats) == 0
    assert points(lead, PartKind.LEARNING, seats=2, holders=(2,), learners_here=1) == Weights().learning
    ask = an_ask(**open_seats)
    made = every_pair(ask, consider(ask, [lead, learner, other], LIMITS, Weights()).possible, Weights())
    assert {pair.refs for pair in made} == {("PAI-2", "PAI-1"), ("PAI-3", "PAI-1")}
    assert [pair.parts[-1].points for pair in made] == [Weights().learning] * 2
    assert made[0].parts[-1].sentence is not None


def test_two_who_know_each_other_are_a_pair_however_far_down_the_list() -> None:
    crowd = [a_candidate(id=n, ref=f"PAI-{n:03d}") for n in range(1, 60)]
    far = Place(43.9, 6.4)
    crowd += [
        a_candidate(id=90, ref="PAI-090", home=far, radius_km=300, together={91: 3}),
        a_candidate(id=91, ref="PAI-091", home=far, radius_km=300, together={90: 3}),
    ]
    ask = an_ask(seats=2, free_seats=2)
    made = every_pair(ask, consider(ask, crowd, LIMITS, Weights()).possible, Weights())
    assert ("PAI-090", "PAI-091") in {pair.refs for pair in made}
    assert len(made) == 40 * 39 // 2 + 1


@given(st.integers(2, 9), st.sets(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=12))
def test_nobody_is_shown_with_everybody_else_so_a_pair_not_shown_is_no_news(
    people: int, refusals: set[tuple[int, int]]
) -> None:
    apart = {frozenset(two) for two in refusals if two[0] != two[1]}
    crowd = [
        a_candidate(
            id=n, ref=f"PAI-{n}", refused=frozenset(other for two in apart if n in two for other in two if other != n)
        )
        for n in range(1, people + 1)
    ]
    ask = an_ask(seats=2, free_seats=2)
    answer = kept_apart(consider(ask, crowd, LIMITS, Weights()))
    made = pairs(ask, answer.possible, Weights())
    shown = {frozenset(pair.refs) for pair in made}
    assert not any(frozenset(int(ref[4:]) for ref in two) in apart for two in shown)
    if len(answer.possible) > 2:
        most = len(answer.possible) - 2
        assert all(sum(each.candidate.ref in two for two in shown) <= most for each in answer.possible)
    # Two who can come and go together are shown; two who do not are told as any other choice.
    if people == 2:
        assert len(answer.possible) == (0 if apart & {frozenset((1, 2))} else 2) == 2 * len(made)


def test_who_goes_with_none_of_a_few_is_told_as_any_other_choice() -> None:
    ask = an_ask(seats=2, free_seats=2)
    one, two = (a_candidate(id=n, ref=f"PAI-{n}", refused=frozenset({3 - n})) for n in (1, 2))
    chosen = [replace(each, refused=frozenset(), excluded=True) for each in (one, two)]
    refused = kept_apart(consider(ask, [one, two], LIMITS, Weights()))
    assert refused == kept_apart(consider(ask, chosen, LIMITS, Weights()))
    third = a_candidate(id=3, ref="PAI-3")
    still = kept_apart(consider(ask, [one, two, third], LIMITS, Weights()))
    assert len(still.possible) == 3
    one_seat = replace(ask, free_seats=1)
    assert len(kept_apart(consider(one_seat, [one, two], LIMITS, Weights())).possible) == 2


def test_where_one_may_come_alone_the_first_of_two_who_refused_each_other_still_may() -> None:
    ask = an_ask(seats=2, free_seats=2, second_optional=True)
    one, two = (a_candidate(id=n, ref=f"PAI-{n}", refused=frozenset({3 - n})) for n in (1, 2))
    free, excluded = replace(one, refused=frozenset()), replace(two, refused=frozenset(), excluded=True)
    refused = kept_apart(consider(ask, [one, two], LIMITS, Weights()))
    assert [record.candidate.ref for record in refused.possible] == ["PAI-1"]
    told = kept_apart(consider(ask, [free, excluded], LIMITS, Weights()))
    assert refused.not_possible == told.not_possible
    assert refused.counts == told.counts
