"""State machines as tables: `{(state, event): state}`. A transition that is not in the table is refused."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from entrepairs.kernel.errors import Conflict
from entrepairs.kernel.i18n import N_

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


class TransitionRefused(Conflict):
    """The object's state does not allow the event (any more)."""

    def __init__(self, state: StrEnum, event: StrEnum) -> None:
        super().__init__(
            "transition_refused",
            N_("This is no longer possible: the situation has changed. Reload the page to see where it stands."),
            state=state.value,
            event=event.value,
        )


def next_state(table: Mapping[tuple[S, E], S], state: S, event: E) -> S:
    """The state after `event`; raises TransitionRefused."""
    try:
        return table[(state, event)]
    except KeyError:
        raise TransitionRefused(state, event) from None


def allowed(table: Mapping[tuple[S, E], S], state: S) -> frozenset[E]:
    """The events possible from `state`."""
    return frozenset(event for (source, event) in table if source == state)
