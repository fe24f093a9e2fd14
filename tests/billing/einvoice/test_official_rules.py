"""XSD, EN 16931 and BR-FR on what we make; then one defect each, which must be found under its own name."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entrepairs.billing.einvoice.checker import Checker
from entrepairs.billing.einvoice.explain import explain
from entrepairs.billing.einvoice.facturx import build_xml
from entrepairs.billing.einvoice.mentions import FRANCHISE, SOCIAL, TRAINING
from entrepairs.billing.einvoice.model import EInvoice
from tests.billing.einvoice.sample_invoices import (
    BUSINESS,
    CASES,
    CREDIT_NOTE,
    LIABLE_SELLER,
    MIXED,
    PRIVATE,
    VAT_20,
    line,
)

ANNOUNCED = replace(PRIVATE, notes=(*PRIVATE.notes, BUSINESS))


@pytest.mark.parametrize("name", CASES)
def test_every_case_of_law_passes_all_the_rules(name: str, checker: Checker):
    report = checker.check(build_xml(CASES[name]))
    assert report.failures == ()


def cut(pattern: str, by: str = "") -> tuple[str, str]:
    return pattern, by


DEFECTS = {
    "exemption without its reason": (
        PRIVATE,
        [
            cut(r"<ram:ExemptionReason>.*?</ram:ExemptionReason>"),
            cut(r"<ram:ExemptionReasonCode>.*?</ram:ExemptionReasonCode>"),
        ],
        "BR-E-10",
    ),
    "another amount to pay": (
        PRIVATE,
        [cut(r"<ram:DuePayableAmount>1920.00<", "<ram:DuePayableAmount>1919.99<")],
        "BR-CO-16",
    ),
    "another total": (PRIVATE, [cut(r"<ram:GrandTotalAmount>1920.00<", "<ram:GrandTotalAmount>2000.00<")], "BR-CO-15"),
    "another sum of the lines": (
        PRIVATE,
        [cut(r"(HeaderMonetarySummation>\s*<ram:LineTotalAmount>)1920.00<", r"\g<1>1900.00<")],
        "BR-CO-10",
    ),
    "another VAT": (MIXED, [cut(r"<ram:CalculatedAmount>345.10<", "<ram:CalculatedAmount>300.00<")], "BR-S-09"),
    "no SIREN of the buyer": (
        ANNOUNCED,
        [cut(r"(<ram:Name>Clinique.*?)<ram:SpecifiedLegalOrganization>.*?</ram:SpecifiedLegalOrganization>", r"\1")],
        "BR-FR-11_BT-47",
    ),
    "no electronic address of the buyer": (
        PRIVATE,
        [cut(r"(<ram:Name>Clinique.*?)<ram:URIUniversalCommunication>.*?</ram:URIUniversalCommunication>", r"\1")],
        "BR-FR-12_BT-49",
    ),
    "no note on late payment": (PRIVATE, [cut(r"<ram:SubjectCode>PMD</ram:SubjectCode>")], "BR-FR-05_BT-22_PMD"),
    "no note on recovery": (PRIVATE, [cut(r"<ram:SubjectCode>PMT</ram:SubjectCode>")], "BR-FR-05_BT-22_PMT"),
    "no note on discount": (PRIVATE, [cut(r"<ram:SubjectCode>AAB</ram:SubjectCode>")], "BR-FR-05_BT-22_AAB"),
    "exempt seller unknown to the tax office": (
        PRIVATE,
        [cut(r"<ram:SpecifiedTaxRegistration>.*?</ram:SpecifiedTaxRegistration>")],
        "BR-E-02",
    ),
    "Chorus Pro's own billing frame": (PRIVATE, [cut(r"<ram:ID>S1<", "<ram:ID>A1<")], "BR-FR-08_BT-23"),
    "credit note of nothing": (
        CREDIT_NOTE,
        [cut(r"<ram:InvoiceReferencedDocument>.*?</ram:InvoiceReferencedDocument>")],
        "BR-FR-CO-05_BT-3",
    ),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_each_defect_is_found_under_its_own_name(name: str, checker: Checker):
    invoice, cuts, rule = DEFECTS[name]
    xml = build_xml(invoice).decode()
    for pattern, by in cuts:
        xml, count = re.subn(pattern, by, xml, flags=re.DOTALL)
        assert count, f"nothing to bend for {pattern}"
    report = checker.check(xml.encode())
    assert not report.passed
    assert rule in report.rules
    assert explain(rule).msgid


def test_the_norm_takes_a_tax_number_for_a_vat_number(checker: Checker):
    """Why `refusals` wants the VAT number on a taxed invoice: BT-32, given for exempt sellers, satisfies BR-S-02."""
    assert checker.check(build_xml(replace(PRIVATE, lines=(line(VAT_20),)))).passed


def test_two_exemptions_on_one_invoice_break_the_norm_itself(checker: Checker):
    """Why `refusals` asks for two invoices."""
    assert "BR-E-01" in checker.check(build_xml(replace(PRIVATE, lines=(line(SOCIAL), line(TRAINING))))).rules


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.decimals(min_value="0.01", max_value="250", places=2),
            st.integers(min_value=51, max_value=500_000),
            st.booleans(),
        ),
        min_size=1,
        max_size=12,
    ),
    exemption=st.sampled_from([SOCIAL, TRAINING, FRANCHISE]),
)
def test_our_rounding_satisfies_the_norm_whatever_the_lines(
    rows: list[tuple[Decimal, int, bool]], exemption: object, checker: Checker
):
    lines = tuple(line(VAT_20 if taxed else exemption, str(quantity), cents) for quantity, cents, taxed in rows)
    invoice: EInvoice = replace(PRIVATE, seller=LIABLE_SELLER, lines=lines)
    assert checker.check(build_xml(invoice)).failures == ()
