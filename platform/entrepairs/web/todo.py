"""« À faire par vous »: each page module of a room says what waits for the person; the homes put it together.

A page module registers at import, for its audience:

    @waiting("partners")
    def services_to_confirm(viewer: Viewer) -> Iterable[TodoItem]: ...

    @panel("partners")
    def agreement(viewer: Viewer) -> Panel | None: ...

Nothing here writes; a contribution that fails is logged and left out, and the page says so.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from entrepairs.extensions import db
from entrepairs.kernel.i18n import Sentence
from entrepairs.web.context import Viewer

log = logging.getLogger(__name__)
Audience = Literal["partners", "peers", "office"]


@dataclass(frozen=True, slots=True)
class TodoItem:
    """One thing to do: a chip (a word), what it is, and one action that opens a page.

    `rank`: lower comes first (10 to sign, 20 to confirm, 30 to choose, 40 to finish); equal ranks keep their order.
    """

    chip: Sentence
    title: Sentence | str
    url: str
    action: Sentence
    detail: Sentence | str = ""
    tone: str = "todo"
    rank: int = 30


@dataclass(frozen=True, slots=True)
class Panel:
    """A card of a home page's side column: a template of its own and what it is given."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    rank: int = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a person; `partial` when a room did not answer."""

    items: tuple[TodoItem, ...]
    partial: bool = False


Contribution = Callable[[Viewer], Iterable[TodoItem]]
PanelMaker = Callable[[Viewer], Panel | None]
_WAITING: Final[dict[str, list[Contribution]]] = {"partners": [], "peers": [], "office": []}
_PANELS: Final[dict[str, list[PanelMaker]]] = {"partners": [], "peers": [], "office": []}


def waiting(audience: Audience) -> Callable[[Contribution], Contribution]:
    """Register what a room has waiting for the people of an audience."""

    def register(contribution: Contribution) -> Contribution:
        _WAITING[audience].append(contribution)
        return contribution

    return register


def panel(audience: Audience) -> Callable[[PanelMaker], PanelMaker]:
    """Register a card of a home page's side column."""

    def register(maker: PanelMaker) -> PanelMaker:
        _PANELS[audience].append(maker)
        return maker

    return register


def what_waits(audience: Audience, viewer: Viewer) -> Waiting:
    """Everything that waits for the viewer, in order of rank."""
    items: list[TodoItem] = []
    partial = False
    for contribution in _WAITING[audience]:
        found = _guarded(contribution, viewer)
        partial = partial or found is None
        items += found or ()
    return Waiting(tuple(sorted(items, key=lambda item: item.rank)), partial)


def panels_for(audience: Audience, viewer: Viewer) -> list[Panel]:
    """The cards of the side column, in order of rank."""
    made = [_guarded(lambda person, maker=maker: [maker(person)], viewer) for maker in _PANELS[audience]]  # type: ignore[misc]
    return sorted((one for found in made for one in found or () if one is not None), key=lambda one: one.rank)


def _guarded(contribution: Callable[[Viewer], Iterable[Any]], viewer: Viewer) -> list[Any] | None:
    """A room that fails must not close the door on the others: its part is left out, the trace kept."""
    try:
        with db.session.begin_nested():
            return list(contribution(viewer))
    except Exception:
        log.exception("a part of the home page did not load")
        return None
