"""Our own rules on what surrounds the values: attachments (BG-24), and the PDF that carries the XML."""

import base64
import binascii
import re
from pathlib import PurePath
from typing import Final

from lxml import etree

from entrepairs.billing.einvoice.findings import WARNING, Found, Rule, ours
from entrepairs.billing.einvoice.opening import ATTACHED_NAMES, Envelope
from entrepairs.billing.einvoice.terms import Reading, text_of
from entrepairs.kernel.i18n import say

CHORUS_NAME: Final = 50
CHORUS_SIZE: Final = 10_000_000
_DANGEROUS: Final = frozenset(
    {
        "bat", "cmd", "com", "dll", "exe", "hta", "jar", "js", "jse", "lnk",
        "msi", "ps1", "scr", "sh", "vbe", "vbs", "wsf",
    }
)  # fmt: skip
_MAGIC: Final = {"application/pdf": b"%PDF-", "image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8"}
_PROFILES: Final = {
    "minimum": "MINIMUM",
    "basicwl": "BASIC WL",
    "basic": "BASIC",
    "en16931": "EN 16931",
    "extended": "EXTENDED",
}


def _attachments(reading: Reading, profile: str) -> Found:
    for node in reading.nodes("BT-125"):
        yield from _attachment(node)


def _attachment(node: etree._Element) -> Found:
    name, kind = node.get("filename", ""), node.get("mimeCode", "")
    if PurePath(name).suffix.lstrip(".").lower() in _DANGEROUS:
        yield ours(
            "EP-ATTACHMENT", "BT-125", node, say("%(what)s: “%(name)s” is a program; nobody will open it.", name=name)
        )
    if len(name) > CHORUS_NAME:
        yield ours(
            "EP-ATTACHMENT-CHORUS",
            "BT-125",
            node,
            say("%(what)s: Chorus Pro takes file names of 50 characters at most."),
            severity=WARNING,
        )
    try:
        content = base64.b64decode("".join(text_of(node).split()), validate=True)
    except (binascii.Error, ValueError):
        yield ours("EP-ATTACHMENT", "BT-125", node, say("%(what)s: “%(name)s” can't be decoded.", name=name))
        return
    if not content:
        yield ours("EP-ATTACHMENT", "BT-125", node, say("%(what)s: “%(name)s” is empty.", name=name))
    elif not content.startswith(_MAGIC.get(kind, b"")):
        yield ours(
            "EP-ATTACHMENT",
            "BT-125",
            node,
            say("%(what)s: “%(name)s” is not the %(kind)s it says it is.", name=name, kind=kind),
        )
    if len(content) > CHORUS_SIZE:
        yield ours(
            "EP-ATTACHMENT-CHORUS",
            "BT-125",
            node,
            say("%(what)s: Chorus Pro takes files of 10 MB at most."),
            severity=WARNING,
        )


ATTACHMENT_RULES: Final[tuple[Rule, ...]] = (_attachments,)


def envelope_findings(reading: Reading, profile: str, envelope: Envelope) -> Found:
    """What the PDF around the XML lacks. Warnings: the XML is the invoice, the page is for people."""

    def warning(rule: str, ref: str, sentence: str, **params: object) -> Found:
        yield ours(rule, ref, None, say(sentence, **params), severity=WARNING)

    if envelope.pdfa_part != "3":
        yield from warning("EP-PDF-ARCHIVE", "", _ARCHIVE)
    if not envelope.listed or envelope.relationship not in ("Data", "Source", "Alternative"):
        yield from warning("EP-PDF-RELATION", "", _RELATION, name=envelope.name)
    if envelope.name not in ATTACHED_NAMES:
        yield from warning("EP-PDF-NAME", "", _NAME, name=envelope.name)
    if envelope.others:
        yield from warning("EP-PDF-TWO", "", _TWO, name=envelope.name, others=", ".join(envelope.others)[:200])
    expected = _PROFILES.get(profile)
    claimed = envelope.profile.upper()
    if claimed and expected and claimed not in (expected, "XRECHNUNG", "COMFORT"):
        yield from warning("EP-PDF-PROFILE", "BT-24", _PROFILE, claimed=claimed, profile=expected)
    number = re.sub(r"\s+", "", reading.value("BT-1"))
    if envelope.text and number and number not in envelope.text:
        yield from warning("EP-PDF-PAGE", "BT-1", _PAGE, number=number)


_ARCHIVE: Final = say("The PDF does not say it is a PDF/A-3: it may not be archived for ten years.").msgid
_RELATION: Final = say("The XML “%(name)s” is not tied to the PDF as its data (AFRelationship and /AF).").msgid
_NAME: Final = say("The XML in the PDF is called “%(name)s”: platforms look for factur-x.xml.").msgid
_TWO: Final = say(
    "The PDF carries several invoices: %(name)s was checked, not %(others)s. Keep one, so that all read the same."
).msgid
_PROFILE: Final = say("The PDF announces the profile %(claimed)s, its XML is %(profile)s.").msgid
_PAGE: Final = say(
    "The page does not show the number %(number)s that the XML says: check that they are the same invoice."
).msgid
