"""Dates, amounts and quantities as a French reader expects them."""

from datetime import date
from decimal import Decimal

import pytest

from entrepairs.documents.french import (
    french_date,
    french_minutes,
    french_money,
    french_number,
    french_percent,
    french_period,
    french_quantity,
    french_weekday_date,
    spaced,
)
from entrepairs.kernel.money import Money


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def test_dates():
    assert plain(french_date(date(2027, 8, 1))) == "1er août 2027"
    assert plain(french_weekday_date(date(2027, 1, 11))) == "lundi 11 janvier 2027"
    assert plain(french_period(date(2027, 1, 21), date(2027, 3, 11))) == "du 21 janvier 2027 au 11 mars 2027"
    assert plain(french_period(date(2027, 1, 21), date(2027, 1, 21))) == "21 janvier 2027"


@pytest.mark.parametrize(
    ("cents", "text"),
    [
        (0, "0,00 €"),
        (5, "0,05 €"),
        (123_450, "1 234,50 €"),
        (-3_310_00, "\u22123 310,00 €"),
        (123_456_789_00, "123 456 789,00 €"),
    ],
)
def test_amounts(cents: int, text: str):
    assert plain(french_money(Money(cents))) == text
    assert " " not in french_money(Money(cents)), "an amount never breaks over two lines"


def test_numbers_and_rates():
    assert french_number(Decimal("2.00")) == "2"
    assert plain(french_number(Decimal("1250.50"))) == "1 250,5"
    assert french_number(Decimal(40)) == "40"
    assert plain(french_percent(Decimal("5.5"))) == "5,5 %"


@pytest.mark.parametrize(
    ("quantity", "unit", "text"),
    [
        ("1", "séance", "1 séance"),
        ("1.5", "jour", "1,5 jour"),
        ("2", "demi-journée", "2 demi-journées"),
        ("8", "séance de 2 h", "8 séances de 2 h"),
        ("4", "h", "4 h"),
        ("3", "mois", "3 mois"),
        ("12", "", "12"),
    ],
)
def test_quantities_take_the_plural_from_two(quantity: str, unit: str, text: str):
    assert plain(french_quantity(Decimal(quantity), unit)) == text


def test_lengths_and_codes():
    assert plain(french_minutes(90)) == "1 h 30"
    assert plain(french_minutes(45)) == "45 min"
    assert plain(french_minutes(120)) == "2 h"
    assert plain(spaced("FR7630006000011234567890189", 4)) == "FR76 3000 6000 0112 3456 7890 189"
    assert plain(spaced("73282932000074", 3, 3, 3, 5)) == "732 829 320 00074"
