"""Ordinary rules about who a person is to this demand: member, qualified, speaking the language, not there yet."""

from typing import Final

from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.matching.values import Ask, Candidate, Limits
from entrepairs.network.models.peers import Employment
from entrepairs.network.rules import holds, in_force
from entrepairs.network.vocabulary import LANGUAGES, QUALIFICATIONS

COMING: Final = say("coming already")


class InTheTeam:
    """Joined before the first session, and not gone before the last."""

    code: Final = "team"
    source: Final = "the membership register"
    personal: Final = False
    crowd: Final = say("not in the team on these dates")

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """Every session falls between joining and leaving."""
        first, last = paris_day(ask.span.start), paris_day(ask.span.end)
        gone = candidate.left_on is not None and candidate.left_on <= last
        return say("not in the team on these dates") if gone or candidate.joined_on > first else None


class FreeToBeAsked:
    """A member employed elsewhere is offered missions only if they ask."""

    code: Final = "employed_elsewhere"
    source: Final = "founding documents: members employed elsewhere"
    personal: Final = False
    crowd: Final = say("employed elsewhere")

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """Employed elsewhere and not asking."""
        elsewhere = candidate.employment is Employment.EMPLOYED_ELSEWHERE
        return say("employed elsewhere") if elsewhere and not candidate.asks_missions else None


class NotThereYet:
    """One peer holds one seat of a demand."""

    code: Final = "already_comes"
    source: Final = "the diary: uq_assignment_live_demand_peer"
    personal: Final = False
    crowd: Final = say("already coming")

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """Holds a seat already."""
        return COMING if candidate.id in ask.holders else None


class Qualified:
    """Every qualification asked is valid on every date of the sessions; one seat may be a learner's, where so said."""

    code: Final = "qualification"
    source: Final = "the palette's fidelity rules (config/catalogue.toml)"
    personal: Final = False
    crowd: Final = say("without the qualification asked")

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """The first qualification missing, by code, and not being learned where a learner's seat is free."""
        for kind in sorted(ask.qualifications):
            if holds(candidate.qualifications, kind, ask.days):
                continue
            if ask.learner_seats and holds(candidate.learning, kind, ask.days):
                continue
            name = Sentence(QUALIFICATIONS.get(kind, kind))
            if any(one.kind == kind for one in candidate.qualifications):
                return say("“%(qualification)s” not valid on every date", qualification=name)
            return say("without “%(qualification)s”", qualification=name)
        return None


def learns(ask: Ask, candidate: Candidate) -> bool:
    """Whether somebody would come as a learner: a qualification asked is not held on every day yet."""
    return not all(holds(candidate.qualifications, kind, ask.days) for kind in ask.qualifications)


class SpeaksTheLanguage:
    """The language asked is spoken."""

    code: Final = "language"
    source: Final = "the demand"
    personal: Final = False
    crowd: Final = say("without the language asked")

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """The language missing."""
        if ask.language is None or ask.language in candidate.languages:
            return None
        return say("without the language asked: %(language)s", language=Sentence(LANGUAGES.get(ask.language, "")))


class NearEnough:
    """Within the distance asked by who asks, when they ask one. The peer's own distance is theirs, and personal."""

    code: Final = "distance_asked"
    source: Final = "the demand"
    personal: Final = False
    crowd: Final = say("farther than the distance asked")

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """By road, estimated; a remote session is never too far."""
        if ask.within_km is None or candidate.km_to(ask.place) <= ask.within_km:
            return None
        return say("farther than the %(km)s km asked", km=ask.within_km)


class NotInTraining:
    """Days at school or in training are kept free of missions."""

    code: Final = "training"
    source: Final = "the training calendar of the peer (licence and DU: 8 to 9 weeks over 10 to 18 months)"
    personal: Final = False
    crowd: Final = say("in training on these dates")

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None:
        """On any day a session touches."""
        busy = any(in_force(spell, day) for spell in candidate.training for day in ask.days)
        return say("in training on these dates") if busy else None


SKILL_RULES: Final = (
    InTheTeam(),
    FreeToBeAsked(),
    NotThereYet(),
    Qualified(),
    SpeaksTheLanguage(),
    NearEnough(),
    NotInTraining(),
)
