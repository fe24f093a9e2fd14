"""Our own refusals on who is named and how they are paid, on any invoice, ours or not.

Keys of SIREN, SIRET, VAT numbers and IBAN, whole addresses, names that say something: the official rules look at none of
them. Pure: a reading in, findings out.
"""

import re
from typing import Final

from entrepairs.billing.einvoice.findings import CREDIT_NOTES, WARNING, Found, Rule, is_empty, ours
from entrepairs.billing.einvoice.keys import is_right
from entrepairs.billing.einvoice.rule_sets import WITHOUT_LINES
from entrepairs.billing.einvoice.terms import Reading, text_of
from entrepairs.kernel.i18n import say
from entrepairs.kernel.identifiers import parse_iban, parse_siren, parse_siret, parse_vat_number

SIREN: Final = "0002"
SIRET: Final = "0009"
ADDRESS: Final = "0225"
VAT_GROUP: Final = "0231"
_BIC: Final = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_IBAN_LIKE: Final = re.compile(r"\s*[A-Za-z]{2}\s*\d\s*\d")
_EUROPEAN: Final = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "HR", "HU", "IE",
        "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    }
)  # fmt: skip


def _siren(reading: Reading, profile: str) -> Found:
    wrong = say("%(what)s: “%(value)s” is no SIREN number, one digit is probably mistyped.")
    for ref in ("BT-30", "BT-47", "BT-61", "BT-29", "BT-46", "BT-60"):
        for node in reading.nodes(ref):
            value = text_of(node).strip()
            by_law = node.get("schemeID") is None and ref in ("BT-30", "BT-47") and re.fullmatch(r"\d{9}", value)
            if (node.get("schemeID") == SIREN or by_law) and not is_right(parse_siren, value):
                yield ours("EP-SIREN", ref, node, say(wrong.msgid, value=value))


def _siret(reading: Reading, profile: str) -> Found:
    for ref, siren_ref in (
        ("BT-29", "BT-30"),
        ("BT-46", "BT-47"),
        ("BT-60", "BT-61"),
        ("BT-71", ""),
        ("BT-30", ""),
        ("BT-47", ""),
    ):
        siren = reading.value(siren_ref).strip() if siren_ref else ""
        for node in reading.nodes(ref):
            value = text_of(node).strip()
            if node.get("schemeID") != SIRET:
                continue
            if not is_right(parse_siret, value):
                yield ours(
                    "EP-SIRET",
                    ref,
                    node,
                    say("%(what)s: “%(value)s” is no SIRET number, one digit is probably mistyped.", value=value),
                )
            elif re.fullmatch(r"\d{9}", siren) and not value.startswith(siren):
                yield ours(
                    "EP-SIRET",
                    ref,
                    node,
                    say(
                        "%(what)s: the SIRET number “%(value)s” is not of the SIREN %(siren)s.",
                        value=value,
                        siren=siren,
                    ),
                )


def _electronic_addresses(reading: Reading, profile: str) -> Found:
    for ref, siren_ref in (("BT-34", "BT-30"), ("BT-49", "BT-47")):
        node, siren = reading.first(ref), reading.value(siren_ref).strip()
        if node is None or node.get("schemeID") != ADDRESS:
            continue
        value = text_of(node).strip()
        known = re.fullmatch(r"\d{9}", siren)
        if (known and not value.startswith(siren)) or not re.match(r"\d{9}(?!\d)", value):
            yield ours(
                "EP-ADDRESS", ref, node, say("%(what)s: “%(value)s” must start with the SIREN number.", value=value)
            )


def _vat_numbers(reading: Reading, profile: str) -> Found:
    for ref, siren_ref, group_ref in (("BT-31", "BT-30", "BT-29"), ("BT-48", "BT-47", "BT-46"), ("BT-63", "", "")):
        node = reading.first(ref)
        if node is None:
            continue
        value = text_of(node).strip()
        grouped = group_ref and any(one.get("schemeID") == VAT_GROUP for one in reading.nodes(group_ref))
        siren = "" if grouped or not siren_ref else reading.value(siren_ref).strip()
        if not _is_vat_number(value):
            yield ours(
                "EP-VAT-NUMBER",
                ref,
                node,
                say("%(what)s: “%(value)s” is no VAT number, its key is wrong.", value=value),
            )
        elif value.startswith("FR") and re.fullmatch(r"\d{9}", siren) and not value.endswith(siren):
            yield ours(
                "EP-VAT-NUMBER",
                ref,
                node,
                say("%(what)s: “%(value)s” is not of the SIREN %(siren)s.", value=value, siren=siren),
            )


def _is_vat_number(value: str) -> bool:
    from stdnum.eu import vat

    if value.startswith("FR"):
        return is_right(parse_vat_number, value)
    return value[:2] not in _EUROPEAN or bool(vat.is_valid(value))


def _taxed_seller(reading: Reading, profile: str) -> Found:
    taxed = "S" in {text_of(one).strip() for one in reading.nodes("BT-118")}
    if taxed and not (reading.value("BT-31").strip() or reading.value("BT-63").strip()):
        yield ours(
            "EP-VAT-NUMBER",
            "BT-31",
            reading.first("BG-4"),
            say("%(what)s: it is missing, and the law wants it on a taxed invoice."),
        )


def _postal_addresses(reading: Reading, profile: str) -> Found:
    if profile == "minimum":
        return
    for group, country, lines, town, postcode in (
        ("BG-5", "BT-40", ("BT-35", "BT-36", "BT-162"), "BT-37", "BT-38"),
        ("BG-8", "BT-55", ("BT-50", "BT-51", "BT-163"), "BT-52", "BT-53"),
    ):
        node = reading.first(group)
        if node is None or reading.value(country).strip() != "FR":
            continue
        written = {ref: reading.value(ref) for ref in (*lines, town, postcode)}
        if all(is_empty(written[ref]) for ref in lines) or is_empty(written[town]):
            yield ours(
                "EP-POSTAL",
                group,
                node,
                say("%(what)s: the street, the postcode or the town is missing; the law wants them whole."),
            )
        if not re.fullmatch(r"\d{5}", written[postcode].strip()):
            yield ours(
                "EP-POSTAL",
                postcode,
                node,
                say("%(what)s: “%(value)s” is no French postcode.", value=written[postcode]),
            )


def _names(reading: Reading, profile: str) -> Found:
    for ref in ("BT-27", "BT-44", "BT-59", "BT-62", "BT-81", "BT-85", "BT-120", "BT-153"):
        for node in reading.nodes(ref):
            if is_empty(text_of(node)):
                yield ours(
                    "EP-EMPTY", ref, node, say("%(what)s: “%(value)s” says nothing.", value=text_of(node).strip())
                )


def _buyer_siren(reading: Reading, profile: str) -> Found:
    scopes = {text.strip().upper() for _, code, text in reading.notes() if code == "BAR"}
    if profile in WITHOUT_LINES or scopes & {"B2C", "B2CINT", "B2BINT"} or reading.value("BT-55").strip() != "FR":
        return
    if not reading.value("BT-47").strip():
        yield ours(
            "EP-BUYER-SIREN",
            "BT-47",
            reading.first("BG-7"),
            say("%(what)s: it is missing, and the law wants it unless the buyer is a private person."),
            severity=WARNING,
        )
    elif reading.value("BT-47").strip() == reading.value("BT-30").strip():
        yield ours(
            "EP-SAME-PARTY",
            "BT-47",
            reading.first("BT-47"),
            say("The seller and the buyer have the same SIREN number."),
            severity=WARNING,
        )


def _accounts(reading: Reading, profile: str) -> Found:
    means = {text_of(one).strip() for one in reading.nodes("BT-81")}
    for node in (*reading.nodes("BT-84"), *reading.nodes("BT-91")):
        value = text_of(node).strip()
        ref = "BT-91" if node in reading.nodes("BT-91") else "BT-84"
        is_iban = node.tag.endswith("IBANID") or _IBAN_LIKE.match(value) or means & {"58", "59"}
        if is_iban and not is_right(parse_iban, value.replace(" ", "")):
            yield ours(
                "EP-IBAN",
                ref,
                node,
                say("%(what)s: “%(value)s” is no IBAN, one character is probably mistyped.", value=value),
            )
        elif is_iban and value != value.replace(" ", ""):
            yield ours(
                "EP-IBAN-SPACES",
                ref,
                node,
                say("%(what)s: an IBAN is written without spaces in an electronic invoice."),
                severity=WARNING,
            )
    for node in reading.nodes("BT-86"):
        if not _BIC.fullmatch(text_of(node).strip()):
            yield ours("EP-BIC", "BT-86", node, say("%(what)s: “%(value)s” is no BIC.", value=text_of(node).strip()))
    if reading.value("BT-3").strip() in CREDIT_NOTES and reading.nodes("BT-84"):
        yield ours(
            "EP-CREDIT-ACCOUNT",
            "BT-84",
            reading.first("BT-84"),
            say("%(what)s: Chorus Pro refuses a bank account on a credit note."),
            severity=WARNING,
        )


PARTY_RULES: Final[tuple[Rule, ...]] = (
    _siren,
    _siret,
    _electronic_addresses,
    _vat_numbers,
    _taxed_seller,
    _postal_addresses,
    _names,
    _buyer_siren,
    _accounts,
)
