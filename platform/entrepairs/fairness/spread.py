"""How everybody's hours stand around their wishes, without a name. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from entrepairs.fairness.hours import Share, recent_percent

BAND: Final = 25
"""Percents of a line of the table."""
LAST: Final = 200
"""From here on everybody is in one band."""
NEAR: Final = (80, 120)
"""Near one's wish: from, and up to, these percents."""


@dataclass(frozen=True, slots=True)
class Band:
    """People whose hours are between two percents of their wish, `[since, until)`; `until` None: and beyond."""

    since: int
    until: int | None
    people: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Percents of the wish, in order, and how many people are not counted (no wish, or no complete month yet)."""

    percents: tuple[int, ...]
    apart: int = 0

    @property
    def people(self) -> int:
        """How many are counted."""
        return len(self.percents)

    def below(self, percent: int) -> int:
        """How many have less than this part of their wish."""
        return sum(1 for one in self.percents if one < percent)

    @property
    def near(self) -> int:
        """How many are near their wish."""
        return sum(1 for one in self.percents if NEAR[0] <= one <= NEAR[1])

    @property
    def bands(self) -> Sequence[Band]:
        """The table: every band, empty ones too."""
        edges = range(0, LAST, BAND)
        return [
            *(Band(edge, edge + BAND, sum(1 for one in self.percents if edge <= one < edge + BAND)) for edge in edges),
            Band(LAST, None, sum(1 for one in self.percents if one >= LAST)),
        ]


def spread(shares: Iterable[Share], recent_months: int) -> Spread:
    """Everybody who wishes hours, over the last complete months."""
    found = [recent_percent(share, recent_months) for share in shares]
    return Spread(tuple(sorted(one for one in found if one is not None)), sum(1 for one in found if one is None))
