"""`expand[]=payment_intent.latest_charge.balance_transaction`: ids replaced by their objects in an answer."""

from collections.abc import Sequence

from entrepairs.doubles.stripe_api.errors import ApiError, Json
from entrepairs.doubles.stripe_api.line_items import line_items_list
from entrepairs.doubles.stripe_api.store import Store

EXPANDABLE = frozenset(
    {
        *("balance_transaction", "charge", "customer", "failure_balance_transaction", "latest_charge"),
        *("line_items", "payment_intent", "source"),
    }
)
INTERNAL = "_"
"""Where an object keeps what Stripe does not show (the lines of a session, the payout a movement left with)."""
DEEPEST = 4


def expand(store: Store, answer: Json, paths: Sequence[str]) -> Json:
    """The answer with each path expanded; raises 400 for a property that cannot be."""
    for path in paths:
        parts = path.split(".")
        if len(parts) > DEEPEST:
            raise ApiError(f"You cannot expand more than {DEEPEST} levels ({path}).", param="expand")
        _walk(store, answer, parts, path)
    if answer["object"] == "list":
        return {**answer, "data": [without_internals(each) for each in answer["data"]]}
    return without_internals(answer)


def _walk(store: Store, node: Json, parts: Sequence[str], path: str) -> None:
    name, rest = parts[0], parts[1:]
    if name == "data" and node.get("object") == "list":
        for each in node["data"]:
            _walk(store, each, rest, path)
        return
    if name not in EXPANDABLE or (name not in node and not (name == "line_items" and INTERNAL in node)):
        raise ApiError(f"This property cannot be expanded ({path}).", param="expand")
    if name == "line_items":
        node[name] = line_items_list(node["id"], node[INTERNAL]["line_items"])
        return
    if isinstance(node[name], str):
        node[name] = store.find(node[name])
    if rest and node[name] is not None:
        _walk(store, node[name], rest, path)


def without_internals(thing: Json) -> Json:
    """The object as Stripe shows it."""
    return {key: value for key, value in thing.items() if key != INTERNAL} if INTERNAL in thing else thing
