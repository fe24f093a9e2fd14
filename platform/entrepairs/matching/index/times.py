"""Instants and Paris days of many peers at once: whole microseconds since 1970 (UTC), and days by their ordinal."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from entrepairs.kernel.clock import PARIS
from entrepairs.kernel.dates import at_paris

Ints = NDArray[Any]
Whole = TypeVar("Whole", int, NDArray[Any])
"""An array of whole numbers."""
Bools = NDArray[Any]
"""An array of truths."""

MICRO: Final = timedelta(microseconds=1)
MINUTE: Final = 60_000_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_ORDINAL: Final = EPOCH.toordinal()
FIRST, LAST = date(1990, 1, 1), date(2100, 1, 1)
"""Days between which an instant is turned into a Paris day."""
EVER: Final = 2**31 - 1
"""A day that never comes (no end); its opposite is before every day."""


def micros(instant: datetime) -> int:
    """Microseconds since 1970."""
    return (instant - EPOCH) // MICRO


def instant_of(value: int) -> datetime:
    """The instant of `micros`, in UTC."""
    return EPOCH + timedelta(microseconds=int(value))


@lru_cache(maxsize=4096)
def midnight(ordinal: int) -> int:
    """The instant a Paris day begins."""
    return micros(at_paris(date.fromordinal(ordinal), time()))


def week_of(ordinal: Whole) -> Whole:
    """The number of a day's week, or of many: Mondays are the ordinals 1, 8, 15…"""
    return (ordinal - 1) // 7


def monday(week: int) -> int:
    """The ordinal of a week's Monday."""
    return week * 7 + 1


def month_of(day: date) -> int:
    """The number of a day's month."""
    return day.year * 12 + day.month - 1


def day_of(ordinal: int) -> date | None:
    """The day of an ordinal; None for one that never comes, or that was before all."""
    return None if abs(ordinal) >= EVER else date.fromordinal(int(ordinal))


@lru_cache(maxsize=1)
def _changes() -> tuple[Ints, Ints]:
    """The instants at which Paris changes its offset, and the offset that holds from each on, in microseconds."""
    since, offsets = [micros(datetime.combine(FIRST, time(), tzinfo=UTC)) - 2 * DAY], [_offset(FIRST)]
    for ordinal in range(FIRST.toordinal(), LAST.toordinal()):
        day = date.fromordinal(ordinal)
        after = _offset(day + timedelta(days=1))
        if after != offsets[-1]:
            since.append(_when_changed(day, after))
            offsets.append(after)
    return np.array(since, dtype=np.int64), np.array(offsets, dtype=np.int64)


def _offset(day: date, seconds: int = 0) -> int:
    at = datetime.combine(day, time(), tzinfo=UTC) + timedelta(seconds=seconds)
    offset = at.astimezone(PARIS).utcoffset()
    return (offset or timedelta()) // MICRO


def _when_changed(day: date, after: int) -> int:
    """The second of a UTC day from which the offset is `after`."""
    low, high = 0, 86_400
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _offset(day, middle) == after else (middle + 1, high)
    return micros(datetime.combine(day, time(), tzinfo=UTC)) + low * 1_000_000


def paris_ordinals(instants: Ints) -> Ints:
    """The ordinals of the Paris days of instants. Raises ValueError outside FIRST to LAST."""
    if not len(instants):
        return np.empty(0, dtype=np.int32)
    since, offsets = _changes()
    if instants.min() < since[0] + 2 * DAY or instants.max() > midnight(LAST.toordinal() - 1):
        msg = "an instant out of the years that are held"
        raise ValueError(msg)
    local = instants + offsets[np.searchsorted(since, instants, side="right") - 1]
    return (local // DAY + EPOCH_ORDINAL).astype(np.int32)


@lru_cache(maxsize=1)
def _months() -> Ints:
    """The ordinals of the first days of the months."""
    first, last = month_of(FIRST), month_of(LAST)
    return np.array([date(n // 12, n % 12 + 1, 1).toordinal() for n in range(first, last + 1)], dtype=np.int32)


def months_of(ordinals: Ints) -> Ints:
    """The numbers of the months of days between FIRST and LAST."""
    return np.searchsorted(_months(), ordinals, side="right") - 1 + month_of(FIRST)
