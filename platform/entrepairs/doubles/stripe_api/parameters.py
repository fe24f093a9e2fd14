"""Reading Stripe's form encoding (`line_items[0][price_data][currency]=eur`) strictly.

A parameter the stand-in does not know is refused, as Stripe refuses it: a typing mistake in the platform must
not pass here and fail there.
"""

import re
from collections.abc import Iterable
from typing import TypeVar

from entrepairs.doubles.stripe_api.errors import ApiError

Tree = dict[str, "str | Tree"]
KEY_PART = re.compile(r"\[([^\[\]]*)\]")
T = TypeVar("T", bound=str)


def parse(pairs: Iterable[tuple[str, str]]) -> Tree:
    """The nested tree of a flat form; lists stay mappings with digits as keys."""
    tree: Tree = {}
    for key, value in pairs:
        first, *_ = key.split("[", 1)
        parts = [first, *KEY_PART.findall(key)]
        node = tree
        for part in parts[:-1]:
            child = node.setdefault(part or str(len(node)), {})
            if isinstance(child, str):
                raise ApiError(f"Invalid parameters: {key} is given twice.", param=first)
            node = child
        node[parts[-1] or str(len(node))] = value
    return tree


class Parameters:
    """One level of the tree; every reader names the full path of what is wrong."""

    def __init__(self, tree: Tree, path: str = "") -> None:
        self._tree = tree
        self._path = path

    def name(self, key: str) -> str:
        """The key as the caller wrote it, for `error.param`."""
        return f"{self._path}[{key}]" if self._path else key

    def only(self, *known: str) -> None:
        """Refuse any other key (`parameter_unknown`)."""
        for key in self._tree:
            if key not in known and not (key == "expand" and not self._path):
                raise ApiError(
                    f"Received unknown parameter: {self.name(key)} (or not covered by this stand-in)",
                    code="parameter_unknown",
                    param=self.name(key),
                )

    def missing(self, key: str) -> ApiError:
        """The refusal for an absent required key."""
        return ApiError(f"Missing required param: {self.name(key)}.", code="parameter_missing", param=self.name(key))

    def invalid(self, key: str, why: str, code: str | None = None) -> ApiError:
        """The refusal for a value that does not do."""
        return ApiError(f"Invalid {self.name(key)}: {why}", code=code, param=self.name(key))

    def text(self, key: str, longest: int = 5000) -> str | None:
        """A text, or None when absent or empty."""
        value = self._tree.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise self.invalid(key, "must be a string.")
        if len(value) > longest:
            raise self.invalid(key, f"must be at most {longest} characters.")
        return value

    def needed(self, key: str, longest: int = 5000) -> str:
        """A text that must be there."""
        value = self.text(key, longest)
        if value is None:
            raise self.missing(key)
        return value

    def whole(self, key: str, least: int = 0) -> int | None:
        """A whole number, or None when absent."""
        value = self.text(key)
        if value is None:
            return None
        if not re.fullmatch(r"-?\d{1,18}", value):
            raise self.invalid(key, f"invalid integer: {value}", "parameter_invalid_integer")
        if int(value) < least:
            raise self.invalid(key, f"must be at least {least}.", "parameter_invalid_integer")
        return int(value)

    def flag(self, key: str) -> bool:
        """A boolean, false when absent."""
        value = self.text(key) or "false"
        if value not in ("true", "false"):
            raise self.invalid(key, f"invalid boolean: {value}")
        return value == "true"

    def one_of(self, key: str, allowed: tuple[T, ...], default: T | None = None) -> T | None:
        """One of the values named, the default when absent."""
        value = self.text(key)
        for choice in allowed:
            if value == choice:
                return choice
        if value is None:
            return default
        raise self.invalid(key, f"must be one of {', '.join(allowed)}.")

    def group(self, key: str) -> "Parameters | None":
        """A nested hash, or None when absent."""
        value = self._tree.get(key)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            raise self.invalid(key, "must be a hash.")
        return Parameters(value, self.name(key))

    def groups(self, key: str) -> list["Parameters"]:
        """A list of hashes, in order."""
        listed = self.group(key)
        if listed is None:
            return []
        inner = [listed.group(index) for index in listed.in_order()]
        return [each for each in inner if each is not None]

    def texts(self, key: str) -> list[str]:
        """A list of texts, in order."""
        listed = self.group(key)
        return [] if listed is None else [listed.needed(index) for index in listed.in_order()]

    def keys(self) -> list[str]:
        """The keys of a hash, as sent."""
        return list(self._tree)

    def in_order(self) -> list[str]:
        """The keys of a list."""
        if not all(key.isdigit() for key in self._tree):
            raise ApiError(f"Invalid array: {self._path}", param=self._path)
        return sorted(self._tree, key=int)

    def metadata(self, key: str = "metadata") -> dict[str, str]:
        """Stripe's free key-values: at most 50, keys of 40 characters, values of 500."""
        listed = self.group(key)
        if listed is None:
            return {}
        keys = listed.keys()
        if len(keys) > 50 or any(len(each) > 40 for each in keys):
            raise self.invalid(key, "at most 50 keys of at most 40 characters.")
        return {each: listed.text(each, 500) or "" for each in keys}

    def plain(self, key: str) -> object:
        """Whatever was sent, to be echoed; None when absent."""
        return self._tree.get(key)
