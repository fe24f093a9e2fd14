"""Dates, amounts and quantities as a French reader writes them, for the papers (screens go through Babel's filters).

Narrow no-break spaces group the thousands and hold a number to its unit, so that an amount never breaks over two lines.
"""

from datetime import date, time
from decimal import Decimal

from entrepairs.kernel.money import Money

NARROW = "\u202f"
NO_BREAK = "\u00a0"
MINUS = "\u2212"
PLURAL = 2
LONGEST_ABBREVIATION = 3
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def french_date(day: date) -> str:
    """`11 janvier 2027`; the first of a month is `1er`."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number}{NO_BREAK}{MONTHS[day.month - 1]}{NO_BREAK}{day.year}"


def french_weekday_date(day: date) -> str:
    """`lundi 11 janvier 2027`."""
    return f"{DAYS[day.weekday()]} {french_date(day)}"


def french_period(first: date, last: date) -> str:
    """`11 janvier 2027`, or `du 11 janvier 2027 au 8 mars 2027` (both days included)."""
    return french_date(first) if first == last else f"du {french_date(first)} au {french_date(last)}"


def french_money(amount: Money) -> str:
    """`1 234,50 €`, with a true minus sign."""
    sign = MINUS if amount.cents < 0 else ""
    euros, cents = divmod(abs(amount.cents), 100)
    return f"{sign}{f'{euros:,}'.replace(',', NARROW)},{cents:02d}{NO_BREAK}€"


def french_number(value: Decimal) -> str:
    """`2`, `1,5` or `1 250,25`: no useless zero."""
    text = f"{value.normalize():,f}"
    return text.replace(",", NARROW).replace(".", ",").replace("-", MINUS)


def french_quantity(value: Decimal, unit: str) -> str:
    """`8 séances`, `1,5 jour`, `2 demi-journées`, `4 h`: the plural starts at two, abbreviations have none."""
    name, space, rest = unit.partition(" ")
    if abs(value) >= PLURAL and len(name) > LONGEST_ABBREVIATION and name[-1] not in "sxz":
        name += "s"
    return f"{french_number(value)} {name}{space}{rest}".strip().replace(" ", NO_BREAK, 1)


def french_percent(rate: Decimal) -> str:
    """`20 %`, `5,5 %`."""
    return f"{french_number(rate)}{NO_BREAK}%"


def french_time(wall: time) -> str:
    """`14 h`, `14 h 30`."""
    minutes = f"{NO_BREAK}{wall.minute:02d}" if wall.minute else ""
    return f"{wall.hour}{NO_BREAK}h{minutes}"


def french_minutes(minutes: int) -> str:
    """A length: `2 h`, `1 h 30`, `45 min`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}{NO_BREAK}min"
    return f"{hours}{NO_BREAK}h" + (f"{NO_BREAK}{rest:02d}" if rest else "")


def french_phone(number: str) -> str:
    """`04 91 00 00 00` from ten digits or +33; anything else is left alone."""
    digits = number.replace(" ", "").replace(".", "").replace("+33", "0", 1)
    return spaced(digits, 2) if len(digits) == 10 and digits.isdigit() else number


def spaced(code: str, *sizes: int) -> str:
    """A code in groups: `spaced("73282932000074", 3, 3, 3, 5)`; the last size repeats (IBAN: `spaced(iban, 4)`)."""
    groups, rest, index = [], code, 0
    while rest:
        size = sizes[min(index, len(sizes) - 1)]
        groups.append(rest[:size])
        rest, index = rest[size:], index + 1
    return NO_BREAK.join(groups)
