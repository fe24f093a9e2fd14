"""Customers: who pays, as the platform describes them."""

from entrepairs.doubles.stripe_api import events
from entrepairs.doubles.stripe_api.errors import Json
from entrepairs.doubles.stripe_api.parameters import Parameters
from entrepairs.doubles.stripe_api.store import Store, new_id

TEXTS = ("description", "email", "name", "phone")
ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
KNOWN = (*TEXTS, "address", "metadata", "preferred_locales")


def create_customer(store: Store, parameters: Parameters) -> Json:
    """A new customer."""
    parameters.only(*KNOWN)
    customer = store.add(
        {
            "id": new_id("cus"),
            "object": "customer",
            "address": _address(parameters),
            "balance": 0,
            "created": int(store.now()),
            "currency": None,
            "default_source": None,
            "delinquent": False,
            "invoice_prefix": new_id("x")[2:10].upper(),
            "livemode": False,
            "metadata": parameters.metadata(),
            "preferred_locales": parameters.texts("preferred_locales"),
            "shipping": None,
            "tax_exempt": "none",
            **{name: parameters.text(name) for name in TEXTS},
        }
    )
    events.emit(store, "customer.created", customer)
    return customer


def update_customer(store: Store, customer: Json, parameters: Parameters) -> Json:
    """Change what is named, leave the rest; metadata are merged, an empty value removes its key."""
    parameters.only(*KNOWN)
    for name in TEXTS:
        if parameters.plain(name) is not None:
            customer[name] = parameters.text(name)
    if parameters.plain("address") is not None:
        customer["address"] = _address(parameters)
    if parameters.plain("preferred_locales") is not None:
        customer["preferred_locales"] = parameters.texts("preferred_locales")
    merged = {**customer["metadata"], **parameters.metadata()}
    customer["metadata"] = {key: value for key, value in merged.items() if value}
    store.save(customer)
    events.emit(store, "customer.updated", customer)
    return customer


def _address(parameters: Parameters) -> Json | None:
    given = parameters.group("address")
    if given is None:
        return None
    given.only(*ADDRESS)
    return {name: given.text(name) for name in ADDRESS}
