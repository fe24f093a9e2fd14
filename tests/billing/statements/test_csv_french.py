"""CSV of French banks: what stands before the header, two columns or one, odd amounts; unknown headers are asked."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.billing.statements.csv_french import Columns, ColumnsNeeded, read_cents, read_csv, read_date
from entrepairs.billing.statements.reading import read_file
from entrepairs.billing.statements.values import ReadLine, UnreadableStatement
from tests.billing.statements.bank_files import ACCOUNT

OTHER = "FR7630006000011234567890189"


def lines(text: str, encoding: str = "utf-8", columns: Columns | None = None) -> tuple[ReadLine, ...]:
    (one,) = read_file(text.encode(encoding), ACCOUNT, columns)
    return one.lines


def refused(text: str, columns: Columns | None = None) -> str:
    with pytest.raises(UnreadableStatement) as refusal:
        lines(text, columns=columns)
    return refusal.value.code


TWO_COLUMNS = f"""Compte courant;ASSOCIATION PAIRS;
IBAN;{OTHER[:4]} {OTHER[4:8]} {OTHER[8:]};
Solde au 31/03/2027;1 234,56 €;

Date;Date de valeur;Libellé;Débit euros;Crédit euros;
02/03/2027;03/03/2027;"VIREMENT CLINIQUE ; FA2027-00001";;"2 560,00";
03/03/27;03/03/27;FRAIS;-12,50;;
;;SUITE DU LIBELLE;;;
Total;;;-12,50;2 560,00;
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_two_columns_after_a_preamble_with_an_account_of_its_own(encoding):
    (one,) = read_csv(TWO_COLUMNS.encode(encoding), ACCOUNT)
    assert (one.account, one.opening, one.closing) == (OTHER, None, None)
    first, second = one.lines
    assert (first.cents, first.label, first.booked_on.isoformat()) == (
        256000,
        "VIREMENT CLINIQUE ; FA2027-00001",
        "2027-03-02",
    )
    assert (second.cents, second.label) == (-1250, "FRAIS SUITE DU LIBELLE")


@pytest.mark.parametrize(
    "text",
    [
        "Date opération;Libellé opération;Montant (EUR);Devise\n02/03/2027;VIR X;320,50;EUR\n",
        "\ufeffDATE\tLIBELLE\tMONTANT\n2027-03-02\tVIR X\t+320,50 €\n",
        'Date,Libellé,Montant\n02.03.2027,VIR X,"320,50"\n',
        "date comptable;libelle simplifie;debit;credit\r\n02-03-2027;VIR X;0,00;320,5\r\n",
    ],
)
def test_headers_separators_and_dates_as_banks_write_them(text):
    (line,) = lines(text)
    assert (line.cents, line.label, line.booked_on.isoformat()) == (32050, "VIR X", "2027-03-02")


def test_an_unknown_header_is_asked_and_the_answer_is_used():
    text = "Le;Quoi;Combien\n02/03/2027;VIR X;320,50\n"
    with pytest.raises(ColumnsNeeded) as asked:
        lines(text)
    assert asked.value.rows[0] == ("Le", "Quoi", "Combien")
    (line,) = lines(text, columns=Columns(0, label=1, amount=2))
    assert line.cents == 32050


@pytest.mark.parametrize(
    ("told", "cents"),
    [
        *[("1 234,56 €", 123456), ("-12,5", -1250), ("1.234,56", 123456), ("1,234.56", 123456), ("12,00-", -1200)],
        *[("−7", -700), ("+1\u202f000\u00a0EUR", 100000), ("1234567.8", 123456780), ("0,05", 5)],
    ],
)
def test_amounts_as_they_are_typed(told, cents):
    assert read_cents(told) == cents


@pytest.mark.parametrize(
    "told", ["1.234", "1,234", "12,345", "--5", "5 %", "abc", "1,2,3", "(12,00)", "1e5", "٣", "9" * 20]
)
def test_an_amount_that_would_be_a_guess_is_refused(told):
    with pytest.raises(UnreadableStatement):
        read_cents(told)


@pytest.mark.parametrize("told", ["31/02/2027", "2027/03/02", "3 mars 2027", "13/13/27", ""])
def test_a_date_that_would_be_a_guess_is_refused(told):
    with pytest.raises(UnreadableStatement):
        read_date(told)


def test_wrong_files_are_refused_each_by_its_sentence():
    head = "Date;Libellé;Débit;Crédit\n"
    assert refused(head + "02/03/2027;X;5;5\n") == "both_or_none"
    assert refused(head + "02/03/2027;X;;\n") == "both_or_none"
    assert refused(head + ";X;5;\n") == "date_missing"
    assert refused(head) == "no_movement"
    assert refused("Date;Libellé;Montant;Devise\n02/03/2027;X;5;USD\n") == "other_currency"
    assert refused("%PDF-1.7 ...") == "not_for_machines"
    assert refused("PK\x03\x04") == "not_for_machines"
    assert refused("  \n ") == "file_blank"
    assert refused("Date;Libellé;Montant\x00\n") == "not_text"
    assert refused("bonjour") == "columns_needed"
    assert refused("a;b\n1;2\n", columns=Columns(0, amount=9)) == "date_unclear"


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_never_a_crash(text):
    for whole in (text, "Date;Libellé;Montant\n" + text):
        with contextlib.suppress(UnreadableStatement):
            read_file(whole.encode("utf-8", "replace"), ACCOUNT)
