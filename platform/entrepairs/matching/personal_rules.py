"""Rules that come from a choice or a rhythm of the peer's. Their failure is never told apart: they share `CHOICES`.

`check` gives the shared sentence, never one of its own, so that no caller can show more by mistake.
"""

from typing import Final

from entrepairs.kernel.holidays_fr import holiday_name
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.matching.protection_rules import alone_at_home, overdue
from entrepairs.matching.values import Ask, Candidate, Limits
from entrepairs.matching.working_time import minutes_by_month, minutes_by_week
from entrepairs.network.models.peers import ClearanceKind, Employment, HomeWish, PairWish
from entrepairs.network.rules import away, clear_on, paused_on

CHOICES_CODE: Final = "choices"
CHOICES: Final = say("according to their choices or their rhythm")
"""« selon ses choix ou son rythme »: the one reason of every personal rule."""
CHOICES_CROWD: Final = say("according to their own choices or rhythms")
"""The same of several people."""


def _told(broken: bool) -> Sentence | None:
    return CHOICES if broken else None


class NotExcluded:
    """A place the peer does not wish to go."""

    code: Final = "excluded"
    source: Final = "the peer's word"
    personal: Final = True
    crowd: Final = CHOICES_CROWD

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """The site, or the whole structure."""
        return _told(candidate.excluded)


class NotPaused:
    """« Je prends une pause »."""

    code: Final = "paused"
    source: Final = "the peer's word"
    personal: Final = True
    crowd: Final = CHOICES_CROWD

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """Today, since nothing is offered while it lasts, or on the day of any session."""
        days = {ask.today, *ask.days}
        return _told(any(paused_on(candidate.pauses, day) for day in days))


class NotAway:
    """Days away."""

    code: Final = "away"
    source: Final = "the peer's word"
    personal: Final = True
    crowd: Final = CHOICES_CROWD

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """During any session."""
        return _told(any(away(candidate.absences, session) for session in ask.sessions))


class WithinRadius:
    """The distance the peer wishes to travel."""

    code: Final = "radius"
    source: Final = "the peer's word"
    personal: Final = True
    crowd: Final = CHOICES_CROWD

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """By road, estimated; a remote session is never too far."""
        return _told(candidate.km_to(ask.place) > candidate.radius_km)


class OwnWeeklyMaximum:
    """The hours a week the peer wishes not to go beyond."""

    code: Final = "own_maximum"
    source: Final = "the peer's word"
    personal: Final = True
    crowd: Final = CHOICES_CROWD

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """The weeks of the demand, preparation included."""
        weeks = minutes_by_week((*ask.work, *candidate.bookings))
        most = candidate.weekly_max_hours * 60
        return _told(any(weeks[week] > most for week in minutes_by_week(ask.work)))


class OwnMonthlyMaximum:
    """The hours a month the peer wishes not to go beyond."""

    code: Final = "own_monthly_maximum"
    source: Final = "the peer's word"
    personal: Final = True
    crowd: Final = CHOICES_CROWD

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """The months of the demand, preparation included."""
        if candidate.monthly_max_hours is None:
            return None
        months = minutes_by_month((*ask.work, *candidate.bookings))
        most = candidate.monthly_max_hours * 60
        return _told(any(months[month] > most for month in minutes_by_month(ask.work)))


class RestsOnHolidays:
    """Public holidays are kept free by those who choose so (C. trav. L3133-1 lists them)."""

    code: Final = "holidays"
    source: Final = "the peer's word; C. trav. L3133-1"
    personal: Final = True
    crowd: Final = CHOICES_CROWD

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """On any day a session touches."""
        return _told(candidate.rests_on_holidays and any(holiday_name(day) for day in ask.days))


class WaitsForSupervision:
    """Some take no new mission while the association owes them a supervision."""

    code: Final = "waits_for_supervision"
    source: Final = "the peer's word"
    personal: Final = True
    crowd: Final = CHOICES_CROWD

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """Overdue on the day one looks, and chosen so."""
        return _told(candidate.waits_for_supervision and overdue(ask, candidate))


class ComesAsTheyWish:
    """Only with somebody, or never with another peer: the wish of each. A professional of the place is somebody."""

    code: Final = "pair_wish"
    source: Final = "the peer's word"
    personal: Final = True
    crowd: Final = CHOICES_CROWD

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """Two peers, one peer and a professional, or one peer alone."""
        if candidate.pair_wish is PairWish.REQUIRED:
            return _told(ask.seats < 2 and not ask.with_professional)
        return _told(candidate.pair_wish is PairWish.REFUSED and ask.seats > 1)


class NeverAloneAtHome:
    """Never alone at a person's home, whatever the association votes. A professional of the place is somebody."""

    code: Final = "home_alone"
    source: Final = "the peer's word"
    personal: Final = True
    crowd: Final = CHOICES_CROWD

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """One person alone at a home."""
        return _told(alone_at_home(ask) and candidate.home_wish is HomeWish.NEVER_ALONE)


class WithWhomTheyWish:
    """Two of whom one refused the other are never proposed together; neither is told which."""

    code: Final = "refused_colleague"
    source: Final = "the peer's word"
    personal: Final = True
    crowd: Final = CHOICES_CROWD

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """Somebody who holds a seat already."""
        return _told(any(holder in candidate.refused for holder in ask.holders))


class PapersInOrder:
    """Papers without which a mission can't start, good on every date; a volunteer signs no contract of work."""

    code: Final = "papers"
    source: Final = "CASF L133-6; confidentiality undertaking"
    personal: Final = True
    crowd: Final = CHOICES_CROWD

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """Each paper needed, on each day."""
        needed = set(ClearanceKind)
        if candidate.employment is Employment.VOLUNTEER:
            needed.discard(ClearanceKind.CONTRACT)
        for kind in needed:
            papers = [paper for paper in candidate.papers if paper.kind is kind]
            if not all(any(clear_on(paper.valid_until, day) for paper in papers) for day in ask.days):
                return _told(True)
        return None


class WishesMissions:
    """A peer may ask for no mission for now."""

    code: Final = "no_missions"
    source: Final = "the peer's word"
    personal: Final = True
    crowd: Final = CHOICES_CROWD

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """Not employed elsewhere (an ordinary rule says that) and not asking."""
        return _told(not candidate.asks_missions)


PERSONAL_RULES: Final = (
    NotExcluded(),
    NotPaused(),
    NotAway(),
    WithinRadius(),
    OwnWeeklyMaximum(),
    OwnMonthlyMaximum(),
    RestsOnHolidays(),
    WaitsForSupervision(),
    ComesAsTheyWish(),
    NeverAloneAtHome(),
    WithWhomTheyWish(),
    PapersInOrder(),
    WishesMissions(),
)
