"""What a report and a service done must respect, as pure functions over values."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from entrepairs.catalogue.models import Facilitation, OfferingKind
from entrepairs.kernel.dates import at_paris, paris_day
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.text_checks import Severity, check_free_text
from entrepairs.missions.models import Handover

OTHER: Final = "other"
PREPARATION: Final = "preparation"
NOT_IN_PRESENCE: Final = frozenset({PREPARATION, "travel"})
"""Paid to the peer, never counted to the structure."""
LONGEST_DAY: Final = 16 * 60
LARGEST_GROUP: Final = 500
REMINDER_HOUR: Final = time(9)

_BY_OFFERING: Final[Mapping[str, str]] = {
    "self_help_group": "self_help_group",
    "self_help_start": "self_help_group",
    "mediation": "mediation",
    "recontact": "recontact",
    "patient_education": "patient_education",
    "ward_presence": "talk_alone",
    "peer_emulation": "team_meeting",
    "peer_hiring": "team_meeting",
    "anti_stigma": "workshop",
}
_BY_KIND: Final[Mapping[OfferingKind, str]] = {
    OfferingKind.SERIES: "group",
    OfferingKind.ONE_OFF: "workshop",
    OfferingKind.PRESENCE: "talk_alone",
    OfferingKind.EMERGENCY: "emergency",
    OfferingKind.TRAINING: "workshop",
    OfferingKind.PLACEMENT: "team_meeting",
}


@dataclass(frozen=True, slots=True)
class Work:
    """What was planned: what the hours of a report start from."""

    offering_code: str
    kind: OfferingKind
    facilitation: Facilitation
    minutes: int
    preparation_minutes: int = 0


def main_activity(work: Work) -> str:
    """The activity a session is most likely made of; the peer changes it in one gesture."""
    known = _BY_OFFERING.get(work.offering_code) or _BY_KIND.get(work.kind)
    if known is not None:
        return known
    return "talk_alone" if work.facilitation is Facilitation.ALONE else "talk_with_two"


def prefill(work: Work, last: Mapping[str, int] | None = None) -> dict[str, int]:
    """The hours a report starts from, minutes by activity.

    `last` is what the same peer reported of the session before: a presence is split in the same way when it has the
    same length. Otherwise the whole session goes to its main activity, with the preparation the offering pays.
    """
    if last and presence_minutes(last) == work.minutes:
        return dict(last)
    hours = {main_activity(work): work.minutes}
    if work.preparation_minutes:
        hours[PREPARATION] = work.preparation_minutes
    return hours


def presence_minutes(hours: Mapping[str, int]) -> int:
    """Minutes spent for the structure: all but preparation and travel."""
    return sum(minutes for activity, minutes in hours.items() if activity not in NOT_IN_PRESENCE)


def service_minutes(reports: Iterable[Mapping[str, int]]) -> int:
    """What the structure is asked to confirm: the longest presence, since a price covers all who came."""
    return max((presence_minutes(hours) for hours in reports), default=0)


def largest_headcount(counts: Iterable[int | None]) -> int | None:
    """The head-count of a session told by several; None when nobody counted."""
    return max((count for count in counts if count is not None), default=None)


def counted_hours(
    hours: Mapping[str, int], *, did_something_else: bool, planned_minutes: int, known: Collection[str]
) -> dict[str, int]:
    """The minutes of a report as they are kept.

    « J'ai fait autre chose » counts: without any hour given, the whole session goes to « autre ».
    Raises InvalidInput("activity_unknown", "minutes_out_of_range", "no_hours", "too_many_hours").
    """
    kept: dict[str, int] = {}
    for activity, minutes in hours.items():
        if activity not in known:
            raise InvalidInput("activity_unknown", N_("This activity is not in the list."), field="hours")
        if minutes < 0 or minutes > LONGEST_DAY:
            raise InvalidInput("minutes_out_of_range", N_("These hours can't be right: look again."), field="hours")
        if minutes:
            kept[activity] = minutes
    if not kept and did_something_else:
        kept = {OTHER: planned_minutes}
    if not kept:
        raise InvalidInput("no_hours", N_("Say at least one activity and how long it lasted."), field="hours")
    if sum(kept.values()) > LONGEST_DAY:
        raise InvalidInput("too_many_hours", N_("More than 16 hours in a day: look again."), field="hours")
    return kept


def ensure_headcount(headcount: int | None) -> None:
    """Raise InvalidInput("headcount_out_of_range")."""
    if headcount is not None and not 0 <= headcount <= LARGEST_GROUP:
        raise InvalidInput("headcount_out_of_range", N_("How many people came? Between 0 and 500."), field="headcount")


def ensure_handover(handover: Handover | None) -> None:
    """Raise InvalidInput("handover_missing"): how, never what."""
    if handover is None:
        raise InvalidInput(
            "handover_missing", N_("Say whether you handed over something; what, stays with you."), field="handover"
        )


def ensure_text(text: str, *, field: str, names_checked: bool) -> None:
    """Hold identities out of a note or a comment.

    Raises InvalidInput("identity_in_text") on a refusal, InvalidInput("name_to_check") on a doubt unless the author
    said « it is a place or a professional ». The page keeps what was typed.
    """
    findings = check_free_text(text)
    refused = [one for one in findings if one.severity is Severity.REFUSED]
    if refused:
        raise InvalidInput("identity_in_text", refused[0].message, field=field)
    if findings and not names_checked:
        raise InvalidInput("name_to_check", findings[0].message, field=field)


def may_report(start: datetime, now: datetime) -> bool:
    """A report may be written from the session's start on."""
    return now >= start


def next_morning(end: datetime) -> datetime:
    """When a report still missing is kindly recalled: the day after, 9 h in Paris."""
    return at_paris(paris_day(end) + timedelta(days=1), REMINDER_HOUR)


def days_since(then: datetime, now: datetime) -> int:
    """Whole days elapsed."""
    return (now.astimezone(UTC) - then.astimezone(UTC)).days


def tacit_on(asked_at: datetime, tacit_days: int | None) -> date | None:
    """The Paris day from which silence counts as yes; None when the agreement says nothing of silence.

    The day of the question doesn't count, and the last day is the structure's until midnight (CPC art. 641 and 642).
    """
    return paris_day(asked_at) + timedelta(days=tacit_days + 1) if tacit_days is not None else None
