"""UBL beside CII: the same invoice, term by term, and both under every rule."""

from collections import Counter

import pytest

from entrepairs.billing.einvoice.checker import Checker
from entrepairs.billing.einvoice.facturx import build_ubl, build_xml
from entrepairs.billing.einvoice.inspecting import inspect_xml
from entrepairs.billing.einvoice.opening import open_xml
from entrepairs.billing.einvoice.terms import Reading, terms, text_of
from tests.billing.einvoice.sample_invoices import CASES

NOT_COMPARED = {"BG-1", "BT-21", "BT-22", "BT-8", "BT-82"}
"""Notes are compared apart (UBL writes code and text together); BT-8 has another code in each syntax (5 and 3)."""


def contents(xml: bytes) -> Counter[tuple[str, str]]:
    """Every term with its values, dates and amounts in one writing; notes with their code."""
    reading = open_xml(xml).reading
    found = Counter(
        (ref, plain(text_of(node), ref))
        for ref in terms()
        if ref.startswith("BT") and ref not in NOT_COMPARED
        for node in reading.nodes(ref)
    )
    found.update(("BT-22", f"{code} {text}") for _, code, text in reading.notes())
    found.update(attributes(reading))
    return found


def attributes(reading: Reading) -> Counter[tuple[str, str]]:
    """Schemes of identifiers, units, and what an attached file says of itself."""
    names = ("schemeID", "unitCode", "mimeCode", "filename")
    refs = ("BT-29", "BT-30", "BT-34", "BT-46", "BT-47", "BT-49", "BT-71", "BT-129", "BT-125")
    return Counter(
        (f"{ref}/@{name}", node.get(name, ""))
        for ref in refs
        for node in reading.nodes(ref)
        for name in names
        if node.get(name)
    )


def plain(text: str, ref: str) -> str:
    text = " ".join(text.split())
    if len(text) == 10 and text[4] == text[7] == "-":
        return text.replace("-", "")
    return text


@pytest.mark.parametrize("name", CASES)
def test_both_say_the_same(name: str):
    cii, ubl = contents(build_xml(CASES[name])), contents(build_ubl(CASES[name]))
    assert cii - ubl == ubl - cii == Counter()


@pytest.mark.parametrize("name", CASES)
def test_both_hold_under_every_rule(name: str, checker: Checker):
    for xml in (build_xml(CASES[name]), build_ubl(CASES[name])):
        verdict = inspect_xml(xml, checker)
        assert [(one.rule, one.term, one.official) for one in verdict.findings] == []


def test_the_same_invoice_gives_the_same_bytes():
    assert all(build_ubl(case) == build_ubl(case) for case in CASES.values())
