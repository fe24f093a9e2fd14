"""Where hours are drawn: months, dots, nothing out of the picture."""

import re

from hypothesis import given
from hypothesis import strategies as st

from entrepairs.web.hour_pictures import (
    DOTS_BASE,
    DOTS_HEIGHT,
    STRIP_BASE,
    TOP,
    dots_picture,
    hours_picture,
)
from tests.factories.fairness import a_share

WORDS = ["rien", "moitié", "souhait", "plus", "double"]


def test_hours_promised_stand_on_hours_done_and_the_wish_crosses_them() -> None:
    shape = hours_picture(a_share([40, 20, 10], soon=[10])).wide
    assert len(shape.bars) == 15
    december, january = shape.bars[11], shape.bars[12]
    assert (december.done_height, december.promised_height) == (round((STRIP_BASE - TOP) / 4, 1), 0)
    assert (january.done_height, january.promised_y + january.promised_height) == (0, STRIP_BASE)
    assert shape.wish_y == TOP
    assert [mark.hours for mark in shape.marks] == [0, 10, 20, 30, 40]
    assert shape.bars[11].x < shape.now_x < shape.bars[12].x


def test_nothing_wished_draws_no_wish_and_nothing_done_draws_no_bar() -> None:
    shape = hours_picture(a_share(wished=0)).narrow
    assert shape.wish_y is None
    assert not any(bar.done_height or bar.promised_height for bar in shape.bars)


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"M([\d.]+),([\d.-]+)h0", path)]


@given(st.lists(st.integers(0, 900), max_size=200).map(sorted), st.integers(1, 100))
def test_every_person_has_one_dot_inside_the_picture(percents: list[int], below: int) -> None:
    for shape in (dots_picture(percents, below, WORDS).wide, dots_picture(percents, below, WORDS).narrow):
        under, others = points(shape.below), points(shape.others)
        assert len(under) == sum(1 for one in percents if one < below)
        assert len(under) + len(others) == len(percents)
        assert all(0 <= x <= shape.width and 0 < y < DOTS_BASE for x, y in under + others)
        assert len(set(under + others)) == len(percents), "no dot hides another"


def test_a_thousand_people_stay_light_and_readable() -> None:
    picture = dots_picture([n % 250 for n in range(1000)], 50, WORDS)
    for shape in (picture.wide, picture.narrow):
        dots = points(shape.below) + points(shape.others)
        assert min(y for _, y in dots) >= DOTS_BASE - DOTS_HEIGHT
        assert shape.thickness >= 2
        assert len(shape.below) + len(shape.others) < 16_000
