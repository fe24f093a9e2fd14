"""Entries for tests."""

from datetime import date

from sqlalchemy.orm import Session

from entrepairs.kernel.clock import Clock, FixedClock
from entrepairs.kernel.money import Money
from entrepairs.ledger.chart import ensure_chart
from entrepairs.ledger.models import Entry
from entrepairs.ledger.posting import Posting, post

CLIENT = "STR-TEST-TEST"


def a_transfer_entry(
    session: Session,
    cents: int = 10000,
    *,
    dedup: str = "test:1",
    clock: Clock | None = None,
    day: date | None = None,
    journal: str = "BQ",
    aux: str = CLIENT,
    match_ref: str | None = None,
) -> Entry:
    """Money of a client arriving at the bank."""
    clock = clock or FixedClock()
    ensure_chart(session)
    client = Posting(
        "411", credit=Money(cents), aux_code=aux, aux_label="Clinique", axes={"territory": "13"}, match_ref=match_ref
    )
    lines = [Posting("512", debit=Money(cents)), client]
    return post(session, journal, day or clock.today(), "FA2027-00001", "Virement", lines, dedup=dedup, clock=clock)


def a_sale_entry(
    session: Session,
    cents: int = 10000,
    *,
    number: str = "FA2027-00001",
    clock: Clock | None = None,
    day: date | None = None,
    due_on: date | None = None,
    aux: str = CLIENT,
) -> Entry:
    """An invoice issued: what the client owes, and where the income came from."""
    clock = clock or FixedClock()
    ensure_chart(session)
    client = Posting("411", debit=Money(cents), aux_code=aux, aux_label="Clinique", match_ref=number, due_on=due_on)
    lines = [client, Posting("7061", credit=Money(cents), axes={"territory": "13", "offering": "ENTRETIEN"})]
    return post(
        session, "VE", day or clock.today(), number, f"Facture {number}", lines, dedup=f"sale:{number}", clock=clock
    )
