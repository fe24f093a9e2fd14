"""French public holidays (C. trav. L3133-1), by date, with their French names."""

from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

import holidays


@lru_cache(maxsize=64)
def _of_year(year: int) -> MappingProxyType[date, str]:
    calendar = holidays.country_holidays("FR", years=year, language="fr")
    return MappingProxyType({day: calendar[day].replace("'", "’").replace("; ", " et ") for day in sorted(calendar)})


def french_holidays(year: int) -> dict[date, str]:
    """The eleven public holidays of metropolitan France in `year`, in order of date.

    Two that fall on the same day share one entry (« Ascension et Fête du Travail », in 2008).
    """
    return dict(_of_year(year))


def holiday_name(day: date) -> str | None:
    """The holiday's French name, or None on an ordinary day."""
    return _of_year(day.year).get(day)


@lru_cache(maxsize=1024)
def working_days_between(before: date, after: date) -> int:
    """Working days strictly between two days: Monday to Friday, less public holidays (« jours ouvrés »)."""
    days = (before + timedelta(days=n) for n in range(1, (after - before).days))
    return sum(1 for day in days if day.weekday() < 5 and holiday_name(day) is None)
