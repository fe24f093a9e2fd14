"""What a demand must respect, as pure functions over values: texts, group, fidelity, notice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from entrepairs.catalogue.models import Offering, OfferingKind
from entrepairs.demands.models import PlaceKind
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_, Sentence, say
from entrepairs.kernel.money import Money
from entrepairs.kernel.text_checks import Severity, check_free_text

FARTHEST: Final = timedelta(days=730)
"""How far ahead a first day may lie: availabilities, prices and holidays are not known much further."""


def ensure_texts(texts: Mapping[str, str], *, names_checked: bool) -> None:
    """Hold identities out of the free texts, given by form field.

    Raises InvalidInput("identity_in_text") on a refusal; InvalidInput("name_to_check") on a doubt, unless the
    author has said « it is a place or a professional » (`names_checked`). The page keeps what was typed.
    """
    for field, text in texts.items():
        for finding in check_free_text(text):
            if finding.severity is Severity.REFUSED:
                raise InvalidInput("identity_in_text", finding.message, field=field)
    for field, text in texts.items():
        for finding in check_free_text(text):
            if not names_checked:
                raise InvalidInput("name_to_check", finding.message, field=field)


@dataclass(frozen=True, slots=True)
class Fidelity:
    """What makes an offering itself: group, number and length of sessions."""

    kind: OfferingKind
    sessions_min: int
    sessions_usual: int
    session_minutes: int
    group_min: int | None
    group_max: int | None

    @classmethod
    def of(cls, offering: Offering) -> "Fidelity":
        """The fidelity of a catalogue item."""
        return cls(
            offering.kind,
            offering.sessions_min,
            offering.sessions_usual,
            offering.session_minutes,
            offering.group_min,
            offering.group_max,
        )

    @property
    def is_group(self) -> bool:
        """Whether a head-count is asked."""
        return self.group_min is not None or self.group_max is not None

    @property
    def usual_group(self) -> int | None:
        """A head-count to start from: the middle of the range."""
        bounds = [bound for bound in (self.group_min, self.group_max) if bound is not None]
        return sum(bounds) // len(bounds) if bounds else None


def ensure_group(participants: int | None, fidelity: Fidelity) -> None:
    """Raise InvalidInput on a head-count outside the offering, or missing where the offering has a group."""
    if not fidelity.is_group:
        return
    if participants is None:
        raise InvalidInput("participants_missing", N_("How many people, roughly?"), field="participants")
    low, high = fidelity.group_min or 1, fidelity.group_max
    if participants < low:
        raise InvalidInput(
            "group_too_small", N_("This offering starts with %(low)s people."), field="participants", low=low
        )
    if high is not None and participants > high:
        raise InvalidInput(
            "group_too_large",
            N_("This offering takes %(high)s people at most: beyond, ask for two groups."),
            field="participants",
            high=high,
        )


def fidelity_warnings(fidelity: Fidelity, *, sessions: int, minutes: int) -> tuple[Sentence, ...]:
    """What moves away from the model, said before sending; nothing is forbidden here."""
    if fidelity.kind in {OfferingKind.PRESENCE, OfferingKind.EMERGENCY, OfferingKind.PLACEMENT}:
        return ()
    warnings: list[Sentence] = []
    if sessions < fidelity.sessions_min:
        warnings.append(
            say(
                "This offering has at least %(least)s sessions: with %(asked)s, people don't reach its end.",
                least=fidelity.sessions_min,
                asked=sessions,
            )
        )
    if fidelity.kind is OfferingKind.SERIES and minutes != fidelity.session_minutes:
        warnings.append(
            say(
                "A session of this offering usually lasts %(usual)s minutes; you ask for %(asked)s.",
                usual=fidelity.session_minutes,
                asked=minutes,
            )
        )
    return tuple(warnings)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the offering asks to be itself, and whether the demand keeps it."""

    kept: bool
    sentence: Sentence


def fidelity_checks(
    fidelity: Fidelity, *, sessions: int, minutes: int, participants: int | None, facilitators: int, learner: bool
) -> tuple[Check, ...]:
    """What the demand keeps of the offering's model: group, sessions, length, who leads. Empty where none is asked.

    `facilitators`: peers the offering needs; `learner`: whether one of them may be learning.
    """
    if fidelity.kind is not OfferingKind.SERIES:
        return ()
    checks = [
        Check(sessions >= fidelity.sessions_min, say("%(least)s sessions at least", least=fidelity.sessions_min)),
        Check(minutes == fidelity.session_minutes, say("%(usual)s minutes each", usual=fidelity.session_minutes)),
    ]
    if fidelity.group_min is not None and fidelity.group_max is not None:
        inside = participants is not None and fidelity.group_min <= participants <= fidelity.group_max
        checks.append(Check(inside, say("%(low)s to %(high)s people", low=fidelity.group_min, high=fidelity.group_max)))
    if facilitators > 1:
        both = say("two qualified peers, or one with a peer who is learning") if learner else say("two qualified peers")
        checks.append(Check(True, both))
    return tuple(checks)


def ensure_first_day(day: date, today: date) -> None:
    """Raise InvalidInput for a first day gone by, or so far that nobody can promise to come."""
    if day < today:
        raise InvalidInput("first_day_past", N_("Choose a day to come."), field="first_day")
    if day - today > FARTHEST:
        raise InvalidInput("first_day_far", N_("Choose a day within the next two years."), field="first_day")


def ensure_place(kind: PlaceKind, *, has_site: bool, has_commune: bool, detail: str) -> None:
    """Raise InvalidInput when the place misses its site or commune, or says more of a home than its commune."""
    if kind is PlaceKind.SITE and not has_site:
        raise InvalidInput("site_missing", N_("Which service welcomes the people who come?"), field="site")
    if kind in {PlaceKind.HOME, PlaceKind.IN_TOWN} and not has_commune:
        raise InvalidInput("commune_missing", N_("In which commune?"), field="commune")
    if kind is PlaceKind.HOME and detail.strip():
        raise InvalidInput(
            "home_address",
            N_("For a home, the commune is enough: the address is given in person, on arrival."),
            field="place_detail",
        )


@dataclass(frozen=True, slots=True)
class CancellationTerms:
    """What cancelling means at an instant. `free_until`: None when nothing is planned. Cost without VAT."""

    free_until: datetime | None
    late: bool
    notice_days: int
    percent: Decimal
    cost: Money


def cancellation_terms(
    first_start: datetime | None, now: datetime, *, notice_days: int, percent: Decimal, price: Money
) -> CancellationTerms:
    """The notice rule of the agreement, or the one voted.

    `price`: what is left to be done. Free until `notice_days` before the next session; then `percent` of it.
    """
    if first_start is None:
        return CancellationTerms(None, False, notice_days, percent, Money(0))
    free_until = first_start - timedelta(days=notice_days)
    late = now > free_until
    return CancellationTerms(free_until, late, notice_days, percent, price * (percent / 100) if late else Money(0))
