"""Entries for tests."""

from datetime import date

from sqlalchemy.orm import Session

from entrepairs.kernel.clock import Clock, FixedClock
from entrepairs.kernel.money import Money
from entrepairs.ledger.chart import ensure_chart
from entrepairs.ledger.models import Entry
from entrepairs.ledger.posting import Posting, post


def a_transfer_entry(
    session: Session, cents: int = 10000, *, dedup: str = "test:1", clock: Clock | None = None, day: date | None = None
) -> Entry:
    """Money of a client arriving at the bank."""
    clock = clock or FixedClock()
    ensure_chart(session)
    lines = [
        Posting("512", debit=Money(cents)),
        Posting("411", credit=Money(cents), aux_code="STR-TEST-TEST", aux_label="Clinique", axes={"territory": "13"}),
    ]
    return post(session, "BQ", day or clock.today(), "FA2027-00001", "Virement", lines, dedup=dedup, clock=clock)
