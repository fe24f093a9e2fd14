"""Public references, fit to be read aloud: `DEM-7K3M-9QX2`. Never sequential, never meaningful."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from random import Random

# No 0/O, 1/I/L, 5/S, U/V: they are confused on the telephone.
ALPHABET = "2346789ABCDEFGHJKMNPQRTWXYZ"
_FORM = re.compile(rf"^[A-Z]{{2,4}}-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}$")

_source: ContextVar[Random | None] = ContextVar("source of references", default=None)


def new_reference(prefix: str) -> str:
    """A fresh random reference (27^8, about 38 bits; a unique constraint stands behind)."""
    choose = (_source.get() or secrets.SystemRandom()).choice
    body = "".join(choose(ALPHABET) for _ in range(8))
    return f"{prefix}-{body[:4]}-{body[4:]}"


@contextmanager
def drawn_from(source: Random) -> Iterator[None]:
    """Draw the references of this block from a seeded source: a demo or a test that can be told again, word for word.

    A reference is no secret (every read checks who looks), so a foreseeable one opens nothing; real data still never
    has any.
    """
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


def is_reference(text: str) -> bool:
    """Whether `text` has the form of a public reference."""
    return _FORM.match(text) is not None
