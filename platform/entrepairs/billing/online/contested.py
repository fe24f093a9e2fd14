"""Which invoices wait for a bank to decide: read by lists of invoices and by reminders, which leave them alone."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.models import CheckoutPayment
from entrepairs.billing.online.models import CONTESTED, StripeDispute


def contested_invoices(session: Session, ids: Collection[int]) -> set[int]:
    """Of some invoices, those whose online payment the payer's bank took back and has not decided on."""
    return set(
        session.scalars(
            select(CheckoutPayment.invoice_id)
            .join(StripeDispute, StripeDispute.payment_id == CheckoutPayment.id)
            .where(CheckoutPayment.invoice_id.in_(ids), StripeDispute.state.in_(CONTESTED))
        )
    )
