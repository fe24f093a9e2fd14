"""Reads of dunning for pages: by reference, for the office."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from entrepairs.billing.dunning.models import DunningLetter, DunningPause, InterestDecision, Reminder
from entrepairs.billing.models import Invoice
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.network.models import Partner


def find_payer(session: Session, ref: str) -> Partner:
    """A structure. Raises NotFound."""
    found = session.scalars(select(Partner).where(Partner.ref == ref)).one_or_none()
    if found is None:
        raise NotFound("partner", N_("This structure does not exist."))
    return found


def find_letter(session: Session, ref: str) -> DunningLetter:
    """A letter with its invoices. Raises NotFound."""
    found = session.scalars(
        select(DunningLetter).options(selectinload(DunningLetter.reminders)).where(DunningLetter.ref == ref)
    ).one_or_none()
    if found is None:
        raise NotFound("letter", N_("This letter does not exist."))
    return found


def reminders_of(session: Session, invoice: Invoice) -> Sequence[Reminder]:
    """What was said about an invoice, oldest first, with the letters."""
    return session.scalars(
        select(Reminder)
        .options(selectinload(Reminder.letter))
        .where(Reminder.invoice_id == invoice.id)
        .order_by(Reminder.id)
    ).all()


def pauses_of(session: Session, invoice: Invoice) -> Sequence[DunningPause]:
    """Disputes and promises, oldest first."""
    return session.scalars(
        select(DunningPause).where(DunningPause.invoice_id == invoice.id).order_by(DunningPause.id)
    ).all()


def decisions_of(session: Session, invoice: Invoice) -> Sequence[InterestDecision]:
    """What was decided on its interest, oldest first."""
    return session.scalars(
        select(InterestDecision)
        .options(selectinload(InterestDecision.claim))
        .where(InterestDecision.invoice_id == invoice.id)
        .order_by(InterestDecision.id)
    ).all()
