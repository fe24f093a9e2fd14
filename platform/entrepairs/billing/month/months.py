"""A calendar month, as it is typed, kept by a run and read on a page: `2026-10`."""

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Self

from entrepairs.kernel.dates import Period, add_months, at_paris, month_start
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month in Paris, by its first day."""

    first: date

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises InvalidInput("month") for anything but `AAAA-MM`."""
        found = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text)
        if found is None:
            raise InvalidInput(
                "month", N_("Write the month as a year and a month, for instance 2026-10."), field="month"
            )
        return cls(date(int(found[1]), int(found[2]), 1))

    @classmethod
    def before(cls, day: date) -> Self:
        """The last month that is over on a day."""
        return cls(add_months(month_start(day), -1))

    @property
    def last(self) -> date:
        """The last day."""
        return add_months(self.first, 1) - timedelta(days=1)

    @property
    def previous(self) -> "Month":
        """The month before."""
        return Month(add_months(self.first, -1))

    @property
    def following(self) -> "Month":
        """The month after."""
        return Month(add_months(self.first, 1))

    @property
    def period(self) -> Period:
        """From its first instant to the first of the next month."""
        return Period(at_paris(self.first, time()), at_paris(add_months(self.first, 1), time()))

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"
