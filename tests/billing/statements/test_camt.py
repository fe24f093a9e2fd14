"""CAMT.053 of several versions: batches, reversals, charges, several statements; what is wrong is refused in a sentence."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.billing.statements.camt import read_camt
from entrepairs.billing.statements.reading import read_file
from entrepairs.billing.statements.values import ReadLine, UnreadableStatement
from tests.billing.statements.bank_files import ACCOUNT, PAYER, box, camt, details, entry, statement


def lines(content: bytes) -> tuple[ReadLine, ...]:
    (one,) = read_camt(content)
    return one.lines


def refused(content: bytes) -> str:
    with pytest.raises(UnreadableStatement) as refusal:
        read_file(content, ACCOUNT)
    return refusal.value.code


@pytest.mark.parametrize("version", ["02", "04", "08", "13"])
def test_a_transfer_reads_the_same_in_every_version(version):
    new = version in {"08", "13"}
    status = "<Sts><Cd>BOOK</Cd></Sts>" if new else "<Sts>BOOK</Sts>"
    content = camt(
        statement(
            entry("2560.00", inside=box(details(new=new, e2e="ORDRE 7", name="Clinique  Beaulieu")), status=status),
            closing="3560.00",
        ),
        version=version,
    )
    (one,) = read_file(content, "")
    assert (one.account, one.number, one.opening, one.closing) == (ACCOUNT, "12", 100000, 356000)
    (line,) = one.lines
    assert (line.cents, line.booked_on.isoformat(), line.counterparty, line.counterparty_iban, line.end_to_end) == (
        *(256000, "2027-03-02", "Clinique Beaulieu", PAYER, "ORDRE 7"),
    )
    assert line.label == "FACTURE FA2027-00001"


def batch(*amounts: str, total: str, sign: str = "CRDT", entry_extra: str = "", **kw: str) -> str:
    boxes = [
        details(text=f"FA2027-0000{at}", amount=f'<Amt Ccy="EUR">{one}</Amt>', **kw)
        for at, one in enumerate(amounts, 1)
    ]
    return entry(total, sign, inside=entry_extra + box(*boxes))


def test_a_batch_becomes_a_line_by_transaction_when_they_add_up():
    read = lines(camt(statement(batch("100.00", "250.50", total="350.50"), closing="1350.50")))
    assert [(one.cents, one.label) for one in read] == [(10000, "FA2027-00001"), (25050, "FA2027-00002")]


def test_a_batch_that_does_not_add_up_is_one_line_with_all_that_is_said():
    (line,) = lines(camt(statement(batch("100.00", "250.50", total="999.00"), closing="1999.00")))
    assert line.cents == 99900
    assert "FA2027-00001" in line.label
    assert "FA2027-00002" in line.label


def test_charges_kept_by_the_bank_are_a_line_of_their_own_in_either_writing():
    old = '<Chrgs><Amt Ccy="EUR">2.50</Amt></Chrgs>'
    new = '<Chrgs><Rcrd><Amt Ccy="EUR">2.50</Amt><CdtDbtInd>DBIT</CdtDbtInd></Rcrd></Chrgs>'
    for extra in (old, new):
        one = entry(
            "97.50", inside=extra + box(details(amount='<AmtDtls><TxAmt><Amt Ccy="EUR">100.00</Amt></TxAmt></AmtDtls>'))
        )
        read = lines(camt(statement(one, closing="1097.50")))
        assert [(line.cents, line.charge) for line in read] == [(10000, False), (-250, True)]


def test_a_returned_transfer_goes_out_and_names_whom_it_came_from():
    one = entry("80.00", "DBIT", reversal="<RvslInd>true</RvslInd>", inside=box(details(name="Clinique Beaulieu")))
    (line,) = lines(camt(statement(one, closing="920.00")))
    assert (line.cents, line.reversal, line.counterparty) == (-8000, True, "Clinique Beaulieu")


def test_what_is_pending_is_left_out_and_a_debit_names_who_was_paid():
    pending = entry("5.00", status="<Sts>PDNG</Sts>")
    out = entry("10.00", "DBIT", inside=box(details(party="Cdtr", name="Imprimerie")))
    (line,) = lines(camt(statement(pending, out, closing="990.00")))
    assert (line.cents, line.counterparty) == (-1000, "Imprimerie")


def test_several_statements_and_one_said_twice():
    first = statement(entry("1.00"), closing="1001.00", number="12")
    second = statement(entry("2.00", day="2027-03-03"), opening="1001.00", closing="1003.00", number="13")
    read = read_camt(camt(first, second, first))
    assert [(one.number, len(one.lines)) for one in read] == [("12", 1), ("13", 1)]


def test_two_transfers_alike_on_a_day_stay_two_and_have_the_same_fingerprints_in_a_longer_file():
    short = lines(camt(statement(entry("1.00"), entry("1.00"), closing="1002.00")))
    longer = lines(
        camt(statement(entry("9.00", day="2027-03-01"), entry("1.00"), entry("1.00"), closing="1011.00"), version="08")
    )
    assert len({one.fingerprint for one in short}) == 2
    assert [one.fingerprint for one in longer[1:]] == [one.fingerprint for one in short]


def test_an_old_encoding_and_a_structured_reference_are_read():
    extra = "<RmtInf><Strd><RfrdDocInf><Nb>FA2027-00003</Nb></RfrdDocInf><CdtrRefInf><Ref>RF18X</Ref></CdtrRefInf></Strd></RmtInf>"
    (line,) = lines(
        camt(
            statement(entry("1.00", inside=box(details(name="Hôpital Évariste", extra=extra))), closing="1001.00"),
            encoding="ISO-8859-1",
        )
    )
    assert line.counterparty == "Hôpital Évariste"
    assert "FA2027-00003" in line.reference
    assert "RF18X" in line.reference


BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def test_wrong_files_are_refused_each_by_its_sentence():
    good = statement(entry("1.00"), closing="1001.00")
    assert refused(camt(good, head=BOMB)) == "xml_refused"
    assert refused(camt(good, head=OUTSIDE)) == "xml_refused"
    assert refused(b"<a>" * 200 + b"</a>" * 200) == "xml_refused"
    assert refused(camt(good)[:-40]) == "xml_broken"
    assert refused(camt(good, kind="54")) == "not_a_statement"
    assert refused(b"<html><body>Session close</body></html>") == "not_a_statement"
    assert refused(camt()) == "no_statement"
    assert refused(camt(statement(entry("1.00"), closing="1002.00"))) == "balances_differ"
    assert refused(camt(statement(entry("1.00", currency="USD"), closing="1001.00"))) == "other_currency"
    assert refused(camt(statement(entry("1.005"), closing="1001.00"))) == "amount_unclear"
    assert refused(camt(statement(entry("-1.00"), closing="1001.00"))) == "amount_unclear"
    assert refused(camt(statement(entry("1e3"), closing="1001.00"))) == "amount_unclear"
    assert refused(camt(statement(entry("1.00", day="2027-02-30"), closing="1001.00"))) == "date_unclear"
    assert refused(camt(statement(entry("1.00", "X"), closing="1001.00"))) == "entry_bare"


def test_one_wrong_statement_among_several_refuses_the_file():
    good, bad = statement(entry("1.00"), closing="1001.00"), statement(entry("1.00"), closing="9.00")
    assert refused(camt(good, bad)) == "balances_differ"


@given(st.binary(max_size=300), st.integers(0, 1500), st.integers(0, 1500))
def test_a_damaged_file_is_read_or_refused_never_a_crash(noise, start, length):
    whole = camt(statement(entry("1.00", inside=box(details())), closing="1001.00"))
    try:
        read = read_file(whole[:start] + noise + whole[start + length :], ACCOUNT)
    except UnreadableStatement:
        return
    assert all(re.fullmatch(r"[0-9a-f]{64}(-[0-9]+)?", line.fingerprint) for one in read for line in one.lines)
