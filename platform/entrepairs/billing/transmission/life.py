"""Where an invoice stands, from what was said of it: a pure function of a set of events.

Events come late, twice, in any order, with instants that are sometimes only a day. The state is a function of the set:
the same events give the same state, whatever the order they came in. Unknown codes are kept and change nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from entrepairs.billing.transmission.codes import LifeCode, code_of


class LifeState(StrEnum):
    """Where one sending of an invoice stands."""

    WAITING = "waiting"
    """Nothing was said yet: not deposited, or nobody answered."""
    DEPOSITED = "deposited"
    RECEIVED = "received"
    AVAILABLE = "available"
    IN_HAND = "in_hand"
    APPROVED = "approved"
    PAYMENT_SENT = "payment_sent"
    COLLECTED = "collected"
    TO_RECYCLE = "to_recycle"
    """The recipient was not found: the same invoice is sent again once its routing is mended."""
    SUSPENDED = "suspended"
    """The payer waits for a document."""
    DISPUTED = "disputed"
    REFUSED = "refused"
    REJECTED = "rejected"
    INADMISSIBLE = "inadmissible"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Said:
    """One event as a value: what, when at its source, why."""

    code: int
    at: datetime
    reason: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Life:
    """What is known of one sending. `why` is the event that gave a halt or an end its reason."""

    state: LifeState
    first: Mapping[LifeState, datetime]
    """When each step was first reached."""
    why: Said | None = None


STEPS: Final = MappingProxyType(
    {
        LifeCode.DEPOSITED: LifeState.DEPOSITED,
        LifeCode.ISSUED: LifeState.DEPOSITED,
        LifeCode.RECEIVED: LifeState.RECEIVED,
        LifeCode.MADE_AVAILABLE: LifeState.AVAILABLE,
        LifeCode.TAKEN_IN_HAND: LifeState.IN_HAND,
        LifeCode.COMPLETED: LifeState.IN_HAND,
        LifeCode.APPROVED: LifeState.APPROVED,
        LifeCode.PARTLY_APPROVED: LifeState.APPROVED,
        LifeCode.STAMPED: LifeState.APPROVED,
        LifeCode.PAYMENT_SENT: LifeState.PAYMENT_SENT,
        LifeCode.COLLECTED: LifeState.COLLECTED,
    }
)
"""The step each code shows to be reached; a step is never left."""

ORDER: Final = (
    LifeState.DEPOSITED,
    LifeState.RECEIVED,
    LifeState.AVAILABLE,
    LifeState.IN_HAND,
    LifeState.APPROVED,
    LifeState.PAYMENT_SENT,
    LifeState.COLLECTED,
)

ENDS: Final = MappingProxyType(
    {
        LifeCode.REFUSED: LifeState.REFUSED,
        LifeCode.REJECTED: LifeState.REJECTED,
        LifeCode.INADMISSIBLE: LifeState.INADMISSIBLE,
        LifeCode.CANCELLED: LifeState.CANCELLED,
    }
)
"""Codes after which nothing else counts: the invoice stays numbered and is corrected by a credit note."""

HALTS: Final = MappingProxyType(
    {
        LifeCode.DISPUTED: LifeState.DISPUTED,
        LifeCode.SUSPENDED: LifeState.SUSPENDED,
        LifeCode.ROUTING_ERROR: LifeState.TO_RECYCLE,
    }
)

_RESUMES: Final = MappingProxyType(
    {
        LifeCode.DISPUTED: frozenset(
            {LifeCode.APPROVED, LifeCode.PARTLY_APPROVED, LifeCode.STAMPED, LifeCode.PAYMENT_SENT}
        ),
        LifeCode.SUSPENDED: frozenset(
            {
                LifeCode.COMPLETED,
                LifeCode.APPROVED,
                LifeCode.PARTLY_APPROVED,
                LifeCode.STAMPED,
                LifeCode.PAYMENT_SENT,
            }
        ),
        LifeCode.ROUTING_ERROR: frozenset(
            {
                LifeCode.DEPOSITED,
                LifeCode.ISSUED,
                LifeCode.MADE_AVAILABLE,
                LifeCode.TAKEN_IN_HAND,
                LifeCode.APPROVED,
                LifeCode.PARTLY_APPROVED,
                LifeCode.PAYMENT_SENT,
            }
        ),
    }
)
"""What said later than a halt shows that it is over."""

FINAL: Final = frozenset({LifeState.COLLECTED, LifeState.PAYMENT_SENT, *ENDS.values()})
"""States after which the other end is not asked again."""


def life_of(said: Iterable[Said]) -> Life:
    """The state of one sending. An end wins over a halt, a halt over the steps; the money, once sent, over a halt."""
    events = sorted(set(said), key=lambda one: (one.at, one.code, one.reason or "", one.text))
    known = [(code, one) for one in events if (code := code_of(one.code)) is not None]
    first: dict[LifeState, datetime] = {}
    for code, one in known:
        reached = STEPS.get(code) or HALTS.get(code) or ENDS.get(code)
        if reached is not None:
            first.setdefault(reached, one.at)
    ended = [(code, one) for code, one in known if code in ENDS]
    if ended:
        code, one = ended[-1]
        return Life(ENDS[code], first, one)
    halted = _halt(known)
    if halted is not None:
        code, one = halted
        return Life(HALTS[code], first, one)
    reached_steps = [step for step in ORDER if step in first]
    return Life(reached_steps[-1] if reached_steps else LifeState.WAITING, first)


def resumed_at(said: Iterable[Said]) -> datetime | None:
    """When the last halt that is over was lifted; None when nothing was ever halted, or nothing lifted it."""
    known = [(code, one) for one in said if (code := code_of(one.code)) is not None]
    lifts = [
        min((event.at for other, event in known if _lifts(code, one, other, event)), default=None)
        for code, one in known
        if code in HALTS
    ]
    return max((at for at in lifts if at is not None), default=None)


def _halt(known: list[tuple[LifeCode, Said]]) -> tuple[LifeCode, Said] | None:
    """The latest halt that nothing said later lifts."""
    standing = None
    for code, one in known:
        if code not in HALTS:
            continue
        if not any(_lifts(code, one, other, event) for other, event in known):
            standing = (code, one)
    return standing


def _lifts(halt: LifeCode, halted: Said, code: LifeCode, event: Said) -> bool:
    """Whether a halt is over with an event. At the same instant a halt holds, but « completed » lifts it."""
    later = event.at > halted.at or (event.at == halted.at and code is LifeCode.COMPLETED)
    return code in _RESUMES[halt] and later
