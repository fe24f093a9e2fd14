"""What Stripe holds for us, and sends to our bank."""

from entrepairs.doubles.stripe_api import events
from entrepairs.doubles.stripe_api.charges import add_balance_transaction
from entrepairs.doubles.stripe_api.errors import ApiError, Json, wrong_state
from entrepairs.doubles.stripe_api.expansion import INTERNAL
from entrepairs.doubles.stripe_api.store import Store, new_id

DAYS_TO_ARRIVE = 2


def left(store: Store) -> int:
    """Cents held: what every movement left, payouts counted."""
    return sum(entry["net"] for entry in store.newest("balance_transaction"))


def balance(store: Store) -> Json:
    """Stripe's own sum, split by whether it can leave yet."""
    parts = {"available": 0, "pending": 0}
    for entry in store.newest("balance_transaction"):
        parts["available" if entry["available_on"] <= store.now() else "pending"] += entry["net"]
    told = {name: [{"amount": cents, "currency": "eur"}] for name, cents in parts.items()}
    return {"object": "balance", "livemode": False, **told}


def make_payout(store: Store) -> Json:
    """Send all that is held to the bank."""
    cents = left(store)
    if cents <= 0:
        raise ApiError("You have insufficient funds in your Stripe account.", code="balance_insufficient")
    payout = store.add(_payout(store, cents))
    for entry in store.newest("balance_transaction"):
        if INTERNAL not in entry:
            store.save({**entry, INTERNAL: {"payout": payout["id"]}})
    moved = add_balance_transaction(store, payout, kind="payout", category="payout", amount=-cents)
    store.save({**moved, INTERNAL: {"payout": payout["id"]}})
    payout["balance_transaction"] = moved["id"]
    store.save(payout)
    events.emit(store, "payout.created", payout)
    return payout


def settle_payout(store: Store, payout: Json, *, arrived: bool) -> Json:
    """Our bank takes it, or sends it back; one said to have arrived may still come back."""
    if payout["status"] not in (("in_transit",) if arrived else ("in_transit", "paid")):
        raise wrong_state(f"This payout is {payout['status']}.", "payout_unexpected_state")
    if arrived:
        payout["status"] = "paid"
    else:
        entry = add_balance_transaction(
            store, payout, kind="payout_failure", category="payout_reversal", amount=payout["amount"]
        )
        payout.update(status="failed", failure_code="account_closed", failure_balance_transaction=entry["id"])
    store.save(payout)
    events.emit(store, f"payout.{payout['status']}", payout)
    return payout


def _payout(store: Store, cents: int) -> Json:
    return {
        "id": new_id("po"),
        "object": "payout",
        "amount": cents,
        "arrival_date": int(store.now()) + DAYS_TO_ARRIVE * 86400,
        "automatic": True,
        "balance_transaction": None,
        "created": int(store.now()),
        "currency": "eur",
        "description": "STRIPE PAYOUT",
        "failure_balance_transaction": None,
        "failure_code": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "statement_descriptor": None,
        "status": "in_transit",
        "type": "bank_account",
    }
