"""What people write in a cell: a date, yes or no, a number, a week, a list of qualifications. French spellings."""

import re
from datetime import date, time
from typing import Final, TypeVar

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.text_checks import fold
from entrepairs.network.models import Employment, PartnerKind, PayerKind
from entrepairs.network.rules import END_OF_DAY, WeeklySlot
from entrepairs.network.vocabulary import LANGUAGES, QUALIFICATIONS

Choice = TypeVar("Choice")

KINDS: Final = {
    PartnerKind.PUBLIC_HOSPITAL: ("hôpital public", "hôpital", "epsm", "ch", "chu", "chs"),
    PartnerKind.PRIVATE_CLINIC: ("clinique", "clinique privée"),
    PartnerKind.MEDICO_SOCIAL: ("médico-social", "samsah", "savs", "esat", "esms"),
    PartnerKind.SOCIAL_SERVICE: ("service social", "chrs", "ccas", "social"),
    PartnerKind.GEM: ("gem", "groupe d'entraide mutuelle"),
    PartnerKind.SCHOOL: ("école", "ifsi", "irts", "université"),
    PartnerKind.TOWN: ("commune", "mairie", "ville", "collectivité"),
    PartnerKind.COMPANY: ("entreprise",),
    PartnerKind.USERS_ASSOCIATION: ("association d'usagers",),
    PartnerKind.FAMILIES_ASSOCIATION: ("association de familles", "unafam"),
    PartnerKind.TRAINING_BODY: ("organisme de formation",),
    PartnerKind.OTHER: ("autre",),
}
PAYERS: Final = {
    PayerKind.PUBLIC_HOSPITAL: ("hôpital public", "établissement public de santé"),
    PayerKind.PUBLIC_LOCAL: ("collectivité", "collectivité locale", "commune"),
    PayerKind.PUBLIC_STATE: ("état", "service de l'état"),
    PayerKind.PRIVATE: ("privé", "privée"),
    PayerKind.NONE: ("aucun", "ne paie pas", "oriente"),
}
EMPLOYMENTS: Final = {
    Employment.EMPLOYEE: ("salarié", "salariée", "salarié·e", "salarie(e)"),
    Employment.VOLUNTEER: ("bénévole",),
    Employment.COOPERATOR: ("coopérateur", "coopératrice", "cae", "entrepreneur salarié"),
    Employment.EMPLOYED_ELSEWHERE: ("employé ailleurs", "employée ailleurs", "membre"),
}
_LANGUAGE_NAMES: Final = {
    "fr": ("français",), "lsf": ("langue des signes",), "ar": ("arabe",), "de": ("allemand",), "en": ("anglais",),
    "es": ("espagnol",), "fa": ("persan", "dari"), "hy": ("arménien",), "it": ("italien",), "ku": ("kurde",),
    "oc": ("occitan", "provençal"), "pt": ("portugais",), "ro": ("roumain",), "ru": ("russe",), "sw": ("swahili",),
    "tr": ("turc",), "uk": ("ukrainien",), "vi": ("vietnamien",), "wo": ("wolof",),
}  # fmt: skip
_QUALIFICATION_NAMES: Final = {
    "msp_degree": ("msp", "du msp", "licence msp"),
    "wrap_facilitator": ("wrap",),
    "etp_40h": ("etp", "etp 40 h", "etp 40h"),
    "pssm_instructor": ("pssm", "formateur pssm", "formatrice pssm"),
    "self_help_facilitator": ("autosupport", "auto-support"),
    "mediation": ("médiation",),
    "emergency_support": ("urgences",),
    "crisis_plan": ("plan de crise",),
    "trainer": ("formateur", "formatrice"),
}
_DAYS: Final = ("lun", "mar", "mer", "jeu", "ven", "sam", "dim")
_SLOT: Final = re.compile(
    r"(?P<first>[a-z]{3})[a-z]*\.?(?:\s*(?:-|a|au)\s*(?P<last>[a-z]{3})[a-z]*\.?)?\s+"
    r"(?P<h1>[0-9]{1,2})\s*(?:h|:)?\s*(?P<m1>[0-9]{2})?\s*(?:-|–|a)\s*(?P<h2>[0-9]{1,2})\s*(?:h|:)?\s*(?P<m2>[0-9]{2})?"
)
_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}"
_QUALIFIED: Final = re.compile(
    rf"(?P<name>.+?)\s+(?:du\s+|depuis(?:\s+le)?\s+)?(?P<since>{_DATE})(?:\s*(?:\.\.|-|–|>|→|au)\s*(?P<last>{_DATE}))?"
)


def read_date(text: str, column: str) -> date:
    """`2026-03-01` or `01/03/2026`. Raises InvalidInput("date")."""
    try:
        if "/" in text:
            day, month, year = (int(part) for part in text.split("/"))
            return date(year, month, day)
        return date.fromisoformat(text)
    except ValueError as problem:
        raise InvalidInput("date", N_("Write the date as 01/03/2026 or 2026-03-01."), field=column) from problem


def read_yes(text: str, column: str) -> bool:
    """« oui » or « non ». Raises InvalidInput("yes_or_no")."""
    word = fold(text)
    if word in {"oui", "o", "1", "x", "vrai"}:
        return True
    if word in {"non", "n", "0", "faux"}:
        return False
    raise InvalidInput("yes_or_no", N_("Write « oui » or « non »."), field=column)


def read_whole(text: str, column: str) -> int:
    """A whole number, « km » or « h » after it forgiven. Raises InvalidInput("whole")."""
    match = re.fullmatch(r"([0-9]{1,4})\s*(?:km|h|heures)?", fold(text))
    if match is None:
        raise InvalidInput("whole", N_("Write a whole number, such as 35."), field=column)
    return int(match[1])


def read_choice(text: str, choices: dict[Choice, tuple[str, ...]], column: str) -> Choice:
    """One of a closed list, by one of its spellings or its code. Raises InvalidInput("choice") naming them."""
    word = " ".join(fold(text).split())
    for choice, spellings in choices.items():
        if word == str(choice) or word in {fold(spelling) for spelling in spellings}:
            return choice
    names = ", ".join(spellings[0] for spellings in choices.values())
    raise InvalidInput("choice", N_("Write one of: %(names)s."), field=column, names=names)


def read_languages(text: str, column: str) -> frozenset[str]:
    """« français, arabe » or « fr, ar ». Raises InvalidInput("choice")."""
    choices = {code: _LANGUAGE_NAMES[code] for code in LANGUAGES}
    return frozenset(read_choice(part, choices, column) for part in _parts(text))


def read_week(text: str, column: str) -> tuple[WeeklySlot, ...]:
    """« lun-ven 9h-12h, mar 14:00-17:30 » in Paris wall time. Raises InvalidInput("week")."""
    slots = [slot for part in _parts(text) for slot in _read_slots(part, column)]
    return tuple(slots)


def read_qualifications(text: str, column: str) -> tuple[tuple[str, date, date | None], ...]:
    """« WRAP 2026-01-15 au 2028-01-14 | ETP 2024-05-01 »: kind, first day, last day or None.

    Raises InvalidInput("qualifications" or "choice").
    """
    choices = {code: _QUALIFICATION_NAMES[code] for code in QUALIFICATIONS}
    found = []
    for part in _parts(text):
        match = _QUALIFIED.fullmatch(part)
        if match is None:
            raise InvalidInput(
                "qualifications",
                N_("Write each qualification with its first day, such as « WRAP 2026-01-15 au 2028-01-14 »."),
                field=column,
            )
        last = read_date(match["last"], column) if match["last"] else None
        found.append((read_choice(match["name"], choices, column), read_date(match["since"], column), last))
    return tuple(found)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[|,]", text) if part.strip()]


def _read_slots(part: str, column: str) -> list[WeeklySlot]:
    match = _SLOT.fullmatch(fold(part).replace("à", "a"))
    try:
        if match is None:
            raise ValueError(part)
        first = _DAYS.index(match["first"])
        last = _DAYS.index(match["last"]) if match["last"] else first
        starts = time(int(match["h1"]), int(match["m1"] or 0))
        ends = END_OF_DAY if match["h2"] == "24" else time(int(match["h2"]), int(match["m2"] or 0))
        if ends <= starts or last < first:
            raise ValueError(part)
    except ValueError as problem:
        raise InvalidInput(
            "week", N_("Write the usual week as « lun-ven 9h-12h, mar 14h-17h30 »."), field=column
        ) from problem
    return [WeeklySlot(weekday, starts, ends) for weekday in range(first, last + 1)]
