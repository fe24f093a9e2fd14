"""Charges and the balance transactions that say what Stripe keeps."""

from entrepairs.doubles.stripe_api import events, knobs
from entrepairs.doubles.stripe_api.agenda import plan
from entrepairs.doubles.stripe_api.errors import Json
from entrepairs.doubles.stripe_api.store import Store, new_id

CARD: Json = {
    "type": "card",
    "card": {"brand": "visa", "country": "FR", "exp_month": 12, "exp_year": 2034, "funding": "debit", "last4": "4242"},
}
SEPA_DEBIT: Json = {
    "type": "sepa_debit",
    "sepa_debit": {"bank_code": "20041", "branch_code": "01005", "country": "FR", "last4": "2606", "mandate": None},
}
DAYS_UNTIL_AVAILABLE = 3


def fee_of(amount: int) -> int:
    """Stripe's fee in cents: 1.5 % rounded half up, plus 25 cents (French tariff for a European card)."""
    return (amount * 15 + 500) // 1000 + 25


def add_charge(store: Store, intent: Json, method: Json, status: str) -> Json:
    """Attach a new charge to its payment intent: status `succeeded`, `pending` or `failed`."""
    charge = store.add(
        {
            "id": new_id("py" if method["type"] == "sepa_debit" else "ch"),
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": intent["amount"] if status == "succeeded" else 0,
            "amount_refunded": 0,
            "application_fee_amount": None,
            "balance_transaction": None,
            "billing_details": {"address": None, "email": intent["receipt_email"], "name": None, "phone": None},
            "captured": status != "failed",
            "created": int(store.now()),
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "disputed": False,
            "failure_code": None,
            "failure_message": None,
            "livemode": False,
            "metadata": dict(intent["metadata"]),
            "outcome": None,
            "paid": status == "succeeded",
            "payment_intent": intent["id"],
            "payment_method": intent["payment_method"],
            "payment_method_details": method,
            "receipt_email": intent["receipt_email"],
            "receipt_url": None,
            "refunded": False,
            "statement_descriptor": intent["statement_descriptor"],
            "status": status,
        }
    )
    intent["latest_charge"] = charge["id"]
    if status == "succeeded":
        _credit(store, charge)
    return charge


def add_mandate(store: Store) -> Json:
    """What the payer of a direct debit signs; `reference` is the one the bank prints (RUM)."""
    told = {"reference": new_id("x")[2:18].upper(), "url": "https://mandates.invalid/"}
    return store.add(
        {
            "id": new_id("mandate"),
            "object": "mandate",
            "created": int(store.now()),
            "customer_acceptance": {"type": "online", "accepted_at": int(store.now())},
            "livemode": False,
            "payment_method_details": {"type": "sepa_debit", "sepa_debit": told},
            "single_use": None,
            "status": "active",
            "type": "multi_use",
        }
    )


def settle_charge(store: Store, charge: Json) -> Json:
    """A pending direct debit has been paid."""
    charge.update(status="succeeded", paid=True, amount_captured=charge["amount"])
    _credit(store, charge)
    return store.save(charge)


def fail_charge(store: Store, charge: Json, code: str, message: str) -> Json:
    """The bank refused; nothing was taken."""
    charge.update(
        status="failed", paid=False, captured=False, amount_captured=0, failure_code=code, failure_message=message
    )
    return store.save(charge)


def _credit(store: Store, charge: Json) -> None:
    delay = knobs.read(store).balance_delay_seconds
    if delay is None:
        fill_balance(store, charge)
    else:
        plan(store, delay, "fill_balance", charge["id"])


def fill_balance(store: Store, charge: Json) -> Json:
    """Write the balance transaction of a charge that succeeded."""
    kind = "payment" if charge["payment_method_details"]["type"] == "sepa_debit" else "charge"
    entry = add_balance_transaction(
        store, charge, kind=kind, category="charge", amount=charge["amount"], fee=fee_of(charge["amount"])
    )
    charge["balance_transaction"] = entry["id"]
    return store.save(charge)


def fill_late_balance(store: Store, charge_id: str) -> None:
    """The same, after the delay of the knob: Stripe tells it by `charge.updated`."""
    charge = fill_balance(store, store.get("charge", charge_id))
    events.emit(store, "charge.updated", charge)


def add_balance_transaction(
    store: Store,
    source: Json,
    *,
    kind: str,
    category: str,
    amount: int,
    fee: int = 0,
    told_as: str = "Stripe processing fees",
) -> Json:
    """One movement of the Stripe balance: `net = amount - fee`, negative for a refund."""
    currency = source["currency"]
    told = [{"amount": fee, "application": None, "currency": currency, "description": told_as}]
    return store.add(
        {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": int(store.now()) + DAYS_UNTIL_AVAILABLE * 86400,
            "balance_type": "payments",
            "created": int(store.now()),
            "currency": currency,
            "description": source.get("description"),
            "exchange_rate": None,
            "fee": fee,
            "fee_details": [{**each, "type": "stripe_fee"} for each in told] if fee else [],
            "net": amount - fee,
            "reporting_category": category,
            "source": source["id"],
            "status": "pending",
            "type": kind,
        }
    )
