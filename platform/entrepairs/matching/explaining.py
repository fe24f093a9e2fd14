"""One record for each peer: possible with the parts of the score, or not with its reasons. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from entrepairs.kernel.i18n import Sentence, say
from entrepairs.matching.hard_rules import ORDINARY, PERSONAL
from entrepairs.matching.notice import short_notice
from entrepairs.matching.personal_rules import CHOICES, CHOICES_CODE, CHOICES_CROWD
from entrepairs.matching.scoring import Part, PartKind, Weights, score, total
from entrepairs.matching.skill_rules import COMING, NotThereYet, learns
from entrepairs.matching.values import Ask, Candidate, Limits


@dataclass(frozen=True, slots=True)
class Reason:
    """Why it is not possible this time. `crowd` says it of several people, after their number."""

    code: str
    sentence: Sentence
    crowd: Sentence


HERE_ALREADY = Reason(NotThereYet.code, COMING, NotThereYet.crowd)
SHARED_REASON = Reason(CHOICES_CODE, CHOICES, CHOICES_CROWD)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is told of one peer. Not possible: reasons only, no distance and no score, whatever the reason."""

    peer_ref: str
    first_name: str
    name: str
    reasons: tuple[Reason, ...] = ()
    parts: tuple[Part, ...] = ()
    km: int | None = None
    """Estimated road km from home; None for a remote session."""
    notes: tuple[Sentence, ...] = ()
    """What to know before proposing it to somebody for whom it is possible."""

    @property
    def possible(self) -> bool:
        """Whether the peer may be proposed."""
        return not self.reasons

    def points(self, kind: PartKind) -> int:
        """The points of a part; 0 when not possible."""
        return next((part.points for part in self.parts if part.kind is kind), 0)


@dataclass(frozen=True, slots=True)
class Considered:
    """A possible peer with their record: what a pair is made of."""

    candidate: Candidate
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Answer:
    """Everybody looked at: those who can come, best first, then the others by reason and name."""

    ask: Ask
    possible: Sequence[Considered]
    not_possible: Sequence[Explanation]

    @property
    def counts(self) -> Sequence[tuple[Reason, int]]:
        """How many by first reason: the most frequent first, the shared reason last."""
        found = Counter(each.reasons[0].code for each in self.not_possible)
        one = {each.reasons[0].code: each.reasons[0] for each in self.not_possible}
        order = sorted(found, key=lambda code: (code == CHOICES_CODE, -found[code], code))
        return [(one[code], found[code]) for code in order]


def reasons_against(ask: Ask, candidate: Candidate, limits: Limits) -> tuple[Reason, ...]:
    """The ordinary rules that fail; when none does and a personal one fails, the shared reason alone.

    Of somebody who comes already, nothing else is said: what they hold for this demand would stand in their way.
    """
    if candidate.id in ask.holders:
        return (HERE_ALREADY,)
    ordinary = tuple(
        Reason(rule.code, sentence, rule.crowd)
        for rule in ORDINARY
        if (sentence := rule.check(ask, candidate, limits)) is not None
    )
    if ordinary:
        return ordinary
    if any(rule.check(ask, candidate, limits) is not None for rule in PERSONAL):
        return (SHARED_REASON,)
    return ()


def explain(ask: Ask, candidate: Candidate, limits: Limits, weights: Weights) -> Explanation:
    """The record of one peer."""
    reasons = reasons_against(ask, candidate, limits)
    if reasons:
        return Explanation(candidate.ref, candidate.first_name, candidate.short_name, reasons)
    return fitting(ask, candidate, limits, weights)


def fitting(ask: Ask, candidate: Candidate, limits: Limits, weights: Weights) -> Explanation:
    """The record of somebody for whom it is possible."""
    return Explanation(
        candidate.ref,
        candidate.first_name,
        candidate.short_name,
        parts=score(ask, candidate, weights),
        km=None if ask.place is None else round(candidate.km_to(ask.place)),
        notes=_notes(ask, candidate, limits),
    )


def _notes(ask: Ask, candidate: Candidate, limits: Limits) -> tuple[Sentence, ...]:
    said: list[Sentence] = []
    if ask.learner_seats and learns(ask, candidate):  # without such a seat, who is possible is qualified
        said.append(say("%(name)s is learning: with a qualified colleague", name=candidate.first_name))
    if short_notice(ask, candidate, limits):
        said.append(
            say("less than %(days)s working days ahead: a yes is an express agreement", days=limits.notice_days)
        )
    return tuple(said)


def consider(ask: Ask, pool: Iterable[Candidate], limits: Limits, weights: Weights) -> Answer:
    """Everybody, in an order that is the same for the same values: score, fairness, distance, reference."""
    everybody = [Considered(candidate, explain(ask, candidate, limits, weights)) for candidate in pool]
    possible = sorted((each for each in everybody if each.explanation.possible), key=_order)
    others = [each.explanation for each in everybody if not each.explanation.possible]
    return Answer(ask, tuple(possible), tuple(sorted(others, key=lambda one: (one.name, one.peer_ref))))


def weighed(answer: Answer, weights: Weights) -> Answer:
    """The same people with other weights, in their order; the rules are not run again."""
    again = (
        Considered(each.candidate, replace(each.explanation, parts=score(answer.ask, each.candidate, weights)))
        for each in answer.possible
    )
    return replace(answer, possible=tuple(sorted(again, key=_order)))


def _order(each: Considered) -> tuple[int, int, int, str]:
    record = each.explanation
    return (-total(record.parts), -record.points(PartKind.FAIRNESS), record.km or 0, record.peer_ref)
