"""The contribution: the voted share of what is invoiced, taken once on each issued invoice."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.models import Invoice, InvoiceKind, InvoiceLine, InvoiceState
from entrepairs.cooperative.models import ContributionShare
from entrepairs.cooperative.rules import VotedRate
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.money import Money
from entrepairs.settings.decisions import decision_or
from entrepairs.settings.models import Decision

RATE: Final = "cooperative.contribution_rate"
"""`{"rate": "10.0", "basis": "turnover"}`."""
_BATCH: Final = 500


def voted_rate(session: Session, on: date) -> VotedRate | None:
    """The rate in force on a day; None while nothing is voted. Raises Unavailable("contribution_rate")."""
    value = decision_or(session, RATE, on, None)
    return None if value is None else VotedRate.of(value)


def take_contribution(
    session: Session, subject_ref: str, payload: Mapping[str, Any], *, clock: Clock
) -> ContributionShare | None:
    """Effect of `cooperative.take_contribution`: the share on one invoice, once; None for a draft or without a voted rate."""
    invoice = session.scalars(select(Invoice).where(Invoice.ref == subject_ref)).one_or_none()
    return None if invoice is None else _take(session, invoice, clock)


def take_missing_contributions(session: Session, *, clock: Clock) -> int:
    """Take the shares that have not been, oldest invoice first: a rate may be voted after the fact. How many.

    What was issued before any rate is left aside: it would stand before the others for ever.
    """
    first_day = session.scalar(select(func.min(func.lower(Decision.valid))).where(Decision.key == RATE))
    if first_day is None:
        return 0
    missing = session.scalars(
        select(Invoice)
        .outerjoin(ContributionShare, ContributionShare.invoice_id == Invoice.id)
        .where(Invoice.state == InvoiceState.ISSUED, ContributionShare.id.is_(None))
        .where(Invoice.issue_date >= first_day)
        .order_by(Invoice.issue_date, Invoice.id)
        .limit(_BATCH)
    ).all()
    return sum(1 for invoice in missing if _take(session, invoice, clock) is not None)


def contributions_between(session: Session, since: date, until: date) -> Money:
    """What the contribution brought on invoices issued over `[since, until)`, credit notes taken off."""
    total = session.scalar(
        select(func.coalesce(func.sum(ContributionShare.cents), 0))
        .join(Invoice, ContributionShare.invoice_id == Invoice.id)
        .where(Invoice.issue_date >= since, Invoice.issue_date < until)
    )
    return Money(int(total or 0))


def _take(session: Session, invoice: Invoice, clock: Clock) -> ContributionShare | None:
    if invoice.state is not InvoiceState.ISSUED:
        return None
    rate = _rate_for(session, invoice, clock)
    if rate is None:
        return None
    base = _turnover(invoice)
    share = rate.share_of(base) if invoice.corrected_id is None else _given_back(session, invoice, rate, base)
    inserted = session.scalar(
        insert(ContributionShare)
        .values(invoice_id=invoice.id, base=base.cents, rate=rate.percent, cents=share.cents, created_at=clock.now())
        .on_conflict_do_nothing(index_elements=["invoice_id"])
        .returning(ContributionShare.id)
    )
    if inserted is None:
        return _share_of(session, invoice)
    record(
        session,
        "contribution.take",
        "invoice",
        invoice.ref,
        actor=Actor.SYSTEM,
        clock=clock,
        rate=rate.percent,
        cents=share.cents,
    )
    return session.get_one(ContributionShare, inserted)


def counts_as_turnover(invoice: Invoice, line: InvoiceLine) -> bool:
    """What was done: a deposit is not turnover yet, what deducts it takes nothing off, interest is none."""
    deposit = InvoiceKind.DEPOSIT in {invoice.kind, invoice.corrected.kind if invoice.corrected else None}
    return not deposit and line.deducts_id is None and line.account is None


def _turnover(invoice: Invoice) -> Money:
    """What was done, without VAT."""
    done = sum(line.net for line in invoice.lines if counts_as_turnover(invoice, line))
    return Money(-done if invoice.kind is InvoiceKind.CREDIT_NOTE else done)


def _rate_for(session: Session, invoice: Invoice, clock: Clock) -> VotedRate | None:
    """The rate of the issue day; a credit note gives back at the rate that was taken on what it corrects.

    Otherwise a change of rate in between would leave a contribution on a sale that no longer exists.
    """
    if invoice.corrected is not None:
        taken = _take(session, invoice.corrected, clock)
        return None if taken is None else VotedRate(taken.rate)
    if invoice.issue_date is None:
        msg = f"{invoice.ref} is issued without a date"
        raise ValueError(msg)
    return voted_rate(session, invoice.issue_date)


def _given_back(session: Session, note: Invoice, rate: VotedRate, base: Money) -> Money:
    """The share of all the credit notes of a sale so far, less what they gave back: in parts, they make the whole.

    The sale is locked: two of its credit notes are counted one after the other.
    """
    session.execute(select(Invoice.id).where(Invoice.id == note.corrected_id).with_for_update(key_share=True))
    before, given = session.execute(
        select(func.coalesce(func.sum(ContributionShare.base), 0), func.coalesce(func.sum(ContributionShare.cents), 0))
        .join(Invoice, Invoice.id == ContributionShare.invoice_id)
        .where(Invoice.corrected_id == note.corrected_id, Invoice.id != note.id)
    ).one()
    return rate.share_of(Money(int(before)) + base) - Money(int(given))


def _share_of(session: Session, invoice: Invoice) -> ContributionShare:
    return session.scalars(select(ContributionShare).where(ContributionShare.invoice_id == invoice.id)).one()
