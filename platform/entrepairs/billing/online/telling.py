"""Who is written to when money paid online takes another way: the structure of a failed debit, the office of a dispute."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.models import CheckoutPayment
from entrepairs.billing.online.models import StripeDispute
from entrepairs.billing.transmission.routes import billing_address
from entrepairs.identity.models import Account, OfficeRole, OfficeRoleKind
from entrepairs.kernel.clock import Clock
from entrepairs.messages.queueing import queue_mail

BILLING_TEAM: Final = (OfficeRoleKind.BILLING, OfficeRoleKind.ADMIN)
DEBIT_FAILED: Final = "billing.debit_failed"
DISPUTE_OPENED: Final = "billing.dispute_opened"


def tell_payment_failed(session: Session, payment: CheckoutPayment, *, clock: Clock) -> None:
    """To the structure's billing address: days have passed since it paid, nobody is looking at the page."""
    partner = payment.invoice.partner
    address = billing_address(partner)
    if address is not None:
        queue_mail(
            session,
            DEBIT_FAILED,
            to_ref=partner.ref,
            address=address,
            subject_kind="checkout_payment",
            subject_ref=payment.ref,
            clock=clock,
            dedup=f"{DEBIT_FAILED}:{payment.ref}",
        )


def tell_dispute(session: Session, dispute: StripeDispute, *, clock: Clock) -> None:
    """To everybody who bills: an answer has a last day."""
    team = session.scalars(
        select(Account)
        .where(Account.disabled_at.is_(None), Account.office_roles.any(OfficeRole.role.in_(BILLING_TEAM)))
        .order_by(Account.id)
    ).all()
    for account in team:
        queue_mail(
            session,
            DISPUTE_OPENED,
            to_ref=account.ref,
            address=account.email,
            subject_kind="stripe_dispute",
            subject_ref=dispute.ref,
            clock=clock,
            dedup=f"{DISPUTE_OPENED}:{dispute.ref}:{account.ref}",
        )
