"""CFONB 120: signed last digit, decimals of the record, continuation records, old encodings, files without line ends."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.billing.statements.cfonb import iban_of, read_cfonb
from entrepairs.billing.statements.reading import read_file
from entrepairs.billing.statements.values import ReadLine, ReadStatement, UnreadableStatement
from tests.billing.statements.bank_files import ACCOUNT, HOLDER, PAYER, cfonb, cfonb_account, record, signed


def read(content: bytes) -> ReadStatement:
    (one,) = read_file(content, "")
    return one


def only(content: bytes) -> ReadLine:
    (line,) = read(content).lines
    return line


def refused(content: bytes) -> str:
    with pytest.raises(UnreadableStatement) as refusal:
        read_file(content, ACCOUNT)
    return refusal.value.code


def test_records_have_120_signs():
    assert {len(record(kind, amount=signed(5) if kind != "05" else "")) for kind in ("01", "04", "05", "07")} == {120}


def test_a_movement_and_what_completes_it():
    move = record("04", amount=signed(256000), value="030327", reference="REF0042")
    more = [
        record("05", qualifier="NPY", said="CLINIQUE BEAULIEU"),
        record("05", qualifier="CPY", said=PAYER),
        record("05", qualifier="RCN", said=f"{'ORDRE 7':35}REGLEMENT FA2027-00001"),
        record("05", qualifier="LCC", said="SUITE DU LIBELLÉ"),
        record("05", qualifier="XYZ", said="on n'en fait rien"),
    ]
    one = read(cfonb_account(move, *more, closing=356000))
    assert (one.account, one.opening, one.closing) == (ACCOUNT, 100000, 356000)
    assert (one.opened_on.isoformat(), one.closed_on.isoformat()) == ("2027-03-01", "2027-03-03")
    (line,) = one.lines
    assert (line.cents, line.booked_on.isoformat(), line.value_on and line.value_on.isoformat()) == (
        256000,
        "2027-03-02",
        "2027-03-03",
    )
    assert line.label == "VIR CLINIQUE BEAULIEU REGLEMENT FA2027-00001 SUITE DU LIBELLÉ"
    assert (line.counterparty, line.counterparty_iban, line.end_to_end) == ("CLINIQUE BEAULIEU", PAYER, "ORDRE 7")
    assert line.reference == "REF0042 7"


@given(st.integers(-(10**12), 10**12), st.booleans())
def test_every_amount_comes_back_whatever_its_sign_and_set_of_signs(cents, french):
    opening, closing = signed(0, french=french), signed(cents, french=french)
    (one,) = read_cfonb(
        cfonb(
            record("01", amount=opening),
            record("04", amount=signed(cents, french=french)),
            record("07", amount=closing),
        )
    )
    assert (one.lines[0].cents, one.closing) == (cents, cents)


@pytest.mark.parametrize(("decimals", "told"), [("0", 10), ("1", 100), ("3", 10000), (" ", 1000)])
def test_the_decimals_are_those_of_the_record(decimals, told):
    move = record("04", amount=signed(told), decimals=decimals)
    assert only(cfonb_account(move, closing=101000)).cents == 1000


def test_files_without_line_ends_cut_spaces_or_a_final_mark_are_read():
    rows = [record("01", amount=signed(0)), record("04", amount=signed(5)), record("07", amount=signed(5))]
    whole = read(cfonb(*rows))
    assert read("".join(rows).encode("iso-8859-1")) == whole
    assert read(cfonb(*(row.rstrip() for row in rows), end="\n") + b"\x1a") == whole
    assert read(cfonb(*rows, encoding="utf-8")) == whole


def test_a_rejected_debit_is_told():
    assert only(cfonb_account(record("04", amount=signed(-500), rejected="32"), closing=99500)).reversal


def test_several_accounts_follow_each_other_and_the_iban_is_worked_out():
    rows = [record("01", amount=signed(0)), record("07", amount=signed(0))]
    other = [row.replace("0500013M026", "00000000001") for row in rows]
    first, second = read_cfonb(cfonb(*rows, *other))
    assert first.account == ACCOUNT == iban_of(*HOLDER)
    assert second.account != first.account


def test_wrong_files_are_refused_each_by_its_sentence():
    first, last = record("01", amount=signed(0)), record("07", amount=signed(5))
    move = record("04", amount=signed(5))
    assert refused(cfonb(first, move, record("07", amount=signed(6)))) == "balances_differ"
    assert refused(cfonb(first, move)) == "cfonb_cut"
    assert refused(cfonb(first, record("05"), move, last)) == "cfonb_disordered"
    assert refused(cfonb(first, first, move, last)) == "cfonb_disordered"
    assert refused(cfonb(first, move.replace("0500013M026", "00000000001"), last)) == "cfonb_disordered"
    assert refused(cfonb(first, move + "X", last)) == "cfonb_disordered"
    assert refused(cfonb(first, "99" + move[2:], last)) == "cfonb_disordered"
    assert refused(cfonb(first, record("04", amount="0000000000005X"), last)) == "amount_unclear"
    assert refused(cfonb(first, record("04", amount=" " * 14), last)) == "amount_unclear"
    assert refused(cfonb(first, record("04", amount=signed(5), decimals="3"), last)) == "amount_unclear"
    assert refused(cfonb(first, record("04", amount=signed(5), currency="CHF"), last)) == "other_currency"
    assert refused(cfonb(first, record("04", amount=signed(5), day="310227"), last)) == "date_unclear"


@given(st.binary(max_size=120), st.integers(0, 360), st.integers(0, 360))
def test_a_damaged_file_is_read_or_refused_never_a_crash(noise, start, length):
    whole = cfonb(record("01", amount=signed(0)), record("04", amount=signed(5)), record("07", amount=signed(5)))
    with contextlib.suppress(UnreadableStatement):
        read_file(whole[:start] + noise + whole[start + length :], ACCOUNT)
