"""What each peer's work brought and gave to the house, from the documents themselves: the ledger by peer says the same.

Turnover is that of `contribution`: what was done, without VAT, on the day of the document; a credit note takes it back.
The contribution of an invoice is shared as its turnover is, and what nobody in particular did keeps its own part of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, joinedload, selectinload

from entrepairs.billing.models import Invoice, InvoiceKind, InvoiceLine, InvoiceState
from entrepairs.billing.postings import issued
from entrepairs.billing.spreading import PEER_AXIS, allotted, spread
from entrepairs.cooperative.contribution import counts_as_turnover
from entrepairs.cooperative.models import ContributionShare
from entrepairs.cooperative.selffinancing import Window
from entrepairs.kernel.dates import month_start
from entrepairs.kernel.money import Money

NOTHING: Final = Money(0)
NOBODY: Final = ""
"""In the place of a peer's reference: what no peer did."""


@dataclass(frozen=True, slots=True)
class Brought:
    """Turnover without VAT and the contribution taken on it, both less credit notes."""

    turnover: Money = NOTHING
    contribution: Money = NOTHING

    @property
    def left(self) -> Money:
        """What is left of the turnover once the contribution is taken."""
        return self.turnover - self.contribution


def brought_by_peer(session: Session, window: Window) -> dict[str, Brought]:
    """What each peer brought over a window, by reference, `NOBODY` for the rest; each sum is right to the cent."""
    found: dict[str, Brought] = {}
    for _day, ref, one in _told(session, _documents(window)):
        found[ref] = brought((found.get(ref, Brought()), one))
    return found


def account_of(session: Session, ref: str, window: Window) -> dict[date, Brought]:
    """What one peer brought, by first day of the month; months without anything are left out."""
    theirs = exists().where(InvoiceLine.invoice_id == Invoice.id, InvoiceLine.axes[PEER_AXIS].has_key(ref))
    found: dict[date, Brought] = {}
    for day, who, one in _told(session, _documents(window).where(theirs)):
        if who == ref:
            month = month_start(day)
            found[month] = brought((found.get(month, Brought()), one))
    return found


def brought(parts: Iterable[Brought]) -> Brought:
    """All of it together."""
    every = list(parts)
    return Brought(Money.sum(one.turnover for one in every), Money.sum(one.contribution for one in every))


def _documents(window: Window) -> Select[Invoice, int]:
    return (
        select(Invoice, ContributionShare.cents)
        .outerjoin(ContributionShare, ContributionShare.invoice_id == Invoice.id)
        .options(selectinload(Invoice.lines), joinedload(Invoice.corrected))
        .where(Invoice.state == InvoiceState.ISSUED)
        .where(Invoice.issue_date >= window.since, Invoice.issue_date < window.until)
        .order_by(Invoice.issue_date, Invoice.id)
    )


def _told(session: Session, documents: Select[Invoice, int]) -> Iterator[tuple[date, str, Brought]]:
    for invoice, taken in session.execute(documents):
        _number, day = issued(invoice)
        turnover = turnover_by_peer(invoice)
        shares = contribution_by_peer(turnover, Money(taken or 0))
        for ref, amount in turnover.items():
            yield day, ref, Brought(amount, shares[ref])


def turnover_by_peer(invoice: Invoice) -> dict[str, Money]:
    """What was done on one document, by who did it; below zero on a credit note."""
    sign = -1 if invoice.kind is InvoiceKind.CREDIT_NOTE else 1
    found: dict[str, Money] = {}
    for line in invoice.lines:
        if counts_as_turnover(invoice, line):
            for codes, net in spread(line):
                ref = codes.get(PEER_AXIS, NOBODY)
                found[ref] = found.get(ref, Money(0)) + net * sign
    return found


def contribution_by_peer(turnover: Mapping[str, Money], taken: Money) -> dict[str, Money]:
    """The contribution of one document shared as its turnover; all of one side, or nothing was done."""
    weights = {ref: abs(amount.cents) for ref, amount in turnover.items()}
    if not any(weights.values()):
        return dict.fromkeys(turnover, Money(0))
    return allotted(taken, weights)
