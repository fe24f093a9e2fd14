"""What dispatch decides over values: until when one may answer, and what is said once it is too late."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Final

from entrepairs.dispatch.models import OfferState
from entrepairs.kernel.dates import Period, at_paris, paris_day
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.i18n import N_

EVENING: Final = time(20)
DAYS_TO_ANSWER: Final = 3
SHORTEST: Final = timedelta(hours=1)
MAIL_LINK_DAYS: Final = 3
"""A mail link lives three days at least (real time)."""

TAKEN: Final = N_("Already taken by a colleague. Thank you.")
_CLOSED: Final[Mapping[OfferState, tuple[str, str]]] = {
    OfferState.SUPERSEDED: ("seat_taken", TAKEN),
    OfferState.EXPIRED: ("offer_expired", N_("The time to answer is over, and that is no fault. Thank you.")),
    OfferState.WITHDRAWN: ("offer_withdrawn", N_("Nobody is needed for this one any more. Thank you.")),
    OfferState.DECLINED: ("offer_declined", N_("You have answered that you can't. Has it changed? Call us.")),
    OfferState.ACCEPTED: ("offer_accepted", N_("You have answered yes: it is noted.")),
}


def default_deadline(now: datetime, first_start: datetime) -> datetime:
    """The evening of the third day, and never after the eve of the first session; half the time left when it is near."""
    evening = at_paris(paris_day(now) + timedelta(days=DAYS_TO_ANSWER), EVENING)
    eve = at_paris(paris_day(first_start) - timedelta(days=1), EVENING)
    latest = min(evening, eve)
    return latest if latest - now >= SHORTEST else now + max((first_start - now) / 2, timedelta(minutes=1))


def next_start(sessions: Sequence[Period], now: datetime) -> datetime:
    """The first start still ahead, or the end of what is under way."""
    ahead = [period.start for period in sessions if period.start > now]
    return min(ahead, default=max(period.end for period in sessions))


def ensure_deadline(deadline: datetime, now: datetime, first_start: datetime) -> None:
    """Raise InvalidInput("deadline_past" or "deadline_late"): there is time to answer, and time to come."""
    if deadline <= now:
        raise InvalidInput("deadline_past", N_("Leave some time to answer."), field="deadline")
    if deadline > first_start:
        raise InvalidInput("deadline_late", N_("The answer is needed before the first session."), field="deadline")


def closed(state: OfferState) -> Conflict:
    """What is told to who answers an offer that is no longer open, by its state."""
    code, sentence = _CLOSED[state]
    return Conflict(code, sentence)


def sessions_mark(periods: Sequence[Period]) -> str:
    """A short mark of what an offer asks, sent back with a yes: a yes is to the times one has read."""
    told = "/".join(f"{one.start.timestamp():.0f}-{one.end.timestamp():.0f}" for one in sorted(periods))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def link_days(now: datetime, deadline: datetime) -> int:
    """Days a mail link lives: to the end of the time to answer, three at least."""
    return max(MAIL_LINK_DAYS, (deadline - now).days + 1)
