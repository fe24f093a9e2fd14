"""A payment intent, from its making to succeeded, processing or refused."""

from entrepairs.doubles.stripe_api import events, knobs
from entrepairs.doubles.stripe_api.agenda import plan
from entrepairs.doubles.stripe_api.charges import (
    CARD,
    SEPA_DEBIT,
    add_charge,
    add_mandate,
    fail_charge,
    settle_charge,
)
from entrepairs.doubles.stripe_api.errors import ApiError, Json, missing_object, wrong_state
from entrepairs.doubles.stripe_api.parameters import Parameters
from entrepairs.doubles.stripe_api.store import Store, new_id

LEAST_AMOUNT = 50
"""Stripe takes no payment under 0.50 €."""
CAN_BE_PAID = ("requires_payment_method", "requires_confirmation")
ACCEPTED_CARDS = ("pm_card_visa", "pm_card_mastercard", "pm_card_fr")
REFUSED_CARDS = {
    "pm_card_chargeDeclined": "generic_decline",
    "pm_card_visa_chargeDeclined": "generic_decline",
    "pm_card_chargeDeclinedInsufficientFunds": "insufficient_funds",
}
REFUSAL = "Your card was declined."
REJECTED_DEBIT = "The direct debit was rejected by the bank."


def ensure_enough(amount: int, currency: str, param: str) -> None:
    """Refuse `amount_too_small`."""
    if amount < LEAST_AMOUNT:
        raise ApiError(
            f"Amount must be no less than {LEAST_AMOUNT} cents {currency}", code="amount_too_small", param=param
        )


def add_intent(store: Store, *, amount: int, currency: str, customer: str | None, more: Json) -> Json:
    """A new payment intent; `more` holds description, metadata, receipt_email, statement_descriptor, types."""
    intent = store.add(
        {
            "id": (identity := new_id("pi")),
            "object": "payment_intent",
            "amount": amount,
            "amount_capturable": 0,
            "amount_received": 0,
            "automatic_payment_methods": None,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic_async",
            "client_secret": f"{identity}_secret_{new_id('x')[2:]}",
            "confirmation_method": "automatic",
            "created": int(store.now()),
            "currency": currency,
            "customer": customer,
            "description": None,
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": {},
            "next_action": None,
            "payment_method": None,
            "payment_method_types": ["card", "sepa_debit"],
            "processing": None,
            "receipt_email": None,
            "setup_future_usage": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": None,
            "status": "requires_payment_method",
            **more,
        }
    )
    events.emit(store, "payment_intent.created", intent)
    return intent


def read_method(parameters: Parameters) -> str | None:
    """The payment method named in the call: a Stripe test token, or `payment_method_data[type]`."""
    data = parameters.group("payment_method_data")
    if data is not None:
        data.only("type", "sepa_debit", "billing_details")
        return f"pm_{data.one_of('type', ('card', 'sepa_debit'), 'card')}"
    return parameters.text("payment_method")


def confirm(store: Store, intent: Json, method: str | None) -> Json:
    """Try to pay; a refused card raises 402 and leaves the intent payable again."""
    if intent["status"] not in CAN_BE_PAID:
        raise wrong_state(
            f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}.",
            "payment_intent_unexpected_state",
        )
    if method is None:
        raise ApiError(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    if method == "pm_sepa_debit":
        start_debit(store, intent)
    elif method in REFUSED_CARDS:
        refuse_card(store, intent, REFUSED_CARDS[method])
        raise _declined(intent)
    elif method in (*ACCEPTED_CARDS, "pm_card"):
        pay_by_card(store, intent)
    else:
        raise missing_object("payment_method", method, "payment_method")
    return intent


def pay_by_card(store: Store, intent: Json) -> Json:
    """The card is accepted at once."""
    intent["payment_method"] = new_id("pm")
    charge = add_charge(store, intent, CARD, "succeeded")
    _mark_succeeded(store, intent)
    events.emit(store, "charge.succeeded", charge)
    events.emit(store, "payment_intent.succeeded", intent)
    return intent


def refuse_card(store: Store, intent: Json, decline_code: str) -> Json:
    """The card is refused; another may be tried."""
    intent["payment_method"] = new_id("pm")
    charge = add_charge(store, intent, CARD, "failed")
    fail_charge(store, charge, "card_declined", REFUSAL)
    _mark_refused(
        store,
        intent,
        code="card_declined",
        message=REFUSAL,
        charge=charge["id"],
        decline_code=decline_code,
    )
    events.emit(store, "charge.failed", charge)
    events.emit(store, "payment_intent.payment_failed", intent)
    return intent


def start_debit(store: Store, intent: Json) -> Json:
    """A SEPA direct debit is sent to the bank: some days of `processing`."""
    intent["payment_method"] = new_id("pm")
    signed = {**SEPA_DEBIT, "sepa_debit": {**SEPA_DEBIT["sepa_debit"], "mandate": add_mandate(store)["id"]}}
    charge = add_charge(store, intent, signed, "pending")
    intent["status"] = "processing"
    store.save(intent)
    events.emit(store, "charge.pending", charge)
    events.emit(store, "payment_intent.processing", intent)
    wait = knobs.read(store).sepa_settles_after_seconds
    if wait is not None:
        plan(store, wait, "settle_debit", intent["id"])
    return intent


def settle_debit(store: Store, intent: Json, *, accepted: bool) -> Json:
    """The bank answers; raises 400 when the payment is not waiting for it."""
    if intent["status"] != "processing":
        raise wrong_state(
            f"This payment is not waiting for the bank: {intent['status']}.", "payment_intent_unexpected_state"
        )
    charge = store.get("charge", intent["latest_charge"])
    if accepted:
        settle_charge(store, charge)
        _mark_succeeded(store, intent)
        events.emit(store, "charge.succeeded", charge)
        events.emit(store, "payment_intent.succeeded", intent)
    else:
        fail_charge(store, charge, "insufficient_funds", REJECTED_DEBIT)
        _mark_refused(
            store,
            intent,
            code="payment_intent_payment_attempt_failed",
            message=REJECTED_DEBIT,
            charge=charge["id"],
        )
        events.emit(store, "charge.failed", charge)
        events.emit(store, "payment_intent.payment_failed", intent)
    return intent


def cancel(store: Store, intent: Json, reason: str | None) -> Json:
    """Give up an intent that is not paid."""
    if intent["status"] not in CAN_BE_PAID:
        raise wrong_state(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.",
            "payment_intent_unexpected_state",
        )
    intent.update(status="canceled", canceled_at=int(store.now()), cancellation_reason=reason)
    store.save(intent)
    events.emit(store, "payment_intent.canceled", intent)
    return intent


def _mark_succeeded(store: Store, intent: Json) -> None:
    intent.update(status="succeeded", amount_received=intent["amount"], last_payment_error=None)
    store.save(intent)


def _mark_refused(store: Store, intent: Json, **told: str) -> None:
    error = {"type": "card_error", **told}
    intent.update(status="requires_payment_method", payment_method=None, last_payment_error=error)
    store.save(intent)


def _declined(intent: Json) -> ApiError:
    told = intent["last_payment_error"]
    return ApiError(
        told["message"],
        status=402,
        kind="card_error",
        code=told["code"],
        keeps_work=True,
        charge=told["charge"],
        decline_code=told["decline_code"],
        payment_intent=dict(intent),
    )
