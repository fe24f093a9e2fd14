"""Reading a query straight into arrays: PostgreSQL's binary COPY, whose rows have one length when no field is null."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import psycopg
from numpy.typing import NDArray
from sqlalchemy import Connection

from entrepairs.matching.index.times import EPOCH_ORDINAL, EVER, Ints, micros

_SIGNATURE: Final = b"PGCOPY\n\xff\r\n\x00"
_HEAD: Final = len(_SIGNATURE) + 8
_CHUNK: Final = 4 << 20
_Y2K: Final = micros(datetime(2000, 1, 1, tzinfo=UTC))
_Y2K_ORDINAL: Final = EPOCH_ORDINAL + _Y2K // 86_400_000_000
_FIELDS: Final[Mapping[str, str]] = {
    "int4": ">i4",
    "int8": ">i8",
    "float8": ">f8",
    "bool": "?",
    "date": ">i4",
    "instant": ">i8",
    "time": ">i8",
    "code": "S40",
    "ref": "S16",
}
"""Kinds of a field. `code` and `ref` are `char(40)` and `char(16)` of ASCII; `time` is in microseconds."""


class Misread(RuntimeError):
    """The rows are not of one length: a null, or a text that is not ASCII."""


def read(
    connection: Connection, query: str, fields: Mapping[str, str], params: Mapping[str, Any]
) -> dict[str, NDArray[Any]]:
    """The columns of a query, named and typed by `fields` in its order; no field may be null.

    Instants come in microseconds since 1970, dates as ordinals (infinities: EVER and its opposite).
    Raises Misread.
    """
    row = _row_type(list(fields.values()))
    parts: list[dict[str, NDArray[Any]]] = []
    kept = b""
    for block in _blocks(connection, query, params):
        data = kept + block
        whole = len(data) // row.itemsize * row.itemsize
        parts.append(_columns(np.frombuffer(data[:whole], dtype=row), fields))
        kept = data[whole:]
    if kept != b"\xff\xff":
        raise Misread
    return {name: np.concatenate([part[name] for part in parts]) for name in fields}


def _blocks(connection: Connection, query: str, params: Mapping[str, Any]) -> Any:
    """The bytes after the head, some megabytes at a time: two copies of everything would be the peak of a build."""
    gathered: list[bytes] = []
    size, first = 0, True
    with (
        _driver(connection).cursor() as cursor,
        cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT binary)", params) as out,
    ):
        for piece in out:
            gathered.append(bytes(piece))
            size += len(piece)
            if size >= _CHUNK:
                yield _whole(gathered, first)
                gathered, size, first = [], 0, False
        yield _whole(gathered, first)


def _whole(pieces: Sequence[bytes], first: bool) -> bytes:
    data = b"".join(pieces)
    if not first:
        return data
    if not data.startswith(_SIGNATURE):
        raise Misread
    return data[_HEAD:]


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        msg = "the index is read through psycopg"
        raise TypeError(msg)
    return driver


def _row_type(kinds: Sequence[str]) -> np.dtype[Any]:
    parts: list[tuple[str, str]] = [("count", ">i2")]
    for number, kind in enumerate(kinds):
        parts += [(f"length{number}", ">i4"), (f"field{number}", _FIELDS[kind])]
    return np.dtype(parts)


def _columns(rows: NDArray[Any], fields: Mapping[str, str]) -> dict[str, NDArray[Any]]:
    if (rows["count"] != len(fields)).any():
        raise Misread
    found = {}
    for number, (name, kind) in enumerate(fields.items()):
        if (rows[f"length{number}"] != np.dtype(_FIELDS[kind]).itemsize).any():
            raise Misread
        found[name] = _native(rows[f"field{number}"], kind)
    return found


def _native(values: NDArray[Any], kind: str) -> NDArray[Any]:
    plain = values.astype(values.dtype.newbyteorder("="))
    if kind == "date":
        return _ordinals(plain)
    return plain + _Y2K if kind == "instant" else plain


def _ordinals(days: Ints) -> Ints:
    ends = np.abs(days.astype(np.int64)) >= EVER
    moved = np.where(ends, 0, days) + _Y2K_ORDINAL
    return np.where(ends, np.where(days > 0, EVER, -EVER), moved).astype(np.int32)
