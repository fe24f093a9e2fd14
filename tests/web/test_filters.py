"""How money, dates and hours are written."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from flask import Flask, current_app
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.kernel.clock import PARIS
from entrepairs.kernel.dates import Period, at_paris, rhythm_of, weekly
from entrepairs.kernel.money import Money
from entrepairs.web import filters

THURSDAY = date(2026, 3, 12)


def spaced(text: str) -> str:
    """The text with ordinary spaces, for reading; the kind of space has its own test."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def english() -> Iterator[None]:
    """An app without catalogue: words of our own stay English, dates stay French."""
    app = Flask("filters")
    Babel(app, default_locale="fr")
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("cents", "text"),
    [(123_450, "1 234,50 €"), (0, "0,00 €"), (5, "0,05 €"), (-4_200, "− 42,00 €"), (100_000_000, "1 000 000,00 €")],
)
def test_money_reads_as_in_french(cents: int, text: str) -> None:
    assert spaced(filters.money(cents)) == text
    assert filters.money(Money(cents)) == filters.money(cents)


def test_money_never_breaks_between_figures_and_sign() -> None:
    assert filters.money(123_450) == "1\u202f234,50\u00a0€"
    assert spaced(filters.money(1_200, sign=True)) == "+ 12,00 €"


def test_money_refuses_floats() -> None:
    with pytest.raises(TypeError):
        filters.money(12.5)  # type: ignore[arg-type]


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_money_keeps_every_cent(cents: int) -> None:
    text = spaced(filters.money(cents)).removesuffix(" €").replace(" ", "").replace("−", "-").replace(",", ".")
    assert Decimal(text) * 100 == cents


def test_short_money_and_numbers() -> None:
    assert spaced(filters.money_short(34_812_300)) == "348 k€"
    assert spaced(filters.money_short(420_000)) == "4 200 €"
    assert [spaced(filters.money_axis(cents)) for cents in (0, 75_000, 250_000, 500_000, 1_500_000)] == [
        *("0 €", "750 €", "2,5 k€", "5 k€", "15 k€")
    ]
    assert spaced(filters.number(Decimal("1234.5"))) == "1 234,5"
    assert spaced(filters.percent(57)) == "57 %"
    assert spaced(filters.percent(-15, sign=True)) == "− 15 %"
    assert spaced(filters.percent(15, sign=True)) == "+ 15 %"


def test_dates_are_written_at_each_length() -> None:
    assert spaced(filters.long_date(THURSDAY)) == "jeudi 12 mars 2026"
    assert spaced(filters.full_day(THURSDAY)) == "jeudi 12 mars"
    assert spaced(filters.short_day(THURSDAY)) == "jeu. 12 mars"
    assert spaced(filters.weekday(THURSDAY)) == "jeu. 12"
    assert spaced(filters.plain_date(THURSDAY)) == "12 mars 2026"
    assert spaced(filters.day_month(date(2027, 2, 4))) == "4 févr."
    assert filters.month(THURSDAY) == "mars 2026"


def test_the_first_of_a_month_is_said_premier() -> None:
    assert spaced(filters.long_date(date(2027, 1, 1))) == "vendredi 1er janvier 2027"


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 7, 13), "lun. 13 juil."),
        (date(2026, 7, 11), "sam. 11 juil. 2026"),
        (date(2027, 7, 13), "mar. 13 juil."),
        (date(2025, 10, 9), "jeu. 9 oct. 2025"),
        (date(2028, 1, 1), "sam. 1er janv. 2028"),
    ],
)
def test_a_day_far_from_today_says_its_year(english: None, day: date, text: str) -> None:
    current_app.extensions[filters.TODAY] = lambda: date(2027, 1, 11)
    assert spaced(filters.short_day(day)) == text


def test_an_instant_is_read_in_paris() -> None:
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=PARIS)
    utc = at_paris(date(2027, 1, 1), time(0, 30))
    assert spaced(filters.long_date(utc)) == "vendredi 1er janvier 2027"
    assert spaced(filters.instant(new_year)) == "jeudi 31 décembre, 23 h 30"


@pytest.mark.parametrize(
    ("wall", "text"), [(time(14), "14 h"), (time(14, 30), "14 h 30"), (time(9, 5), "9 h 05"), (time(0), "0 h")]
)
def test_hours_are_written_with_an_h(wall: time, text: str) -> None:
    assert spaced(filters.clock_time(wall)) == text


def test_a_session_is_written_with_its_day_and_hours() -> None:
    start, end = at_paris(THURSDAY, time(14)), at_paris(THURSDAY, time(16))
    assert spaced(filters.time_range(start, end)) == "14 h – 16 h"
    assert spaced(filters.time_range(Period(start, end))) == "14 h – 16 h"
    assert spaced(filters.when(start, end)) == "jeu. 12 mars, 14 h – 16 h"


def test_a_night_names_its_second_day() -> None:
    start, end = at_paris(THURSDAY, time(21)), at_paris(date(2026, 3, 13), time(7))
    assert spaced(filters.when(start, end)) == "jeu. 12 mars, 21 h – ven. 13 mars, 7 h"


@pytest.mark.parametrize(
    ("length", "text"),
    [(150, "2 h 30"), (120, "2 h"), (45, "45 min"), (0, "0 h"), (-60, "− 1 h"), (timedelta(hours=20), "20 h")],
)
def test_durations(length: int | timedelta, text: str) -> None:
    assert spaced(filters.duration(length)) == text


def test_a_period_across_the_spring_change_lasts_its_elapsed_time() -> None:
    night = Period(at_paris(date(2027, 3, 28), time(1)), at_paris(date(2027, 3, 28), time(4)))
    assert spaced(filters.duration(night)) == "2 h"


@pytest.mark.usefixtures("english")
def test_near_days_are_named_and_far_ones_dated() -> None:
    near = [filters.relative_day(THURSDAY + timedelta(days=n), THURSDAY) for n in (-1, 0, 1, 4)]
    assert near == ["yesterday", "today", "tomorrow", "lundi"]
    assert spaced(filters.relative_day(THURSDAY + timedelta(days=7), THURSDAY)) == "jeu. 19 mars"


@pytest.mark.usefixtures("english")
def test_a_range_writes_its_year_once() -> None:
    within = filters.date_range(date(2027, 1, 21), date(2027, 3, 11))
    across = filters.date_range(date(2026, 12, 21), date(2027, 1, 11))
    assert spaced(within) == "from 21 janvier to 11 mars 2027"
    assert spaced(across) == "from 21 décembre 2026 to 11 janvier 2027"


@pytest.mark.usefixtures("english")
def test_a_series_says_its_day_and_hours_when_they_are_all_the_same() -> None:
    weeks = [Period(at_paris(day, time(10)), at_paris(day, time(12))) for day in weekly(date(2027, 3, 23), 2)]
    assert spaced(filters.rhythm(rhythm_of(weeks))) == "on mardi, 10 h – 12 h, from 23 mars to 30 mars 2027"
    later = Period(at_paris(date(2027, 4, 6), time(11)), at_paris(date(2027, 4, 6), time(12)))
    assert spaced(filters.rhythm(rhythm_of([*weeks, later]))) == "from 23 mars to 6 avril 2027"


def test_grouped_figures() -> None:
    assert spaced(filters.phone("+33492000000")) == "04 92 00 00 00"
    assert filters.phone("poste 12") == "poste 12"
    assert spaced(filters.siret("12345678900012")) == "123 456 789 00012"
    assert spaced(filters.siret("123456789")) == "123 456 789"
    assert spaced(filters.iban("FR7630006000011234567890189")) == "FR76 3000 6000 0112 3456 7890 189"


def test_initials_are_two_letters_at_most() -> None:
    assert [filters.initials(name) for name in ("Nadège Blanc", "Paul", "Anne-Marie de la Tour", "")] == [
        "NB",
        "P",
        "AT",
        "",
    ]
