"""What will happen by itself later: a session expires, a direct debit is settled."""

from collections.abc import Callable, Mapping

from entrepairs.doubles.stripe_api.store import Store

Deed = Callable[[Store, str], None]


def plan(store: Store, after_seconds: float, deed: str, object_id: str) -> None:
    """Write it down; it survives a restart."""
    store.sql.execute(
        "INSERT INTO agenda (due_at, deed, object_id) VALUES (?, ?, ?)",
        (store.now() + after_seconds, deed, object_id),
    )


def next_at(store: Store) -> float | None:
    """When the next deed is due, in seconds since 1970."""
    row = store.sql.execute("SELECT min(due_at) AS at FROM agenda").fetchone()
    return None if row["at"] is None else float(row["at"])


def do_what_is_due(store: Store, deeds: Mapping[str, Deed]) -> None:
    """Each deed that is due, once, in its order."""
    due = store.sql.execute("SELECT * FROM agenda WHERE due_at <= ? ORDER BY due_at, id", (store.now(),)).fetchall()
    for row in due:
        store.sql.execute("DELETE FROM agenda WHERE id = ?", (row["id"],))
        deeds[row["deed"]](store, row["object_id"])
