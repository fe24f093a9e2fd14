"""Keeps the identity of the persons met out of free text, and offers the way forward.

Refused: a social security number, a telephone, an e-mail, a birth date, « M. X », « Mme D. », « m. dupont »,
« la patiente Dupont ».
Warned, and one may pass: « le Dr Martin », and a capitalised « Prénom Nom ». Left alone: places, acronyms, days,
functions (« Mme la directrice »), the first word of a sentence.

It is a seat belt, not a proof: a name in small letters without a title, a nickname or a story that only fits one
person pass it.
The page around says why no name is asked.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from entrepairs.kernel import text_ordinary as ordinary
from entrepairs.kernel import text_vocabulary as words
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_


class Severity(StrEnum):
    """Refused blocks the form; warned asks for a second look and lets one pass."""

    REFUSED = "refused"
    WARNED = "warned"


class FindingKind(StrEnum):
    """What the detector saw."""

    SOCIAL_SECURITY_NUMBER = "social_security_number"
    PHONE = "phone"
    EMAIL = "email"
    BIRTH_DATE = "birth_date"
    PERSON_NAME = "person_name"
    PROFESSIONAL_NAME = "professional_name"
    FULL_NAME = "full_name"


MESSAGES: Final = {
    FindingKind.SOCIAL_SECURITY_NUMBER: N_(
        "A social security number is never written here. Names and contact details are given in person, on arrival."
    ),
    FindingKind.PHONE: N_(
        "Please take the telephone number out. Names and contact details are given in person, on arrival."
    ),
    FindingKind.EMAIL: N_(
        "Please take the e-mail address out. Names and contact details are given in person, on arrival."
    ),
    FindingKind.BIRTH_DATE: N_("Please take the date of birth out: say « a young adult » or « around sixty » instead."),
    FindingKind.PERSON_NAME: N_(
        "Please write « the person » rather than a name. Names and contact details are given in person, on arrival."
    ),
    FindingKind.PROFESSIONAL_NAME: N_("Is this the name of a professional? If so, you can leave it."),
    FindingKind.FULL_NAME: N_(
        "This looks like a person's name. If it is a place or a colleague, you can leave it; if it is the person met,"
        " please take it out: names are given in person, on arrival."
    ),
}
_WARNED: Final = frozenset({FindingKind.PROFESSIONAL_NAME, FindingKind.FULL_NAME})


@dataclass(frozen=True, order=True, slots=True)
class TextFinding:
    """One thing seen in `text[start:end]`. `message` is an untranslated msgid."""

    start: int
    end: int
    kind: FindingKind

    @property
    def severity(self) -> Severity:
        """Whether one may pass."""
        return Severity.WARNED if self.kind in _WARNED else Severity.REFUSED

    @property
    def message(self) -> str:
        """The sentence for the user: what to do, then how the name will be given."""
        return MESSAGES[self.kind]


# --- numbers and addresses ----
_GAP: Final = r"[\s.\-‐‑–_/|]{0,3}"
# Sex, year, month (20-42 and 50-99 when unknown), département, commune, order, and the key or not.
_NIR: Final = re.compile(
    r"(?<![0-9])"
    + _GAP.join(
        ["[1-478]", "[0-9]{2}", "(?:0[1-9]|1[0-2]|[235-9][0-9]|4[0-2])", "(?:[0-9]{2}|2[ABab])", "[0-9]{3}", "[0-9]{3}"]
    )
    + rf"(?:{_GAP}\(?\s?(?:cl[ée]\s?:?\s?)?[0-9]{{2}}\)?)?(?![0-9])"
)
_DATE_FIRST: Final = r"(?![0-9]{2}([./\- ])[0-9]{2}\1(?:19|20)[0-9]{2}(?![0-9]))"


def _french_phone(separator: str) -> str:
    prefix = rf"(?:(?:\+|00)\s{{0,2}}33{separator}\s?(?:\(?\s?0\s?\)?\s?{separator})?|\(?0\)?{separator})"
    return rf"{prefix}[1-9]\)?(?:{separator}[0-9]){{8}}"


# One kind of separator at a time: otherwise a list of dates (01/12, 08/12…) would read as a number.
_PHONES: Final = (
    *(
        re.compile(rf"(?<![0-9]){_DATE_FIRST}{_french_phone(separator)}(?![0-9])")
        for separator in (r"\s{0,2}", r"(?:\s?[.·]\s?)?", r"(?:\s?[\-‐‑–]\s?)?", r"/?")
    ),
    re.compile(r"(?<![0-9])\+[1-9](?:[\s.\-]{0,2}[0-9]){8,14}(?![0-9])"),
)
_EMAIL: Final = re.compile(
    r"[\w!#$%&'’*+/=?^`{|}~.\-]{1,64}\s?(?:@|\(at\)|\[at\]|\(arobase\)|\barobase\b)\s?[^\W_](?:[\w\-]*)(?:\s?\.\s?[^\W_][\w\-]*)+",
    re.IGNORECASE,
)
_BIRTH: Final = re.compile(
    r"\bn[ée]{1,2}(?:\(e\)|·e|\.e)?\s+(?:le\s+)?[0-3]?[0-9](?:er)?[\s./\-]+(?:[01]?[0-9]|[a-zéû]{3,9}\.?)[\s./\-]+(?:[0-9]{4}|[0-9]{2})\b",
    re.IGNORECASE,
)

# --- titles and names ---
_UPPER: Final = "A-ZÀ-ÖØ-ÞŒŸ"
_NAME: Final = rf"[{_UPPER}][\w’'\-]*"
_INTO_NAME: Final = (
    rf"(?:(?:[dD][eEuU]s?|[lL][aAe]s?|[dD]['’]|[lL]['’]|van|von|ben|el|al)\s*)*{_NAME}(?:[ \u00a0]{_NAME})*"
)
_CIVIL: Final = re.compile(
    r"(?<![\w'’\-])(?P<title>(?i:messieurs|monsieur|mesdames|madame|mesdemoiselles|mademoiselle|mmes?|mlles?|melle|mrs?|mm?))"
    rf"(?:\.|(?!\w))[ \t\u00a0\u202f]*(?:\.\s*)?(?P<name>{_INTO_NAME})"
)
_LOWER: Final = r"[a-zß-öø-ÿœ]"
_CIVIL_SMALL: Final = re.compile(
    r"(?<![\w'’\-])(?P<title>(?i:messieurs|monsieur|mesdames|madame|mesdemoiselles|mademoiselle|mmes?|mlles?|melle|mrs?|m))"
    r"(?P<dot>\.?)(?!\w)[ \t\u00a0\u202f]+"
    rf"(?P<first>{_LOWER}[^\W\d_]*(?:-[^\W\d_]+)*)(?P<mark>\.?)"
    r"(?=(?:(?:['’]|[ \t\u00a0\u202f]+)(?P<second>[^\W\d_]+(?:-[^\W\d_]+)*))?)"
)
_PATIENT: Final = re.compile(
    r"(?<!\w)(?i:patiente?|r[ée]sidente?|usager|usag[èe]re|b[ée]n[ée]ficiaire)[ \t\u00a0\u202f]*:?[ \t\u00a0\u202f]*"
    rf"(?P<name>{_NAME})"
)
_PROFESSIONAL: Final = re.compile(
    rf"(?<!\w)(?P<title>(?i:docteure?s?|dre?s?|professeure?s?|prs?|ma[îi]tre))\.?[ \t\u00a0\u202f]+(?P<name>{_INTO_NAME})"
)
_CALLED: Final = re.compile(
    rf"(?<!\w)(?i:s['’]appelle|pr[ée]nomm[ée]e?|nomm[ée]e?|pr[ée]nom\s?:?)[ \u00a0]+(?P<name>{_NAME})"
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*\.?")


_BETWEEN_SENTENCES: Final = ' \t\n\r\u00a0\u202f«»"“([-•*–—0123456789'
_NUMBERS: Final = (
    (FindingKind.SOCIAL_SECURITY_NUMBER, _NIR),
    (FindingKind.BIRTH_DATE, _BIRTH),
    (FindingKind.EMAIL, _EMAIL),
    *((FindingKind.PHONE, phone) for phone in _PHONES),
)


def fold(text: str) -> str:
    """Lower case without accents, for comparing words (œ becomes oe)."""
    spelled = text.replace("œ", "oe").replace("Œ", "OE")
    return "".join(c for c in unicodedata.normalize("NFD", spelled) if not unicodedata.combining(c)).casefold()


def _ascii_digits(text: str) -> str:
    """The text with every other script's digits as 0-9, same length."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def _numbers(text: str) -> Iterator[TextFinding]:
    plain = _ascii_digits(text)
    patterns = [
        (FindingKind.SOCIAL_SECURITY_NUMBER, _NIR),
        (FindingKind.BIRTH_DATE, _BIRTH),
        (FindingKind.EMAIL, _EMAIL),
    ]
    for kind, pattern in [*patterns, *((FindingKind.PHONE, phone) for phone in _PHONES)]:
        for match in pattern.finditer(plain):
            yield TextFinding(match.start(), match.end(), kind)


def _is_acronym(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def _is_function(name: str) -> bool:
    """« la directrice », « le Maire », « La Cadre »: a function, not a name."""
    parts = [fold(part) for part in re.findall(r"[^\W\d_]+", name)]
    return len(parts) > 1 and parts[0] in words.ARTICLES and parts[1] in words.FUNCTIONS


def _titled_small(text: str) -> Iterator[TextFinding]:
    """« m. dupont », « madame de la tour »: what follows a title in small letters and is no ordinary word."""
    for match in _CIVIL_SMALL.finditer(text):
        if match["title"] in {"m", "M"} and (not match["dot"] or re.search(r"\d\s?$", text[: match.start()][-4:])):
            continue  # « 5 m de large », « un couloir de 5 m. les portes »: metres
        first, second = fold(match["first"]), fold(match["second"] or "")
        initial = len(first) == 1 and bool(match["mark"])
        if (
            first in ordinary.INTO_NAMES
            and second
            and second not in ordinary.ORDINARY | ordinary.INTO_NAMES | words.ARTICLES
        ):
            yield TextFinding(match.start(), match.end("second"), FindingKind.PERSON_NAME)
        elif initial or not _is_ordinary(first):
            yield TextFinding(match.start(), match.end("first"), FindingKind.PERSON_NAME)


def _is_ordinary(word: str) -> bool:
    """Whether a folded word, or the first part of a compound, is one that follows a title without being a name."""
    if word in ordinary.ORDINARY or word in words.ARTICLES or word in ordinary.INTO_NAMES:
        return True
    first, *others = word.split("-")
    if others:
        return first in ordinary.ORDINARY
    return word in _TITLES or (word.endswith("ement") and len(word) > 7)  # adverbs


_TITLES: Final = frozenset(
    ["madame", "mademoiselle", "monsieur", "mme", "mmes", "mesdames", "messieurs", "mlle", "mr", "mrs"]
)


def _titled(text: str) -> Iterator[TextFinding]:
    yield from _titled_small(text)
    for match in _CIVIL.finditer(text):
        following = text[match.start("name") :]
        name = match["name"]
        first = fold(re.split(r"[\s'’\-]", name)[0])
        if _is_function(following[:60]) or first in {"madame", "mademoiselle", "monsieur", "mme", "mesdames"}:
            continue
        if match["title"] in {"m", "mm"} or (len(match["title"]) == 1 and _is_acronym(name) and len(name) < 4):
            continue  # « 5 m De large », « M TV »: a unit or a brand, not a title
        yield TextFinding(match.start(), match.end(), FindingKind.PERSON_NAME)
    for match in _PATIENT.finditer(text):
        acronym = _is_acronym(match["name"]) and len(match["name"]) <= 5
        if not acronym and fold(match["name"]) not in words.CONDITIONS | words.KNOWN_PROPER_WORDS | words.ARTICLES:
            yield TextFinding(match.start(), match.end(), FindingKind.PERSON_NAME)
    for match in _PROFESSIONAL.finditer(text):
        if not _after_place(text, match.start(), words.STREET_WORDS):
            yield TextFinding(match.start(), match.end(), FindingKind.PROFESSIONAL_NAME)
    for match in _CALLED.finditer(text):
        yield TextFinding(match.start("name"), match.end(), FindingKind.FULL_NAME)


def _after_place(text: str, at: int, announcing: frozenset[str]) -> bool:
    """Whether the words just before `at`, particles left aside, announce a place: « rue du », « hôpital »."""
    before = re.split(r"[.,;:!?\n()«»]", text[max(0, at - 60) : at])[-1]
    for word in reversed(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", before)):
        folded = fold(word)
        if folded in announcing:
            return True
        if folded not in words.PARTICLES and folded not in words.PLACE_TITLES and not word[0].isupper():
            return False
    return False


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int
    opens_sentence: bool

    @property
    def folded(self) -> str:
        return fold(self.text)

    @property
    def is_given_name(self) -> bool:
        return any(part in words.GIVEN_NAMES for part in (self.folded, self.folded.split("-")[0]))


def _opens_sentence(text: str, at: int) -> bool:
    """Whether the word at `at` starts a sentence, a line, an item of a list or what follows a colon."""
    before = text[max(0, at - 40) : at]
    kept = before.rstrip(_BETWEEN_SENTENCES)
    return not kept or kept[-1] in ".!?:;" or any(sign in "\n•*–—" for sign in before[len(kept) :])


def _capitalised_runs(text: str) -> Iterator[list[_Word]]:
    """Consecutive capitalised words separated by one or two spaces only."""
    run: list[_Word] = []
    for match in _WORD.finditer(text):
        word = match[0].rstrip(".")
        gap = text[run[-1].end : match.start()] if run else ""
        if run and not re.fullmatch(r"[ \u00a0\u202f]{1,2}", gap):
            yield run
            run = []
        if word[0].isupper():
            run.append(_Word(word, match.start(), match.start() + len(word), _opens_sentence(text, match.start())))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _full_names(text: str) -> Iterator[TextFinding]:
    for run in _capitalised_runs(text):
        kept = run
        surname_first = len(kept[0].text) > 3 and kept[0].text.isupper() and len(kept) > 1 and kept[1].is_given_name
        if kept[0].opens_sentence and not kept[0].is_given_name and not surname_first:
            kept = kept[1:] if kept[0].folded not in words.PLACE_WORDS else []
        if len(kept) < 2 or not _reads_as_name(kept):
            continue
        if not _after_place(text, kept[0].start, words.PLACE_WORDS):
            yield TextFinding(kept[0].start, kept[-1].end, FindingKind.FULL_NAME)


def _reads_as_name(run: list[_Word]) -> bool:
    ignored = words.KNOWN_PROPER_WORDS | words.PLACE_WORDS | words.ARTICLES | words.PLACE_TITLES | words.FUNCTIONS
    if run[0].folded.startswith(("saint-", "sainte-")) or any(word.folded in ignored for word in run):
        return False
    if any(word.is_given_name for word in (run[0], run[-1])):
        return not all(_is_acronym(word.text) and not word.is_given_name for word in run)
    return not any(_is_acronym(word.text) for word in run)


def check_free_text(text: str) -> tuple[TextFinding, ...]:
    """What in `text` may identify a person, in order, without overlaps (a refusal wins over a warning)."""
    kept: list[TextFinding] = []
    found = [*_numbers(text), *_titled(text), *_full_names(text)]
    for finding in sorted(found, key=lambda f: (f.severity is Severity.WARNED, f.start, -f.end)):
        if all(finding.end <= other.start or finding.start >= other.end for other in kept):
            kept.append(finding)
    return tuple(sorted(kept))


def refused(text: str) -> tuple[TextFinding, ...]:
    """Only the findings that block."""
    return tuple(finding for finding in check_free_text(text) if finding.severity is Severity.REFUSED)


def ensure_no_identity(text: str, *, field: str | None = None) -> None:
    """Raise InvalidInput("identity_in_text") with the first refusal's sentence. Warnings pass."""
    findings = refused(text)
    if findings:
        raise InvalidInput("identity_in_text", findings[0].message, field=field)
