"""What becomes of a demand in a plan, and of each person proposed for it."""

from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """What the search found for a demand."""

    SEARCHED = "searched"
    """Nothing concluded yet."""
    FILLED = "filled"
    """Nobody was missing any more when it was looked at."""
    SERVED = "served"
    PARTLY = "partly"
    """Somebody, but not everybody needed."""
    UNSERVED = "unserved"
    KEPT = "kept"
    """Held already, and nothing would be gained by a move."""
    MOVED = "moved"
    """Held already; somebody would be asked to hand over."""


class ProposalState(StrEnum):
    """A person the plan proposes for a demand. Nothing is ever assigned: SENT is an offer they may decline."""

    PROPOSED = "proposed"
    SENT = "sent"
    ASKED = "asked"
    """Who holds the seat has been asked whether they agree to hand over."""
    GONE = "gone"
    """No longer possible when it was applied: left as it was."""


class ProposalEvent(StrEnum):
    """What may happen to a proposal."""

    SEND = "send"
    ASK = "ask"
    LOSE = "lose"


PROPOSAL_TRANSITIONS: Final[dict[tuple[ProposalState, ProposalEvent], ProposalState]] = {
    (ProposalState.PROPOSED, ProposalEvent.SEND): ProposalState.SENT,
    (ProposalState.PROPOSED, ProposalEvent.ASK): ProposalState.ASKED,
    (ProposalState.PROPOSED, ProposalEvent.LOSE): ProposalState.GONE,
}
