"""A Checkout Session: open, then complete (paid or waiting for the bank) or expired."""

from entrepairs.doubles.stripe_api import events, payments
from entrepairs.doubles.stripe_api.agenda import plan
from entrepairs.doubles.stripe_api.errors import Json, wrong_state
from entrepairs.doubles.stripe_api.expansion import INTERNAL, without_internals
from entrepairs.doubles.stripe_api.line_items import read_line_items
from entrepairs.doubles.stripe_api.parameters import Parameters
from entrepairs.doubles.stripe_api.store import Store, new_id

METHODS = ("card", "sepa_debit")
SHORTEST, LONGEST = 30 * 60, 24 * 3600
"""How long a session may stay open, in seconds."""
ECHOED = ("billing_address_collection", "customer_creation", "locale", "submit_type")
"""Parameters that change nothing here and are told back."""
IGNORED = ("payment_method_options", "customer_update", "custom_text", "phone_number_collection")
KNOWN = (
    *("mode", "line_items", "success_url", "cancel_url", "client_reference_id", "customer", "customer_email"),
    *("metadata", "payment_intent_data", "payment_method_types", "expires_at", "ui_mode", *ECHOED, *IGNORED),
)


def create_session(store: Store, parameters: Parameters, public_url: str) -> Json:
    """Open a payment page; raises Stripe's refusals."""
    parameters.only(*KNOWN)
    if parameters.one_of("mode", ("payment",)) is None:
        raise parameters.missing("mode")
    parameters.one_of("ui_mode", ("hosted_page",))
    lines = read_line_items(store, parameters)
    total, currency = sum(line["amount_total"] for line in lines), lines[0]["currency"]
    payments.ensure_enough(total, currency, "line_items")
    session = _empty_session(store, total, currency)
    session.update(
        {
            "success_url": _address(parameters, "success_url"),
            "cancel_url": _address(parameters, "cancel_url", needed=False),
            "client_reference_id": parameters.text("client_reference_id", 200),
            "expires_at": _end(store, parameters),
            "metadata": parameters.metadata(),
            "payment_method_types": _methods(parameters),
            "url": f"{public_url}/c/pay/{session['id']}",
            INTERNAL: {"line_items": lines, "payment_intent_data": _intent_data(parameters)},
            **{name: parameters.text(name) for name in ECHOED},
            **_customer(store, parameters),
        }
    )
    plan(store, session["expires_at"] - store.now(), "expire_session", session["id"])
    return store.add(session)


def complete(store: Store, session: Json, method: str) -> Json:
    """The buyer pays on the page by `card` or `sepa_debit`; a session already complete is left as it is.

    Raises 400 when it has expired.
    """
    if session["status"] == "complete":
        return session
    _ensure_open(session)
    intent = _intent_of(store, session)
    by_card = method == "card"
    (payments.pay_by_card if by_card else payments.start_debit)(store, intent)
    session.update(status="complete", payment_status="paid" if by_card else "unpaid", url=None)
    store.save(session)
    tell(store, "checkout.session.completed", session)
    return session


def refuse(store: Store, session: Json) -> Json:
    """The card is refused on the page; the session stays open for another try, as at Stripe."""
    _ensure_open(session)
    payments.refuse_card(store, _intent_of(store, session), "generic_decline")
    return session


def expire(store: Store, session: Json) -> Json:
    """Close a page nobody paid on; raises 400 unless it is open."""
    _ensure_open(session)
    session.update(status="expired", url=None)
    store.save(session)
    if session["payment_intent"] is not None:
        payments.cancel(store, store.get("payment_intent", session["payment_intent"]), "automatic")
    tell(store, "checkout.session.expired", session)
    return session


def expire_when_due(store: Store, session_id: str) -> None:
    """The agenda's way: nothing to do when it is no longer open."""
    session = store.get("checkout.session", session_id)
    if session["status"] == "open":
        expire(store, session)


def bank_answers(store: Store, intent_id: str, *, accepted: bool) -> Json:
    """The direct debit is paid or rejected; the session of it follows. Returns the payment intent."""
    intent = payments.settle_debit(store, store.get("payment_intent", intent_id), accepted=accepted)
    for session in store.newest("checkout.session"):
        if session["payment_intent"] == intent_id:
            if accepted:
                session["payment_status"] = "paid"
                store.save(session)
            outcome = "succeeded" if accepted else "failed"
            tell(store, f"checkout.session.async_payment_{outcome}", session)
    return intent


def tell(store: Store, kind: str, session: Json) -> None:
    """Emit an event of the session, without what is internal."""
    events.emit(store, kind, without_internals(session))


def _ensure_open(session: Json) -> None:
    if session["status"] != "open":
        raise wrong_state(
            f'Only Checkout Sessions with a status in ["open"] can do this. This one is {session["status"]}.',
            "checkout_session_not_open",
        )


def _intent_of(store: Store, session: Json) -> Json:
    """The intent of an earlier refused try, or a new one (Stripe makes it when the buyer confirms)."""
    if session["payment_intent"] is not None:
        return store.get("payment_intent", session["payment_intent"])
    more = {**session[INTERNAL]["payment_intent_data"], "payment_method_types": session["payment_method_types"]}
    intent = payments.add_intent(
        store,
        amount=session["amount_total"],
        currency=session["currency"],
        customer=session["customer"],
        more=more,
    )
    session["payment_intent"] = intent["id"]
    store.save(session)
    return intent


def _empty_session(store: Store, total: int, currency: str) -> Json:
    return {
        "id": new_id("cs_test"),
        "object": "checkout.session",
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "created": int(store.now()),
        "currency": currency,
        "custom_fields": [],
        "custom_text": {},
        "customer_details": None,
        "invoice": None,
        "livemode": False,
        "mode": "payment",
        "payment_intent": None,
        "payment_link": None,
        "payment_status": "unpaid",
        "setup_intent": None,
        "shipping_options": [],
        "status": "open",
        "subscription": None,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
    }


def _address(parameters: Parameters, key: str, *, needed: bool = True) -> str | None:
    value = parameters.needed(key) if needed else parameters.text(key)
    if value is not None and not value.startswith(("http://", "https://")):
        raise parameters.invalid(key, "not a valid URL.", "url_invalid")
    return value


def _end(store: Store, parameters: Parameters) -> int:
    asked = parameters.whole("expires_at")
    if asked is None:
        return int(store.now()) + LONGEST
    if not SHORTEST - 60 <= asked - store.now() <= LONGEST + 60:
        raise parameters.invalid("expires_at", "must be between 30 minutes and 24 hours from now.")
    return asked


def _methods(parameters: Parameters) -> list[str]:
    asked = parameters.texts("payment_method_types")
    for each in asked:
        if each not in METHODS:
            raise parameters.invalid("payment_method_types", f"this stand-in does not cover {each}.")
    return asked or list(METHODS)


def _customer(store: Store, parameters: Parameters) -> Json:
    wanted, email = parameters.text("customer"), parameters.text("customer_email", 512)
    if wanted is None:
        details = {"address": None, "email": email, "name": None, "phone": None} if email else None
        return {"customer": None, "customer_email": email, "customer_details": details}
    if email is not None:
        raise parameters.invalid("customer_email", "You may only specify one of customer, customer_email.")
    customer = store.get("customer", wanted, "customer")
    details = {name: customer[name] for name in ("address", "email", "name", "phone")}
    return {"customer": wanted, "customer_email": None, "customer_details": details}


def _intent_data(parameters: Parameters) -> Json:
    data = parameters.group("payment_intent_data")
    if data is None:
        return {}
    texts = ("description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix")
    data.only("metadata", *texts)
    return {"metadata": data.metadata(), **{name: data.text(name) for name in texts}}
