"""Whether an official number is right as it is written. The same few numbers stand on all the invoices of a month."""

from functools import lru_cache
from typing import Final, Protocol

from entrepairs.kernel.errors import InvalidInput

_REMEMBERED: Final = 1024


class Parse(Protocol):
    """A parser of `kernel.identifiers`."""

    def __call__(self, text: str) -> str: ...


@lru_cache(maxsize=_REMEMBERED)
def is_right(parse: Parse, value: str) -> bool:
    """Whether `parse` takes the value, and would write it the same."""
    try:
        return parse(value) == value
    except InvalidInput:
        return False
