"""What a small stand-in remembers: JSON objects by kind in one SQLite file, behind one lock."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]
_SCHEMA = """
CREATE TABLE IF NOT EXISTS thing (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (kind, id));
"""


class Kept:
    """The file and its transactions; all reads and writes happen inside `transaction()`."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.clock = clock
        self._lock = threading.RLock()
        self._open = False
        self._sql = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._sql.execute("PRAGMA journal_mode=WAL")
        self._sql.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file; nothing may follow."""
        with self._lock:
            self._sql.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; entered again by the same thread, it joins the one already open."""
        with self._lock:
            if self._open:
                yield
                return
            self._sql.execute("BEGIN IMMEDIATE")
            self._open = True
            try:
                yield
            except BaseException:
                self._sql.execute("ROLLBACK")
                raise
            else:
                self._sql.execute("COMMIT")
            finally:
                self._open = False

    def put(self, kind: str, thing: Json) -> Json:
        """Remember a thing under its `id`, or write it anew."""
        self._sql.execute(
            "INSERT INTO thing (kind, id, body) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
            (kind, str(thing["id"]), json.dumps(thing)),
        )
        return thing

    def get(self, kind: str, wanted: str) -> Json | None:
        """The thing of that id."""
        row = self._sql.execute("SELECT body FROM thing WHERE kind = ? AND id = ?", (kind, str(wanted))).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def all(self, kind: str) -> list[Json]:
        """Every thing of a kind, oldest first."""
        rows = self._sql.execute("SELECT body FROM thing WHERE kind = ? ORDER BY seq", (kind,)).fetchall()
        return [json.loads(row[0]) for row in rows]

    def next_number(self, kind: str, first: int) -> int:
        """One more than the last number drawn for a kind."""
        last = (self.get("number", kind) or {"value": first - 1})["value"]
        self.put("number", {"id": kind, "value": last + 1})
        return int(last) + 1

    def forget_everything(self) -> None:
        """Empty it."""
        self._sql.execute("DELETE FROM thing")
