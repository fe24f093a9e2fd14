"""Ordinary rules by which the house protects people beyond the law: rest after a call-out, volunteers, supervision,
visits at home.

Their figures are dated (`config/parameters/peer_protection.toml`) until the association votes its own.
"""

from datetime import timedelta
from typing import Final

from entrepairs.kernel.i18n import Sentence, say
from entrepairs.matching.values import Ask, Candidate, HomeVisits, Limits, Work
from entrepairs.matching.working_time import minutes_by_month, minutes_by_week
from entrepairs.network.models.peers import Employment, HomeWish

NOTHING: Final = timedelta(0)


class RestAfterCallOut:
    """After an emergency, nothing else for the hours of rest voted; an emergency leaves them before what is held."""

    code: Final = "call_out_rest"
    source: Final = "the house's rule, dated: peer_protection.call_out_rest_hours"
    personal: Final = False
    crowd: Final = say("at rest after an emergency")

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """Elapsed hours from the end of the call-out to the next start."""
        rest = timedelta(hours=limits.call_out_rest_hours)
        held = candidate.bookings if ask.call_out else [piece for piece in candidate.bookings if piece.call_out]
        if any(_cuts_rest(piece, other, rest) for piece in (ask.work if held else ()) for other in held):
            return say("%(hours)s h of rest after an emergency", hours=limits.call_out_rest_hours)
        return None


def _cuts_rest(one: Work, other: Work, rest: timedelta) -> bool:
    first, then = (one, other) if one.period.start <= other.period.start else (other, one)
    return first.call_out and NOTHING <= then.period.start - first.period.end < rest


class VolunteersStayFree:
    """A volunteer gives a few hours a week and a month, never the hours of a job."""

    code: Final = "volunteer_hours"
    source: Final = "the house's rule, dated: peer_protection.volunteer_week_hours and volunteer_month_hours"
    personal: Final = False
    crowd: Final = say("with enough hours given already as volunteers")

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """The weeks and the months of the demand, preparation included."""
        if candidate.employment is not Employment.VOLUNTEER:
            return None
        pieces = (*ask.work, *candidate.bookings)
        for most, count in (
            (limits.volunteer_week_hours, minutes_by_week),
            (limits.volunteer_month_hours, minutes_by_month),
        ):
            if most is not None and any(count(pieces)[span] > most * 60 for span in count(ask.work)):
                return say("a volunteer who already gives enough hours")
        return None


class SupportedFirst:
    """Where the association has voted so, a supervision it owes comes before a new mission."""

    code: Final = "supervision"
    source: Final = "the association's vote: supervision.blocks"
    personal: Final = False
    crowd: Final = say("to whom we owe a supervision first")

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """Overdue on the day one looks."""
        blocked = limits.supervision_blocks and overdue(ask, candidate)
        return say("we owe them a supervision first") if blocked else None


class HomeByTwo:
    """Visits at home are made by two, with a colleague or a professional, unless the peer says that alone is fine."""

    code: Final = "home_by_two"
    source: Final = "the association's vote: peer_protection.home_visits (all by two until then)"
    personal: Final = False
    crowd: Final = say("who do not go alone to somebody's home")

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """One person alone at a home, where the vote asks for two."""
        alone = alone_at_home(ask) and visit_by_two(ask, limits)
        return say("home visits are made by two") if alone and candidate.home_wish is not HomeWish.ALONE_TOO else None


def alone_at_home(ask: Ask) -> bool:
    """Whether who comes would be alone at a person's home."""
    return ask.at_home and not ask.paired


def visit_by_two(ask: Ask, limits: Limits) -> bool:
    """Whether the association has voted that a visit like this one is made by two."""
    return limits.home_visits is HomeVisits.ALL or (limits.home_visits is HomeVisits.FIRST and not ask.known_home)


def overdue(ask: Ask, candidate: Candidate) -> bool:
    """Whether the association is late with their supervision, on the day one looks."""
    return candidate.supervision_due_on is not None and ask.today > candidate.supervision_due_on


PROTECTION_RULES: Final = (RestAfterCallOut(), VolunteersStayFree(), SupportedFirst(), HomeByTwo())
