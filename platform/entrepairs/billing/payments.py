"""Money received or given back on an invoice, recorded by the office or by Stripe's news. Rows are only ever added.

Lock order: invoice, journal.
"""

import hashlib
from datetime import date
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing import rules
from entrepairs.billing.models import OWED, CheckoutPayment, Invoice, InvoiceState, Settlement, SettlementKind
from entrepairs.billing.online.models import RefundState, StripeRefund
from entrepairs.billing.postings import post_settlement
from entrepairs.billing.transmission.collecting import note_collection
from entrepairs.db import locked
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference

NOT_SETTLED: Final = (RefundState.WAITING, RefundState.ASKED)
"""Refunds whose money has not left yet: it is promised all the same."""
_LONGEST_KEY: Final = 100
"""Of a gesture typed by hand: the ledger names its entry by it, with a few signs more."""


def record_transfer(
    session: Session,
    ref: str,
    amount: Money,
    received_on: date,
    *,
    reference: str = "",
    keep_surplus: bool = False,
    dedup: str | None = None,
    clock: Clock,
    actor: Actor,
) -> Settlement:
    """Record a bank transfer received on an invoice, whole or in part (Dr 512 / Cr 411).

    The same transfer sent twice (same `dedup`, by default same day, amount and bank reference) is one row. More than
    what is left is refused unless `keep_surplus` leaves it on the structure's account. Raises NotFound,
    Conflict("not_payable"), InvalidInput("amount_not_positive", "over_payment", "received_ahead",
    "received_before_issue").
    """
    invoice = payable_for_update(session, ref)
    key = dedup or _key("transfer", ref, received_on, amount, reference)
    known, key = _known(session, key)
    if known is not None:
        return known
    _ensure_day(invoice, received_on, clock)
    rules.ensure_payable(amount, balance_of(session, invoice), keep_surplus=keep_surplus)
    return settle(
        session,
        invoice,
        SettlementKind.TRANSFER,
        amount,
        received_on,
        reference=reference,
        dedup=key,
        clock=clock,
        actor=actor,
    )


def record_refund(
    session: Session,
    ref: str,
    amount: Money,
    paid_on: date,
    *,
    reference: str = "",
    clock: Clock,
    actor: Actor,
) -> Settlement:
    """Record money given back on an invoice credited or paid too much (Dr 411 / Cr 512).

    Raises NotFound, Conflict("not_payable"), InvalidInput("amount_not_positive", "refund_too_high",
    "received_ahead", "received_before_issue").
    """
    invoice = payable_for_update(session, ref)
    key = _key("refund", ref, paid_on, amount, reference)
    known, key = _known(session, key)
    if known is not None:
        return known
    _ensure_day(invoice, paid_on, clock)
    surplus = surplus_of(session, invoice)
    if amount.cents <= 0:
        raise InvalidInput("amount_not_positive", N_("Enter the amount received, greater than zero."), field="amount")
    if amount > surplus:
        raise InvalidInput(
            "refund_too_high", N_("Only what was paid too much can be given back."), field="amount", left=surplus
        )
    return settle(
        session,
        invoice,
        SettlementKind.REFUND,
        -amount,
        paid_on,
        reference=reference,
        dedup=key,
        clock=clock,
        actor=actor,
    )


def _key(what: str, ref: str, day: date, amount: Money, reference: str) -> str:
    """What names a gesture typed by hand; a reference copied whole from the bank stands there by its digest."""
    told, begins = reference.strip(), f"{what}:{ref}:{day.isoformat()}:{amount.cents}:"
    if len(begins + told) <= _LONGEST_KEY:
        return begins + told
    return begins + hashlib.sha256(told.encode()).hexdigest()[:32]


def _known(session: Session, key: str) -> tuple[Settlement | None, str]:
    """The settlement already recorded under a key, and the key to write with: one undone since may be recorded again."""
    undone = 0
    while True:
        tried = f"{key}:{undone}" if undone else key
        known = session.scalars(select(Settlement).where(Settlement.dedup_key == tried)).one_or_none()
        if known is None or session.scalar(select(Settlement.id).where(Settlement.counterpart_id == known.id)) is None:
            return known, tried
        undone += 1


def settle(
    session: Session,
    invoice: Invoice,
    kind: SettlementKind,
    amount: Money,
    received_on: date,
    *,
    reference: str,
    dedup: str,
    clock: Clock,
    actor: Actor,
) -> Settlement:
    """Write a settlement and its entry; the one already there under `dedup` is returned. The invoice is locked."""
    known = session.scalars(select(Settlement).where(Settlement.dedup_key == dedup)).one_or_none()
    if known is not None:
        return known
    settlement = write_settlement(
        session, invoice, kind, amount, received_on, reference=reference, dedup=dedup, clock=clock, actor=actor
    )
    post_settlement(session, settlement, clock=clock)
    return settlement


def write_settlement(
    session: Session,
    invoice: Invoice,
    kind: SettlementKind,
    amount: Money,
    received_on: date,
    *,
    reference: str,
    dedup: str,
    reason: str = "",
    counterpart: Settlement | None = None,
    clock: Clock,
    actor: Actor,
) -> Settlement:
    """The row and its trace; its entry is the caller's. The invoice is locked."""
    settlement = Settlement(
        ref=new_reference("REG"),
        invoice=invoice,
        kind=kind,
        cents=amount.cents,
        received_on=received_on,
        reference=reference.strip()[:120],
        reason=reason,
        counterpart=counterpart,
        dedup_key=dedup,
        created_at=clock.now(),
        recorded_by=actor.label,
    )
    session.add(settlement)
    session.flush()
    record(session, "invoice.settle", "invoice", invoice.ref, actor=actor, clock=clock, kind=kind, cents=amount.cents)
    note_collection(session, settlement, clock=clock)
    session.flush()
    return settlement


def balance_of(session: Session, invoice: Invoice) -> Money:
    """What is left to pay; negative when paid too much or credited after payment."""
    settled = session.scalar(
        select(func.coalesce(func.sum(Settlement.cents), 0)).where(Settlement.invoice_id == invoice.id)
    )
    return Money(invoice.gross - int(settled or 0))


def surplus_of(session: Session, invoice: Invoice) -> Money:
    """What was paid too much and may go elsewhere: what is being given back online is taken already. May be negative."""
    under_way = session.scalar(
        select(func.coalesce(func.sum(StripeRefund.cents), 0))
        .join(CheckoutPayment, CheckoutPayment.id == StripeRefund.payment_id)
        .where(CheckoutPayment.invoice_id == invoice.id, StripeRefund.state.in_(NOT_SETTLED))
    )
    return -balance_of(session, invoice) - Money(int(under_way or 0))


def payable_for_update(session: Session, ref: str) -> Invoice:
    """An issued invoice, locked. Raises NotFound, Conflict("not_payable")."""
    invoice = locked(session, select(Invoice).where(Invoice.ref == ref))
    if invoice is None:
        raise NotFound("invoice", N_("This invoice does not exist."))
    if invoice.state is not InvoiceState.ISSUED or invoice.kind not in OWED:
        raise Conflict("not_payable", N_("Only an issued invoice can be paid."))
    return invoice


def _ensure_day(invoice: Invoice, day: date, clock: Clock) -> None:
    """An entry never changes: a slip in its day (2017 for 2027) would stay in the books of that year."""
    if day > clock.today():
        raise InvalidInput(
            "received_ahead", N_("This day has not come yet: enter the day the bank credited it."), field="received_on"
        )
    if invoice.issue_date is not None and day < invoice.issue_date:
        raise InvalidInput(
            "received_before_issue",
            N_("This invoice is dated %(day)s: enter a day from then on."),
            field="received_on",
            day=invoice.issue_date,
        )
