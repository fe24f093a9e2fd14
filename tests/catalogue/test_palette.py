"""The palette file: what ships, and how a mistake is told."""

from pathlib import Path

import pytest

from entrepairs.billing.einvoice import mentions
from entrepairs.catalogue.models import Facilitation, OfferingKind, PriceUnit
from entrepairs.catalogue.palette import PaletteError, load_palette_file
from entrepairs.kernel.parameters import Parameters
from entrepairs.kernel.vat_regimes import load_vat_regimes
from entrepairs.network import vocabulary
from entrepairs.web.icons import symbol

CONFIG = Path(__file__).parents[2] / "config"
REGIMES = load_vat_regimes(CONFIG / "parameters" / "vat.toml")


@pytest.fixture(scope="module")
def shipped():
    return load_palette_file(CONFIG / "catalogue.toml", vat_regimes=REGIMES)


def test_the_whole_palette_is_there_in_every_kind(shipped):
    assert len(shipped.offerings) == 28
    assert {o.kind for o in shipped.offerings} == set(OfferingKind)
    assert {o.facilitation for o in shipped.offerings} == set(Facilitation)
    assert sum(o.kind is OfferingKind.TRAINING for o in shipped.offerings) == 5
    assert len({o.name for o in shipped.offerings}) == 28


def test_a_wrap_group_is_what_its_authors_describe(shipped):
    wrap = shipped.offering("wrap_group")
    assert (wrap.sessions_min, wrap.session_minutes, wrap.group_min, wrap.group_max) == (8, 120, 8, 12)
    assert wrap.facilitation is Facilitation.TWO_PEERS
    assert wrap.required_qualifications == ("wrap_facilitator",)
    assert shipped.offering("wrap_start").kind is OfferingKind.ACCOMPANIMENT


def test_mental_health_first_aid_lasts_fourteen_hours(shipped):
    training = shipped.offering("training_first_aid")
    assert training.session_minutes * training.sessions_usual == 14 * 60
    assert training.price_unit is PriceUnit.PER_PARTICIPANT


def test_the_person_is_asked_wherever_one_person_is_met(shipped):
    asked = {o.code for o in shipped.offerings if o.asks_person_wish}
    assert {"mediation", "recontact", "peer_emulation", "first_stay", "after_stay", "emergency"} <= asked
    assert not asked & {"wrap_group", "ward_presence", "anti_stigma", "wrap_start", "self_help_start"}


def test_every_offering_has_chips_and_a_picture(shipped):
    for offering in shipped.offerings:
        assert len(offering.goals) >= 4
        assert symbol(offering.pictogram)
        assert len(offering.name) <= 120
        assert len(offering.summary) <= 400


def test_the_lists_are_those_of_the_network_and_of_the_field(shipped):
    assert [q.code for q in shipped.qualifications] == list(vocabulary.QUALIFICATIONS)
    assert [t.code for t in shipped.themes] == list(vocabulary.THEMES)
    assert len(shipped.activities) == 18
    assert shipped.activity_names["travel"] == "Trajet"


def test_vat_regimes_agree_with_what_invoices_print():
    rate = Parameters.load(CONFIG / "parameters").history("vat.standard_rate")[-1].value
    assert set(REGIMES) == set(mentions.CODES)
    for code, regime in REGIMES.items():
        printed = mentions.treatment(code, standard_rate=rate)
        assert (regime.category, regime.vatex or None) == (printed.category, printed.vatex)
        if regime.legal_text:
            assert regime.legal_text == printed.text


def test_an_unknown_offering_is_a_key_error(shipped):
    with pytest.raises(KeyError):
        shipped.offering("nothing")


GOOD = """
[[offering]]
code = "a"
name = "A"
family = "F"
summary = "S"
kind = "series"
session_minutes = 60
sessions_min = 1
sessions_usual = 2
facilitation = "alone"
required_qualifications = ["q"]
price_unit = "per_session"
demo_price_cents = 100
vat_regime = "standard"
asks_person_wish = false
preparation_minutes = 0
pictogram = "people"
goals = ["g"]

[[qualification]]
code = "q"
name = "Q"
valid_months = 0
evidence = "E"
"""


def load(tmp_path, body):
    path = tmp_path / "catalogue.toml"
    path.write_text(body, encoding="utf-8")
    return load_palette_file(path, vat_regimes={"standard"})


def test_a_small_palette_is_read(tmp_path):
    palette = load(tmp_path, GOOD)
    assert palette.offering("a").group_max is None
    assert palette.offering("a").goals == ("g",)


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('vat_regime = "standard"', 'vat_regime = "luck"', "offering a: VAT regime luck"),
        ('kind = "series"', 'kind = "party"', "offering a: kind can't be 'party'"),
        ('kind = "series"\n', "", "offering a: kind is missing"),
        ('name = "A"', 'name = "A"\ncolour = "red"', "offering a: colour is unknown"),
        ("session_minutes = 60", 'session_minutes = "60"', "session_minutes can't be '60'"),
        ("session_minutes = 60", "session_minutes = 601", "10 hours"),
        ("demo_price_cents = 100", "demo_price_cents = 1.5", "demo_price_cents can't be 1.5"),
        ("demo_price_cents = 100", "demo_price_cents = -1", "demo_price_cents can't be -1"),
        ("sessions_usual = 2", "sessions_usual = 0", "sessions_min"),
        ("asks_person_wish = false", "asks_person_wish = 0", "asks_person_wish can't be 0"),
        ('["q"]', '["z"]', "qualification z"),
        ('["g"]', '[" "]', "goals can't be"),
        ("preparation_minutes = 0", "preparation_minutes = 0\ngroup_min = 4", "both group_min"),
        ("preparation_minutes = 0", "preparation_minutes = 0\ngroup_min = 4\ngroup_max = 3", "above"),
        ('"per_session"', '"per_participant"', "needs a group"),
        ("[[qualification]]", "[[qualifications]]", "unknown section"),
        ("[[offering]]", "[[offering", "catalogue.toml"),
    ],
)
def test_a_mistake_is_named(tmp_path, before, after, complaint):
    with pytest.raises(PaletteError) as refusal:
        load(tmp_path, GOOD.replace(before, after, 1))
    assert complaint in str(refusal.value)


def test_all_mistakes_are_told_at_once_and_a_double_is_one(tmp_path):
    first, second = GOOD.split("[[qualification]]")
    with pytest.raises(PaletteError) as refusal:
        load(
            tmp_path,
            first + first.replace("standard", "luck") + "[[qualification]]" + second + '[[theme]]\ncode = "t"\n',
        )
    assert len(refusal.value.problems) == 2
