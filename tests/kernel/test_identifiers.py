"""Official numbers: tolerant of spaces, strict on keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from entrepairs.kernel import identifiers as ids
from entrepairs.kernel.errors import InvalidInput

nine_digits = st.integers(1, 10**8 - 1).map(lambda n: f"{n:08d}" + luhn.calc_check_digit(f"{n:08d}"))


@given(siren=nine_digits, gap=st.sampled_from(["", " ", "\u00a0", "\u202f", ".", "-"]))
def test_a_siren_with_a_right_key_is_read_whatever_the_spaces(siren, gap):
    assert ids.parse_siren(f" {siren[:3]}{gap}{siren[3:6]}{gap}{siren[6:]} ") == siren


@given(siren=nine_digits, at=st.integers(0, 8), shift=st.integers(1, 9))
def test_one_wrong_digit_in_a_siren_is_refused(siren, at, shift):
    wrong = siren[:at] + str((int(siren[at]) + shift) % 10) + siren[at + 1 :]
    with pytest.raises(InvalidInput):
        ids.parse_siren(wrong)


@pytest.mark.parametrize(
    ("text", "code"),
    [("123456789", "siren_key"), ("000000000", "siren_key"), ("7328293", "siren_length"), ("73282932A", "siren_length"),
     ("٧٣٢٨٢٩٣٢٠", "siren_length"), ("", "siren_length")],
)  # fmt: skip
def test_a_wrong_siren_says_which_way_it_is_wrong(text, code):
    with pytest.raises(InvalidInput) as refusal:
        ids.parse_siren(text, field="siren")
    assert (refusal.value.code, refusal.value.field) == (code, "siren")


def test_a_siret_carries_its_siren():
    siret = ids.parse_siret("732 829 320 00074")
    assert siret == "73282932000074"
    assert ids.siren_of(siret) == "732829320"
    assert ids.format_siret(siret) == "732 829 320 00074"


@pytest.mark.parametrize("text", ["35600000000048", "356 000 000 09075"])
def test_la_poste_follows_its_own_rule(text):
    assert ids.parse_siret(text).startswith("356000000")


@pytest.mark.parametrize("text", ["73282932000079", "35600000009076", "00000000000000", "7328293200007"])
def test_a_wrong_siret_is_refused(text):
    with pytest.raises(InvalidInput):
        ids.parse_siret(text)


@given(siren=nine_digits)
def test_the_vat_number_derived_from_a_siren_reads_back(siren):
    number = ids.vat_number_of(siren)
    assert ids.parse_vat_number(number, siren=siren) == number
    assert ids.parse_vat_number(f"{number[:2]} {number[2:4]} {number[4:]}") == number
    assert ids.parse_vat_number(number[2:]) == number


@pytest.mark.parametrize("text", ["FR00732829320", "BE0403170701", "FR", "", "FR44 732 829 321"])
def test_a_wrong_vat_number_is_refused(text):
    with pytest.raises(InvalidInput):
        ids.parse_vat_number(text)


def test_a_vat_number_of_another_siren_is_refused():
    with pytest.raises(InvalidInput, match="vat_number_mismatch"):
        ids.parse_vat_number("FR44732829320", siren="404833048")


def test_an_iban_is_read_printed_and_masked():
    iban = ids.parse_iban("fr14 2004 1010 0505 0001 3m02 606")
    assert iban == "FR1420041010050500013M02606"
    assert ids.format_iban(iban) == "FR14 2004 1010 0505 0001 3M02 606"
    assert ids.mask_iban(iban) == "FR14 … 606"


@pytest.mark.parametrize("text", ["FR1420041010050500013M02607", "FR14", "", "not an iban", "XX14200410100505"])
def test_a_wrong_iban_is_refused(text):
    with pytest.raises(InvalidInput):
        ids.parse_iban(text)


@pytest.mark.parametrize("text", ["W133012345", "w13 3012345", "W2A1000123", "W9R1000123"])
def test_an_association_register_number_is_read(text):
    assert ids.parse_rna(text).startswith("W")


@pytest.mark.parametrize("text", ["133012345", "W13301234", "W1330123456", "X133012345"])
def test_a_wrong_association_register_number_is_refused(text):
    with pytest.raises(InvalidInput):
        ids.parse_rna(text)


@pytest.mark.parametrize(
    "text",
    ["0491234567", "04 91 23 45 67", "04.91.23.45.67", "04-91-23-45-67", "+33 4 91 23 45 67", "0033 491234567",
     "+33 (0)4 91 23 45 67", "(04) 91 23 45 67", "04/91/23/45/67", "+330491234567", "04\u00a091\u202f23 45 67"],
)  # fmt: skip
def test_every_way_of_typing_a_french_number_gives_the_same(text):
    assert ids.parse_phone(text) == "+33491234567"
    assert ids.format_phone("+33491234567") == "04 91 23 45 67"


def test_a_foreign_number_keeps_its_country_and_short_ones_need_leave():
    assert ids.parse_phone("+32 2 555 12 12") == "+3225551212"
    assert ids.format_phone("+3225551212") == "+3225551212"
    assert ids.parse_phone("3114", allow_short=True) == "3114"
    assert ids.parse_phone("15", allow_short=True) == "15"
    with pytest.raises(InvalidInput):
        ids.parse_phone("3114")


@pytest.mark.parametrize("text", ["", "049123456", "00", "491234567", "04 91 23 45 6x", "+", "+33"])
def test_a_wrong_phone_is_refused(text):
    with pytest.raises(InvalidInput):
        ids.parse_phone(text)


@pytest.mark.parametrize(("code", "departement"), [("13055", "13"), ("2A004", "2A"), ("2b033", "2B"), ("97411", "974")])
def test_a_commune_code_tells_its_departement(code, departement):
    assert ids.departement_of(ids.parse_commune_code(code)) == departement


@pytest.mark.parametrize("code", ["1305", "00055", "20004", "2C004", "99100", "130555", "MARSEILLE"])
def test_a_wrong_commune_code_is_refused(code):
    with pytest.raises(InvalidInput):
        ids.parse_commune_code(code)


def test_a_postcode_has_five_digits():
    assert ids.parse_postcode("13 001") == "13001"
    for wrong in ("1300", "00100", "2A004", "99999"):
        with pytest.raises(InvalidInput):
            ids.parse_postcode(wrong)
