"""The accounting pages' readings agree with each other and with a recount in plain Python."""

import csv
import io
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.money import Money
from entrepairs.ledger import reports
from entrepairs.ledger.accountant import accountant_csv
from entrepairs.ledger.chart import ACCOUNTS, ensure_chart
from entrepairs.ledger.models import EntryLine
from entrepairs.ledger.openings import close_year
from entrepairs.ledger.posting import Posting, post
from entrepairs.ledger.years import find_year
from tests.factories.ledger import a_sale_entry, a_transfer_entry

CLOCK = FixedClock()
TODAY = CLOCK.today()
NADIA = Actor("nadia", "Nadia")
PLAIN = [account.code for account in ACCOUNTS if not account.auxiliary and account.code[0] in "1567"]


@pytest.fixture
def random_books(session: Session, proof) -> Session:
    draw = proof.random("reports")
    ensure_chart(session)
    for n in range(40):
        left, right = draw.sample(PLAIN, 2)
        day = date(2026, 1, 1) + timedelta(days=draw.randrange(370))
        amount = Money(draw.randrange(1, 10**6))
        lines = [Posting(left, debit=amount), Posting(right, credit=amount)]
        post(session, "OD", day, f"P{n}", "X", lines, dedup=str(n), clock=CLOCK)
    return session


@pytest.mark.parametrize(("since", "until"), [(date(2026, 1, 1), date(2026, 12, 31)), (date(2026, 5, 1), date(2026, 8, 31)),
                                              (date(2027, 1, 1), TODAY)])  # fmt: skip
def test_a_balance_is_even_and_agrees_with_each_account(random_books: Session, since: date, until: date):
    rows = reports.balance_rows(random_books, since, until)
    assert Money.sum(row.debit for row in rows) == Money.sum(row.credit for row in rows)
    assert Money.sum(row.closing for row in rows) == Money(0)
    for row in rows:
        if row.code not in {"120", "129"}:
            page = reports.account_page(random_books, row.code, since, until)
            assert (page.opening, page.debit, page.credit, page.closing) == (
                row.opening,
                row.debit,
                row.credit,
                row.closing,
            )


def test_a_closed_year_changes_no_balance(random_books: Session):
    before = reports.balance_rows(random_books, date(2027, 1, 1), TODAY)
    close_year(random_books, 2026, actor=NADIA, clock=CLOCK)
    assert reports.balance_rows(random_books, date(2027, 1, 1), TODAY) == before


def test_the_pages_of_an_account_follow_each_other(session: Session, monkeypatch):
    monkeypatch.setattr(reports, "PAGE", 3)
    for n in range(7):
        a_transfer_entry(session, 100 + n, dedup=str(n))
    pages = [reports.account_page(session, "512", date(2027, 1, 1), TODAY, page=page) for page in (1, 2, 3)]
    assert [page.more for page in pages] == [True, True, False]
    balances = [line.balance.cents for page in pages for line in page.lines]
    assert balances == [sum(100 + k for k in range(n + 1)) for n in range(7)]
    assert pages[2].closing == Money(balances[-1])


def test_third_parties_by_age_past_due(session: Session):
    for n, late in enumerate((-5, 0, 1, 30, 31, 60, 61, 90, 91, 400)):
        due = TODAY - timedelta(days=late)
        a_sale_entry(session, 10**n, number=f"FA2027-{n:05d}", due_on=due, day=date(2027, 1, 4))
    a_sale_entry(session, 5, number="FA2027-00099", aux="STR-AUTR-AUTR")
    (first, second), more = reports.aged_rows(session, "411", TODAY)
    assert [band.cents for band in first.bands] == [11, 1100, 110000, 11000000, 1100000000]
    assert (second.code, second.total, more) == ("STR-AUTR-AUTR", Money(5), False)
    assert reports.aged_total(session, "411", TODAY).total == first.total + second.total


def test_what_is_lettered_has_no_age(session: Session):
    a_sale_entry(session, 10000)
    a_transfer_entry(session, 10000, match_ref="FA2027-00001")
    assert reports.aged_rows(session, "411", TODAY) == ([], False)
    lines, _ = reports.third_party_lines(session, "411", "STR-TEST-TEST", lettered=True)
    assert len(lines) == 2
    assert reports.third_party_lines(session, "411", "STR-TEST-TEST", lettered=False) == ([], False)
    assert reports.known_third_parties(session) == {"STR-TEST-TEST": "Clinique"}


def test_an_axis_adds_up_to_the_whole(session: Session):
    a_sale_entry(session, 10000)
    lines = [Posting("641", debit=Money(300), axes={"territory": "13"}), Posting("622", debit=Money(50))]
    post(session, "OD", TODAY, "X", "X", [*lines, Posting("512", credit=Money(350))], dedup="x", clock=CLOCK)
    rows = reports.axis_rows(session, "territory", date(2027, 1, 1), TODAY)
    assert [(row.code, row.income.cents, row.costs.cents) for row in rows] == [("13", 10000, 300), ("", 0, 50)]
    assert rows[0].result == Money(9700)


def test_journals_are_filtered_and_searched(session: Session):
    a_sale_entry(session)
    a_transfer_entry(session)
    year = date(2027, 1, 1), date(2027, 12, 31)
    assert [e.journal_code for e in reports.journal_page(session, *year, journal="VE")[0]] == ["VE"]
    assert [e.journal_code for e in reports.journal_page(session, *year, words="vireMENT")[0]] == ["BQ"]
    assert reports.journal_page(session, date(2026, 1, 1), date(2026, 12, 31)) == ([], False)


def test_the_accountants_file_holds_every_line_and_no_formula(session: Session):
    a_sale_entry(session, 123456, due_on=date(2027, 2, 10))
    a_transfer_entry(session, 123456, match_ref="FA2027-00001")
    lines = [Posting("622", debit=Money(1), label="=1+1"), Posting("512", credit=Money(1))]
    post(session, "OD", TODAY, "X;Y", 'Dit "oui"', lines, dedup="x", clock=CLOCK)
    content = b"".join(accountant_csv(session, find_year(session, 2027))).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content), delimiter=";"))
    assert len(rows) == session.query(EntryLine).count() == 6
    assert rows[0] == {
        "Journal": "VE", "Numéro": "1", "Date": "11/01/2027", "Compte": "411", "Intitulé": "Structures clientes",
        "Tiers": "STR-TEST-TEST", "Nom du tiers": "Clinique", "Pièce": "FA2027-00001", "Date de la pièce": "11/01/2027",
        "Libellé": "Facture FA2027-00001", "Débit": "1234,56", "Crédit": "", "Lettrage": "AA", "Échéance": "10/02/2027",
        "Axes": "",
    }  # fmt: skip
    assert sorted(rows[1]["Axes"].split()) == ["offering:ENTRETIEN", "territory:13"]
    assert rows[4]["Libellé"] == "'=1+1"
