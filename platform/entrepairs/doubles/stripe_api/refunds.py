"""Giving money back on a charge."""

from entrepairs.doubles.stripe_api import events, knobs
from entrepairs.doubles.stripe_api.charges import add_balance_transaction
from entrepairs.doubles.stripe_api.errors import ApiError, Json, wrong_state
from entrepairs.doubles.stripe_api.parameters import Parameters
from entrepairs.doubles.stripe_api.store import Store, new_id

REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def create_refund(store: Store, parameters: Parameters) -> Json:
    """Refund a charge or the charge of a payment intent, wholly or in part; Stripe keeps its fee."""
    parameters.only("amount", "charge", "metadata", "payment_intent", "reason")
    charge = _charge_to_refund(store, parameters)
    left = charge["amount"] - charge["amount_refunded"]
    if charge["disputed"]:
        raise ApiError(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    if left == 0:
        raise ApiError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    asked = parameters.whole("amount", least=1)
    amount = left if asked is None else asked
    if amount > left:
        raise parameters.invalid("amount", f"{amount} is greater than unrefunded amount on charge ({left}).")
    refund = store.add(_refund(store, charge, amount, parameters))
    kind = "payment_refund" if charge["id"].startswith("py_") else "refund"
    entry = add_balance_transaction(store, refund, kind=kind, category="refund", amount=-amount)
    refund["balance_transaction"] = entry["id"]
    store.save(refund)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    store.save(charge)
    events.emit(store, "refund.created", refund)
    events.emit(store, "charge.refunded", charge)
    return refund


def settle_refund(store: Store, refund: Json, *, accepted: bool) -> Json:
    """The bank of the payer answers; a refund that was done may still fail days later, never the other way round."""
    if refund["status"] not in (("pending",) if accepted else ("pending", "succeeded")):
        raise wrong_state(f"This refund is {refund['status']}.", "refund_unexpected_state")
    if accepted:
        refund["status"] = "succeeded"
        store.save(refund)
        events.emit(store, "refund.updated", refund)
        return refund
    charge = store.get("charge", refund["charge"])
    entry = add_balance_transaction(
        store, refund, kind="refund_failure", category="refund_failure", amount=refund["amount"]
    )
    refund.update(status="failed", failure_reason="expired_or_canceled_card", failure_balance_transaction=entry["id"])
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    store.save(refund)
    store.save(charge)
    events.emit(store, "refund.failed", refund)
    events.emit(store, "charge.refund.updated", refund)
    return refund


def _charge_to_refund(store: Store, parameters: Parameters) -> Json:
    wanted, of_intent = parameters.text("charge"), parameters.text("payment_intent")
    if of_intent is not None:
        wanted = store.get("payment_intent", of_intent, "payment_intent")["latest_charge"]
        if wanted is None:
            raise ApiError(
                f"This PaymentIntent ({of_intent}) does not have a successful charge to refund.",
                param="payment_intent",
            )
    if wanted is None:
        raise ApiError("One of the following params should be provided for this request: payment_intent or charge.")
    charge = store.get("charge", wanted, "charge")
    if charge["status"] != "succeeded":
        raise ApiError(f"Charge {wanted} is not paid and cannot be refunded.", code="charge_not_refundable")
    return charge


def _refund(store: Store, charge: Json, amount: int, parameters: Parameters) -> Json:
    return {
        "id": new_id("pyr" if charge["id"].startswith("py_") else "re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": int(store.now()),
        "currency": charge["currency"],
        "description": None,
        "destination_details": None,
        "failure_balance_transaction": None,
        "failure_reason": None,
        "livemode": False,
        "metadata": parameters.metadata(),
        "payment_intent": charge["payment_intent"],
        "reason": parameters.one_of("reason", REASONS),
        "receipt_number": None,
        "status": knobs.read(store).refund_status,
    }
