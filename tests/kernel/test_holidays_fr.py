"""Public holidays by date, in French."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from entrepairs.kernel.holidays_fr import french_holidays, holiday_name


def test_the_year_2027_has_eleven_holidays_with_french_names():
    days = french_holidays(2027)
    assert len(days) == 11
    assert days[date(2027, 3, 29)] == "Lundi de Pâques"
    assert days[date(2027, 5, 6)] == "Ascension"
    assert days[date(2027, 1, 1)] == "Jour de l’an"
    assert list(days) == sorted(days)


def test_two_holidays_on_one_day_are_named_together():
    assert french_holidays(2008)[date(2008, 5, 1)] == "Ascension et Fête du Travail"


@given(st.integers(1990, 2100))
def test_every_year_has_its_fixed_holidays(year):
    days = french_holidays(year)
    assert {date(year, 1, 1), date(year, 5, 1), date(year, 7, 14), date(year, 12, 25)} <= set(days)
    assert len(days) in (10, 11)


def test_an_ordinary_day_has_no_name_and_the_answer_cannot_be_spoilt():
    french_holidays(2027).clear()
    assert holiday_name(date(2027, 7, 14)) == "Fête nationale"
    assert holiday_name(date(2027, 7, 15)) is None
