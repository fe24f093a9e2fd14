"""What the official rules let pass and we refuse, each with the field to mend."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from entrepairs.billing.einvoice.checker import Checker
from entrepairs.billing.einvoice.facturx import build_xml
from entrepairs.billing.einvoice.mentions import OUT_OF_SCOPE, SOCIAL, TRAINING, Note, NoteCode
from entrepairs.billing.einvoice.model import Address, Allowance, Preceding
from entrepairs.billing.einvoice.refusals import refusals_of
from entrepairs.kernel.money import Money
from tests.billing.einvoice.sample_invoices import (
    AFTER_DEPOSIT,
    CASES,
    CLINIC,
    CREDIT_NOTE,
    DEPOSIT,
    DISCOUNTED,
    LIABLE_SELLER,
    PRIVATE,
    PRIVATE_NOTES,
    PUBLIC,
    SELLER,
    VAT_20,
    line,
)


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_refused_in_a_right_invoice(name: str):
    assert refusals_of(CASES[name]) == ()


def hollow(text: str) -> tuple[Note, ...]:
    return (
        Note(NoteCode.LATE_PAYMENT, text),
        *(note for note in PRIVATE_NOTES if note.code is not NoteCode.LATE_PAYMENT),
    )


FAULTS = {
    "SIREN with a wrong key": (
        replace(PRIVATE, buyer=replace(CLINIC, siren="123456789", siret=None)),
        "siren",
        "buyer.siren",
    ),
    "SIRET of another SIREN": (replace(PRIVATE, buyer=replace(CLINIC, siret="90000000100017")), "siret", "buyer.siret"),
    "address of another SIREN": (
        replace(PRIVATE, buyer=replace(CLINIC, electronic_address="900000001")),
        "electronic_address",
        "buyer.electronic_address",
    ),
    "no street": (
        replace(PRIVATE, buyer=replace(CLINIC, address=Address((" ",), "13100", "Aix"))),
        "address",
        "buyer.address",
    ),
    "number with a space": (replace(PRIVATE, number="FA 2027 42"), "number", "number"),
    "number over 20 characters": (replace(PRIVATE, number="FA2027-00000000000042"), "number", "number"),
    "due before issue": (replace(PRIVATE, due_on=date(2027, 3, 1)), "due_before_issue", "due_on"),
    "period upside down": (replace(PRIVATE, first_day=date(2027, 3, 12)), "period", "period"),
    "date with an hour": (replace(PRIVATE, due_on=datetime(2027, 4, 11, 9)), "date", "dates"),
    "year 3027": (replace(PRIVATE, due_on=date(3027, 4, 11)), "date", "dates"),
    "no notes": (replace(PRIVATE, notes=()), "note_count", "notes.PMT"),
    "note twice": (replace(PRIVATE, notes=(*PRIVATE.notes, PRIVATE_NOTES[0])), "note_count", "notes.PMD"),
    "note of a dot": (replace(PRIVATE, notes=hollow(".")), "note_hollow", "notes.PMD"),
    "note N/A": (replace(PRIVATE, notes=hollow(" N/A. ")), "note_hollow", "notes.PMD"),
    "empty note": (replace(PRIVATE, notes=hollow("")), "note_hollow", "notes.PMD"),
    "no engagement number": (replace(PUBLIC, engagement=None), "engagement", "engagement"),
    "blank engagement number": (replace(PUBLIC, engagement=""), "engagement", "engagement"),
    "engagement N/A": (replace(PUBLIC, engagement="N/A"), "reference", "engagement"),
    "engagement with a suffix": (replace(PUBLIC, engagement="4500123456 du 3/1"), "reference", "engagement"),
    "no service code": (replace(PUBLIC, service_code=None), "service_code", "service_code"),
    "generic service": (replace(PUBLIC, service_code="FACTURES_PUBLIQUES"), "service_code_generic", "service_code"),
    "public body without SIRET": (
        replace(PUBLIC, buyer=replace(PUBLIC.buyer, siret=None)),
        "public_siret",
        "buyer.siret",
    ),
    "out of scope mixed": (replace(PRIVATE, lines=(line(), line(OUT_OF_SCOPE))), "out_of_scope_mixed", "lines"),
    "out of scope with a VAT number": (
        replace(PRIVATE, seller=LIABLE_SELLER, lines=(line(OUT_OF_SCOPE),)),
        "out_of_scope_vat_number",
        "seller.vat_number",
    ),
    "two exemptions": (replace(PRIVATE, lines=(line(SOCIAL), line(TRAINING))), "two_exemptions", "lines"),
    "taxed without VAT number": (replace(PRIVATE, lines=(line(VAT_20),)), "seller_vat_number", "seller.vat_number"),
    "no line": (replace(PRIVATE, lines=()), "no_lines", "lines"),
    "no quantity": (replace(PRIVATE, lines=(line(quantity="0"),)), "quantity", "lines.1"),
    "negative price": (replace(PRIVATE, lines=(line(cents=-1),)), "price", "lines.1"),
    "invisible character": (replace(PRIVATE, reason="a\x07b"), "control_character", "reason"),
    "wrong IBAN": (replace(PRIVATE, iban="FR7630006000011234567890188"), "iban", "iban"),
    "paid too much": (replace(PRIVATE, paid=Money(192_001)), "paid", "paid"),
    "credit note of nothing": (replace(CREDIT_NOTE, preceding=None), "preceding", "preceding"),
    "credit note without reason": (replace(CREDIT_NOTE, reason=" "), "reason", "reason"),
    "credit note before its invoice": (replace(CREDIT_NOTE, issued_on=date(2027, 3, 1)), "preceding_date", "preceding"),
    "billed before the service": (
        replace(PRIVATE, first_day=date(2027, 3, 13), last_day=date(2027, 3, 14)),
        "service_ahead",
        "period",
    ),
    "discount without a reason": (
        replace(PRIVATE, lines=(replace(line(), discount=Money(100)),)),
        "discount",
        "lines.1",
    ),
    "discount over the line": (
        replace(PRIVATE, lines=(replace(line(), discount=Money(200_000), discount_reason="x y"),)),
        "nothing",
        "lines.1",
    ),
    "allowance of nothing": (
        replace(PRIVATE, allowances=(Allowance(Money(0), SOCIAL, "Geste"),)),
        "allowance",
        "allowances.1",
    ),
    "allowance over the invoice": (
        replace(PRIVATE, allowances=(Allowance(Money(192_001), SOCIAL, "Geste"),)),
        "negative",
        "lines",
    ),
    "deduction of no deposit": (replace(AFTER_DEPOSIT, deposits=()), "deduction", "lines.2"),
    "deposit dated after": (
        replace(AFTER_DEPOSIT, deposits=(Preceding("FA2027-00050", date(2027, 3, 13)),)),
        "deposit_date",
        "deposits",
    ),
    "deposit of a deposit": (
        replace(DEPOSIT, deposits=AFTER_DEPOSIT.deposits),
        "deposit_of_deposit",
        "deposits",
    ),
    "empty attachment": (
        replace(PRIVATE, attachments=(replace(DISCOUNTED.attachments[0], content=b""),)),
        "attachment",
        "attachments.1",
    ),
    "hollow contract number": (replace(PUBLIC, agreement_number="néant"), "reference", "agreement_number"),
    "VAT number of another SIREN": (
        replace(PRIVATE, seller=replace(SELLER, vat_number="FR44732829320")),
        "vat_number",
        "seller.vat_number",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_refused_with_the_field_to_mend(name: str):
    invoice, code, field = FAULTS[name]
    found = refusals_of(invoice)
    assert (code, field) in [(refusal.code, refusal.field) for refusal in found]
    for refusal in found:
        assert refusal.message % refusal.params


def test_the_official_rules_let_a_wrong_siren_pass(checker: Checker):
    """Why we look ourselves: were this to fail, ours would be a repetition."""
    unknown = replace(PRIVATE, seller=replace(SELLER, siren="123456789", siret=None))
    assert checker.check(build_xml(unknown)).passed
    assert not checker.check(build_xml(replace(PRIVATE, notes=()))).passed


def test_hollow_notes_pass_the_official_rules(checker: Checker):
    assert checker.check(build_xml(replace(PRIVATE, notes=hollow("N/A")))).passed


def test_amounts_by_hand():
    """1,5 jour at 1 150,33 € = 1 725,495 → 1 725,50; 20 % = 345,10. With 8 × 240 €: 3 645,50 + 345,10 = 3 990,60."""
    mixed = CASES["exempt and taxed"]
    assert [row.vat for row in mixed.breakdown] == [Money(0), Money(34_510)]
    assert (mixed.net, mixed.vat, mixed.gross) == (Money(364_550), Money(34_510), Money(399_060))
    assert line(quantity="0.5", cents=1).net == Money(1)
    assert replace(PRIVATE, paid=Money(50_000)).due == Money(142_000)
    assert mixed.lines[1].quantity == Decimal("1.5")
