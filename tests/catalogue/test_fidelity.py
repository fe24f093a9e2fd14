"""What departs from a WRAP group, and from an offering's usual shape."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.catalogue.models import Facilitation
from entrepairs.catalogue.palette import load_palette_file
from entrepairs.catalogue.rules import (
    Certificate,
    PlannedGroup,
    seats_needed,
    shape_warnings,
    wrap_fidelity,
)
from entrepairs.kernel.vat_regimes import load_vat_regimes

CONFIG = Path(__file__).parents[2] / "config"
FIRST = date(2027, 1, 12)
DAYS = tuple(FIRST + timedelta(weeks=n) for n in range(8))
HELD = (Certificate("wrap_facilitator", date(2020, 1, 1)),)
FAITHFUL = PlannedGroup(DAYS, 120, 10, (HELD, HELD))


def test_a_faithful_group_has_nothing_to_say():
    assert wrap_fidelity(FAITHFUL) == ()
    assert wrap_fidelity(replace(FAITHFUL, participants=None)) == ()


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (replace(FAITHFUL, facilitators=(HELD,)), "two certified peers"),
        (replace(FAITHFUL, facilitators=(HELD, ())), "two certified peers"),
        (replace(FAITHFUL, facilitators=(HELD, (Certificate("trainer", FIRST),))), "two certified peers"),
        (replace(FAITHFUL, days=DAYS[:7]), "at least"),
        (replace(FAITHFUL, session_minutes=90), "two hours"),
        (replace(FAITHFUL, participants=7), "gathers"),
        (replace(FAITHFUL, participants=13), "gathers"),
    ],
)
def test_each_departure_is_said(plan, words):
    (sentence,) = wrap_fidelity(plan)
    assert words in sentence.msgid


def test_a_certificate_must_cover_the_last_session_too():
    ending = (Certificate("wrap_facilitator", date(2020, 1, 1), DAYS[-1]),)
    assert wrap_fidelity(replace(FAITHFUL, facilitators=(HELD, ending)))
    renewed = (*ending, Certificate("wrap_facilitator", DAYS[-1]))
    assert wrap_fidelity(replace(FAITHFUL, facilitators=(HELD, renewed))) == ()


@given(st.integers(0, 20), st.integers(30, 240), st.integers(0, 20), st.integers(0, 3))
def test_a_group_is_faithful_only_when_every_number_is(sessions, minutes, participants, certified):
    days = tuple(FIRST + timedelta(weeks=n) for n in range(sessions))
    said = wrap_fidelity(PlannedGroup(days, minutes, participants, (HELD,) * certified))
    faithful = sessions >= 8 and minutes >= 120 and 8 <= participants <= 12 and certified >= 2
    assert (said == ()) is faithful


def test_the_usual_shape_is_reminded():
    regimes = load_vat_regimes(CONFIG / "parameters" / "vat.toml")
    offering = load_palette_file(CONFIG / "catalogue.toml", vat_regimes=regimes).offering("self_help_group")
    assert shape_warnings(offering, sessions=10, participants=8) == ()
    assert len(shape_warnings(offering, sessions=1, participants=40)) == 2
    assert len(shape_warnings(offering, sessions=4, participants=1)) == 1


def test_a_pair_is_two_seats_and_a_professional_is_none():
    assert [seats_needed(f) for f in Facilitation] == [1, 2, 1]
