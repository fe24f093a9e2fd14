"""A day as a form takes it: within the years this house speaks of, so that no sum of days runs off the calendar."""

from datetime import date
from typing import Any, Final

import wtforms
from flask_babel import lazy_gettext as _l

FIRST: Final = date(1920, 1, 1)
LAST: Final = date(2100, 12, 31)


class DateField(wtforms.DateField):  # type: ignore[misc]
    """WTForms' field, which takes any year from 1 to 9999: a slip of the finger is said at the field."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed. Raises ValueError, which the form shows."""
        super().process_formdata(valuelist)
        if self.data is not None and not FIRST <= self.data <= LAST:
            raise ValueError(_l("Write a day between 1920 and 2100."))
