"""The documents and the movements of money of a history as plain values, and what the ledger says of them."""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from entrepairs.billing.models import (
    CheckoutPayment,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceState,
    Settlement,
    SettlementKind,
)
from entrepairs.billing.online.models import PayoutState, StripeBooking, StripeDispute, StripePayout
from entrepairs.kernel.clock import PARIS
from entrepairs.ledger.models import Entry, EntryLine, EntryState
from tests.billing.histories import oracle
from tests.billing.histories.oracle import Between, Document, Fact, Moved, Received, Row

TRAININGS = "training"
"""How the code of every training of these histories begins."""


def facts_of(session: Session) -> list[Fact]:
    """Everything that money did, from its own tables: the ledger is not read."""
    return [*_documents(session), *_money(session), *_fees(session), *_payouts(session)]


def _documents(session: Session) -> list[Fact]:
    lines: dict[int, list[tuple[int, str | None, str, bool]]] = {}
    for invoice_id, net, account, axes, deducts in session.execute(
        select(InvoiceLine.invoice_id, InvoiceLine.net, InvoiceLine.account, InvoiceLine.axes, InvoiceLine.deducts_id)
    ):
        lines.setdefault(invoice_id, []).append((net, account, axes.get("offering", ""), deducts is not None))
    corrected = aliased(Invoice)
    rows = session.execute(
        select(
            Invoice.id,
            Invoice.number,
            Invoice.kind,
            Invoice.buyer,
            Invoice.issue_date,
            Invoice.issued_at,
            Invoice.gross,
            Invoice.vat,
            corrected.kind,
        )
        .outerjoin(corrected, corrected.id == Invoice.corrected_id)
        .where(Invoice.state == InvoiceState.ISSUED)
    )
    found: list[Fact] = []
    for invoice_id, number, kind, buyer, day, at, gross, vat, of in rows:
        deposit = InvoiceKind.DEPOSIT in {kind, of}
        found.append(
            Document(
                number,
                buyer["ref"],
                day,
                at,
                -1 if kind is InvoiceKind.CREDIT_NOTE else 1,
                gross,
                vat,
                tuple(
                    Row(net, account or ("7062" if code.startswith(TRAININGS) else "7061"), deposit or deducts)
                    for net, account, code, deducts in lines[invoice_id]
                ),
            )
        )
    return found


def _money(session: Session) -> list[Fact]:
    rows = session.execute(
        select(
            Settlement.kind,
            Settlement.cents,
            Settlement.received_on,
            Settlement.created_at,
            Invoice.number,
            Invoice.buyer,
        )
        .join(Invoice, Invoice.id == Settlement.invoice_id)
        .where(Settlement.kind != SettlementKind.CREDIT_NOTE)
    )
    found: list[Fact] = []
    for kind, cents, day, at, number, buyer in rows:
        if kind is SettlementKind.MOVED_IN:
            found.append(Moved(number, buyer["ref"], cents, day, at))
        elif kind is not SettlementKind.MOVED_OUT:
            found.append(Received(number, buyer["ref"], kind.value, cents, day, at))
    return found


def _fees(session: Session) -> list[Fact]:
    wanted = select(CheckoutPayment.ref, Invoice.number).join(Invoice, Invoice.id == CheckoutPayment.invoice_id)
    pieces: dict[str, str | None] = dict(session.execute(wanted).all())  # type: ignore[arg-type]
    contested = (
        select(StripeDispute.ref, Invoice.number)
        .join(CheckoutPayment, CheckoutPayment.id == StripeDispute.payment_id)
        .join(Invoice, Invoice.id == CheckoutPayment.invoice_id)
    )
    pieces |= dict(session.execute(contested).all())  # type: ignore[arg-type]
    rows = session.execute(select(StripeBooking.subject, StripeBooking.fee, StripeBooking.booked_at))
    return [
        Between(pieces[subject] or "", "ST", oracle.FEES, oracle.STRIPE, fee, paris(at), at)
        for subject, fee, at in rows
        if fee
    ]


def _payouts(session: Session) -> list[Fact]:
    found: list[Fact] = []
    for row in session.scalars(select(StripePayout)):
        at, back = row.created_at, row.updated_at
        found.append(Between(row.ref, "ST", oracle.TRANSIT, oracle.STRIPE, row.cents, paris(at), at))
        if row.state is PayoutState.FAILED:
            found.append(Between(row.ref, "ST", oracle.STRIPE, oracle.TRANSIT, row.cents, paris(back), back))
    return found


def ledger_of(session: Session) -> dict[oracle.Posting, int]:
    """Debit less credit of the validated entries by journal, piece, account, third party, day; those at nil left out."""
    day = (Entry.journal_code, Entry.piece_ref, EntryLine.account_code, EntryLine.aux_code, EntryLine.counted_on)
    amount = func.sum(EntryLine.debit - EntryLine.credit)
    rows = session.execute(
        select(*day, amount).join(Entry).where(Entry.state == EntryState.VALIDATED).group_by(*day).having(amount != 0)
    )
    found: dict[oracle.Posting, int] = {}
    for journal, piece, account, client, counted, cents in rows:
        found[journal, piece, account, _client(account, client), counted] = int(cents)
    return found


def _client(account: str, client: str | None) -> str:
    return (client or "") if account in {oracle.CLIENTS, oracle.DEPOSITS} else ""


def paris(at: datetime) -> date:
    """The legal day of an instant."""
    return at.astimezone(PARIS).date()
