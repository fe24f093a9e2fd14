"""The lives of an agreement and of a quote's version."""

from enum import StrEnum
from typing import Final


class AgreementState(StrEnum):
    """Where an agreement stands. EXPIRING and EXPIRED follow the calendar."""

    DRAFT = "draft"
    SENT = "sent"
    ACTIVE = "active"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    TERMINATED = "terminated"


class AgreementEvent(StrEnum):
    """What may happen to an agreement."""

    SEND = "send"
    SIGN = "sign"
    NEAR_END = "near_end"
    END = "end"
    TERMINATE = "terminate"


_A, _AE = AgreementState, AgreementEvent
AGREEMENT_TRANSITIONS: Final[dict[tuple[AgreementState, AgreementEvent], AgreementState]] = {
    (_A.DRAFT, _AE.SEND): _A.SENT,
    (_A.DRAFT, _AE.SIGN): _A.ACTIVE,  # signed on paper without having been sent from here
    (_A.SENT, _AE.SIGN): _A.ACTIVE,
    (_A.ACTIVE, _AE.NEAR_END): _A.EXPIRING,
    (_A.ACTIVE, _AE.END): _A.EXPIRED,
    (_A.EXPIRING, _AE.END): _A.EXPIRED,
    (_A.SENT, _AE.TERMINATE): _A.TERMINATED,
    (_A.ACTIVE, _AE.TERMINATE): _A.TERMINATED,
    (_A.EXPIRING, _AE.TERMINATE): _A.TERMINATED,
}
LIVE_AGREEMENTS: Final = frozenset({_A.ACTIVE, _A.EXPIRING})


class QuoteState(StrEnum):
    """Where a version of a quote stands; frozen from SENT on."""

    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class QuoteEvent(StrEnum):
    """What may happen to a version."""

    SEND = "send"
    ACCEPT = "accept"
    ACCEPT_ON_PAPER = "accept_on_paper"
    """Signed in time, and recorded by the office when the paper came."""
    REFUSE = "refuse"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"


_Q, _QE = QuoteState, QuoteEvent
QUOTE_TRANSITIONS: Final[dict[tuple[QuoteState, QuoteEvent], QuoteState]] = {
    (_Q.DRAFT, _QE.SEND): _Q.SENT,
    (_Q.DRAFT, _QE.SUPERSEDE): _Q.SUPERSEDED,
    (_Q.SENT, _QE.ACCEPT): _Q.ACCEPTED,
    (_Q.SENT, _QE.ACCEPT_ON_PAPER): _Q.ACCEPTED,
    (_Q.EXPIRED, _QE.ACCEPT_ON_PAPER): _Q.ACCEPTED,
    (_Q.SENT, _QE.REFUSE): _Q.REFUSED,
    (_Q.SENT, _QE.EXPIRE): _Q.EXPIRED,
    (_Q.SENT, _QE.SUPERSEDE): _Q.SUPERSEDED,
}
