"""Geometry of the pictures: weeks, gauge, months, ageing. Pure; templates only write down what is computed here.

No `style` attribute is allowed by the content policy, so a week places its events by classes counted in quarters
of an hour, and charts are SVG coordinates.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from math import cos, pi, sin
from typing import Final, TypeAlias

from flask import Flask

from entrepairs.kernel.clock import PARIS
from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.money import Money
from entrepairs.web.filters import Cents, money, month, short_month

MAX_LANES: Final = 3


@dataclass(frozen=True, slots=True)
class WeekEvent:
    """Something in a week. `tone`: ok (confirmed), prop (proposed), absence, done. `word` says the state in words."""

    title: str
    start: datetime
    end: datetime
    detail: str = ""
    tone: str = "ok"
    word: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class PlacedEvent:
    """An event in its column: quarters from the top, quarters long, its lane among those side by side (from 1)."""

    event: WeekEvent
    top: int
    length: int
    lane: int = 1
    lanes: int = 1


@dataclass(frozen=True, slots=True)
class WeekColumn:
    """One day of the picture."""

    day: date
    is_today: bool
    placed: Sequence[PlacedEvent]


DayGroups: TypeAlias = Sequence[tuple[date, Sequence[WeekEvent]]]


@dataclass(frozen=True, slots=True)
class WeekPicture:
    """What `components/week.html` draws: columns, the hours written at the side, and the list twin."""

    days: Sequence[WeekColumn]
    hours: Sequence[int]
    groups: DayGroups


def week_picture(
    first: date,
    events: Iterable[WeekEvent],
    *,
    days: int = 7,
    start_hour: int = 8,
    end_hour: int = 19,
    today: date | None = None,
) -> WeekPicture:
    """A picture of `days` days from `first` (Paris dates). The hours widen when an event starts before or ends after.

    Events of other days are left out; one that spans midnight is cut at the day's end.
    """
    shown = [first + timedelta(days=n) for n in range(days)]
    kept = sorted((e for e in events if paris_day(e.start) in shown), key=lambda e: (e.start, e.end))
    for event in kept:
        start_hour = min(start_hour, event.start.astimezone(PARIS).hour)
        end_hour = max(end_hour, -(-_minutes_until(event, paris_day(event.start)) // 60))
    columns = [WeekColumn(day, day == today, _place(day, kept, start_hour, end_hour)) for day in shown]
    return WeekPicture(columns, range(start_hour, end_hour), day_groups(kept))


def day_groups(events: Iterable[WeekEvent]) -> DayGroups:
    """Events by Paris day, in order: the list twin of a week."""
    ordered = sorted(events, key=lambda e: (e.start, e.end))
    return [(day, list(group)) for day, group in groupby(ordered, key=lambda e: paris_day(e.start))]


def _place(day: date, events: Sequence[WeekEvent], start_hour: int, end_hour: int) -> list[PlacedEvent]:
    """Quarters from the top for each event of the day; those that overlap share the width."""
    placed: list[PlacedEvent] = []
    cluster: list[tuple[WeekEvent, int, int]] = []
    cluster_end = 0
    for event in (e for e in events if paris_day(e.start) == day):
        wall = event.start.astimezone(PARIS)
        top = (wall.hour - start_hour) * 4 + wall.minute // 15
        bottom = min(-(-(_minutes_until(event, day) - start_hour * 60) // 15), (end_hour - start_hour) * 4)
        length = max(2, bottom - top)
        if cluster and top >= cluster_end:
            placed += _share(cluster)
            cluster, cluster_end = [], 0
        cluster.append((event, top, length))
        cluster_end = max(cluster_end, top + length)
    return placed + _share(cluster)


def _share(cluster: Sequence[tuple[WeekEvent, int, int]]) -> list[PlacedEvent]:
    lanes = min(len(cluster), MAX_LANES)
    return [
        PlacedEvent(event, top, length, index % lanes + 1, lanes) for index, (event, top, length) in enumerate(cluster)
    ]


def _minutes_until(event: WeekEvent, day: date) -> int:
    """Wall minutes from midnight of `day` to the end of the event, at most a day."""
    end = event.end.astimezone(PARIS)
    return end.hour * 60 + end.minute if end.date() == day else 24 * 60


@dataclass(frozen=True, slots=True)
class GaugeShape:
    """SVG paths of a half-circle gauge in a 220 by 128 box; `tick` is (x1, y1, x2, y2)."""

    track: str
    arc: str
    tick: tuple[float, float, float, float] | None


def gauge_shape(percent: float, previous: float | None = None) -> GaugeShape:
    """The arc of `percent` (0 to 100) and the mark of an earlier value."""
    full = _arc(100)
    tick = None
    if previous is not None:
        inner, outer = _on_gauge(previous, 76), _on_gauge(previous, 104)
        tick = (*inner, *outer)
    return GaugeShape(full, _arc(percent) if percent > 0 else "", tick)


def _arc(percent: float) -> str:
    x0, y0 = _on_gauge(0, 90)
    x1, y1 = _on_gauge(percent, 90)
    return f"M{x0},{y0} A90,90 0 0 1 {x1},{y1}"


def _on_gauge(percent: float, radius: float) -> tuple[float, float]:
    angle = pi * (1 - min(max(percent, 0), 100) / 100)
    return round(110 + radius * cos(angle), 1), round(112 - radius * sin(angle), 1)


@dataclass(frozen=True, slots=True)
class MonthMoney:
    """One month of the self-financing picture, in cents or Money."""

    month: date
    own: Cents
    grants: Cents
    costs: Cents


@dataclass(frozen=True, slots=True)
class ChartMark:
    """A horizontal line: its height and what it stands for."""

    y: float
    cents: int


@dataclass(frozen=True, slots=True)
class ChartTick:
    """A month written under the picture."""

    x: float
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class MonthsShape:
    """One drawing of the months: SVG paths, marks and ticks. `costs` is empty when no cost is known."""

    own: str
    grants: str
    costs: str
    marks: Sequence[ChartMark]
    ticks: Sequence[ChartTick]
    width: int
    left: int
    right: int
    height: int = 240


@dataclass(frozen=True, slots=True)
class MonthsChart:
    """What `components/charts.html` draws: the desktop's drawing, the phone's, and the table twin."""

    wide: MonthsShape
    narrow: MonthsShape
    table: Sequence[Sequence[str]]


TOP: Final = 16
BOTTOM: Final = 212
LEFT: Final = 52


def months_chart(rows: Sequence[MonthMoney]) -> MonthsChart:
    """Own revenue and grants stacked, costs as a dashed line. Raises ValueError without a row."""
    if not rows:
        msg = "a chart needs at least one month"
        raise ValueError(msg)
    return MonthsChart(
        wide=_months_shape(rows, width=640, tick_months=frozenset({1, 7})),
        narrow=_months_shape(rows, width=320, tick_months=frozenset({1})),
        table=[(month(r.month), money(r.own), money(r.grants), money(r.costs)) for r in rows],
    )


def _months_shape(rows: Sequence[MonthMoney], *, width: int, tick_months: frozenset[int]) -> MonthsShape:
    own = [max(_cents(row.own), 0) for row in rows]  # a month of credit notes has no area
    stacked = [below + _cents(row.grants) for below, row in zip(own, rows, strict=True)]
    costs = [_cents(row.costs) for row in rows]
    highest = max(*own, *stacked, *costs, 1)
    step = round_step(highest)
    top = step * -(-highest // step)
    xs = _spread(len(rows), LEFT, width - 10)

    def height_of(cents: int) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * cents / top, 1)

    def points(values: Sequence[int]) -> list[str]:
        return [f"{x},{height_of(value)}" for x, value in zip(xs, values, strict=True)]

    return MonthsShape(
        own=_area(points(own), [f"{x},{BOTTOM}" for x in xs]),
        grants=_area(points(stacked), points(own)),
        costs=" ".join(points(costs)) if any(costs) else "",
        marks=[ChartMark(height_of(cents), cents) for cents in range(0, top + 1, step)],
        ticks=_ticks(rows, xs, tick_months),
        width=width,
        left=LEFT,
        right=width - 10,
    )


def _cents(value: Cents) -> int:
    return value.cents if isinstance(value, Money) else value


def round_step(highest: int) -> int:
    """A round distance between marks: 1, 2 or 5 times a power of ten, three to five marks."""
    unit = 100
    while True:
        for factor in (1, 2, 5):
            if highest <= unit * factor * 4:
                return unit * factor
        unit *= 10


def _spread(count: int, left: int, right: int) -> list[float]:
    if count == 1:
        return [float(left)]
    return [round(left + (right - left) * i / (count - 1), 1) for i in range(count)]


def _area(upper: Sequence[str], lower: Sequence[str]) -> str:
    return "M" + " L".join([*upper, *reversed(lower)]) + "Z"


def _ticks(rows: Sequence[MonthMoney], xs: Sequence[float], months: frozenset[int]) -> list[ChartTick]:
    """The months asked for, and the last one; a mark too near the last gives way to it."""
    last = len(rows) - 1
    kept = [i for i, row in enumerate(rows) if row.month.month in months and (last - i >= 3 or i == last)]
    if last not in kept:
        kept.append(last)
    anchors = {0: "start", last: "end"}
    return [
        ChartTick(xs[i], short_month(rows[i].month, year=rows[i].month.month != 7), anchors.get(i, "middle"))
        for i in kept
    ]


@dataclass(frozen=True, slots=True)
class AgeingBar:
    """One bar: its words, its amount and its width in percent of the longest."""

    label: str
    amount: Cents
    percent: float


def ageing_bars(buckets: Sequence[tuple[str, Cents]]) -> list[AgeingBar]:
    """Bars of what remains to be paid by age; the longest fills the width."""
    longest = max((_cents(amount) for _, amount in buckets), default=0)
    return [
        AgeingBar(label, amount, round(100 * max(_cents(amount), 0) / longest, 1) if longest > 0 else 0.0)
        for label, amount in buckets
    ]


def init_pictures(app: Flask) -> None:
    """Give `gauge_shape` to the macros; the other pictures are built by the views."""
    app.jinja_env.globals["gauge_shape"] = gauge_shape


__all__ = [
    "AgeingBar",
    "DayGroups",
    "GaugeShape",
    "MonthMoney",
    "MonthsChart",
    "WeekEvent",
    "WeekPicture",
    "ageing_bars",
    "day_groups",
    "gauge_shape",
    "init_pictures",
    "months_chart",
    "week_picture",
]
