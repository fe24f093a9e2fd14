"""Our own refusals on what an invoice says: notes, references, corrected invoices, VAT regimes; ours or not.

Each fault passes the schema, EN 16931 and BR-FR, and is then refused by a platform, by Chorus Pro, by the tax office or
by a human reader. Pure: a reading in, findings out.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from lxml import etree

from entrepairs.billing.einvoice.findings import CREDIT_NOTES, WARNING, Found, Rule, is_empty, ours
from entrepairs.billing.einvoice.rule_sets import WITHOUT_LINES
from entrepairs.billing.einvoice.terms import CII, Reading, text_of
from entrepairs.kernel.i18n import say

CORRECTIVES: Final = frozenset({"384", "471", "472", "473"})
CHORUS_NUMBER: Final = 20
CHORUS_REFERENCE: Final = 50
_SUFFIX: Final = re.compile(r"\s(?:du|de|le|n°|no|ref|réf)\b|\s\d{1,2}/\d{1,2}", re.IGNORECASE)
_LABELLED: Final = re.compile(r"\s*(?:n°|no|num[eé]ro|engagement|bon de commande|bc|ref|réf)\s*[:.]\s*", re.IGNORECASE)
_ODD: Final = re.compile(
    r"[\u0080-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffd\ue000-\uf8ff]"
)
"""Invisible, reversing or replacing characters: two readers would not read the same."""
_MOJIBAKE: Final = re.compile(r"Ã[\u0080-\u00bf]|Â[\u00a0-\u00bf]|â€")
_ARTICLE: Final = re.compile(r"(293\s*B)|261[\s,.\-–]*(\d)", re.IGNORECASE)
_OF_ITS_OWN: Final = {"VATEX-EU-AE": "AE", "VATEX-EU-IC": "K", "VATEX-EU-G": "G", "VATEX-EU-O": "O"}
"""VATEX codes that belong to one category."""
_CONTENT: Final = {
    "PMT": re.compile("40"),
    "PMD": re.compile("taux|intérêt|interet|pénalit|penalit|%", re.I),
    "AAB": re.compile("escompte", re.I),
}


def _notes(reading: Reading, profile: str) -> Found:
    told: Counter[str] = Counter()
    for node, code, text in reading.notes():
        if is_empty(text):
            yield ours(
                "EP-NOTE-EMPTY",
                "BT-22",
                node,
                say("%(what)s: the mention %(code)s says nothing.", code=code or "(sans code)"),
            )
            continue
        said = " ".join(text.split()).casefold()
        told[said] += 1
        if told[said] == 2:
            yield ours(
                "EP-NOTE-TWICE",
                "BT-22",
                node,
                say("%(what)s: the same mention stands twice (“%(text)s”).", text=text.strip()[:60]),
            )
        expected = _CONTENT.get(code)
        if expected is not None and not expected.search(text):
            yield ours(
                "EP-NOTE-CONTENT",
                "BT-22",
                node,
                say("%(what)s: the mention %(code)s does not say what the law wants there.", code=code),
                severity=WARNING,
            )


def _number(reading: Reading, profile: str) -> Found:
    value = reading.value("BT-1").strip()
    if len(value) > CHORUS_NUMBER:
        yield ours(
            "EP-NUMBER-LENGTH",
            "BT-1",
            reading.first("BT-1"),
            say("%(what)s: Chorus Pro takes 20 characters at most; this one has %(count)s.", count=len(value)),
            severity=WARNING,
        )


def _empty_elements(reading: Reading, profile: str) -> Found:
    """In UBL; the files of Factur-X tell it themselves."""
    if reading.syntax == CII:
        return
    for node in reading.everything:
        if len(node) == 0 and not text_of(node).strip():
            yield ours(
                "EP-EMPTY-ELEMENT",
                reading.owner(node),
                node,
                say("%(what)s: the element is empty; leave it out."),
                severity=WARNING,
            )


def _references(reading: Reading, profile: str) -> Found:
    for ref in ("BT-10", "BT-11", "BT-12", "BT-13"):
        for node in reading.nodes(ref):
            value = text_of(node)
            odd = is_empty(value) or value != value.strip() or _SUFFIX.search(value) or _LABELLED.match(value)
            if odd or (ref == "BT-10" and value.strip() == "FACTURES_PUBLIQUES"):
                yield ours(
                    "EP-REFERENCE",
                    ref,
                    node,
                    say("%(what)s: “%(value)s” can't be read as a reference; give the bare code.", value=value.strip()),
                )
            elif ref in ("BT-10", "BT-13") and (len(value) > CHORUS_REFERENCE or re.search(r"[\s.]", value)):
                yield ours(
                    "EP-REFERENCE-CHORUS",
                    ref,
                    node,
                    say(
                        "%(what)s: Chorus Pro will not know “%(value)s” (spaces, dots or over 50 characters).",
                        value=value,
                    ),
                    severity=WARNING,
                )


def _preceding(reading: Reading, profile: str) -> Found:
    kind = reading.value("BT-3").strip()
    referenced = reading.nodes("BG-3")
    if kind in CREDIT_NOTES | CORRECTIVES and not referenced and not _lines_refer(reading):
        yield ours(
            "EP-PRECEDING",
            "BG-3",
            reading.first("BT-3"),
            say("%(what)s: a credit note or a corrective invoice names the invoice it corrects and its date."),
        )
    for group in referenced:
        number, day = (reading.value_within(group, "BG-3", ref).strip() for ref in ("BT-25", "BT-26"))
        if is_empty(number):
            yield ours("EP-PRECEDING", "BT-25", group, say("%(what)s: “%(value)s” names no invoice.", value=number))
        if not day:
            yield ours("EP-PRECEDING", "BT-26", group, say("%(what)s: the date of the corrected invoice is missing."))
        if number and number == reading.value("BT-1").strip():
            yield ours("EP-PRECEDING", "BT-25", group, say("%(what)s: the document says it corrects itself."))


def _lines_refer(reading: Reading) -> bool:
    return any(
        "InvoiceReferencedDocument" in str(node.tag) or "BillingReference" in str(node.tag)
        for line in reading.nodes("BG-25")
        for node in line.iter()
    )


def _characters(reading: Reading, profile: str) -> Found:
    whole = etree.tostring(reading.root, method="text", encoding="unicode")
    if not (_ODD.search(whole) or _MOJIBAKE.search(whole)):
        return
    for node in reading.everything:
        text = node.text or ""
        if not text.strip():
            continue
        ref = reading.owner(node) if _ODD.search(text) or _MOJIBAKE.search(text) else ""
        if _ODD.search(text):
            yield ours(
                "EP-CHARACTER",
                ref,
                node,
                say("%(what)s: the text holds an invisible or unknown character; please type it again."),
            )
        elif _MOJIBAKE.search(text):
            yield ours(
                "EP-ENCODING",
                ref,
                node,
                say(
                    "%(what)s: “%(value)s” was saved with the wrong encoding (the accents are broken).",
                    value=text.strip()[:60],
                ),
            )


def _line_numbers(reading: Reading, profile: str) -> Found:
    seen: set[str] = set()
    for node in reading.nodes("BT-126"):
        value = text_of(node).strip()
        if value in seen:
            yield ours("EP-LINE-ID", "BT-126", node, say("%(what)s: “%(value)s” is used twice.", value=value))
        seen.add(value)


# --- VAT ------------------------------------------------------------------------------------------------------


def _categories(reading: Reading, profile: str) -> Found:
    everywhere: Iterable[str] = (
        text_of(one).strip() for ref in ("BT-118", "BT-151", "BT-95", "BT-102") for one in reading.nodes(ref)
    )
    categories = set(everywhere)
    if "O" in categories and len(categories) > 1:
        yield ours(
            "EP-MIXED-O",
            "BT-118",
            reading.first("BG-23"),
            say("%(what)s: what is outside VAT (O) can't share an invoice with anything else; make two invoices."),
        )


_NO_TEXT: Final = say("%(what)s: the code stands alone; the law wants the article in words too.").msgid


def _exemptions(reading: Reading, profile: str) -> Found:
    seen: set[tuple[str, str]] = set()
    for group in reading.nodes("BG-23"):
        category, rate, text, code = (
            reading.value_within(group, "BG-23", ref).strip() for ref in ("BT-118", "BT-119", "BT-120", "BT-121")
        )
        own = _OF_ITS_OWN.get(code.upper())
        if own is not None and own != category:
            yield ours(
                "EP-VATEX",
                "BT-121",
                group,
                say("%(what)s: the code %(code)s is not for the category %(category)s.", code=code, category=category),
            )
        if code and not text and category == "E":
            yield ours("EP-VATEX-TEXT", "BT-120", group, say(_NO_TEXT), severity=WARNING)
        cited = _ARTICLE.search(text)
        of_french_law = code.upper().startswith(("VATEX-FR-CGI261", "VATEX-FR-FRANCHISE"))
        if cited and of_french_law and _vatex_of(cited) != code.upper():
            yield ours(
                "EP-VATEX",
                "BT-120",
                group,
                say("%(what)s: the text “%(text)s” is not that of the code %(code)s.", text=text[:60], code=code),
            )
        row = (category, rate.rstrip("0").rstrip(".") if "." in rate else rate)
        if row in seen:
            yield ours(
                "EP-VAT-ROW",
                "BG-23",
                group,
                say(
                    "%(what)s: the same category and rate (%(category)s %(rate)s) stand on two rows.",
                    category=category,
                    rate=rate,
                ),
            )
        seen.add(row)


def _vatex_of(cited: re.Match[str]) -> str:
    return "VATEX-FR-FRANCHISE" if cited[1] else f"VATEX-FR-CGI261-{cited[2]}"


def _profile(reading: Reading, profile: str) -> Found:
    if profile in WITHOUT_LINES:
        yield ours(
            "EP-PROFILE",
            "BT-24",
            reading.first("BT-24"),
            say("%(what)s: this profile has no lines, it is no invoice for EN 16931 nor for the French reform."),
            severity=WARNING,
        )


TEXT_RULES: Final[tuple[Rule, ...]] = (
    _profile,
    _notes,
    _number,
    _empty_elements,
    _references,
    _preceding,
    _characters,
    _line_numbers,
    _categories,
    _exemptions,
)
