"""A payer asks their bank for the money back: withdrawn at once, given back only if the answer is believed."""

from entrepairs.doubles.stripe_api import events
from entrepairs.doubles.stripe_api.charges import add_balance_transaction
from entrepairs.doubles.stripe_api.errors import ApiError, Json, wrong_state
from entrepairs.doubles.stripe_api.store import Store, new_id

FEE = 2000
"""Cents that Stripe keeps for a dispute, whoever wins it."""
DAYS_TO_ANSWER = 9


def open_dispute(store: Store, intent: Json, *, reason: str = "fraudulent", answer_by: int | None = None) -> Json:
    """Contest the whole charge of a payment; `answer_by` in seconds since 1970, some days from now by default.

    That of a direct debit is lost at once: the bank gives no way to answer.
    """
    if intent["status"] != "succeeded":
        raise wrong_state("Only a payment that succeeded can be disputed.", "payment_intent_unexpected_state")
    charge = store.get("charge", intent["latest_charge"])
    if charge["disputed"]:
        raise ApiError(f"Charge {charge['id']} is disputed already.", code="charge_disputed")
    by_debit = charge["id"].startswith("py_")
    due = int(store.now()) + DAYS_TO_ANSWER * 86400 if answer_by is None else answer_by
    dispute = store.add(_dispute(store, charge, by_debit=by_debit, reason=reason, due=due))
    _move(store, dispute, -charge["amount"], "dispute", fee=FEE)
    charge["disputed"] = True
    store.save(charge)
    events.emit(store, "charge.dispute.created", dispute)
    events.emit(store, "charge.dispute.funds_withdrawn", dispute)
    if by_debit:
        events.emit(store, "charge.dispute.closed", dispute)
    return dispute


def close_dispute(store: Store, dispute: Json, *, won: bool) -> Json:
    """The bank of the payer decides."""
    if dispute["status"] not in ("needs_response", "under_review"):
        raise wrong_state(f"This dispute is {dispute['status']}.", "dispute_unexpected_state")
    dispute["status"] = "won" if won else "lost"
    if won:
        _move(store, dispute, dispute["amount"], "dispute_reversal")
        events.emit(store, "charge.dispute.funds_reinstated", dispute)
    store.save(dispute)
    events.emit(store, "charge.dispute.closed", dispute)
    return dispute


def _move(store: Store, dispute: Json, amount: int, category: str, fee: int = 0) -> None:
    entry = add_balance_transaction(
        store, dispute, kind="adjustment", category=category, amount=amount, fee=fee, told_as="Dispute fee"
    )
    dispute["balance_transactions"].append(entry)
    store.save(dispute)


def _dispute(store: Store, charge: Json, *, by_debit: bool, reason: str, due: int) -> Json:
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge["amount"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": int(store.now()),
        "currency": charge["currency"],
        "evidence": {},
        "evidence_details": {
            "due_by": None if by_debit else due,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {"type": charge["payment_method_details"]["type"]},
        "reason": "debit_not_authorized" if by_debit else reason,
        "status": "lost" if by_debit else "needs_response",
    }
