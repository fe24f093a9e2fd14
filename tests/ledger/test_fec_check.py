"""The checker of tax files: a right file passes, a file wrong in one place is told so, and nothing makes it fall."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.ledger.fec import checking, reading
from entrepairs.ledger.fec.checking import check_file
from entrepairs.ledger.fec.columns import BY_SENSE, COLUMNS
from entrepairs.ledger.fec.findings import LINES_KEPT, Report, Verdict
from entrepairs.ledger.fec.sentences import FAULTS, REMARKS, sentence
from entrepairs.ledger.fec.values import amount_of, day_of, number_of, shown_amount, why_no_amount
from tests.factories.fec import NAME, Row, a_file, a_line, an_opening, some_lines, written

Spoil = Callable[[list[Row]], object]


def rules(report: Report) -> list[str]:
    return [found.rule for found in report.faults]


def remarks(report: Report) -> list[str]:
    return [found.rule for found in report.remarks]


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., Report]:
    def of(content: str | bytes | None = None, *, name: str = NAME, encoding: str = "utf-8", **options) -> Report:
        return check_file(a_file(tmp_path, content, name=name, encoding=encoding), **options)

    return of


# --- right files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "iso8859-15"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("separator", ["\t", "|"])
def test_a_right_file_passes_in_each_form_the_law_allows(check, separator: str, end: str, encoding: str):
    report = check(written(some_lines(), separator=separator, end=end), encoding=encoding)
    assert (report.verdict, report.findings.faults, report.remarks) == (Verdict.HOLDS, 0, [])
    assert (report.lines, report.entries) == (9, 3)
    assert report.debit == report.credit == 360000
    assert report.encoding == {"utf-8": "UTF-8", "iso8859-15": "ISO 8859-15"}[encoding]
    assert report.siren == "443061841"


def test_the_standard_input_is_read_and_has_no_name_to_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "STDIN", a_file(tmp_path, written(some_lines()), name="autre.txt"))
    report = check_file(Path("-"))
    assert (report.file, report.verdict, report.lines) == ("-", Verdict.HOLDS, 9)


def test_a_file_without_an_accent_is_said_to_be_ascii(check):
    report = check(written([a_line(1, "512", "Banque", debit="1,00", EcritureLib="X"),
                            a_line(1, "706", "Ventes", credit="1,00", EcritureLib="X")]))  # fmt: skip
    assert (report.encoding, report.verdict) == ("ASCII", Verdict.HOLDS)


def test_the_last_line_may_lack_its_end(check):
    assert check(written(some_lines()).removesuffix("\r\n")).verdict is Verdict.HOLDS


def test_a_byte_order_mark_is_told_and_read_over(check):
    report = check(written(some_lines()), encoding="utf-8-sig")
    assert (report.verdict, remarks(report), report.bom) == (Verdict.HOLDS, ["byte-order-mark"], True)


def test_padded_values_and_quotes_inside_a_label_are_read(check):
    rows = some_lines()
    rows[0]["EcritureLib"] = 'Le « grand » "projet", l\'été | deux'
    rows[1]["CompteLib"] = "Interventions      "
    assert check(written(rows)).verdict is Verdict.HOLDS


def test_negative_amounts_of_credit_notes_are_read(check):
    rows = [*some_lines(1), a_line(2, "411", "Clients", debit="-12,50"), a_line(2, "706", "Ventes", credit="-12,50")]
    assert check(written(rows)).verdict is Verdict.HOLDS


def test_an_amount_and_its_side_stand_for_debit_and_credit(check):
    rows = [
        a_line(1, "411", "Clients", Montant="12,50", Sens="D"),
        a_line(1, "706", "Ventes", Montant="10,00", Sens="C"),
        a_line(1, "706", "Ventes", Montant="2,50", Sens="-1"),
    ]
    report = check(written(rows, header=BY_SENSE))
    assert (report.verdict, report.amounts, report.debit) == (Verdict.HOLDS, "montant-sens", 1250)


def test_numbers_may_be_those_of_each_journal(check):
    rows = [
        *some_lines(2),
        *(row | {"JournalCode": "BQ", "EcritureDate": "20260301", "ValidDate": "20260301"} for row in some_lines(1)),
    ]
    report = check(written(rows))
    assert (report.verdict, report.numbering) == (Verdict.HOLDS, "journal")


def test_opening_entries_validated_late_still_come_first(check):
    rows = some_lines(4)
    for row in rows[9:]:
        row["EcritureNum"] = "5"
    report = check(written([*an_opening("4"), *rows]))  # number 4 in order of validation, first in the file
    assert (report.verdict, report.numbering) == (Verdict.HOLDS, "file")


def test_an_entry_cut_in_pieces_is_added_up(check):
    rows = some_lines(2)
    rows = [rows[0], rows[1], rows[3], rows[2], rows[4], rows[5]]
    assert set(rules(check(written(rows)))) == {"number-order", "validation-order"}  # but it balances


def test_any_name_leaves_the_name_out(check):
    assert check(name="export.csv", any_name=True).verdict is Verdict.HOLDS


# --- one defect each ---------------------------------------------------------------------------------------------


def put(place: int, column: str, value: str) -> Spoil:
    return lambda rows: rows[place].__setitem__(column, value)


def put_everywhere(column: str, value: str) -> Spoil:
    return lambda rows: [row.__setitem__(column, value) for row in rows]


SPOILT: list[tuple[Spoil, str, list[int]]] = [
    (put(0, "JournalCode", ""), "missing-value", [2]),
    (put(0, "JournalLib", "   "), "missing-value", [2]),
    (put(0, "CompteLib", ""), "missing-value", [2]),
    (put(0, "PieceRef", ""), "missing-value", [2]),
    (put(0, "PieceDate", ""), "missing-value", [2]),
    (put(0, "EcritureLib", ""), "missing-value", [2]),
    (put(1, "EcritureDate", ""), "missing-value", [3]),
    (put(1, "EcritureDate", "20260230"), "date", [3]),
    (put(1, "EcritureDate", "15/01/2026"), "date", [3]),
    (put(1, "PieceDate", "2026-01-15"), "date", [3]),
    (put(1, "PieceDate", "260115"), "date", [3]),
    (put(0, "DateLet", "00000000"), "date", [2]),
    (put(1, "ValidDate", ""), "valid-date-missing", [3]),
    (put(1, "ValidDate", "x"), "date", [3]),
    (put(1, "ValidDate", "20260114"), "validation-before-entry", [3]),
    (put(1, "CompteNum", "70"), "account", [3]),
    (put(1, "CompteNum", "CLI411"), "account", [3]),
    (put(1, "CompteNum", "٧٠٦"), "account", [3]),
    (put(0, "CompAuxNum", ""), "auxiliary-pair", [2]),
    (put(0, "CompAuxLib", ""), "auxiliary-pair", [2]),
    (put(0, "EcritureLet", ""), "lettering-pair", [2]),
    (put(0, "DateLet", ""), "lettering-pair", [2]),
    (put(0, "Montantdevise", "1300,00"), "currency-pair", [2]),
    (put(0, "Idevise", "USD"), "currency-pair", [2]),
    (put(0, "Debit", "1200.00"), "amount-point", [2]),
    (put(0, "Debit", "1 200,00"), "amount-thousands", [2]),
    (put(0, "Debit", "1\u202f200,00"), "amount-thousands", [2]),
    (put(0, "Debit", "1.200,00"), "amount-thousands", [2]),
    (put(0, "Debit", "1200,00-"), "amount-format", [2]),
    (put(0, "Debit", "1200,00 €"), "amount-thousands", [2]),
    (put(0, "Debit", "1,2e3"), "amount-format", [2]),
    (put(0, "Debit", "douze"), "amount-format", [2]),
    (put(0, "Debit", "1" * 500), "amount-size", [2]),
    (put(0, "Credit", "1,00"), "both-sides", [2]),
    (put(0, "Debit", "1200,01"), "entry-balance", [2]),
    (put(0, "Debit", "1200,001"), "entry-balance", [2]),
    (put(0, "Debit", "1" + "0" * 30), "entry-balance", [2]),
    (put(4, "ValidDate", "20260214"), "validation-before-entry", [6]),
    (put_everywhere("EcritureNum", ""), "missing-value", [*range(2, 11)]),
    (put_everywhere("EcritureDate", "20250101"), "period", [*range(2, 11)]),
    (put(0, "EcritureDate", "20270101"), "period", [2]),
    (lambda rows: rows.extend(an_opening()), "opening-first", [11]),
    (lambda rows: [row.update(EcritureNum="5") for row in rows[3:6]], "number-gap", [5]),
    (lambda rows: [row.update(EcritureNum="1") for row in rows[6:]], "number-order", [8]),
    (lambda rows: [row.update(ValidDate="20261130") for row in rows[:3]], "validation-order", [5, 8]),
    (lambda rows: rows.clear(), "no-entry", []),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "rule", "lines"), SPOILT)
def test_a_file_wrong_in_one_place_is_told_so(check, spoil: Spoil, rule: str, lines: list[int]):
    rows = some_lines()
    spoil(rows)
    report = check(written(rows))
    assert report.verdict is Verdict.FAILS
    assert rule in rules(report)
    found = next(found for found in report.faults if found.rule == rule)
    assert not lines or found.lines == lines
    assert "{" not in found.sentence


def test_a_closing_entry_is_seen_only_where_result_and_income_meet(check):
    closing = [a_line(4, "706000", "Ventes", debit="1,00"), a_line(4, "120000", "Excédent", credit="1,00")]
    carried = [a_line(4, "120000", "Excédent", debit="1,00"), a_line(4, "110000", "Report", credit="1,00")]
    assert rules(check(written([*some_lines(), *closing]))) == ["closing-entry"]
    assert rules(check(written([*some_lines(), *carried]))) == []


def test_both_sides_of_the_period_follow_the_first_day_when_it_is_given(check):
    rows = [row | {"EcritureDate": "20250715"} for row in some_lines(1)]
    assert rules(check(written(rows))) == ["period"]
    assert rules(check(written(rows), first_day=date(2025, 7, 1))) == []
    wide = [*some_lines(1), *(row | {"EcritureDate": "20270401", "ValidDate": "20270401"} for row in some_lines(2)[3:])]
    assert rules(check(written(wide), any_name=True, name="x.txt")) == ["period"]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("FEC2026.txt", "name-form"),
        ("443061841FEC20261231.csv", "name-form"),
        ("443061841FEC20261231(1).txt", "name-form"),
        ("443061842FEC20261231.txt", "name-siren"),
        ("000000000FEC20261231.txt", "name-siren"),
        ("443061841FEC20260231.txt", "name-date"),
    ],
)
def test_the_name_says_who_and_when(check, name: str, rule: str):
    assert rule in rules(check(name=name))


def test_a_sense_is_a_debit_or_a_credit(check):
    rows = [a_line(1, "411", "C", Montant="1,00", Sens="X"), a_line(1, "706", "V", Montant="1,00", Sens="C")]
    assert "sense" in rules(check(written(rows, header=BY_SENSE)))


# --- the header ----------------------------------------------------------------------------------------------------


def test_columns_out_of_order_are_told_and_read_by_their_name(check):
    order = [*COLUMNS[:11], "Credit", "Debit", *COLUMNS[13:]]
    report = check(written(some_lines(), header=order))
    assert rules(report) == ["header-order"]
    assert "Credit" in report.faults[0].sentence


def test_a_misspelt_name_is_told_and_the_rest_is_checked(check):
    text = written(some_lines()).replace("EcritureLet", "Lettrage", 1).replace("1200,00", "1200,01", 1)
    assert rules(check(text)) == ["total-balance", "header-names", "entry-balance"]


def test_capitals_of_a_name_are_only_worth_a_remark(check):
    report = check(written(some_lines()).replace("Montantdevise", "MontantDevise", 1))
    assert (rules(report), remarks(report)) == ([], ["header-case"])


def test_seventeen_columns_stop_there(check):
    report = check("\r\n".join(line.rpartition("\t")[0] for line in written(some_lines()).splitlines()))
    assert rules(report) == ["header-columns", "header-names"]
    assert remarks(report) == ["not-checked"]


def test_a_separator_at_the_end_of_lines_makes_a_nineteenth_column(check):
    text = written(some_lines()).replace("\r\n", "\t\r\n")
    report = check(text)
    assert rules(report) == ["header-columns", "columns"]
    assert report.faults[1].count == 9
    assert "séparateur de trop" in report.faults[1].sentence
    assert rules(check(text.replace("\t\r\n", "\r\n", 1))) == ["columns"]


def test_the_separators_of_spreadsheets_are_refused(check):
    assert rules(check(written(some_lines(), separator=";"))) == ["separator"]


def test_a_file_without_a_header_is_told_so(check):
    text = written(some_lines()).partition("\r\n")[2]
    assert "header-missing" in rules(check(text))
    assert rules(check("Bonjour,\nvoici nos comptes.\n")) == ["header-missing"]


# --- the bytes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02\x03" * 500, "binary"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "binary"),
        (b"PK\x03\x04rest", "binary"),
        (b"<?xml version='1.0'?><comptabilite/>", "xml"),
        (b"x" * 3_000_000, "long-line"),
    ],
)
def test_what_is_no_text_of_entries_is_unreadable(check, content: bytes, reason: str):
    report = check(content)
    assert (report.verdict, report.unreadable) == (Verdict.UNREADABLE, reason)


def test_an_absent_file_and_a_folder_are_unreadable(tmp_path: Path):
    assert check_file(tmp_path / "absent.txt").unreadable == "absent"
    assert check_file(tmp_path).unreadable == "folder"


@pytest.mark.parametrize("mark", ["utf-16", "utf-16-be"])
def test_utf16_is_named(check, mark: str):
    text = written(some_lines())
    content = text.encode("utf-16") if mark == "utf-16" else b"\xfe\xff" + text.encode("utf-16-be")
    assert rules(check(content)) == ["encoding-utf16"]


def test_windows_characters_and_mixed_encodings_are_told_by_line(check):
    rows = some_lines()
    rows[1]["EcritureLib"] = "L\u2019été"
    plain = written(rows).encode("cp1252")
    report = check(plain)
    assert rules(report) == ["encoding-windows"]
    assert report.faults[0].lines == [3]
    lines = written(some_lines()).encode("utf-8").split(b"\r\n")
    lines[4] = "\t".join(some_lines()[3].values()).encode("iso8859-15")
    report = check(b"\r\n".join(lines))
    assert (rules(report), report.faults[0].lines[0]) == (["encoding-mixed"], 5)


def test_control_characters_and_mixed_line_ends_are_told_by_line(check):
    text = written(some_lines())
    report = check(text.replace("Facture 2", "Fact\x00ure 2", 1))
    assert (rules(report), report.faults[0].lines) == (["control-character"], [5])
    lines = text.split("\r\n")
    report = check("\r\n".join(lines[:3]) + "\n" + "\r\n".join(lines[3:]))
    assert (rules(report), report.faults[0].lines) == (["line-end"], [3])
    assert "CR" in report.line_end


def test_an_empty_line_is_told_unless_it_ends_the_file(check):
    text = written(some_lines())
    report = check(text.replace("\r\n", "\r\n\r\n", 2))
    assert (rules(report), report.faults[0].lines) == (["empty-line"], [2, 4])
    for end in ("\r\n", "\r\n\r\n", "   \r\n"):
        report = check(text + end)
        assert (rules(report), remarks(report)) == ([], ["blank-end"])


@pytest.mark.parametrize("size", [2, 3, 7, 64, 1000])
def test_where_the_pieces_are_cut_changes_nothing(check, monkeypatch, size: int):
    text = written(some_lines())
    whole = check(text)
    monkeypatch.setattr(reading, "PIECE", size)
    pieces = check(text)
    assert pieces.told() == whole.told()
    assert rules(check(text.replace("\r\n", "\r"))) == []


def test_a_hundred_thousand_faults_give_a_count_and_the_first_lines(check):
    rows = written(some_lines(1)).split("\r\n", 1)
    line = rows[1].split("\r\n")[0].replace("1200,00", "1200.00")
    report = check(rows[0] + "\r\n" + (line + "\r\n") * 100_000)
    (found,) = [found for found in report.faults if found.rule == "amount-point"]
    assert (found.count, len(found.lines), found.lines[0]) == (100_000, LINES_KEPT, 2)


@given(st.binary(max_size=400))
def test_no_bytes_make_it_fall(tmp_path_factory, content: bytes):
    path = tmp_path_factory.getbasetemp() / NAME
    path.write_bytes(written(some_lines(1)).encode()[:300] + content)
    assert check_file(path).told()["verdict"] in {"holds", "fails", "unreadable"}
    path.write_bytes(content)
    assert check_file(path).verdict is not Verdict.HOLDS


# --- values --------------------------------------------------------------------------------------------------------


@given(st.decimals(min_value=-(10**30), max_value=10**30, places=2, allow_nan=False))
def test_an_amount_is_read_to_the_cent_and_written_back(amount):
    cents = int(f"{amount:f}".replace(".", ""))
    assert amount_of(f"{amount:f}".replace(".", ",")) == cents
    assert amount_of(shown_amount(cents)) == cents


@pytest.mark.parametrize("text", ["1.5", "1 000,00", "1'000,00", "12-", "--1", "", "1,", ",5", "1,5,0", "+", "½", "１"])
def test_what_is_no_amount_is_never_guessed(text: str):
    assert amount_of(text) in (None, 0)
    assert why_no_amount(text).startswith("amount-")


def test_dates_and_numbers():
    assert day_of("20240229") is not None
    assert [
        day_of(text) for text in ("20230229", "18991231", "2026011", "202601150", " 2026115", "２０２６０１１５")
    ] == [None] * 6
    assert number_of("VE-2026-0012") == ("VE-2026-", 12)
    assert number_of("abc") is None


def test_every_rule_has_a_sentence_that_ends():
    assert not FAULTS & REMARKS
    for rule in FAULTS | REMARKS:
        assert sentence(rule, "x").endswith("."), rule


def test_every_rule_is_in_the_guide():
    guide = (Path(__file__).parents[2] / "docs/guide/fec.md").read_text(encoding="utf-8")
    assert [rule for rule in sorted(FAULTS | REMARKS) if f"| `{rule}` |" not in guide] == []
