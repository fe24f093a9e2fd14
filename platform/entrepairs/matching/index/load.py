"""How much some peers work around an ask: minutes of weeks and months, those of the ask included."""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from entrepairs.matching.index.times import Ints

if TYPE_CHECKING:
    from entrepairs.matching.index.survey import Survey


class Load:
    """The minutes of `rows`."""

    def __init__(self, survey: "Survey", rows: Ints) -> None:
        self.survey, self.rows = survey, rows

    @cached_property
    def weeks(self) -> tuple[Ints, Ints]:
        """Minutes of each week a length is counted over, those of the ask included, and which of them it touches."""
        asked, count = self.survey.asked.by_week, self.survey.limits.mean_weeks
        touched = sorted(asked)
        first = touched[0] - count + 1
        weeks = self.survey.weeks(self.rows, first, touched[-1] - first + count).astype(np.int64)
        places = np.array(touched) - first
        weeks[:, places] += np.array([asked[week] for week in touched])
        return weeks, places

    @cached_property
    def busiest(self) -> Ints:
        """The minutes of the fullest week of the ask."""
        weeks, places = self.weeks
        found: Ints = weeks[:, places].max(axis=1)
        return found

    @cached_property
    def months(self) -> Ints:
        """The minutes of the fullest month of the ask."""
        found: Ints = self.survey.months(self.rows).max(axis=1)
        return found
