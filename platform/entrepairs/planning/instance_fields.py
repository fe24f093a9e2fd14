"""Reading the fields of an instance one by one, so that what is wrong is said with its place."""

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_, Sentence, say

_NAMES: Final = {"institutions": say("The institution"), "peers": say("The peer"), "requests": say("The request")}
_FARTHEST: Final = 10**9
"""No time in an instance is further: a thousand years and more, in minutes."""


def rows_of(instance: object, name: str) -> list["Row"]:
    """The rows of one list of the instance, each with an identifier of its own. Raises InvalidInput."""
    if not isinstance(instance, dict):
        raise InvalidInput("instance_shape", N_("An instance is an object with institutions, peers and requests."))
    if name not in instance:
        raise InvalidInput("instance_list_missing", N_("The instance has no list “%(name)s”."), name=name)
    if not isinstance(instance[name], list):
        raise InvalidInput("instance_not_list", N_("In the instance, “%(name)s” must be a list."), name=name)
    rows = [Row(_NAMES[name], at, fields) for at, fields in enumerate(instance[name])]
    seen: set[Hashable] = set()
    for row in rows:
        if row.id in seen:
            message = N_("%(where)s %(id)s is in the list twice.")
            raise InvalidInput("instance_twice", message, where=_NAMES[name], id=row.id)
        seen.add(row.id)
    return rows


class Row:
    """One institution, peer or request. Every reading raises InvalidInput, naming the row and the field."""

    def __init__(self, where: Sentence, at: int, fields: object) -> None:
        self._where = where
        self._fields: Mapping[str, Any] = {}
        self.id: Hashable = f"#{at + 1}"
        if not isinstance(fields, dict):
            raise self._wrong("", say("an object"))
        self._fields = fields
        given = self._get("id")
        if not isinstance(given, int | str) or isinstance(given, bool):
            raise self._wrong("id", say("a whole number or a text"))
        self.id = given

    def text(self, name: str) -> str:
        """A text."""
        value = self._get(name)
        if not isinstance(value, str):
            raise self._wrong(name, say("a text"))
        return value

    def boolean(self, name: str) -> bool:
        """True or false."""
        value = self._get(name)
        if not isinstance(value, bool):
            raise self._wrong(name, say("true or false"))
        return value

    def number(self, name: str, *, at_least: float) -> float:
        """A finite number."""
        value = self._get(name)
        if not _is_number(value) or not at_least <= value <= _FARTHEST:
            raise self._wrong(name, say("a number, at least %(least)s", least=f"{at_least:g}"))
        return float(value)

    def whole_number(self, name: str, *, at_least: int) -> int:
        """A whole number."""
        value = self._get(name)
        if not _is_whole(value) or not at_least <= value <= _FARTHEST:
            raise self._wrong(name, say("a whole number, at least %(least)s", least=at_least))
        return int(value)

    def texts(self, name: str) -> frozenset[str]:
        """A list of texts."""
        values = self._list(name)
        if not all(isinstance(value, str) for value in values):
            raise self._wrong(name, say("a list of texts"))
        return frozenset(values)

    def position(self, name: str) -> tuple[float, float]:
        """A latitude and a longitude in degrees."""
        value = self._get(name)
        fine = isinstance(value, list | tuple) and len(value) == 2 and all(_is_number(each) for each in value)
        if not fine or not (-90 <= value[0] <= 90 and -180 <= value[1] <= 180):
            raise self._wrong(name, say("a position, [latitude, longitude] in degrees"))
        return float(value[0]), float(value[1])

    def spans(self, name: str, *, at_least: int = 0) -> list[tuple[int, int]]:
        """A list of [start, end] in whole minutes, each ending after it starts."""
        values = self._list(name)
        if len(values) < at_least:
            message = N_("%(where)s %(id)s: “%(name)s” is empty.")
            raise InvalidInput("instance_empty", message, where=self._where, id=self.id, name=name)
        if not all(_is_span(value) for value in values):
            raise self._wrong(name, say("a list of [start, end] in whole minutes, each ending after its start"))
        return [(int(start), int(end)) for start, end in values]

    def reference(self, name: str, known: Mapping[Hashable, int]) -> int:
        """The rank of the row it names."""
        return self._rank(name, self._get(name), known)

    def references(self, name: str, known: Mapping[Hashable, int]) -> list[int]:
        """The ranks of the rows it names."""
        return [self._rank(name, value, known) for value in self._list(name)]

    def _rank(self, name: str, value: object, known: Mapping[Hashable, int]) -> int:
        if isinstance(value, int | str) and not isinstance(value, bool) and value in known:
            return known[value]
        message = N_("%(where)s %(id)s: “%(name)s” names %(value)s, which is not in the instance.")
        shown = str(value)[:40]
        raise InvalidInput("instance_unknown", message, where=self._where, id=self.id, name=name, value=shown)

    def _list(self, name: str) -> Sequence[Any]:
        value = self._get(name)
        if not isinstance(value, list | tuple):
            raise self._wrong(name, say("a list"))
        return value

    def _get(self, name: str) -> Any:
        if name not in self._fields:
            message = N_("%(where)s %(id)s: “%(name)s” is missing.")
            raise InvalidInput("instance_missing", message, where=self._where, id=self.id, name=name)
        return self._fields[name]

    def _wrong(self, name: str, wanted: Sentence) -> InvalidInput:
        if not name:
            message = N_("%(where)s %(id)s must be %(wanted)s.")
            return InvalidInput("instance_wrong", message, where=self._where, id=self.id, wanted=wanted)
        message = N_("%(where)s %(id)s: “%(name)s” must be %(wanted)s.")
        return InvalidInput("instance_wrong", message, where=self._where, id=self.id, name=name, wanted=wanted)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: object) -> bool:
    return _is_number(value) and value == int(value)  # type: ignore[call-overload]


def _is_span(value: object) -> bool:
    if not isinstance(value, list | tuple) or len(value) != 2 or not all(_is_whole(each) for each in value):
        return False
    return bool(-_FARTHEST <= value[0] < value[1] <= _FARTHEST)
