"""The life of an invoice, and the state shown, which is derived from what settled it and never stored."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from entrepairs.billing.models import InvoiceState, PaymentState
from entrepairs.kernel.money import Money


class InvoiceEvent(StrEnum):
    """What may happen to an invoice."""

    ISSUE = "issue"


INVOICE_TRANSITIONS: Final[dict[tuple[InvoiceState, InvoiceEvent], InvoiceState]] = {
    (InvoiceState.DRAFT, InvoiceEvent.ISSUE): InvoiceState.ISSUED,
}


class ShownState(StrEnum):
    """What a reader is told."""

    DRAFT = "draft"
    ISSUED = "issued"
    PART_PAID = "part_paid"
    PAID = "paid"
    LATE = "late"
    CREDITED = "credited"
    DISPUTED = "disputed"
    BANK_DISPUTED = "bank_disputed"
    """The payer's bank took an online payment back, and has not decided."""


def shown_state(  # noqa: PLR0917 - one fact each
    state: InvoiceState,
    gross: Money,
    paid: Money,
    credited: Money,
    due_on: date | None,
    today: date,
    *,
    disputed: bool = False,
    by_bank: bool = False,
) -> ShownState:
    """What to show of an invoice. `paid` and `credited` reduce `gross`; dates are legal dates in Paris.

    The due day itself is not late. An invoice with nothing left is CREDITED when credit notes alone cover it.
    """
    if state is InvoiceState.DRAFT:
        return ShownState.DRAFT
    if gross <= paid + credited:
        return ShownState.CREDITED if credited and credited >= gross else ShownState.PAID
    if by_bank:
        return ShownState.BANK_DISPUTED
    if disputed:
        return ShownState.DISPUTED
    if due_on is not None and due_on < today:
        return ShownState.LATE
    return ShownState.PART_PAID if paid or credited else ShownState.ISSUED


LIVE_PAYMENTS: Final = (PaymentState.CREATING, PaymentState.OPEN, PaymentState.PROCESSING)
"""Attempts whose end is not known yet: one at most by invoice."""

_RANK: Final[Mapping[PaymentState, int]] = {
    PaymentState.CREATING: 0,
    PaymentState.OPEN: 1,
    PaymentState.PROCESSING: 2,
    PaymentState.EXPIRED: 3,
    PaymentState.FAILED: 3,
    PaymentState.PAID: 4,
}


def furthest(known: PaymentState, told: PaymentState) -> PaymentState:
    """The further of two states of a payment: late or repeated news never take it back."""
    return told if _RANK[told] > _RANK[known] else known
