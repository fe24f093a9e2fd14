"""Proof: any invoice we may issue holds under every rule in both syntaxes, and its totals are those of an oracle, to the cent."""

from decimal import Decimal

from entrepairs.billing.einvoice.checker import Checker
from entrepairs.billing.einvoice.facturx import build_ubl, build_xml
from entrepairs.billing.einvoice.inspecting import inspect_xml
from entrepairs.billing.einvoice.model import EInvoice
from entrepairs.billing.einvoice.opening import open_xml
from entrepairs.billing.einvoice.paper import paper_of
from entrepairs.billing.einvoice.refusals import refusals_of
from entrepairs.billing.einvoice.terms import text_of
from entrepairs.documents.french import french_money
from entrepairs.kernel.money import Money
from tests.billing.einvoice.random_invoices import a_random_invoice, oracle
from tests.conftest import Proof


def test_totals_are_those_of_the_oracle_to_the_cent(proof: Proof):
    """The full proof: 100 000 invoices, 0 cent."""
    random, off, count = proof.random("totals"), 0, proof.size(3_000, 100_000)
    for _ in range(count):
        invoice = a_random_invoice(random)
        expected = oracle(invoice)
        rows = {(row.treatment.category.value, row.treatment.rate): row for row in invoice.breakdown}
        assert [line.net.euros for line in invoice.lines] == list(expected.lines)
        assert {key: row.base.euros for key, row in rows.items()} == expected.bases
        assert {key: row.vat.euros for key, row in rows.items()} == expected.taxes
        found = (invoice.net, invoice.vat, invoice.gross, invoice.due)
        wanted = (expected.net, expected.vat, expected.gross, expected.due)
        off += sum(abs(got.euros - want) for got, want in zip(found, wanted, strict=True))
    assert off == 0


def test_every_random_invoice_holds_under_every_rule_in_both_syntaxes(proof: Proof, checker: Checker):
    random, count = proof.random("rules"), proof.size(25, 1_000)
    for _ in range(count):
        invoice = a_random_invoice(random)
        assert refusals_of(invoice) == ()
        for xml in (build_xml(invoice), build_ubl(invoice)):
            verdict = inspect_xml(xml, checker)
            assert [(one.rule, one.term, one.official) for one in verdict.findings] == [], invoice
            assert_written(xml, invoice)


def assert_written(xml: bytes, invoice: EInvoice) -> None:
    """The figures in the document are the oracle's."""
    reading, expected = open_xml(xml).reading, oracle(invoice)
    totals = {ref: Decimal(reading.value(ref)) for ref in ("BT-109", "BT-110", "BT-112", "BT-115")}
    assert totals == {
        "BT-109": expected.net,
        "BT-110": expected.vat,
        "BT-112": expected.gross,
        "BT-115": expected.due,
    }
    assert [Decimal(text_of(node)) for node in reading.nodes("BT-131")] == list(expected.lines)


def test_the_page_prints_the_oracles_figures(proof: Proof):
    random = proof.random("page")
    for _ in range(proof.size(200, 5_000)):
        invoice = a_random_invoice(random)
        expected, page = oracle(invoice), paper_of(invoice)
        assert page["due"][1] == french_money(Money(int(expected.due * 100)))
        assert dict(page["totals"])["Total HT"] == french_money(Money(int(expected.net * 100)))
        assert [row["net"] for row in page["lines"]] == [french_money(Money(int(net * 100))) for net in expected.lines]
        assert page["lines"][-1]["carried"] == french_money(Money(int(sum(expected.lines) * 100)))
