"""Amounts and moments as a French reader expects them; the stand-ins' pages are in French only."""

from datetime import datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
MONTHS = (
    "janv.",
    "févr.",
    "mars",
    "avril",
    "mai",
    "juin",
    "juil.",
    "août",
    "sept.",
    "oct.",
    "nov.",
    "déc.",
)
NARROW, FIXED = "\u202f", "\u00a0"


def amount(cents: int, currency: str = "eur") -> str:
    """`123450` becomes `1 234,50 €`, with the right non-breaking spaces; cents of a two-decimal currency."""
    sign = "−" if cents < 0 else ""
    units, rest = divmod(abs(cents), 100)
    symbol = "€" if currency == "eur" else currency.upper()
    return f"{sign}{units:,}".replace(",", NARROW) + f",{rest:02d}{FIXED}{symbol}"


def moment(at: datetime) -> str:
    """An aware moment in Paris time: `lun. 11 janv. 2027, 9 h 05`."""
    local = at.astimezone(PARIS)
    day = f"{DAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]} {local.year}"
    return f"{day}, {local.hour}{FIXED}h{FIXED}{local.minute:02d}"


def moment_of(timestamp: float) -> str:
    """The same from seconds since 1970."""
    return moment(datetime.fromtimestamp(timestamp, PARIS))
