"""What nobody types on purpose: a null character, a year out of the calendar, a sum beyond all money."""

from datetime import date
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from entrepairs.demands.rules import ensure_first_day
from entrepairs.identity.models import OfficeRoleKind
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.money import Money
from tests.web.office_browser import TODAY, LogIn, logged_in, standing_clock, text_of

__all__ = ["logged_in", "standing_clock"]


def test_a_null_character_is_answered_400(client: FlaskClient, session: Session, logged_in: LogIn) -> None:
    logged_in(OfficeRoleKind.ADMIN)
    assert client.get("/a/demandes?q=a%00b").status_code == 400
    assert client.get("/a/tarifs/%00").status_code == 400
    assert client.post("/a/subventions", data={"funder": "a\0b"}).status_code == 400


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_year_out_of_the_calendar_is_said_at_its_field(
    day: str, client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    logged_in(OfficeRoleKind.ADMIN)
    answer = client.post("/a/subventions", data={"first": day, "funder": "ARS"})
    assert answer.status_code == 422
    assert "Écrivez un jour entre 1920 et 2100." in text_of(answer)


def test_a_page_far_beyond_the_list_is_empty(client: FlaskClient, session: Session, logged_in: LogIn) -> None:
    logged_in(OfficeRoleKind.ADMIN)
    assert client.get("/a/courriers?page=99999999999999999999").status_code == 200


def test_a_first_day_lies_within_two_years() -> None:
    ensure_first_day(TODAY, TODAY)
    for wrong in (date(2027, 1, 10), date(2029, 1, 11)):
        with pytest.raises(InvalidInput):
            ensure_first_day(wrong, TODAY)


@pytest.mark.parametrize("text", ["1e309", "1e30", "-1e30", "0.001", "NaN", "Infinity"])
def test_no_sum_is_read_beyond_all_money(text: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        Money.of(Decimal(text))
