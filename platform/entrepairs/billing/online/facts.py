"""What Stripe says of things, as values. Amounts are integer cents of euro; times are Stripe's, real and aware."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from entrepairs.billing.models import PaymentState
from entrepairs.billing.online.models import DisputeState, PayoutState, RefundState
from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.money import Money

REFUND_KEY: Final = "refund"
"""Metadata key of our refund's reference."""


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of the Stripe balance. `kind` is Stripe's word; `charge`, `payment_intent` are those of its source."""

    txn_id: str
    kind: str
    cents: int
    fee: int
    moved_at: datetime
    source_id: str = ""
    source_kind: str = ""
    payment_intent: str | None = None
    charge: str | None = None

    @property
    def net(self) -> int:
        """What it changes in the balance."""
        return self.cents - self.fee


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """A refund as it is now. `our_ref` is what we called it, None when it was made on Stripe's pages."""

    refund_id: str
    our_ref: str | None
    payment_intent: str | None
    charge: str | None
    amount: Money
    state: RefundState
    failure: str
    movement: Movement | None
    failed_movement: Movement | None


@dataclass(frozen=True, slots=True)
class DisputeFacts:
    """A dispute as it is now; its movements are money withdrawn, or given back."""

    dispute_id: str
    payment_intent: str | None
    charge: str | None
    amount: Money
    state: DisputeState
    reason: str
    answer_by: datetime | None
    movements: tuple[Movement, ...]


@dataclass(frozen=True, slots=True)
class PayoutFacts:
    """A payout as it is now."""

    payout_id: str
    amount: Money
    state: PayoutState
    arrives_on: date
    failure: str
    movement: Movement | None
    failed_movement: Movement | None


def movement_of(told: object) -> Movement | None:
    """An expanded balance transaction; None when Stripe gave none yet, or its id alone."""
    if not isinstance(told, Mapping):
        return None
    source = told.get("source")
    about: Mapping[str, Any] = source if isinstance(source, Mapping) else {}
    is_charge = about.get("object") == "charge"
    return Movement(
        txn_id=told["id"],
        kind=told["type"],
        cents=told["amount"],
        fee=told["fee"],
        moved_at=_instant(told["created"]),
        source_id=str(about.get("id") or source or ""),
        source_kind=str(about.get("object") or ""),
        payment_intent=_id(about.get("payment_intent")),
        charge=about.get("id") if is_charge else _id(about.get("charge")),
    )


_REFUND_STATES: Final = {
    "succeeded": RefundState.DONE,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
_DISPUTE_STATES: Final = {
    "warning_needs_response": DisputeState.WARNED,
    "warning_under_review": DisputeState.WARNED,
    "warning_closed": DisputeState.CLOSED,
    "prevented": DisputeState.CLOSED,
    "under_review": DisputeState.ANSWERED,
    "appeal_under_review": DisputeState.ANSWERED,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}
_PAYOUT_STATES: Final = {
    "paid": PayoutState.PAID,
    "failed": PayoutState.FAILED,
    "canceled": PayoutState.FAILED,
}


def refund_facts(told: Mapping[str, Any]) -> RefundFacts:
    """Pending, or waiting for something of the payer, is pending."""
    return RefundFacts(
        refund_id=told["id"],
        our_ref=(told.get("metadata") or {}).get(REFUND_KEY),
        payment_intent=_id(told.get("payment_intent")),
        charge=_id(told.get("charge")),
        amount=Money(told["amount"]),
        state=_REFUND_STATES.get(told["status"], RefundState.PENDING),
        failure=told.get("failure_reason") or ("canceled" if told["status"] == "canceled" else ""),
        movement=movement_of(told.get("balance_transaction")),
        failed_movement=movement_of(told.get("failure_balance_transaction")),
    )


def dispute_facts(told: Mapping[str, Any]) -> DisputeFacts:
    """A status we don't know is one that waits for an answer."""
    due = (told.get("evidence_details") or {}).get("due_by")
    return DisputeFacts(
        dispute_id=told["id"],
        payment_intent=_id(told.get("payment_intent")),
        charge=_id(told.get("charge")),
        amount=Money(told["amount"]),
        state=_DISPUTE_STATES.get(told["status"], DisputeState.OPENED),
        reason=told.get("reason") or "",
        answer_by=_instant(due) if due else None,
        movements=tuple(filter(None, map(movement_of, told.get("balance_transactions") or ()))),
    )


def payout_facts(told: Mapping[str, Any]) -> PayoutFacts:
    """Pending and in transit are both on their way."""
    return PayoutFacts(
        payout_id=told["id"],
        amount=Money(told["amount"]),
        state=_PAYOUT_STATES.get(told["status"], PayoutState.ON_ITS_WAY),
        arrives_on=paris_day(_instant(told["arrival_date"])),
        failure=told.get("failure_code") or "",
        movement=movement_of(told.get("balance_transaction")),
        failed_movement=movement_of(told.get("failure_balance_transaction")),
    )


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What Stripe says of a session now. `fee` is None until its balance transaction exists."""

    session_id: str
    state: PaymentState
    amount: Money
    payment_intent: str | None
    fee: Money | None
    charge: str | None = None
    method: str | None = None
    mandate: str | None = None
    """Reference of the mandate of a direct debit, as Stripe gives it."""
    failure: str = ""
    movement: Movement | None = None


def session_facts(found: Mapping[str, Any], mandate: str | None = None) -> SessionFacts:
    """From a session whose payment intent, charge and balance transaction are expanded as far as they exist."""
    intent = found["payment_intent"]
    known = intent if isinstance(intent, Mapping) else {}
    charge = _charge(found)
    movement = movement_of(charge.get("balance_transaction"))
    return SessionFacts(
        session_id=found["id"],
        state=_state(found["status"], found["payment_status"], known.get("status")),
        amount=Money(found["amount_total"]),
        payment_intent=known.get("id") or (intent if isinstance(intent, str) else None),
        fee=None if movement is None else Money(movement.fee),
        charge=charge.get("id"),
        method=(charge.get("payment_method_details") or {}).get("type"),
        mandate=mandate,
        failure=charge.get("failure_code") or "",
        movement=movement,
    )


def mandate_id(found: Mapping[str, Any]) -> str | None:
    """The mandate that the debit of a session was made under."""
    details = _charge(found).get("payment_method_details") or {}
    return _id((details.get("sepa_debit") or {}).get("mandate"))


def _charge(found: Mapping[str, Any]) -> Mapping[str, Any]:
    intent = found["payment_intent"]
    charge = intent.get("latest_charge") if isinstance(intent, Mapping) else None
    return charge if isinstance(charge, Mapping) else {}


def _state(session: str, payment: str, intent: str | None) -> PaymentState:
    if payment == "paid":
        return PaymentState.PAID
    if session == "expired":
        return PaymentState.EXPIRED
    if session == "complete":
        # A direct debit: waiting for the bank, or refused by it.
        return PaymentState.PROCESSING if intent == "processing" else PaymentState.FAILED
    return PaymentState.OPEN


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _id(told: object) -> str | None:
    """Of an id, or of an expanded object."""
    if isinstance(told, Mapping):
        told = told.get("id")
    return told if isinstance(told, str) else None
