"""What the office and the structures do with invoices, in a browser, within the clicks promised."""

import csv
import io
import re

import pytest
from playwright.sync_api import expect

from tests.journeys.acts import Seat
from tests.journeys.person import Person
from tests.journeys.stack import Stack

pytestmark = pytest.mark.journey

OPEN = """SELECT i.ref, i.number, i.gross, i.buyer->>'name' AS buyer, i.issue_date FROM invoice i
    WHERE i.state = 'issued' AND i.kind = 'invoice' AND i.gross = i.net
    AND NOT EXISTS (SELECT 1 FROM settlement s WHERE s.invoice_id = i.id)
    AND NOT EXISTS (SELECT 1 FROM dunning_pause p WHERE p.invoice_id = i.id AND p.closed_on IS NULL)
    ORDER BY i.gross DESC, i.id"""


def test_an_accountant_gets_an_invoice_its_numbers_and_a_table_in_two_clicks(stack: Stack, somebody: Seat) -> None:
    accountant = somebody().enter("Odile Ferrand").count_from_here()
    accountant.press("Factures", within="nav")
    assert downloaded(accountant, re.compile("^PDF")).startswith(b"%PDF")
    assert accountant.clicks <= 2
    table = downloaded(accountant, "Pour un tableur").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table), delimiter=";"))
    told = "SELECT count(*) FROM invoice i JOIN partner p ON p.id = i.partner_id WHERE p.name = %(name)s AND i.state = 'issued'"
    assert len(rows) == stack.one(told, name="EPSM de la Durance")
    assert any(row["Numéro d'engagement"] for row in rows)
    accountant.press("Voir").sees("N° d’engagement")


def test_a_month_is_closed_in_four_clicks(stack: Stack, somebody: Seat) -> None:
    billing = somebody().enter("Fatou Sarr").count_from_here()
    billing.press("Facturation", within="nav").press("Facturer le mois").sees("Ce qui partirait")
    before = stack.one("SELECT count(*) FROM invoice WHERE state = 'issued'")
    billing.press(re.compile("^Émettre")).press(re.compile("^Émettre"), within="dialog")
    assert billing.clicks <= 4
    expect(billing.page.locator("main")).to_contain_text("Le dernier lancement", timeout=60_000)
    assert stack.one("SELECT count(*) FROM invoice WHERE state = 'issued'") > before


def test_a_transfer_finds_its_invoice_in_two_clicks(stack: Stack, somebody: Seat) -> None:
    owed = stack.rows(OPEN)[-1]
    billing = somebody().enter("Fatou Sarr").visit("/a/facturation/releves")
    billing.page.get_by_label("Le fichier").set_input_files(
        {"name": "releve.csv", "mimeType": "text/csv", "buffer": bank_file(owed)}
    )
    billing.press("Importer")
    billing.visit("/a/").count_from_here()
    billing.press("Voir", within="li:has-text('virement à rapprocher')").press("Enregistrer")
    assert billing.clicks <= 2
    paid = "SELECT sum(s.cents) FROM settlement s JOIN invoice i ON i.id = s.invoice_id WHERE i.ref = %(ref)s"
    assert stack.one(paid, ref=owed["ref"]) == owed["gross"]


def test_a_credit_note_by_two_people_takes_four_clicks(stack: Stack, somebody: Seat) -> None:
    wrong = stack.rows(OPEN)[0]
    billing = somebody().enter("Fatou Sarr").visit(f"/a/facturation/{wrong['ref']}").count_from_here()
    billing.press("Avoir")
    billing.page.get_by_label("Pourquoi").fill("Séances comptées deux fois")
    billing.press(re.compile("avoir$"))
    second = somebody().enter("Claire Lenoir").count_from_here()
    second.press("Voir", within="li:has-text('À approuver')").press("Approuver et émettre")
    assert billing.clicks + second.clicks <= 4
    credited = """SELECT sum(n.gross) FROM invoice n JOIN invoice i ON i.id = n.corrected_id
        WHERE i.ref = %(ref)s AND n.state = 'issued'"""
    assert stack.one(credited, ref=wrong["ref"]) == wrong["gross"]


def downloaded(person: Person, name: str | re.Pattern[str]) -> bytes:
    """What a link gives to keep."""
    with person.page.expect_download() as coming:
        person.press(name)
    return coming.value.path().read_bytes()


def bank_file(owed: dict[str, object]) -> bytes:
    """The bank's CSV: a transfer of the right amount by the payer's name, without the number."""
    day = f"{owed['issue_date']:%d/%m/%Y}"
    euros = f"{int(str(owed['gross'])) / 100:.2f}".replace(".", ",")
    return f"Date;Libellé;Débit;Crédit\r\n{day};VIREMENT DE {owed['buyer']};;{euros}\r\n".encode()
