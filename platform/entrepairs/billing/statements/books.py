"""What the matching is told: the invoices, who pays them, and from which accounts money came before."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from entrepairs.billing.models import OWED, Invoice, InvoiceState, Settlement, SettlementKind
from entrepairs.billing.statements.matching import Book, Credit, OpenInvoice
from entrepairs.billing.statements.models import LineSettlement, StatementLine
from entrepairs.network.models import Partner

PAID_KNOWN: Final = timedelta(days=400)
"""How long an invoice that is paid is still recognised by its number: it may be paid twice."""


def book_of(session: Session, today: date) -> Book:
    """The invoices on which something is owed, and those paid of late, with what is left of each."""
    settled = (
        select(Settlement.invoice_id, func.sum(Settlement.cents).label("cents"))
        .group_by(Settlement.invoice_id)
        .subquery()
    )
    left = Invoice.gross - func.coalesce(settled.c.cents, 0)
    rows = session.execute(
        select(
            Invoice.ref, Invoice.number, Partner.ref, Partner.name, Invoice.buyer["name"].astext, left, Invoice.due_date
        )
        .join(Partner, Partner.id == Invoice.partner_id)
        .outerjoin(settled, settled.c.invoice_id == Invoice.id)
        .where(Invoice.state == InvoiceState.ISSUED, Invoice.kind.in_(OWED))
        .where((left > 0) | (Invoice.issue_date >= today - PAID_KNOWN))
    ).all()
    names: dict[str, dict[str, None]] = defaultdict(dict)
    invoices = []
    for ref, number, payer, name, buyer, owed, due in rows:
        names[payer] |= dict.fromkeys(filter(None, (name, buyer)))
        invoices.append(OpenInvoice(ref, number, payer, int(owed), due))
    return Book(invoices, {payer: tuple(told) for payer, told in names.items()}, _accounts(session))


def _accounts(session: Session) -> dict[str, frozenset[str]]:
    """Whose invoices were paid from each account, by payments that stand."""
    undone = aliased(Settlement)
    found: dict[str, set[str]] = defaultdict(set)
    for iban, payer in session.execute(
        select(StatementLine.counterparty_iban, Partner.ref)
        .join(LineSettlement, LineSettlement.line_id == StatementLine.id)
        .join(Settlement, Settlement.id == LineSettlement.settlement_id)
        .join(Invoice, Invoice.id == Settlement.invoice_id)
        .join(Partner, Partner.id == Invoice.partner_id)
        .where(StatementLine.counterparty_iban != "")
        .where(
            ~select(undone.id)
            .where(undone.counterpart_id == Settlement.id, undone.kind == SettlementKind.REVERSAL)
            .exists()
        )
        .distinct()
    ):
        found[iban].add(payer)
    return {iban: frozenset(payers) for iban, payers in found.items()}


def credit_of(line: StatementLine) -> Credit:
    """What a line says of the money that came in."""
    said = " ".join(filter(None, (line.label, line.reference, line.end_to_end)))
    return Credit(line.cents, said, line.counterparty, line.counterparty_iban)
