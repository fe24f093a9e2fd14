"""Legal figures with their dates and sources, read from `config/parameters/*.toml`. Never constants in code.

A file holds `[[parameter]]` tables: `code`, `valid_from` (first day), optional `valid_to` (first day it no longer holds: the
range is `[valid_from, valid_to)`), `value`, `unit`, `source`, `flag`, optional `review_on` (when to look again) and
`note`. Decimals are written as strings ("2.15"), whole numbers as integers; a TOML float is refused, as it loses cents.
The unit `text` makes the value a plain string.

Flags: V a primary or twice-seen source, S one secondary source, U unverified, F fictional (the demo's own).
"""

import itertools
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self

from entrepairs.kernel.errors import Unavailable
from entrepairs.kernel.i18n import N_
from entrepairs.paths import resource

Value = Decimal | int | str

FLAGS: Final = frozenset("VSUF")
_FIELDS: Final = frozenset({"code", "valid_from", "valid_to", "value", "unit", "source", "flag", "review_on", "note"})
_REQUIRED: Final = _FIELDS - {"valid_to", "review_on", "note"}


class ParameterFileError(ValueError):
    """A parameter file can't be used; the message names the file, the code and what to mend."""


class ParameterUnknown(Unavailable):
    """No value of a known or unknown code is valid on the day asked."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One figure over `[valid_from, valid_to)`; `valid_to` None means until further notice."""

    code: str
    valid_from: date
    valid_to: date | None
    value: Value
    unit: str
    source: str
    flag: str
    review_on: date | None = None
    note: str = ""

    def holds_on(self, day: date) -> bool:
        """Whether the figure is in force on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class Parameters:
    """All figures by code. Built once at start; immutable."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        """Raises ParameterFileError when two figures of a code hold on the same day."""
        by_code: dict[str, list[Parameter]] = {}
        for parameter in parameters:
            by_code.setdefault(parameter.code, []).append(parameter)
        for code, dated in by_code.items():
            dated.sort(key=lambda p: p.valid_from)
            for earlier, later in itertools.pairwise(dated):
                if earlier.valid_to is None or earlier.valid_to > later.valid_from:
                    msg = f"{code}: the figure of {earlier.valid_from} still holds on {later.valid_from}; give it a valid_to"
                    raise ParameterFileError(msg)
        self._by_code: Mapping[str, tuple[Parameter, ...]] = MappingProxyType(
            {code: tuple(dated) for code, dated in sorted(by_code.items())}
        )

    @classmethod
    def load(cls, *folders: Path) -> Self:
        """Read every `*.toml` of the folders, in order of name. Raises ParameterFileError naming the file.

        A later folder only adds (the demo's fictional figures); it can't replace, since an overlap is refused.
        """
        found: list[Parameter] = []
        for folder in folders:
            if not folder.is_dir():
                msg = f"{folder}: no such folder of legal figures"
                raise ParameterFileError(msg)
            for path in sorted(folder.glob("*.toml")):
                found.extend(_read(path))
        return cls(found)

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes, in order."""
        return tuple(self._by_code)

    def history(self, code: str) -> tuple[Parameter, ...]:
        """Every dated figure of a code, oldest first; empty for an unknown code."""
        return self._by_code.get(code, ())

    def find(self, code: str, on: date) -> Parameter | None:
        """The figure in force on `on`, with its source and flag, or None."""
        return next((p for p in self.history(code) if p.holds_on(on)), None)

    def value(self, code: str, on: date) -> Value:
        """The figure in force on `on`. Raises ParameterUnknown when none is."""
        parameter = self.find(code, on)
        if parameter is None:
            raise ParameterUnknown(
                "parameter_unknown",
                N_(
                    "The legal figure « %(figure)s » is not known for %(day)s. The office must enter it, with its source."
                ),
                figure=code,
                day=on.isoformat(),
            )
        return parameter.value

    def number(self, code: str, on: date) -> Decimal:
        """A figure as a Decimal, whole numbers included. Raises ParameterUnknown, or TypeError for a text."""
        value = self.value(code, on)
        if isinstance(value, str):
            msg = f"{code} is a text"
            raise TypeError(msg)
        return Decimal(value)

    def whole(self, code: str, on: date) -> int:
        """A figure as an int. Raises ParameterUnknown, or TypeError when it is not a whole number."""
        value = self.value(code, on)
        if not isinstance(value, int):
            msg = f"{code} is not a whole number"
            raise TypeError(msg)
        return value

    def due_for_review(self, on: date) -> tuple[Parameter, ...]:
        """Figures in force whose review day has come: the office looks at the source again."""
        return tuple(
            p
            for dated in self._by_code.values()
            for p in dated
            if p.holds_on(on) and p.review_on is not None and p.review_on <= on
        )

    def __len__(self) -> int:
        return sum(len(dated) for dated in self._by_code.values())


@lru_cache(maxsize=2)
def _loaded(folders: tuple[Path, ...]) -> Parameters:
    return Parameters.load(resource("config") / "parameters", *folders)


_added: tuple[Path, ...] = ()


def add_figures(*folders: Path) -> None:
    """From now on the process also reads these folders (the demo's fictional figures); none: the shipped ones only."""
    global _added  # noqa: PLW0603 - one choice for the process, made by the app when it starts
    _added = folders


def figures() -> Parameters:
    """The figures shipped in `config/parameters/`, with those the app has added; read once by process."""
    return _loaded(_added)


def _read(path: Path) -> list[Parameter]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as problem:
        msg = f"{path.name}: {problem}"
        raise ParameterFileError(msg) from problem
    return [_parameter(path.name, table) for table in content.get("parameter", [])]


def _parameter(file: str, table: dict[str, Any]) -> Parameter:
    where = f"{file}, {table.get('code', 'a parameter without code')}"
    missing, unknown = _REQUIRED - table.keys(), table.keys() - _FIELDS
    if missing or unknown:
        msg = f"{where}: missing {sorted(missing)}, unknown {sorted(unknown)}"
        raise ParameterFileError(msg)
    for name in ("valid_from", "valid_to", "review_on"):
        # A TOML datetime is a date too, for Python; only plain dates are legal days.
        if name in table and type(table[name]) is not date:
            msg = f"{where}: {name} is not a plain date"
            raise ParameterFileError(msg)
    valid_to = table.get("valid_to")
    if valid_to is not None and valid_to <= table["valid_from"]:
        msg = f"{where}: valid_to is the first day it no longer holds, so it comes after valid_from"
        raise ParameterFileError(msg)
    if table["flag"] not in FLAGS or not str(table["source"]).strip():
        msg = f"{where}: a figure has a source and a flag among V, S, U, F"
        raise ParameterFileError(msg)
    return Parameter(**{**table, "valid_to": valid_to, "value": _value(where, table["value"], table["unit"])})


def _value(where: str, raw: object, unit: str) -> Value:
    if unit == "text":
        if isinstance(raw, str):
            return raw
    elif type(raw) is int:
        return raw
    elif isinstance(raw, str):
        try:
            number = Decimal(raw)
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite():
            return number
    msg = f'{where}: {raw!r} is not a value: write whole numbers as they are, decimals as strings such as "2.15"'
    raise ParameterFileError(msg)
