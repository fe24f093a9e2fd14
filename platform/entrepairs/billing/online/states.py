"""How far a refund, a dispute, a payout has gone: late or repeated news never take it back."""

from collections.abc import Mapping
from typing import Final

from entrepairs.billing.online.models import DisputeState, PayoutState, RefundState

_REFUND: Final[Mapping[RefundState, int]] = {
    RefundState.WAITING: 0,
    RefundState.ASKED: 1,
    RefundState.PENDING: 2,
    RefundState.DONE: 3,
    RefundState.REFUSED: 4,
    RefundState.FAILED: 5,
}
_DISPUTE: Final[Mapping[DisputeState, int]] = {
    DisputeState.WARNED: 0,
    DisputeState.OPENED: 1,
    DisputeState.ANSWERED: 2,
    DisputeState.CLOSED: 3,
    DisputeState.LOST: 3,
    DisputeState.WON: 4,
}
_PAYOUT: Final[Mapping[PayoutState, int]] = {
    PayoutState.ON_ITS_WAY: 0,
    PayoutState.PAID: 1,
    PayoutState.FAILED: 2,
}


def furthest_refund(known: RefundState, told: RefundState) -> RefundState:
    """One that was done may still fail; one that failed never comes back."""
    return told if _REFUND[told] > _REFUND[known] else known


def furthest_dispute(known: DisputeState, told: DisputeState) -> DisputeState:
    """A lost one may be won on appeal."""
    return told if _DISPUTE[told] > _DISPUTE[known] else known


def furthest_payout(known: PayoutState, told: PayoutState) -> PayoutState:
    """One that Stripe says arrived may still be sent back by our bank."""
    return told if _PAYOUT[told] > _PAYOUT[known] else known
