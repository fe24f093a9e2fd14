"""The palette as values, read from `config/catalogue.toml`. Every mistake in the file is named, all at once."""

import tomllib
from collections.abc import Collection
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, Final, TypeVar

from entrepairs.catalogue.models import Facilitation, OfferingKind, PriceUnit


class PaletteError(ValueError):
    """The file can't be used; each of `problems` says where and what to mend."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class OfferingItem:
    """One offering (prestation). Times in minutes; the price excludes VAT and covers every peer of a session."""

    code: str
    name: str
    family: str
    summary: str
    kind: OfferingKind
    session_minutes: int
    sessions_min: int
    sessions_usual: int
    facilitation: Facilitation
    required_qualifications: tuple[str, ...]
    price_unit: PriceUnit
    demo_price_cents: int
    vat_regime: str
    asks_person_wish: bool
    preparation_minutes: int
    pictogram: str
    goals: tuple[str, ...]
    group_min: int | None = None
    group_max: int | None = None
    second_optional: bool = False
    learner_seat: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class QualificationItem:
    """What a peer may hold; `valid_months` 0 means without expiry."""

    code: str
    name: str
    valid_months: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Label:
    """A code and its French words: a theme of lived experience, an activity of a report."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Palette:
    """The whole file, each list in the file's order, which is the order on screen."""

    offerings: tuple[OfferingItem, ...]
    qualifications: tuple[QualificationItem, ...]
    themes: tuple[Label, ...]
    activities: tuple[Label, ...]

    def offering(self, code: str) -> OfferingItem:
        """The offering of that code. Raises KeyError."""
        return next((o for o in self.offerings if o.code == code), None) or _unknown(code)

    @property
    def activity_names(self) -> dict[str, str]:
        """French name of each activity, by code."""
        return {activity.code: activity.name for activity in self.activities}


def _unknown(code: str) -> OfferingItem:
    raise KeyError(code)


Item = TypeVar("Item", OfferingItem, QualificationItem, Label)
_SECTIONS: Final = frozenset({"offering", "qualification", "theme", "activity"})


def load_palette_file(path: Path, *, vat_regimes: Collection[str]) -> Palette:
    """Read and verify the palette. Raises PaletteError listing every problem; `vat_regimes` are the known codes."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise PaletteError([f"{path.name}: {problem}"]) from problem
    problems = [f"unknown section [[{name}]]" for name in sorted(content.keys() - _SECTIONS)]
    palette = Palette(
        offerings=_items(OfferingItem, content.get("offering", []), "offering", problems),
        qualifications=_items(QualificationItem, content.get("qualification", []), "qualification", problems),
        themes=_items(Label, content.get("theme", []), "theme", problems),
        activities=_items(Label, content.get("activity", []), "activity", problems),
    )
    known = {qualification.code for qualification in palette.qualifications}
    for offering in palette.offerings:
        problems.extend(f"offering {offering.code}: {p}" for p in _incoherences(offering, known, vat_regimes))
    if problems:
        raise PaletteError([f"{path.name}: {problem}" for problem in problems])
    return palette


def _items(kind: type[Item], tables: list[dict[str, Any]], section: str, problems: list[str]) -> tuple[Item, ...]:
    found: dict[str, Item] = {}
    for at, table in enumerate(tables, 1):
        where = f"{section} {table.get('code', f'n° {at}')}"
        wrong = _shape_problems(kind, table)
        if wrong:
            problems.extend(f"{where}: {problem}" for problem in wrong)
        elif table["code"] in found:
            problems.append(f"{where} is there twice")
        else:
            found[table["code"]] = kind(**{name: _convert(name, value) for name, value in table.items()})
    return tuple(found.values())


_ENUMS: Final = {"kind": OfferingKind, "facilitation": Facilitation, "price_unit": PriceUnit}
_LISTS: Final = frozenset({"required_qualifications", "goals"})
_WHOLE: Final = frozenset(
    {"session_minutes", "sessions_min", "sessions_usual", "demo_price_cents", "preparation_minutes", "valid_months"}
    | {"group_min", "group_max"}
)
_FLAGS: Final = frozenset({"asks_person_wish", "second_optional", "learner_seat"})
_MAY_BE_EMPTY: Final = frozenset({"note"})


def _shape_problems(kind: type, table: dict[str, Any]) -> list[str]:
    """Missing, unknown or ill-typed fields."""
    wanted = {f.name for f in fields(kind) if f.default is MISSING}
    allowed = {f.name for f in fields(kind)}
    problems = [f"{name} is missing" for name in sorted(wanted - table.keys())]
    problems += [f"{name} is unknown" for name in sorted(table.keys() - allowed)]
    return problems + [
        f"{name} can't be {value!r}" for name, value in table.items() if name in allowed and not _fits(name, value)
    ]


def _fits(name: str, value: object) -> bool:
    if name in _ENUMS:
        return value in {str(member) for member in _ENUMS[name]}
    if name in _WHOLE:
        return type(value) is int and value >= 0
    if name in _LISTS:
        return isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value)
    if name in _FLAGS:
        return isinstance(value, bool)
    return isinstance(value, str) and (bool(value.strip()) or name in _MAY_BE_EMPTY)


def _convert(name: str, value: Any) -> Any:
    if name in _ENUMS:
        return _ENUMS[name](value)
    return tuple(value) if name in _LISTS else value


def _incoherences(offering: OfferingItem, qualifications: set[str], vat_regimes: Collection[str]) -> list[str]:
    """What each field allows and their meeting does not."""
    problems = [
        f"qualification {q} is not in the list" for q in offering.required_qualifications if q not in qualifications
    ]
    if offering.vat_regime not in vat_regimes:
        problems.append(f"VAT regime {offering.vat_regime} is not in the list")
    if not 0 < offering.session_minutes <= 600:
        problems.append("a session lasts between 1 minute and 10 hours")
    if not 1 <= offering.sessions_min <= offering.sessions_usual:
        problems.append("sessions_min is at least 1 and at most sessions_usual")
    if (offering.group_min is None) != (offering.group_max is None):
        problems.append("give both group_min and group_max, or neither")
    elif offering.group_min is not None and offering.group_max is not None and offering.group_min > offering.group_max:
        problems.append("group_min is above group_max")
    if (offering.second_optional or offering.learner_seat) and offering.facilitation is not Facilitation.TWO_PEERS:
        problems.append("second_optional and learner_seat need two peers")
    if offering.learner_seat and not offering.required_qualifications:
        problems.append("learner_seat needs a qualification to learn")
    if offering.price_unit is PriceUnit.PER_PARTICIPANT and offering.group_max is None:
        problems.append("a price per participant needs a group")
    return problems
