"""How money, dates, hours and numbers are written on a page. French by Babel, wall times in Europe/Paris.

The functions are plain so that views, mails and tests call them too; `init_filters` gives them to Jinja under
their own names. Spaces inside a figure never break: U+202F between thousands, U+00A0 elsewhere.

A day is written without its year as long as no other day of that name is nearer: « 9 octobre », but « 9 octobre 2025 »
once the next one is closer. Outside a request (mails), today is not known and the year is left out.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from flask import Flask, current_app, has_request_context
from flask_babel import gettext as _

from entrepairs.kernel.clock import PARIS
from entrepairs.kernel.dates import Period, Rhythm
from entrepairs.kernel.money import Money

LOCALE: Final = Locale("fr")
NBSP: Final = "\u00a0"
MINUS: Final = "\u2212"
HALF_A_YEAR: Final = timedelta(days=183)
TODAY: Final = "business_today"
"""Under this name the application keeps who tells the day of the request, in its `extensions`."""

Cents: TypeAlias = Money | int
Day: TypeAlias = date | datetime
Wall: TypeAlias = datetime | time


def money(value: Cents, *, sign: bool = False) -> str:
    """« 1 234,50 € » from a Money or integer cents; `sign` also marks a gain with « + ». Floats raise TypeError."""
    amount = value if isinstance(value, Money) else Money(value)
    text = format_currency(abs(amount.euros), "EUR", locale=LOCALE)
    if amount.cents < 0:
        return f"{MINUS}{NBSP}{text}"
    return f"+{NBSP}{text}" if sign and amount.cents else text


def money_short(value: Cents) -> str:
    """« 348 k€ » for tiles; below 10 000 € the whole euros, « 4 200 € »."""
    euros = (value if isinstance(value, Money) else Money(value)).euros
    if abs(euros) >= 10_000:
        return f"{number(round(euros / 1000))}{NBSP}k€"
    return f"{number(round(euros))}{NBSP}€"


def money_axis(value: Cents) -> str:
    """« 2,5 k€ », « 15 k€ », « 750 € »: beside an axis, narrow enough for a phone."""
    euros = (value if isinstance(value, Money) else Money(value)).euros
    if abs(euros) >= 1_000:
        return f"{number(euros / 1000)}{NBSP}k€"
    return f"{number(round(euros))}{NBSP}€"


def number(value: int | Decimal | float) -> str:
    """« 1 234,5 »: a count or a measure, never money."""
    return format_decimal(value, locale=LOCALE).replace("-", MINUS)


def percent(value: int | Decimal, *, sign: bool = False) -> str:
    """« 57 % » from 57 (points, not a ratio); `sign` writes « + 15 % »."""
    text = f"{number(-value if value < 0 else value)}{NBSP}%"
    if value < 0:
        return f"{MINUS}{NBSP}{text}"
    return f"+{NBSP}{text}" if sign else text


def long_date(value: Day) -> str:
    """« jeudi 12 mars 2026 »; the first of a month is « 1er »."""
    return _day_text(value, "EEEE", "MMMM y")


def full_day(value: Day) -> str:
    """« jeudi 12 mars »: in a sentence; with its year when it is far."""
    return _day_text(value, "EEEE", _with_far_year("MMMM", value))


def short_day(value: Day) -> str:
    """« jeu. 12 mars »: lists and table cells; with its year when it is far."""
    return _day_text(value, "EEE", _with_far_year("MMM", value))


def weekday(value: Day) -> str:
    """« jeu. 12 »: the head of a column in a week."""
    day = _paris_day(value)
    return f"{format_date(day, 'EEE', locale=LOCALE)}{NBSP}{day.day}"


def plain_date(value: Day) -> str:
    """« 12 mars 2026 »: legal dates without the day of the week."""
    return _day_text(value, "", "MMMM y")


def day_month(value: Day) -> str:
    """« 12 mars », « 4 févr. »: chips of a series; with its year when it is far."""
    return _day_text(value, "", _with_far_year("MMM", value))


def short_month(value: Day, *, year: bool = True) -> str:
    """« janv. 27 », or « janv. »: under a chart."""
    return format_date(_paris_day(value), "MMM yy" if year else "MMM", locale=LOCALE)


def month(value: Day) -> str:
    """« mars 2026 »."""
    return format_date(_paris_day(value), "MMMM y", locale=LOCALE)


def clock_time(value: Wall) -> str:
    """« 14 h » or « 14 h 30 ». An aware instant is read in Paris; a plain `time` as it is."""
    wall = value.astimezone(PARIS) if isinstance(value, datetime) else value
    return _hours(wall.hour, wall.minute)


def time_range(start: Wall | Period, end: Wall | None = None) -> str:
    """« 14 h – 16 h » from two times or a Period; other days than the first are named."""
    if isinstance(start, Period):
        return time_range(start.start, start.end)
    if end is None:
        return clock_time(start)
    if isinstance(start, datetime) and isinstance(end, datetime):
        last_day = _paris_day(end)
        if last_day != _paris_day(start):
            return f"{clock_time(start)} – {short_day(last_day)}, {clock_time(end)}"
    return f"{clock_time(start)} – {clock_time(end)}"


def when(start: datetime | Period, end: datetime | None = None) -> str:
    """« jeu. 12 mars, 14 h – 16 h »: a session in a list."""
    first = start.start if isinstance(start, Period) else start
    return f"{short_day(first)}, {time_range(start, end)}"


def instant(value: datetime) -> str:
    """« mardi 5 janvier, 16 h 12 »: when something happened."""
    return f"{full_day(value)}, {clock_time(value)}"


def date_range(first: Day, last: Day) -> str:
    """« du 21 janvier au 11 mars 2027 »; years are written once when they are the same."""
    if _paris_day(first) == _paris_day(last):
        return plain_date(first)
    same_year = _paris_day(first).year == _paris_day(last).year
    begin = _day_text(first, "", "MMMM") if same_year else plain_date(first)
    text: str = _("from %(first)s to %(last)s", first=begin, last=plain_date(last))
    return text


def rhythm(value: Rhythm) -> str:
    """« le jeudi, 14 h – 16 h, du 21 janvier au 11 mars 2027 », or the days alone when the hours change."""
    span = date_range(value.first.start, value.last.start)
    if not value.steady:
        return span
    day = format_date(_paris_day(value.first.start), "EEEE", locale=LOCALE)
    return f"{_('on %(weekday)s, %(hours)s', weekday=day, hours=time_range(value.first))}, {span}"


def eve(value: date) -> date:
    """The day before: the last day of a range `[first, end)`, to be written by another filter."""
    return value - timedelta(days=1)


def duration(value: int | timedelta | Period) -> str:
    """« 2 h 30 », « 45 min », « 0 h » from minutes, a timedelta or a Period."""
    if isinstance(value, Period):
        value = value.minutes
    minutes = int(value.total_seconds() // 60) if isinstance(value, timedelta) else value
    hours, rest = divmod(abs(minutes), 60)
    text = f"{rest}{NBSP}min" if rest and not hours else _hours(hours, rest)
    return f"{MINUS}{NBSP}{text}" if minutes < 0 else text


def relative_day(value: Day, today: date) -> str:
    """« aujourd'hui », « demain », « hier », a weekday within six days, else « jeu. 12 mars ».

    `today` is the business date in Paris: the page passes it, nothing here reads a clock.
    """
    day = _paris_day(value)
    gap = (day - today).days
    near: dict[int, str] = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    if gap in near:
        return near[gap]
    if 1 < gap < 7:
        return format_date(day, "EEEE", locale=LOCALE)
    return short_day(day)


def phone(value: str) -> str:
    """« 04 92 00 00 00 » from ten digits or +33; anything else is left alone."""
    digits = value.replace(" ", "").replace(".", "").replace("+33", "0", 1)
    if len(digits) == 10 and digits.isdigit():
        return NBSP.join(digits[i : i + 2] for i in range(0, 10, 2))
    return value


def siret(value: str) -> str:
    """« 123 456 789 00012 » (SIREN too); anything else is left alone."""
    digits = value.replace(" ", "")
    if digits.isdigit() and len(digits) in {9, 14}:
        return NBSP.join(part for part in (digits[:3], digits[3:6], digits[6:9], digits[9:]) if part)
    return value


def iban(value: str) -> str:
    """An IBAN in groups of four."""
    compact = value.replace(" ", "")
    return NBSP.join(compact[i : i + 4] for i in range(0, len(compact), 4))


def initials(name: str) -> str:
    """Two letters for the round badge of an account, never a picture."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalpha()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


FILTERS: Final[dict[str, Callable[..., str]]] = {
    "money": money,
    "money_axis": money_axis,
    "money_short": money_short,
    "number": number,
    "percent": percent,
    "long_date": long_date,
    "full_day": full_day,
    "short_day": short_day,
    "plain_date": plain_date,
    "day_month": day_month,
    "month": month,
    "short_month": short_month,
    "weekday": weekday,
    "time": clock_time,
    "time_range": time_range,
    "when": when,
    "instant": instant,
    "date_range": date_range,
    "duration": duration,
    "relative_day": relative_day,
    "phone": phone,
    "siret": siret,
    "iban": iban,
    "initials": initials,
}


def init_filters(app: Flask) -> None:
    """Give every filter of this page to Jinja."""
    app.jinja_env.filters.update(FILTERS, eve=eve)


def _paris_day(value: Day) -> date:
    return value.astimezone(PARIS).date() if isinstance(value, datetime) else value


def _with_far_year(month_pattern: str, value: Day) -> str:
    """The pattern, with the year for a day more than half a year away from the business day of the request."""
    tell = current_app.extensions.get(TODAY) if has_request_context() else None
    far = tell is not None and abs(_paris_day(value) - tell()) > HALF_A_YEAR
    return f"{month_pattern} y" if far else month_pattern


def _day_text(value: Day, weekday: str, rest: str) -> str:
    """Weekday, day and month of a date; French says « premier » for the first, never « un »."""
    day = _paris_day(value)
    figure = "1er" if day.day == 1 else str(day.day)
    parts = (
        format_date(day, weekday, locale=LOCALE) if weekday else "",
        f"{figure}{NBSP}{format_date(day, rest, locale=LOCALE)}",
    )
    return " ".join(part for part in parts if part)


def _hours(hours: int, minutes: int) -> str:
    return f"{hours}{NBSP}h{NBSP}{minutes:02d}" if minutes else f"{hours}{NBSP}h"
