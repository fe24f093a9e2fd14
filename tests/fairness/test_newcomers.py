"""One more person, put through the rules of everybody: what they would have made possible, and nothing of anybody's choices."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from entrepairs.fairness.departements import departement_named, departements
from entrepairs.fairness.newcomers import Help, Need, first_day, helps, newcomer, would_take
from entrepairs.matching.values import Limits, Place
from tests.factories.fairness import TERMS
from tests.factories.matching import LIMITS, THURSDAY, an_ask, at

TOULON = Place(43.1364, 5.9334, site_id=7)
WRAP = frozenset({"wrap_facilitator"})
VAR = departement_named("83")
assert VAR is not None


def a_need(day: date = THURSDAY, start: str = "14:00", *, needed: int = 1, eligible: int = 0, **given) -> Need:
    ask = an_ask(at(day, start), ref=f"DEM-{day:%m%d}-{start[:2]}", **({"place": TOULON} | given))
    return Need(replace(ask, seats=needed), needed, eligible)


def limits_of(needs: Sequence[Need]) -> dict[date, Limits]:
    return {first_day(need.ask): LIMITS for need in needs}


def taken(needs: Sequence[Need], qualifications: frozenset[str] = WRAP) -> int:
    return would_take(newcomer(VAR, qualifications, TERMS), needs, limits_of(needs))


def test_somebody_of_the_var_comes_to_toulon_and_not_to_nice() -> None:
    nice = Place(43.70313, 7.26608, site_id=8)
    assert taken([a_need()]) == 1
    assert taken([a_need(place=nice)]) == 0
    assert taken([a_need(place=None)]) == 1, "a session at a distance is never too far"


def test_the_qualification_the_language_and_the_hours_are_those_of_everybody() -> None:
    assert taken([a_need()], frozenset()) == 0
    assert taken([a_need(language="lsf")]) == 0
    assert taken([a_need(start="19:00")]) == 0
    assert taken([a_need(date(2027, 1, 23))]) == 0, "a Saturday"


def test_one_cannot_be_in_two_places_nor_beyond_their_week() -> None:
    same = [a_need(), a_need(start="15:00")]
    assert taken(same) == 1
    full = [
        replace(need, ask=replace(need.ask, sessions=(at(first_day(need.ask), "08:00", 600),)))
        for need in (a_need(THURSDAY + timedelta(days=d)) for d in (-3, -2, -1, 0, 1))
    ]
    assert taken(full) == TERMS.newcomer_week_hours // 10


def test_a_demand_for_two_needs_somebody_else_whom_no_ordinary_rule_keeps() -> None:
    assert taken([a_need(needed=2, eligible=0)]) == 0
    assert taken([a_need(needed=2, eligible=1)]) == 1
    assert taken([a_need(needed=1, eligible=3)]) == 1, "whether the three chose not to come is never looked at"


def test_every_departement_and_every_set_of_qualifications_is_tried_the_most_useful_first() -> None:
    needs = [
        a_need(),
        a_need(THURSDAY + timedelta(days=1)),
        a_need(THURSDAY + timedelta(days=4), qualifications=frozenset()),
        a_need(THURSDAY + timedelta(days=5), qualifications=frozenset({"trainer", "wrap_facilitator"})),
    ]
    found = helps(needs, departements(), TERMS, limits_of(needs))
    in_var = {one.qualifications: one.demands for one in found if one.departement == "83"}
    assert in_var == {WRAP: 2, frozenset(): 1, frozenset({"trainer", "wrap_facilitator"}): 3}
    assert [one.demands for one in found] == sorted((one.demands for one in found), reverse=True)
    assert all(one.demands for one in found)
    assert helps(needs, departements(), TERMS, limits_of(needs)) == found


def test_nothing_missing_helps_nobody() -> None:
    assert helps([], departements(), TERMS, {}) == []
    assert Help("83", WRAP, 1).key == ("83", ("wrap_facilitator",))


def test_the_six_departements_have_their_main_commune() -> None:
    assert {one.code: one.main.name for one in departements()} == {
        "04": "Manosque",
        "05": "Gap",
        "06": "Nice",
        "13": "Marseille",
        "83": "Toulon",
        "84": "Avignon",
    }
    assert departement_named("75") is None
