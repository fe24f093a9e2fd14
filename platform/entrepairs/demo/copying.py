"""Rows by the thousand: gathered by table with their keys known beforehand, then handed to PostgreSQL's COPY."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, Final, cast

from psycopg import sql
from psycopg.types.json import Jsonb
from psycopg.types.range import Range as PsycopgRange
from sqlalchemy import Column, Table, text
from sqlalchemy.dialects.postgresql import JSONB, Range
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from entrepairs.db import Base
from entrepairs.kernel.references import new_reference

AT_ONCE: Final = 5000
"""Keys reserved in one go."""


class Rows:
    """The rows of one table, in the order they will be written."""

    def __init__(self, session: Session, table: type[Base]) -> None:
        self._session = session
        self._table = cast(Table, table.__table__)
        self._columns: list[Column[Any]] = list(self._table.columns)
        defaults = [(one.name, one.default) for one in self._columns]
        self._defaults = {name: one.arg for name, one in defaults if isinstance(one, ScalarElementColumnDefault)}
        self._json = {one.name for one in self._columns if isinstance(one.type, JSONB)}
        self._keys = self._reserve()
        self._rows: list[list[Any]] = []
        self._references: set[str] = set()

    def add(self, **values: Any) -> int:
        """Keep a row; gives its key. A column left out takes its default, or NULL."""
        key = next(self._keys)
        given = self._defaults | values | {"id": key}
        self._rows.append([self._plain(one.name, given.get(one.name)) for one in self._columns])
        return key

    def reference(self, prefix: str) -> str:
        """A reference that no other row of this table has drawn."""
        while (found := new_reference(prefix)) in self._references:
            pass
        self._references.add(found)
        return found

    def write(self) -> int:
        """Hand the rows kept to the database; how many."""
        if not self._rows:
            return 0
        names = sql.SQL(", ").join(sql.Identifier(one.name) for one in self._columns)
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(self._table.name), names)
        driver = self._session.connection().connection.driver_connection
        if driver is None:
            msg = "no connection"
            raise RuntimeError(msg)
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in self._rows:
                copy.write_row(row)
        written = len(self._rows)
        self._rows.clear()
        return written

    def _reserve(self) -> Iterator[int]:
        statement = text(
            f"SELECT nextval(pg_get_serial_sequence('{self._table.name}', 'id')) FROM generate_series(1, {AT_ONCE})"  # noqa: S608 - a name of our own metadata
        )
        while True:
            yield from self._session.scalars(statement).all()

    def _plain(self, name: str, value: Any) -> Any:
        if value is None:
            return None
        if name in self._json:
            return Jsonb(value)
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, Range):
            return PsycopgRange(value.lower, value.upper, value.bounds)
        return value
