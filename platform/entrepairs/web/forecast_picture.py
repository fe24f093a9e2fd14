"""Geometry of the cash forecast: stacked bars by week, then by month. Pure; the template only writes it down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from entrepairs.billing.dunning.forecast import Forecast, Source, Span
from entrepairs.kernel.money import Money
from entrepairs.web.filters import short_month
from entrepairs.web.pictures import BOTTOM, LEFT, TOP, ChartMark, round_step

CLASSES: Final = {
    Source.INVOICES: "chart-own",
    Source.DONE: "chart-done",
    Source.PLANNED: "chart-planned",
    Source.GRANTS: "chart-grants",
}
GAP: Final = 0.28
"""Of a bar's width, left between two."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A rectangle of a bar, of one source."""

    tone: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A word under a bar."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class ForecastShape:
    """One drawing: rectangles, marks at the side, words below; `split` is where the weeks end."""

    pieces: Sequence[Piece]
    marks: Sequence[ChartMark]
    ticks: Sequence[Tick]
    split: float
    width: int
    left: int
    right: int
    height: int = 240


def forecast_shapes(found: Forecast) -> tuple[ForecastShape, ForecastShape]:
    """The desktop's drawing and the phone's."""
    return _shape(found.spans, 640, every=2), _shape(found.spans, 320, every=4)


def _shape(spans: Sequence[Span], width: int, *, every: int) -> ForecastShape:
    highest = max(max((one.total.cents for one in spans), default=0), 1)
    step = round_step(highest)
    top = step * -(-highest // step)
    right = width - 10
    slot = (right - LEFT) / len(spans)
    pieces = [piece for place, one in enumerate(spans) for piece in _bar(one, LEFT + slot * place, slot, top)]
    return ForecastShape(
        pieces=pieces,
        marks=[ChartMark(_height(cents, top), cents) for cents in range(0, top + 1, step)],
        ticks=[
            Tick(round(LEFT + slot * (place + 0.5), 1), _label(one))
            for place, one in enumerate(spans)
            if (place % every == 0 if one.weekly else width > 400 or place == len(spans) - 1)
        ],
        split=round(LEFT + slot * sum(1 for one in spans if one.weekly), 1),
        width=width,
        left=LEFT,
        right=right,
    )


def _bar(one: Span, x: float, slot: float, top: int) -> list[Piece]:
    found, below = [], Money(0)
    for source, amount in one.sums:
        if amount.cents > 0:
            upper = _height((below + amount).cents, top)
            height = round(_height(below.cents, top) - upper, 1)
            found.append(
                Piece(CLASSES[source], round(x + slot * GAP / 2, 1), upper, round(slot * (1 - GAP), 1), height)
            )
            below += amount
    return found


def _height(cents: int, top: int) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * cents / top, 1)


def _label(one: Span) -> str:
    return f"{one.first.day}/{one.first.month}" if one.weekly else short_month(one.last, year=False)
