"""Stripe lists: the newest first, filters, cursors."""

from collections.abc import Iterable
from itertools import dropwhile, islice, takewhile

from entrepairs.doubles.stripe_api.errors import Json, missing_object
from entrepairs.doubles.stripe_api.expansion import INTERNAL
from entrepairs.doubles.stripe_api.parameters import Parameters
from entrepairs.doubles.stripe_api.store import Store

COMPARISONS = ("gt", "gte", "lt", "lte")


def listing(
    store: Store,
    kind: str,
    parameters: Parameters,
    url: str,
    filters: Iterable[str] = (),
    *,
    hidden: Iterable[str] = (),
) -> Json:
    """A page of the objects of a kind, filtered by equality on `filters` (and what is `hidden`) and by `created`."""
    parameters.only("limit", "starting_after", "ending_before", "created", *filters, *hidden)
    unseen = {name: parameters.text(name) for name in hidden}
    wanted = {name: parameters.text(name) for name in filters if name != "types"}
    types = parameters.texts("types") if "types" in filters else []
    matching = [
        each
        for each in store.newest(kind)
        if all(value is None or each.get(name) == value for name, value in wanted.items())
        and all(value is None or each.get(INTERNAL, {}).get(name) == value for name, value in unseen.items())
        and (not types or each["type"] in types)
        and _created_fits(each["created"], parameters)
    ]
    return _page(store, kind, matching, parameters, url)


def _created_fits(created: int, parameters: Parameters) -> bool:
    if isinstance(parameters.plain("created"), str):
        return created == parameters.whole("created")
    bounds = parameters.group("created")
    if bounds is None:
        return True
    bounds.only(*COMPARISONS)
    gt, gte, lt, lte = (bounds.whole(each) for each in COMPARISONS)
    return not (
        (gt is not None and created <= gt)
        or (gte is not None and created < gte)
        or (lt is not None and created >= lt)
        or (lte is not None and created > lte)
    )


def _page(store: Store, kind: str, matching: list[Json], parameters: Parameters, url: str) -> Json:
    limit = min(parameters.whole("limit", least=1) or 10, 100)
    after, before = parameters.text("starting_after"), parameters.text("ending_before")
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None and store.find(cursor) is None:
            raise missing_object(kind, cursor, name)
    if after is not None:
        matching = list(dropwhile(lambda each: each["id"] != after, matching))[1:]
    if before is not None:
        # The page that ends just before the cursor, still the newest first.
        newer = list(takewhile(lambda each: each["id"] != before, matching))
        page, has_more = newer[-limit:], len(newer) > limit
    else:
        page, has_more = list(islice(matching, limit)), len(matching) > limit
    return {"object": "list", "data": page, "has_more": has_more, "url": url}
