"""The table an accountant opens in a spreadsheet."""

import csv
import io
from datetime import timedelta

from sqlalchemy.orm import Session

from entrepairs.billing import queries
from entrepairs.billing.credit_notes import credit_invoice
from entrepairs.billing.invoice_sheet import invoices_csv
from tests.factories.billing import OFFICE, an_issued_invoice, later


def test_a_credit_note_takes_away_what_its_invoice_adds(session: Session) -> None:
    invoice = an_issued_invoice(session)
    clock = later()
    clock.advance(timedelta(days=1))
    credit_invoice(session, invoice.ref, reason="Comptée deux fois", clock=clock, actor=OFFICE)
    views = queries.invoices_of_partner(session, invoice.partner_id, clock.today())
    told = invoices_csv(views, {invoice.id: "=1+1"}).decode("utf-8-sig")
    note, whole = csv.DictReader(io.StringIO(told), delimiter=";")
    assert (whole["Numéro"], note["Corrige"]) == (invoice.number, invoice.number)
    assert (note["Nature"], whole["Nature"]) == ("avoir", "facture")
    assert note["Montant TTC"] == f"-{whole['Montant TTC']}"
    assert (note["Reste à payer"], whole["Reste à payer"]) == ("0,00", "0,00")
    assert whole["Dépôt Chorus Pro"] == "'=1+1", "a spreadsheet would count it"
