"""Everybody around their wish, without a name."""

from hypothesis import given
from hypothesis import strategies as st

from entrepairs.fairness.spread import LAST, Spread, spread
from tests.factories.fairness import a_share


def test_people_are_counted_around_their_wish_and_the_others_apart() -> None:
    shares = [a_share([h] * 3) for h in (0, 19, 20, 40, 48, 100)] + [a_share([0] * 3, wished=0)]
    found = spread(shares, 3)
    assert found.percents == (0, 47, 50, 100, 120, 250)
    assert (found.people, found.apart, found.below(50), found.near) == (6, 1, 2, 2)


def test_an_empty_team_has_an_empty_spread() -> None:
    assert spread([], 3) == Spread(())
    assert all(band.people == 0 for band in spread([], 3).bands)


@given(st.lists(st.integers(0, 1000)))
def test_every_person_is_in_one_band(percents: list[int]) -> None:
    bands = Spread(tuple(sorted(percents))).bands
    assert sum(band.people for band in bands) == len(percents)
    assert [band.since for band in bands] == sorted(band.since for band in bands)
    assert bands[-1].since == LAST
    assert bands[-1].until is None
