"""Fidelity: what an offering promises to be, checked before a quote is sent. Pure functions over values.

A warning, not a wall: the office may go on, knowing that the service is no longer the one that was proved to help.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from entrepairs.catalogue.models import Facilitation
from entrepairs.catalogue.palette import OfferingItem
from entrepairs.kernel.i18n import Sentence, say

WRAP_GROUP: Final = "wrap_group"
WRAP_QUALIFICATION: Final = "wrap_facilitator"
WRAP_FACILITATORS: Final = 2
WRAP_SESSIONS: Final = 8
WRAP_SESSION_MINUTES: Final = 120
WRAP_GROUP_MIN: Final = 8
WRAP_GROUP_MAX: Final = 12


@dataclass(frozen=True, slots=True)
class Certificate:
    """A qualification held by a peer over `[valid_from, valid_to)`; `valid_to` None: without expiry."""

    kind: str
    valid_from: date
    valid_to: date | None = None

    def covers(self, day: date) -> bool:
        """Whether it is valid on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class PlannedGroup:
    """A series as planned: its Paris dates, the minutes of a session, the group, the certificates of each facilitator."""

    days: tuple[date, ...]
    session_minutes: int
    participants: int | None
    facilitators: tuple[Collection[Certificate], ...]


def wrap_fidelity(plan: PlannedGroup) -> tuple[Sentence, ...]:
    """What departs from a WRAP group, each as a sentence with its way forward; empty when it is one.

    Two certified co-facilitators, 8 to 12 people, at least eight sessions of two hours (SAMHSA NREPP review; the owner's
    own rules). Each facilitator's certificate must cover every session. No sentence names a peer.
    """
    found: list[Sentence] = []
    certified = sum(_certified_throughout(one, plan.days) for one in plan.facilitators)
    if certified < WRAP_FACILITATORS:
        missing = WRAP_FACILITATORS - certified
        found.append(
            say("A WRAP group is led by two certified peers from first to last session: %(n)s missing.", n=missing)
        )
    if len(plan.days) < WRAP_SESSIONS:
        found.append(say("A WRAP group has at least %(n)s sessions: add some, or choose a workshop.", n=WRAP_SESSIONS))
    if plan.session_minutes < WRAP_SESSION_MINUTES:
        found.append(say("A WRAP session lasts two hours."))
    if plan.participants is not None and not WRAP_GROUP_MIN <= plan.participants <= WRAP_GROUP_MAX:
        found.append(
            say("A WRAP group gathers %(least)s to %(most)s people.", least=WRAP_GROUP_MIN, most=WRAP_GROUP_MAX)
        )
    return tuple(found)


def _certified_throughout(certificates: Collection[Certificate], days: tuple[date, ...]) -> bool:
    held = [c for c in certificates if c.kind == WRAP_QUALIFICATION]
    return bool(held) and all(any(c.covers(day) for c in held) for day in days)


def shape_warnings(offering: OfferingItem, *, sessions: int, participants: int | None) -> tuple[Sentence, ...]:
    """Where a demand departs from the offering's usual shape: too few sessions, a group too small or too large."""
    found: list[Sentence] = []
    if sessions < offering.sessions_min:
        found.append(say("This service takes at least %(n)s sessions to be useful.", n=offering.sessions_min))
    if participants is not None and offering.group_min is not None and offering.group_max is not None:
        if participants < offering.group_min:
            found.append(say("This service works from %(n)s people on.", n=offering.group_min))
        elif participants > offering.group_max:
            found.append(say("Beyond %(n)s people, two groups are better than one.", n=offering.group_max))
    return tuple(found)


def seats_needed(facilitation: Facilitation) -> int:
    """Peers to find for each session: two for two peers, one otherwise (the professional is the ward's)."""
    return facilitation.seats
