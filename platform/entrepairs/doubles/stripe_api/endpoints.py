"""The calls of Stripe's API that are covered: method, path, what it does."""

from collections.abc import Callable
from dataclasses import dataclass

from entrepairs.doubles.stripe_api import payments, sessions
from entrepairs.doubles.stripe_api.customers import create_customer, update_customer
from entrepairs.doubles.stripe_api.errors import Json
from entrepairs.doubles.stripe_api.expansion import INTERNAL
from entrepairs.doubles.stripe_api.line_items import line_items_list
from entrepairs.doubles.stripe_api.listing import listing
from entrepairs.doubles.stripe_api.parameters import Parameters
from entrepairs.doubles.stripe_api.payouts import balance
from entrepairs.doubles.stripe_api.refunds import create_refund
from entrepairs.doubles.stripe_api.store import Store


@dataclass(frozen=True)
class Call:
    """One call being served; `wanted` is the id in the path, empty when there is none."""

    store: Store
    parameters: Parameters
    public_url: str
    wanted: str = ""


Endpoint = Callable[[Call], Json]


def _retrieve(kind: str) -> Endpoint:
    def retrieve(call: Call) -> Json:
        call.parameters.only()
        return call.store.get(kind, call.wanted)

    return retrieve


def _list(kind: str, url: str, *filters: str, hidden: tuple[str, ...] = ()) -> Endpoint:
    return lambda call: listing(call.store, kind, call.parameters, url, filters, hidden=hidden)


def _create_customer(call: Call) -> Json:
    return create_customer(call.store, call.parameters)


def _update_customer(call: Call) -> Json:
    return update_customer(call.store, call.store.get("customer", call.wanted), call.parameters)


def _create_session(call: Call) -> Json:
    return sessions.create_session(call.store, call.parameters, call.public_url)


def _expire_session(call: Call) -> Json:
    call.parameters.only()
    return sessions.expire(call.store, call.store.get("checkout.session", call.wanted))


def _session_lines(call: Call) -> Json:
    call.parameters.only("limit", "starting_after", "ending_before")
    session = call.store.get("checkout.session", call.wanted)
    return line_items_list(call.wanted, session[INTERNAL]["line_items"])


def _create_intent(call: Call) -> Json:
    texts = ("description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix")
    given = call.parameters
    given.only(
        *("amount", "currency", "customer", "confirm", "metadata", "payment_method", "payment_method_data"),
        *("payment_method_types", "automatic_payment_methods", *texts),
    )
    amount = given.whole("amount")
    if amount is None:
        raise given.missing("amount")
    currency = given.needed("currency").lower()
    payments.ensure_enough(amount, currency, "amount")
    customer = given.text("customer")
    if customer is not None:
        call.store.get("customer", customer, "customer")
    more: Json = {"metadata": given.metadata(), **{name: given.text(name) for name in texts}}
    types = given.texts("payment_method_types")
    if types:
        more["payment_method_types"] = types
    intent = payments.add_intent(call.store, amount=amount, currency=currency, customer=customer, more=more)
    return payments.confirm(call.store, intent, payments.read_method(given)) if given.flag("confirm") else intent


def _confirm_intent(call: Call) -> Json:
    call.parameters.only("payment_method", "payment_method_data", "return_url", "mandate_data", "off_session")
    intent = call.store.get("payment_intent", call.wanted)
    return payments.confirm(call.store, intent, payments.read_method(call.parameters))


def _cancel_intent(call: Call) -> Json:
    call.parameters.only("cancellation_reason")
    intent = call.store.get("payment_intent", call.wanted)
    return payments.cancel(call.store, intent, call.parameters.text("cancellation_reason"))


def _create_refund(call: Call) -> Json:
    return create_refund(call.store, call.parameters)


def _balance(call: Call) -> Json:
    call.parameters.only()
    return balance(call.store)


BALANCE = "/v1/balance_transactions"
SESSIONS = "/v1/checkout/sessions"
ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("POST", "/v1/customers"): _create_customer,
    ("GET", "/v1/customers"): _list("customer", "/v1/customers", "email"),
    ("GET", "/v1/customers/<wanted>"): _retrieve("customer"),
    ("POST", "/v1/customers/<wanted>"): _update_customer,
    ("POST", SESSIONS): _create_session,
    ("GET", SESSIONS): _list("checkout.session", SESSIONS, "customer", "payment_intent", "status"),
    ("GET", f"{SESSIONS}/<wanted>"): _retrieve("checkout.session"),
    ("POST", f"{SESSIONS}/<wanted>/expire"): _expire_session,
    ("GET", f"{SESSIONS}/<wanted>/line_items"): _session_lines,
    ("POST", "/v1/payment_intents"): _create_intent,
    ("GET", "/v1/payment_intents"): _list("payment_intent", "/v1/payment_intents", "customer"),
    ("GET", "/v1/payment_intents/<wanted>"): _retrieve("payment_intent"),
    ("POST", "/v1/payment_intents/<wanted>/confirm"): _confirm_intent,
    ("POST", "/v1/payment_intents/<wanted>/cancel"): _cancel_intent,
    ("GET", "/v1/charges"): _list("charge", "/v1/charges", "customer", "payment_intent"),
    ("GET", "/v1/charges/<wanted>"): _retrieve("charge"),
    ("GET", BALANCE): _list("balance_transaction", BALANCE, "type", "source", "currency", hidden=("payout",)),
    ("GET", f"{BALANCE}/<wanted>"): _retrieve("balance_transaction"),
    ("POST", "/v1/refunds"): _create_refund,
    ("GET", "/v1/refunds"): _list("refund", "/v1/refunds", "charge", "payment_intent"),
    ("GET", "/v1/refunds/<wanted>"): _retrieve("refund"),
    ("GET", "/v1/disputes"): _list("dispute", "/v1/disputes", "charge", "payment_intent"),
    ("GET", "/v1/disputes/<wanted>"): _retrieve("dispute"),
    ("GET", "/v1/payouts"): _list("payout", "/v1/payouts", "status"),
    ("GET", "/v1/payouts/<wanted>"): _retrieve("payout"),
    ("GET", "/v1/mandates/<wanted>"): _retrieve("mandate"),
    ("GET", "/v1/balance"): _balance,
    ("GET", "/v1/events"): _list("event", "/v1/events", "type", "types"),
    ("GET", "/v1/events/<wanted>"): _retrieve("event"),
}
