"""What the stand-in remembers, in one SQLite file: objects, answers by idempotency key, deliveries, agenda.

One connection behind one lock: calls are served one after the other, so that two calls with the same
idempotency key can never both do the work.
"""

import json
import secrets
import sqlite3
import string
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from random import Random

from entrepairs.doubles.stripe_api.errors import Json, missing_object

LETTERS = string.ascii_letters + string.digits
SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS ix_object_kind ON object (kind, seq);
CREATE TABLE IF NOT EXISTS answer (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, request_id TEXT NOT NULL,
    status INTEGER NOT NULL, body TEXT NOT NULL, created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, event_type TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up')),
    due_at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, outcome TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS ix_delivery_due ON delivery (state, due_at);
CREATE TABLE IF NOT EXISTS agenda (
    id INTEGER PRIMARY KEY AUTOINCREMENT, due_at REAL NOT NULL, deed TEXT NOT NULL, object_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS knob (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
TABLES = ("object", "answer", "delivery", "agenda", "knob")
_source: ContextVar[Random | None] = ContextVar("source of identifiers", default=None)


@dataclass(frozen=True)
class Origin:
    """The call that causes an event, as told in `event.request`; both None for what happens by itself."""

    request_id: str | None = None
    idempotency_key: str | None = None


def new_id(prefix: str) -> str:
    """An identifier of Stripe's look: `pi_3Nw…`; sessions say `cs_test_…`."""
    choose = (_source.get() or secrets.SystemRandom()).choice
    return f"{prefix}_{''.join(choose(LETTERS) for _ in range(24))}"


@contextmanager
def drawn_from(source: Random) -> Iterator[None]:
    """Draw the identifiers of this block from a seeded source: what happens in it can be told again, word for word."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


class Store:
    """The file, its lock and its transactions; all reads and writes happen inside `transaction()`."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._clock = clock
        self._lock = threading.RLock()
        self._open = False
        self.origin = Origin()
        self.after_commit: Callable[[], None] = lambda: None
        self.sql = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.sql.row_factory = sqlite3.Row
        self.sql.execute("PRAGMA journal_mode=WAL")
        self.sql.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file; nothing may follow."""
        with self._lock:
            self.sql.close()

    def now(self) -> float:
        """Seconds since 1970, real time unless a test says otherwise."""
        return self._clock()

    @contextmanager
    def transaction(self, origin: Origin | None = None) -> Iterator[None]:
        """All or nothing; entered again by the same thread, it joins the one already open."""
        with self._lock:
            if self._open:
                yield
                return
            self.sql.execute("BEGIN IMMEDIATE")
            self._open, self.origin = True, origin or Origin()
            try:
                yield
            except BaseException:
                self.sql.execute("ROLLBACK")
                raise
            else:
                self.sql.execute("COMMIT")
            finally:
                self._open = False
        self.after_commit()

    def add(self, thing: Json) -> Json:
        """Remember a new object under its `id` and `object`."""
        self.sql.execute(
            "INSERT INTO object (id, kind, body) VALUES (?, ?, ?)",
            (thing["id"], thing["object"], json.dumps(thing)),
        )
        return thing

    def save(self, thing: Json) -> Json:
        """Write an object that was changed."""
        self.sql.execute("UPDATE object SET body = ? WHERE id = ?", (json.dumps(thing), thing["id"]))
        return thing

    def find(self, wanted: str) -> Json | None:
        """The object of that id, whatever its kind."""
        row = self.sql.execute("SELECT body FROM object WHERE id = ?", (wanted,)).fetchone()
        return None if row is None else dict(json.loads(row["body"]))

    def get(self, kind: str, wanted: str, param: str = "id") -> Json:
        """The object of that kind and id; raises `resource_missing`."""
        thing = self.find(wanted)
        if thing is None or thing["object"] != kind:
            raise missing_object(kind, wanted, param)
        return thing

    def newest(self, kind: str) -> Iterator[Json]:
        """All objects of a kind, the newest first."""
        rows = self.sql.execute("SELECT body FROM object WHERE kind = ? ORDER BY seq DESC", (kind,)).fetchall()
        return (json.loads(row["body"]) for row in rows)

    def everything(self) -> list[Json]:
        """Every object but events (which have been told), the oldest first."""
        rows = self.sql.execute("SELECT body FROM object WHERE kind != 'event' ORDER BY seq").fetchall()
        return [json.loads(row["body"]) for row in rows]

    def learn(self, things: Iterable[Json]) -> None:
        """Hold these objects, in this order, and nothing else; no event is told of them."""
        self.forget_everything()
        for thing in things:
            self.add(thing)

    def forget_everything(self) -> None:
        """Empty every table, knobs included."""
        for table in TABLES:
            self.sql.execute(f"DELETE FROM {table}")  # noqa: S608 - names are the constants above
