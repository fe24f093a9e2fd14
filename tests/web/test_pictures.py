"""Weeks, gauge and charts: where things are drawn."""

import re
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.kernel.dates import at_paris
from entrepairs.kernel.money import Money
from entrepairs.web.pictures import (
    BOTTOM,
    MonthMoney,
    WeekEvent,
    ageing_bars,
    day_groups,
    gauge_shape,
    months_chart,
    week_picture,
)

MONDAY = date(2027, 1, 11)


def event(start: time, end: time, *, day: date = MONDAY, title: str = "Groupe") -> WeekEvent:
    last = day if end > start else day + timedelta(days=1)
    return WeekEvent(title, at_paris(day, start), at_paris(last, end))


def test_an_event_stands_at_its_hour_and_for_its_length() -> None:
    picture = week_picture(MONDAY, [event(time(14), time(16))], start_hour=8)
    placed = picture.days[0].placed[0]
    assert (placed.top, placed.length, placed.lanes) == (24, 8, 1)


def test_two_events_at_the_same_hour_share_the_width_and_the_next_does_not() -> None:
    events = [event(time(10), time(12)), event(time(11), time(13)), event(time(14), time(15))]
    placed = week_picture(MONDAY, events).days[0].placed
    assert [(p.lane, p.lanes) for p in placed] == [(1, 2), (2, 2), (1, 1)]


def test_the_hours_widen_for_an_early_or_a_late_event() -> None:
    picture = week_picture(MONDAY, [event(time(6, 30), time(8)), event(time(20), time(22, 15))])
    assert (min(picture.hours), max(picture.hours)) == (6, 22)


def test_events_of_other_weeks_are_left_out() -> None:
    picture = week_picture(MONDAY, [event(time(9), time(10), day=MONDAY + timedelta(days=7))])
    assert not any(column.placed for column in picture.days)
    assert picture.groups == []


def test_the_week_of_the_spring_change_keeps_wall_hours() -> None:
    sunday = date(2027, 3, 28)
    picture = week_picture(date(2027, 3, 22), [event(time(10), time(12), day=sunday)])
    placed = picture.days[6].placed[0]
    assert (placed.top, placed.length) == (8, 8)


@given(
    st.lists(
        st.tuples(st.integers(0, 95), st.integers(1, 95), st.integers(0, 6)).map(
            lambda t: event(
                time(t[0] // 4, t[0] % 4 * 15),
                time((t[0] + t[1]) % 96 // 4, (t[0] + t[1]) % 4 * 15),
                day=MONDAY + timedelta(days=t[2]),
            )
        ),
        max_size=12,
    )
)
def test_every_event_finds_its_class_whatever_its_hours(events: list[WeekEvent]) -> None:
    picture = week_picture(MONDAY, events)
    placed = [item for column in picture.days for item in column.placed]
    assert len(placed) == len(events)
    for item in placed:
        assert 0 <= item.top <= 95
        assert 2 <= item.length <= 96
        assert 1 <= item.lane <= item.lanes <= 3


def test_the_list_twin_groups_by_day_in_order() -> None:
    late, early = event(time(15), time(16), title="b"), event(time(9), time(10), title="a")
    assert [(day, [e.title for e in group]) for day, group in day_groups([late, early])] == [(MONDAY, ["a", "b"])]


def test_the_gauge_goes_from_left_to_right() -> None:
    assert gauge_shape(0).arc == ""
    assert gauge_shape(100).arc == gauge_shape(50).track
    assert gauge_shape(50).arc.endswith("110.0,22.0")
    assert gauge_shape(57, 42).tick is not None


def test_the_chart_stacks_and_keeps_its_table() -> None:
    rows = [MonthMoney(date(2026, n, 1), Money(10_000 * n), Money(50_000), Money(60_000)) for n in range(1, 13)]
    chart = months_chart(rows)
    assert len(chart.table) == 12
    assert chart.wide.marks[-1].cents >= 170_000
    assert chart.wide.ticks[-1].anchor == "end"
    assert [tick.label for tick in chart.narrow.ticks] == ["janv. 26", "déc. 26"]


def test_a_chart_of_nothing_is_refused_and_of_zeros_is_drawn() -> None:
    with pytest.raises(ValueError, match="at least one month"):
        months_chart([])
    assert months_chart([MonthMoney(MONDAY, 0, 0, 0)]).wide.marks[0].cents == 0


def test_the_longest_bar_fills_the_width() -> None:
    bars = ageing_bars([("a", Money(200)), ("b", Money(50)), ("c", Money(0))])
    assert [bar.percent for bar in bars] == [100.0, 25.0, 0.0]
    assert [bar.percent for bar in ageing_bars([("a", 0)])] == [0.0]


def test_without_any_known_cost_no_line_of_costs_is_drawn_and_credit_notes_dig_no_hole() -> None:
    rows = [MonthMoney(date(2026, month, 1), Money(own), Money(100), Money(0)) for month, own in ((1, -500), (2, 300))]
    shape = months_chart(rows).wide
    assert shape.costs == ""
    assert max(float(y) for y in re.findall(r",([\d.]+)", shape.own)) == BOTTOM
