"""The lives of a demand, a session, a seat and an assignment (tables; a transition not in them is refused)."""

from enum import StrEnum
from typing import Final


class DemandState(StrEnum):
    """Where a demand stands. Offers leave only from CONFIRMED on."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    """Sent « pour accord » to a signatory of the partner."""
    SUBMITTED = "submitted"
    QUALIFIED = "qualified"
    QUOTED = "quoted"
    AWAITING_ENGAGEMENT = "awaiting_engagement"
    """Quote accepted; the public buyer's engagement number is still missing."""
    CONFIRMED = "confirmed"
    STAFFING = "staffing"
    STAFFED = "staffed"
    RUNNING = "running"
    COMPLETED = "completed"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    UNFILLED = "unfilled"
    REFUSED = "refused"


class DemandEvent(StrEnum):
    """What may happen to a demand."""

    ASK_APPROVAL = "ask_approval"
    SEND_BACK = "send_back"
    SUBMIT = "submit"
    QUALIFY = "qualify"
    QUOTE = "quote"
    ACCEPT = "accept"
    AWAIT_ENGAGEMENT = "await_engagement"
    RECORD_ENGAGEMENT = "record_engagement"
    DRAW = "draw"
    """Confirmed on an agreement with room, or an emergency: no quote."""
    OFFER = "offer"
    FILL = "fill"
    REOPEN = "reopen"
    """A peer withdrew: a seat is open again."""
    START = "start"
    COMPLETE = "complete"
    CLOSE = "close"
    CANCEL = "cancel"
    GIVE_UP = "give_up"
    REFUSE = "refuse"


_S, _E = DemandState, DemandEvent
_BEFORE_CONFIRMED: Final = (_S.SUBMITTED, _S.QUALIFIED, _S.QUOTED, _S.AWAITING_ENGAGEMENT)
_ALIVE: Final = (
    _S.DRAFT,
    _S.AWAITING_APPROVAL,
    *_BEFORE_CONFIRMED,
    _S.CONFIRMED,
    _S.STAFFING,
    _S.STAFFED,
    _S.RUNNING,
)

DEMAND_TRANSITIONS: Final[dict[tuple[DemandState, DemandEvent], DemandState]] = {
    (_S.DRAFT, _E.ASK_APPROVAL): _S.AWAITING_APPROVAL,
    (_S.AWAITING_APPROVAL, _E.SEND_BACK): _S.DRAFT,
    (_S.DRAFT, _E.SUBMIT): _S.SUBMITTED,
    (_S.AWAITING_APPROVAL, _E.SUBMIT): _S.SUBMITTED,
    (_S.SUBMITTED, _E.QUALIFY): _S.QUALIFIED,
    (_S.SUBMITTED, _E.QUOTE): _S.QUOTED,
    (_S.QUALIFIED, _E.QUOTE): _S.QUOTED,
    (_S.QUOTED, _E.QUOTE): _S.QUOTED,  # a new version supersedes the older
    (_S.SUBMITTED, _E.DRAW): _S.CONFIRMED,
    (_S.QUALIFIED, _E.DRAW): _S.CONFIRMED,
    (_S.QUOTED, _E.ACCEPT): _S.CONFIRMED,
    (_S.QUOTED, _E.AWAIT_ENGAGEMENT): _S.AWAITING_ENGAGEMENT,
    (_S.SUBMITTED, _E.AWAIT_ENGAGEMENT): _S.AWAITING_ENGAGEMENT,
    (_S.QUALIFIED, _E.AWAIT_ENGAGEMENT): _S.AWAITING_ENGAGEMENT,
    (_S.AWAITING_ENGAGEMENT, _E.RECORD_ENGAGEMENT): _S.CONFIRMED,
    (_S.CONFIRMED, _E.OFFER): _S.STAFFING,
    (_S.STAFFING, _E.OFFER): _S.STAFFING,
    (_S.CONFIRMED, _E.FILL): _S.STAFFED,
    (_S.STAFFING, _E.FILL): _S.STAFFED,
    (_S.STAFFED, _E.REOPEN): _S.STAFFING,
    (_S.RUNNING, _E.REOPEN): _S.RUNNING,
    (_S.RUNNING, _E.OFFER): _S.RUNNING,
    (_S.RUNNING, _E.FILL): _S.RUNNING,
    (_S.STAFFED, _E.START): _S.RUNNING,
    (_S.STAFFING, _E.START): _S.RUNNING,
    (_S.STAFFED, _E.COMPLETE): _S.COMPLETED,
    (_S.RUNNING, _E.COMPLETE): _S.COMPLETED,
    (_S.COMPLETED, _E.CLOSE): _S.CLOSED,
    (_S.CONFIRMED, _E.GIVE_UP): _S.UNFILLED,
    (_S.STAFFING, _E.GIVE_UP): _S.UNFILLED,
    **{(state, _E.CANCEL): _S.CANCELLED for state in _ALIVE},
    **{(state, _E.REFUSE): _S.REFUSED for state in _BEFORE_CONFIRMED},
}

OPEN_STATES: Final = frozenset(_ALIVE) - {_S.DRAFT}
"""Demands the office still has something to do with."""
OFFERABLE: Final = frozenset({_S.CONFIRMED, _S.STAFFING, _S.RUNNING})
"""States from which an offer may leave and an acceptance may hold a seat."""


class SessionState(StrEnum):
    """Life of a dated session."""

    PLANNED = "planned"
    DONE = "done"
    MISSED = "missed"
    CANCELLED = "cancelled"


class SessionEvent(StrEnum):
    """What may happen to a session."""

    DO = "do"
    MISS = "miss"
    CANCEL = "cancel"


SESSION_TRANSITIONS: Final[dict[tuple[SessionState, SessionEvent], SessionState]] = {
    (SessionState.PLANNED, SessionEvent.DO): SessionState.DONE,
    (SessionState.PLANNED, SessionEvent.MISS): SessionState.MISSED,
    (SessionState.PLANNED, SessionEvent.CANCEL): SessionState.CANCELLED,
}


class SeatState(StrEnum):
    """Life of a seat."""

    OPEN = "open"
    OFFERED = "offered"
    HELD = "held"
    CONFIRMED = "confirmed"
    RELEASED = "released"


class SeatEvent(StrEnum):
    """What may happen to a seat."""

    OFFER = "offer"
    HOLD = "hold"
    CONFIRM = "confirm"
    FREE = "free"
    RELEASE = "release"


SEAT_TRANSITIONS: Final[dict[tuple[SeatState, SeatEvent], SeatState]] = {
    (SeatState.OPEN, SeatEvent.OFFER): SeatState.OFFERED,
    (SeatState.OFFERED, SeatEvent.OFFER): SeatState.OFFERED,
    (SeatState.OPEN, SeatEvent.HOLD): SeatState.HELD,
    (SeatState.OFFERED, SeatEvent.HOLD): SeatState.HELD,
    (SeatState.HELD, SeatEvent.CONFIRM): SeatState.CONFIRMED,
    (SeatState.OFFERED, SeatEvent.FREE): SeatState.OPEN,
    (SeatState.HELD, SeatEvent.FREE): SeatState.OPEN,
    (SeatState.CONFIRMED, SeatEvent.FREE): SeatState.OPEN,
    **{(state, SeatEvent.RELEASE): SeatState.RELEASED for state in SeatState if state is not SeatState.RELEASED},
}


class AssignmentState(StrEnum):
    """Life of a peer's hold on a seat. WITHDRAWN asks no reason; CANCELLED is the partner's."""

    CONFIRMED = "confirmed"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    REPLACED = "replaced"


class AssignmentEvent(StrEnum):
    """What may happen to an assignment."""

    FINISH = "finish"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    REPLACE = "replace"


ASSIGNMENT_TRANSITIONS: Final[dict[tuple[AssignmentState, AssignmentEvent], AssignmentState]] = {
    (AssignmentState.CONFIRMED, AssignmentEvent.FINISH): AssignmentState.DONE,
    (AssignmentState.CONFIRMED, AssignmentEvent.WITHDRAW): AssignmentState.WITHDRAWN,
    (AssignmentState.CONFIRMED, AssignmentEvent.CANCEL): AssignmentState.CANCELLED,
    (AssignmentState.CONFIRMED, AssignmentEvent.REPLACE): AssignmentState.REPLACED,
}
