"""The lines of a Checkout Session, from `price_data` given in the call."""

from entrepairs.doubles.stripe_api.errors import Json
from entrepairs.doubles.stripe_api.parameters import Parameters
from entrepairs.doubles.stripe_api.store import Store, new_id


def read_line_items(store: Store, parameters: Parameters) -> list[Json]:
    """The lines sent, checked; one currency for all; raises Stripe's refusals."""
    given = parameters.groups("line_items")
    if not given:
        raise parameters.missing("line_items")
    lines = [_read_line(store, each) for each in given]
    if len({line["currency"] for line in lines}) > 1:
        raise parameters.invalid("line_items", "all prices must have the same currency.")
    return lines


def _read_line(store: Store, given: Parameters) -> Json:
    given.only("price_data", "quantity")
    price = given.group("price_data")
    if price is None:
        raise given.missing("price_data")
    price.only("currency", "product_data", "unit_amount", "tax_behavior")
    product = price.group("product_data")
    if product is None:
        raise price.missing("product_data")
    product.only("name", "description", "metadata", "images")
    unit_amount, quantity = price.whole("unit_amount"), given.whole("quantity", least=1)
    if unit_amount is None:
        raise price.missing("unit_amount")
    if quantity is None:
        raise given.missing("quantity")
    currency = price.needed("currency").lower()
    total = unit_amount * quantity
    name = product.needed("name", 250)
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": currency,
        "description": name,
        "metadata": {},
        "price": {
            "id": new_id("price"),
            "object": "price",
            "active": False,
            "billing_scheme": "per_unit",
            "created": int(store.now()),
            "currency": currency,
            "livemode": False,
            "lookup_key": None,
            "metadata": {},
            "nickname": None,
            "product": new_id("prod"),
            "recurring": None,
            "tax_behavior": price.text("tax_behavior") or "unspecified",
            "type": "one_time",
            "unit_amount": unit_amount,
            "unit_amount_decimal": str(unit_amount),
        },
        "quantity": quantity,
    }


def line_items_list(session_id: str, lines: list[Json]) -> Json:
    """The lines as a Stripe list."""
    return {
        "object": "list",
        "data": lines,
        "has_more": False,
        "url": f"/v1/checkout/sessions/{session_id}/line_items",
    }
