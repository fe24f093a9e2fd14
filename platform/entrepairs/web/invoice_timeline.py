"""The picture of an invoice's life: issued, deposited, received, made available, accepted or halted, paid. Pure geometry.

Two drawings, a line across for a desktop and a line down for a phone; the table of what was said is its twin.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from entrepairs.billing.transmission.channels import Channel
from entrepairs.billing.transmission.life import ENDS, HALTS, ORDER, Life, LifeState
from entrepairs.kernel.i18n import Sentence, say


class Mark(StrEnum):
    """How a step is drawn: its shape tells it as well as its colour."""

    DONE = "done"
    NOW = "now"
    HALT = "halt"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its word, its day when known."""

    label: Sentence
    mark: Mark
    day: date | datetime | None = None


@dataclass(frozen=True, slots=True)
class Paid:
    """What came in: whole, in part, or nothing yet; `credited`, a credit note took it back."""

    whole: bool = False
    part: bool = False
    credited: bool = False
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A step on the picture."""

    x: float
    y: float
    step: Step


@dataclass(frozen=True, slots=True)
class Drawing:
    """One drawing; `done` is the end of the part of the line that is behind us."""

    nodes: Sequence[Node]
    width: int
    height: int
    done: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """What `components/invoice_timeline.html` draws."""

    wide: Drawing
    narrow: Drawing
    steps: Sequence[Step]


WIDTH: Final = 660
MARGIN: Final = 56
LINE: Final = 26
GAP: Final = 52
_WORDS: Final = {
    LifeState.DEPOSITED: say("Deposited"),
    LifeState.RECEIVED: say("Received there"),
    LifeState.AVAILABLE: say("Made available"),
    LifeState.APPROVED: say("Approved"),
    LifeState.TO_RECYCLE: say("To recycle"),
    LifeState.SUSPENDED: say("Suspended"),
    LifeState.DISPUTED: say("Disputed"),
    LifeState.REFUSED: say("Refused there"),
    LifeState.REJECTED: say("Rejected"),
    LifeState.INADMISSIBLE: say("Unreadable"),
    LifeState.CANCELLED: say("Cancelled"),
}
_SHOWN: Final = (LifeState.DEPOSITED, LifeState.RECEIVED, LifeState.AVAILABLE, LifeState.APPROVED)
_STOPPED: Final = frozenset({*HALTS.values(), *ENDS.values()})


def steps_of(issued: date, channel: Channel | None, sent: datetime | None, life: Life | None, paid: Paid) -> list[Step]:
    """The steps of an invoice, by what its channel tells: a mail says that it left, nothing more."""
    steps = [Step(say("Issued"), Mark.DONE, issued)]
    if channel is Channel.EMAIL:
        failed = life is not None and life.state is LifeState.TO_RECYCLE
        mark = Mark.HALT if failed else (Mark.DONE if sent else Mark.NOW)
        steps.append(Step(say("Not delivered") if failed else say("Mailed"), mark, sent))
    elif channel is Channel.CHORUS_DEPOSIT:
        steps.append(Step(say("Deposited by hand"), Mark.DONE, sent))
    else:
        steps += _followed(life)
    return _with_now([*steps, _payment(paid)])


def _followed(life: Life | None) -> list[Step]:
    if life is None:
        return [Step(_WORDS[state], Mark.NEXT) for state in _SHOWN]
    reached = max((ORDER.index(state) for state in life.first if state in ORDER), default=-1)
    found = []
    for state in _SHOWN:
        done = ORDER.index(state) <= reached
        found.append(Step(_WORDS[state], Mark.DONE if done else Mark.NEXT, life.first.get(state)))
    if life.state in _STOPPED:
        stopped = Step(_WORDS[life.state], Mark.HALT, life.why.at if life.why else None)
        # A halt stands where the next step would: what is behind stays told.
        place = next((index for index, step in enumerate(found) if step.mark is Mark.NEXT), len(found) - 1)
        found[place] = stopped
    return found


def _payment(paid: Paid) -> Step:
    if paid.credited:
        return Step(say("Credited"), Mark.DONE, paid.day)
    if paid.whole:
        return Step(say("Paid whole"), Mark.DONE, paid.day)
    return Step(say("Paid in part") if paid.part else say("Payment"), Mark.NOW if paid.part else Mark.NEXT, paid.day)


def _with_now(steps: list[Step]) -> list[Step]:
    """The first step to come is the one awaited, unless something else is told to be."""
    if any(step.mark in (Mark.NOW, Mark.HALT) for step in steps):
        return steps
    for index, step in enumerate(steps):
        if step.mark is Mark.NEXT:
            return [*steps[:index], Step(step.label, Mark.NOW, step.day), *steps[index + 1 :]]
    return steps


def timeline(steps: Sequence[Step]) -> Timeline:
    """Both drawings. Raises ValueError with less than two steps."""
    if len(steps) < 2:
        msg = "a line needs two steps"
        raise ValueError(msg)
    across = (WIDTH - 2 * MARGIN) / (len(steps) - 1)
    wide = [Node(round(MARGIN + across * place, 1), LINE, step) for place, step in enumerate(steps)]
    down = [Node(18.0, 18.0 + GAP * place, step) for place, step in enumerate(steps)]
    first_to_come = next((place for place, step in enumerate(steps) if step.mark is Mark.NEXT), len(steps))
    last = max(first_to_come - 1, 0)
    return Timeline(
        Drawing(wide, WIDTH, 84, wide[last].x),
        Drawing(down, 320, 36 + GAP * (len(steps) - 1), down[last].y),
        steps,
    )
