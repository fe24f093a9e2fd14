"""Geometry of hours: a strip of months with the wish across it, a dot for each person around the wish. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from entrepairs.fairness.hours import MONTHS_BACK, Share
from entrepairs.web.filters import short_month

TOP: Final = 14
LEFT: Final = 40
STRIP_BASE: Final = 150
DOTS_BASE: Final = 150
DOTS_HEIGHT: Final = 126
MOST_PERCENT: Final = 200
SIZES: Final = (12.0, 10.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.5, 3.0, 2.5, 2.0)
"""Diameters tried, the largest that fits."""
INK: Final = 0.84
"""Part of its place a dot fills."""


@dataclass(frozen=True, slots=True)
class MonthBar:
    """A month: where its bar stands, how high what is done and what is promised above it, in units of the box."""

    x: float
    width: float
    done_y: float
    done_height: float
    promised_y: float
    promised_height: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across the picture, and the hours it stands for."""

    y: float
    hours: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A word under the picture."""

    x: float
    label: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class StripShape:
    """One drawing of the months. `wish_y` None: nothing is wished. `now_x`: where the months to come begin."""

    width: int
    height: int
    left: int
    bars: Sequence[MonthBar]
    marks: Sequence[Mark]
    ticks: Sequence[Tick]
    wish_y: float | None
    now_x: float


@dataclass(frozen=True, slots=True)
class HoursPicture:
    """What `components/hours.html` draws: the desktop's drawing and the phone's, the latter with fewer words."""

    wide: StripShape
    narrow: StripShape


def hours_picture(share: Share) -> HoursPicture:
    """The months of a share."""
    return HoursPicture(_strip(share, 640, every=2), _strip(share, 320, every=5))


def _strip(share: Share, width: int, *, every: int) -> StripShape:
    highest = max(share.wished, *(month.total for month in share.months), 60)
    step = _step(-(-highest // 60))
    top = step * 60 * -(-highest // (step * 60))
    room = (width - LEFT - 8) / len(share.months)

    def height(minutes: int) -> float:
        return round((STRIP_BASE - TOP) * minutes / top, 1)

    bars = []
    for number, month in enumerate(share.months):
        done, promised = height(month.done), height(month.promised)
        x = round(LEFT + room * number + room * 0.14, 1)
        bars.append(
            MonthBar(
                x,
                round(room * 0.72, 1),
                round(STRIP_BASE - done, 1),
                done,
                round(STRIP_BASE - done - promised, 1),
                promised,
            )
        )
    return StripShape(
        width=width,
        height=178,
        left=LEFT,
        bars=bars,
        marks=[Mark(round(STRIP_BASE - height(hours * 60), 1), hours) for hours in range(0, top // 60 + 1, step)],
        ticks=[
            Tick(round(LEFT + room * (number + 0.5), 1), short_month(month.month, year=month.month.month == 1))
            for number, month in enumerate(share.months)
            if (number - MONTHS_BACK) % every == 0
        ],
        wish_y=round(STRIP_BASE - height(share.wished), 1) if share.wished else None,
        now_x=round(LEFT + room * MONTHS_BACK, 1),
    )


def _step(hours: int) -> int:
    """A round number of hours between marks, two to four marks above the base."""
    unit = 1
    while True:
        for factor in (1, 2, 5):
            if hours <= unit * factor * 4:
                return unit * factor
        unit *= 10


@dataclass(frozen=True, slots=True)
class DotsShape:
    """One drawing: two paths of dots (those below the mark, the others), their thickness, where the marks stand."""

    width: int
    height: int
    below: str
    others: str
    thickness: float
    below_x: float
    wish_x: float
    left: int
    right: int
    base: int
    ticks: Sequence[Tick]


@dataclass(frozen=True, slots=True)
class DotsPicture:
    """What `components/hours.html` draws: the desktop's drawing and the phone's."""

    wide: DotsShape
    narrow: DotsShape


def dots_picture(percents: Sequence[int], below: int, words: Sequence[str]) -> DotsPicture:
    """A dot for each person by their part of the wish; `words` name 0, 50, 100, 150 and 200 percent.

    A dot is a line of no length with a round end: a thousand people weigh ten kilobytes, and none has a name.
    """
    return DotsPicture(_dots(percents, below, words, 640, bins=40), _dots(percents, below, words, 320, bins=20))


def _dots(percents: Sequence[int], below: int, words: Sequence[str], width: int, *, bins: int) -> DotsShape:
    left, right = 14, width - 14
    room, span = (right - left) / (bins + 1), MOST_PERCENT / bins

    def x_of(percent: float) -> float:
        return round(left + room * (min(percent, MOST_PERCENT) / span + 0.5), 1)

    in_bin = Counter(min(int(percent / span), bins) for percent in percents)
    size, per_row = _size(max(in_bin.values(), default=0), room)
    paths: dict[bool, list[str]] = {True: [], False: []}
    placed: Counter[int] = Counter()
    for percent in percents:
        one = min(int(percent / span), bins)
        row, column = divmod(placed[one], per_row)
        placed[one] += 1
        x = round(left + room * (one + 0.5) + size * (column - (per_row - 1) / 2), 1)
        paths[percent < below].append(f"M{x:g},{round(DOTS_BASE - size * (row + 0.5), 1):g}h0")
    marks = [0, 50, 100, 150, MOST_PERCENT] if width > 400 else [0, 100, MOST_PERCENT]
    named = dict(zip((0, 50, 100, 150, MOST_PERCENT), words, strict=True))
    ends = {0: "start", MOST_PERCENT: "end"}
    at_ends = {0: float(left), MOST_PERCENT: float(right)}
    return DotsShape(
        width=width,
        height=182,
        below="".join(paths[True]),
        others="".join(paths[False]),
        thickness=round(size * INK, 1),
        below_x=round(left + room * below / span, 1),
        wish_x=x_of(100),
        left=left,
        right=right,
        base=DOTS_BASE,
        ticks=[Tick(at_ends.get(mark, x_of(mark)), named[mark], ends.get(mark, "middle")) for mark in marks],
    )


def _size(tallest: int, room: float) -> tuple[float, int]:
    """The largest diameter that keeps the tallest pile in the picture, and how many stand side by side."""
    for size in SIZES:
        per_row = max(1, int(room // size))
        if size <= max(room, 6) and -(-tallest // per_row) * size <= DOTS_HEIGHT:
            return size, per_row
    return SIZES[-1], max(1, int(room // SIZES[-1]))
