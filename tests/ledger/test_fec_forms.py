"""The less usual forms of a tax file: accounts of receipts and expenses, quotes, what a defect drags along."""

from collections.abc import Callable
from pathlib import Path

import pytest

from entrepairs.ledger.fec.checking import check_file
from entrepairs.ledger.fec.columns import CASH, COLUMNS
from entrepairs.ledger.fec.findings import Report, Verdict
from tests.factories.fec import Row, a_file, some_lines, written


def rules(report: Report) -> list[str]:
    return [found.rule for found in report.faults]


def remarks(report: Report) -> list[str]:
    return [found.rule for found in report.remarks]


@pytest.fixture
def check(tmp_path: Path) -> Callable[[str], Report]:
    return lambda content: check_file(a_file(tmp_path, content))


def cash_rows(**values: str) -> list[Row]:
    """Receipts and expenses: when and how each was paid, after the eighteen columns."""
    return [row | {"DateRglt": row["EcritureDate"], "ModeRglt": "VIR", "NatOp": "", "IdClient": ""} | values
            for row in some_lines()]  # fmt: skip


@pytest.mark.parametrize("columns", [3, 4])
@pytest.mark.parametrize("separator", ["\t", "|"])
def test_accounts_of_receipts_and_expenses_have_three_or_four_columns_more(check, columns: int, separator: str):
    header = [*COLUMNS, *CASH[:columns]]
    report = check(written(cash_rows(), header=header, separator=separator))
    assert (report.verdict, report.remarks) == (Verdict.HOLDS, [])
    blank = cash_rows(JournalCode="", JournalLib="", CompteNum="", DateRglt="")
    report = check(written(blank, header=header, separator=separator))
    assert (rules(report), remarks(report)) == ([], ["payment-blank"])
    assert rules(check(written(cash_rows(DateRglt="31/12/2026"), header=header))) == ["date"]
    assert rules(check(written(cash_rows(), header=[one for one in header if one != "ModeRglt"])))[:2] == [
        "header-columns",
        "header-names",
    ]


def test_quotes_around_the_values_are_told_and_read_over(check):
    lines = written(some_lines()).splitlines()
    report = check("\r\n".join("\t".join(f'"{value}"' for value in line.split("\t")) for line in lines))
    assert (rules(report), report.debit) == (["quotes"], 360000)


def test_the_lines_of_an_entry_have_one_date(check):
    rows = some_lines()
    rows[1]["EcritureDate"] = "20260116"
    rows[1]["ValidDate"] = "20260120"
    report = check(written(rows))
    assert (rules(report), report.faults[0].lines) == (["entry-dates"], [3])


def test_a_number_given_twice_in_its_journal_is_told_even_between_others(check):
    one, other = some_lines(1), [row | {"JournalCode": "BQ"} for row in some_lines(1)]
    assert rules(check(written([*one, *other, *one]))) == ["number-order"]


@pytest.mark.parametrize(
    ("place", "column", "value", "rule"),
    [
        (0, "Debit", "douze", "amount-format"),
        (1, "JournalCode", "", "missing-value"),
        (1, "EcritureNum", "", "missing-value"),
        (1, "EcritureDate", "20260230", "date"),
        (1, "EcritureLib", "deux\tcolonnes", "columns"),
        (1, "EcritureLib", "deux\r\nlignes", "columns"),
    ],
)
def test_one_defect_is_not_told_as_several(check, place: int, column: str, value: str, rule: str):
    rows = some_lines()
    rows[place][column] = value
    assert rules(check(written(rows))) == [rule]


def test_lines_that_lost_their_last_empty_columns_are_told_and_read(check):
    text = written(some_lines())
    short = check(text.replace("\t\t\r\n", "\r\n").replace("Montantdevise\r\n", "Montantdevise\t\r\n"))
    assert (rules(short), short.faults[0].count, short.debit) == (["columns"], 9, 360000)
    assert rules(check(text[:-40])) == ["columns"]


def test_a_nil_side_left_blank_is_worth_a_remark(check):
    rows = some_lines()
    rows[0]["Credit"] = ""
    report = check(written(rows))
    assert (rules(report), remarks(report)) == ([], ["side-blank"])
