"""What happened, and its deliveries to the webhook."""

import json
from hashlib import sha256

from entrepairs.doubles.stripe_api import knobs
from entrepairs.doubles.stripe_api.errors import Json
from entrepairs.doubles.stripe_api.store import Store, new_id

API_VERSION = "2026-10-28.endive"


def emit(store: Store, kind: str, thing: Json) -> Json:
    """Record the event with the object as it is now, and its deliveries (one, and the duplicates asked)."""
    event = store.add(
        {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": int(store.now()),
            # A copy by JSON: later changes of the object must not change what was told.
            "data": {"object": json.loads(json.dumps(thing))},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": store.origin.request_id, "idempotency_key": store.origin.idempotency_key},
            "type": kind,
        }
    )
    turned = knobs.read(store)
    for _ in range(1 + turned.duplicates):
        send(store, event, after=turned.delay_seconds)
    return event


def send(store: Store, event: Json, after: float = 0.0) -> None:
    """Put one more delivery of the event in line."""
    store.sql.execute(
        "INSERT INTO delivery (event_id, event_type, state, due_at) VALUES (?, ?, 'waiting', ?)",
        (event["id"], event["type"], store.now() + after),
    )


def next_delivery(store: Store) -> Json | None:
    """The delivery to try now, by the order knob; None when held or nothing is due."""
    turned = knobs.read(store)
    if turned.hold:
        return None
    due = store.sql.execute(
        "SELECT * FROM delivery WHERE state = 'waiting' AND due_at <= ? ORDER BY id", (store.now(),)
    ).fetchall()
    if not due:
        return None
    if turned.order == "reversed":
        return dict(due[-1])
    if turned.order == "shuffled":
        return dict(min(due, key=lambda row: sha256(f"{turned.seed}:{row['id']}".encode()).digest()))
    return dict(due[0])


def next_due_at(store: Store) -> float | None:
    """When the next delivery is due, in seconds since 1970; None when held or none waits."""
    if knobs.read(store).hold:
        return None
    row = store.sql.execute("SELECT min(due_at) AS at FROM delivery WHERE state = 'waiting'").fetchone()
    return None if row["at"] is None else float(row["at"])


def record_attempt(store: Store, delivery: Json, *, accepted: bool, outcome: str) -> None:
    """Mark the delivery done, due again after a doubled wait, or given up."""
    turned = knobs.read(store)
    attempts = delivery["attempts"] + 1
    wait = min(turned.retry_base_seconds * 2 ** min(attempts - 1, 30), turned.retry_ceiling_seconds)
    state = "delivered" if accepted else ("given_up" if attempts >= turned.max_attempts else "waiting")
    store.sql.execute(
        "UPDATE delivery SET state = ?, attempts = ?, outcome = ?, due_at = ? WHERE id = ?",
        (state, attempts, outcome, store.now() + wait, delivery["id"]),
    )


def deliveries(store: Store, limit: int = 200) -> list[Json]:
    """The latest deliveries, the newest first."""
    rows = store.sql.execute("SELECT * FROM delivery ORDER BY id DESC LIMIT ?", (limit,)).fetchall()
    return [dict(row) for row in rows]


def count_waiting(store: Store) -> int:
    """How many deliveries are not done and not given up."""
    return int(store.sql.execute("SELECT count(*) FROM delivery WHERE state = 'waiting'").fetchone()[0])
