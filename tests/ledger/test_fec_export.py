"""The tax file written from the books passes its own checker, and the same books give the same bytes."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.money import Money
from entrepairs.ledger import hand
from entrepairs.ledger.chart import ensure_chart
from entrepairs.ledger.fec import writing
from entrepairs.ledger.fec.columns import COLUMNS
from entrepairs.ledger.fec.writing import export_fec
from entrepairs.ledger.openings import close_year
from entrepairs.ledger.posting import Posting, post
from tests.factories.billing import the_association
from tests.factories.ledger import a_sale_entry, a_transfer_entry

CLOCK = FixedClock()
NADIA = Actor("nadia", "Nadia")


@pytest.fixture
def books(session: Session) -> Session:
    """Two exercises: the first is closed, the second has an invoice, its payment, and one that waits."""
    the_association(session)
    a_sale_entry(session, 30000, number="FA2026-00001", day=date(2026, 12, 3))
    a_sale_entry(session, 20050, number="FA2027-00001")
    close_year(session, 2026, actor=NADIA, clock=CLOCK)
    a_transfer_entry(session, 20050, match_ref="FA2027-00001", dedup="paid")
    return session


def rows(path: Path) -> list[dict[str, str]]:
    head, *lines = path.read_bytes().decode().removesuffix("\r\n").split("\r\n")
    assert head.split("\t") == list(COLUMNS)
    return [dict(zip(COLUMNS, line.split("\t"), strict=True)) for line in lines]


def test_the_file_is_as_the_law_says(books: Session, tmp_path: Path):
    done = export_fec(books, 2027, tmp_path / "remis")
    assert (done.path.name[9:], done.drafts, done.opening_missing) == ("FEC20271231.txt", 0, False)
    assert not done.path.read_bytes().startswith(b"\xef\xbb\xbf")
    lines = rows(done.path)
    assert [line["EcritureNum"] for line in lines] == ["1", "1", "2", "2", "3", "3"]
    assert [line["JournalCode"] for line in lines[:2]] == ["AN", "AN"]
    paid = lines[5]
    assert paid == {
        "JournalCode": "BQ", "JournalLib": "Banque", "EcritureNum": "3", "EcritureDate": "20270111",
        "CompteNum": "411", "CompteLib": "Structures clientes", "CompAuxNum": "STR-TEST-TEST", "CompAuxLib": "Clinique",
        "PieceRef": "FA2027-00001", "PieceDate": "20270111", "EcritureLib": "Virement", "Debit": "0,00",
        "Credit": "200,50", "EcritureLet": "AA", "DateLet": "20270111", "ValidDate": "20270111",
        "Montantdevise": "", "Idevise": "",
    }  # fmt: skip
    assert list((tmp_path / "remis").iterdir()) == [done.path]


def test_twice_gives_the_same_bytes(books: Session, tmp_path: Path):
    once = export_fec(books, 2027, tmp_path).path.read_bytes()
    assert export_fec(books, 2027, tmp_path).path.read_bytes() == once


def test_drafts_are_counted_and_left_out(books: Session, tmp_path: Path):
    before = export_fec(books, 2027, tmp_path).path.read_bytes()
    lines = [Posting("622", debit=Money(100)), Posting("512", credit=Money(100))]
    hand.write_by_hand(books, hand.Written("OD", CLOCK.today(), "H", "H", lines), actor=NADIA, clock=CLOCK)
    done = export_fec(books, 2027, tmp_path)
    assert (done.drafts, done.path.read_bytes()) == (1, before)


def test_a_missing_opening_is_said(session: Session, tmp_path: Path):
    the_association(session)
    a_sale_entry(session, number="FA2026-00001", day=date(2026, 12, 3))
    a_sale_entry(session, number="FA2027-00001")
    done = export_fec(session, 2027, tmp_path)
    assert done.opening_missing
    assert [found.rule for found in done.report.remarks] == ["number-start"]


def test_labels_are_cleaned(session: Session, tmp_path: Path):
    the_association(session)
    ensure_chart(session)
    lines = [Posting("512", debit=Money(1)), Posting("758", credit=Money(1), label="Un\tdeux|trois\x85\u2028« œuvre »")]
    post(session, "OD", CLOCK.today(), "A\nB", "C\rD", lines, dedup="x", clock=CLOCK)
    first, second = rows(export_fec(session, 2027, tmp_path).path)
    assert (first["PieceRef"], first["EcritureLib"], second["EcritureLib"]) == ("A B", "C D", "Un deux trois « œuvre »")


def test_what_the_checker_refuses_is_not_handed_over(books: Session, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(writing, "_amount", lambda cents: f"{cents / 100:.2f}")
    with pytest.raises(Conflict, match="fec_fails"):
        export_fec(books, 2027, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_year_without_books_and_a_folder_that_is_none(books: Session, tmp_path: Path):
    with pytest.raises(NotFound):
        export_fec(books, 2020, tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(InvalidInput, match="fec_folder"):
        export_fec(books, 2027, tmp_path / "file")
