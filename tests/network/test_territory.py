"""Distances, travel estimates, and finding a commune as people write it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.network.territory import Territory, crow_km, fold, region, road_km, travel_minutes

latitudes = st.floats(42.9, 45.2)
longitudes = st.floats(4.2, 7.8)
kilometres = st.floats(0, 2000)


def test_the_whole_region_is_there_and_on_the_map():
    communes = region().communes
    assert len(communes) == 946
    assert {c.departement for c in communes} == {"04", "05", "06", "13", "83", "84"}
    assert len({c.insee for c in communes}) == 946
    for commune in communes:
        assert commune.insee.startswith(commune.departement)
        assert Decimal("42.9") < commune.latitude < Decimal("45.2")
        assert Decimal("4.2") < commune.longitude < Decimal("7.8")
        assert all(len(code) == 5 for code in commune.postcodes)
        assert commune.postcodes


def test_nearly_everybody_lives_in_a_commune_placed_exactly():
    communes = region().communes
    exact = sum(c.population for c in communes if not c.approximate)
    assert exact / sum(c.population for c in communes) > 0.95


@pytest.mark.parametrize(
    ("one", "other", "crow"),
    [
        ("Marseille", "Aix-en-Provence", 26),
        ("Marseille", "Nice", 159),
        ("Gap", "Avignon", 122),
        ("Toulon", "Hyères", 16),
    ],
)
def test_known_distances_are_right(one, other, crow):
    first, second = region().named(one), region().named(other)
    assert crow_km(first.latitude, first.longitude, second.latitude, second.longitude) == pytest.approx(crow, abs=3)
    assert region().km_between(first.insee, second.insee) == pytest.approx(crow * 1.3, abs=4)


@given(latitudes, longitudes, latitudes, longitudes)
def test_distance_is_the_same_both_ways_and_nil_at_home(a, b, c, d):
    assert crow_km(a, b, c, d) == pytest.approx(crow_km(c, d, a, b))
    assert crow_km(a, b, a, b) == 0
    assert road_km(a, b, c, d) >= crow_km(a, b, c, d)


@given(kilometres, kilometres)
def test_a_longer_road_never_takes_less_time(one, other):
    near, far = sorted((one, other))
    assert 10 <= travel_minutes(near) <= travel_minutes(far)
    assert travel_minutes(far) % 5 == 0


@pytest.mark.parametrize(("km", "minutes"), [(0, 10), (5, 20), (10, 30), (40, 60), (120, 120)])
def test_travel_estimates(km, minutes):
    assert travel_minutes(km) == minutes


def test_a_negative_distance_is_refused():
    with pytest.raises(ValueError, match="negative"):
        travel_minutes(-1)


@pytest.mark.parametrize(
    ("written", "insee"),
    [("Marseille", "13055"), ("MARSEILLE CEDEX 09", "13055"), ("Marseille 3e", "13055"), ("marseille 08", "13055"),
     ("Marseille 1er arrondissement", "13055"), ("aix en provence", "13001"), ("ST REMY DE PROVENCE", "13100"),
     ("Saint-Rémy-de-Provence", "13100"), ("L'Isle-sur-la-Sorgue", "84054"), ("L ISLE SUR LA SORGUE", "84054"),
     ("Briancon", "05023")],
)  # fmt: skip
def test_a_commune_is_found_as_people_write_it(written, insee):
    assert region().named(written).insee == insee


def test_the_postcode_decides_between_namesakes():
    twice = [name for name, found in region()._by_name.items() if len(found) > 1]
    assert twice, "the region has namesakes"
    for name in twice:
        assert region().named(name) is None
        for commune in region()._by_name[name]:
            assert region().named(name, commune.postcodes[0]) is commune


def test_a_cedex_code_falls_back_on_the_departement_and_a_foreign_one_on_nothing():
    assert region().named("Avignon cedex 9", "84918").insee == "84007"
    assert region().named("Avignon", "69001") is None
    assert region().named("Lyon") is None


@given(st.sampled_from(region().communes))
def test_every_commune_is_found_by_its_own_name_and_postcode(commune):
    assert region().named(commune.name.upper(), commune.postcodes[0]) is commune
    assert region().by_insee(commune.insee) is commune


def test_codes_of_arrondissements_are_the_town():
    assert region().by_insee("13203").name == "Marseille"
    assert region().by_insee("75056") is None
    with pytest.raises(KeyError):
        region().km_between("13055", "75056")


def test_typing_finds_the_largest_first():
    assert region().search("mars")[0].name == "Marseille"
    assert region().search("04100")[0].name == "Manosque"
    assert region().search("04100 mano")[0].name == "Manosque"
    assert region().search("provence")[0].name == "Aix-en-Provence"
    assert region().search("") == region().search("  ") == []
    assert len(region().search("saint", limit=3)) == 3


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing_and_searching_never_fails(text):
    assert fold(fold(text)) == fold(text)
    assert len(region().search(text)) <= 10


def test_an_empty_territory_finds_nothing():
    assert Territory([]).named("Marseille") is None
