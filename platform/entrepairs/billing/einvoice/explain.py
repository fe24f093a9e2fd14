"""From a failed official rule to a sentence that names the field to mend.

The rules' own messages speak of BT numbers; the office reads these instead, with the identifier beside them for the
accountant. A rule we have no sentence for says its field and its own words.
"""

import re
from typing import Final

from entrepairs.billing.einvoice.pointing import MISSING
from entrepairs.billing.einvoice.terms import name_of
from entrepairs.kernel.i18n import N_, Sentence

_BY_RULE: Final = {
    "BR-02": N_("The invoice has no number."),
    "BR-06": N_("The name of the seller is missing."),
    "BR-07": N_("The name of the buyer is missing."),
    "BR-08": N_("The postal address of the seller is missing."),
    "BR-10": N_("The postal address of the buyer is missing."),
    "BR-16": N_("The invoice has no line."),
    "BR-27": N_("%(what)s: a price is never negative; a negative quantity takes back a line."),
    "BR-28": N_("%(what)s: a price is never negative; a negative quantity takes back a line."),
    "BR-29": N_("The period of service ends before it starts."),
    "BR-30": N_("The period of a line ends before it starts."),
    "BR-51": N_("%(what)s: a whole card number never stands on an invoice, its last 4 to 6 digits at most."),
    "BR-55": N_("The credit note does not name the invoice it corrects."),
    "BR-62": N_("%(what)s: the scheme of the address is missing (0225 in France)."),
    "BR-63": N_("%(what)s: the scheme of the address is missing (0225 in France)."),
    "BR-64": N_("%(what)s: the scheme of the identifier is missing."),
    "BR-65": N_("%(what)s: the scheme of the identifier is missing."),
    "BR-CO-03": N_("The date and the code of the VAT point (BT-7, BT-8) can't both be given."),
    "BR-CO-05": N_("%(what)s: the code and the text of the reason don't say the same."),
    "BR-CO-06": N_("%(what)s: the code and the text of the reason don't say the same."),
    "BR-CO-07": N_("%(what)s: the code and the text of the reason don't say the same."),
    "BR-CO-08": N_("%(what)s: the code and the text of the reason don't say the same."),
    "BR-CO-09": N_("The VAT number must start with the country code (FR)."),
    "BR-CO-10": N_("The total of the lines is not their sum."),
    "BR-CO-11": N_("The total of the allowances is not their sum."),
    "BR-CO-12": N_("The total of the charges is not their sum."),
    "BR-CO-13": N_("The total excluding VAT is not the sum of the lines."),
    "BR-CO-14": N_("The total VAT is not the sum of the VAT by rate."),
    "BR-CO-15": N_("The total including VAT is not the total excluding VAT plus the VAT."),
    "BR-CO-16": N_("The amount to pay is not the total less what is already paid."),
    "BR-CO-17": N_("A VAT amount is not its base times its rate."),
    "BR-CO-18": N_("The VAT breakdown is missing."),
    "BR-CO-25": N_("The due date or the terms of payment are missing."),
    "BR-CO-26": N_("The seller can't be identified: its SIREN or VAT number is missing."),
    "BR-E-02": N_("An exempt invoice needs the VAT number of the seller or its tax number."),
    "BR-E-08": N_("The base of the exemption is not the sum of the exempt lines."),
    "BR-E-09": N_("An exempt base can't carry VAT."),
    "BR-E-10": N_("The reason of the VAT exemption is missing: the article of law and its code."),
    "BR-S-02": N_("A taxed service needs the VAT number of the seller."),
    "BR-S-08": N_("The taxed base is not the sum of the taxed lines."),
    "BR-S-09": N_("The VAT is not the taxed base times the rate."),
    "BR-O-02": N_("An invoice outside VAT must not carry any VAT number."),
    "BR-IC-11": N_("A delivery inside the European Union says its date or its period."),
    "BR-IC-12": N_("A delivery inside the European Union says the country it goes to."),
    "BR-FR-11_BT-47": N_("The SIREN number of the buyer is missing or has not 9 digits."),
    "BR-FR-12_BT-49": N_("The electronic invoicing address of the buyer is missing."),
    "BR-FR-13_BT-34": N_("The electronic invoicing address of the seller is missing."),
    "NOT-RUN": N_("These rules could not be run: mend first what the schema refuses."),
    "PEPPOL-EN16931-R008": N_("%(what)s: the element is empty; leave it out."),
}

_NOTE_MISSING: Final = {
    "PMT": N_("The mention on recovery costs (PMT) is missing."),
    "PMD": N_("The mention on late payment (PMD) is missing."),
    "AAB": N_("The mention on early payment (AAB) is missing."),
}
_NOTE_CODE: Final = re.compile(r"\b(PMT|PMD|AAB)\b")

_BY_FAMILY: Final = (
    ("BR-FR-01", N_("The invoice number is too long, or that of the invoice it corrects.")),
    ("BR-FR-02", N_("The invoice number has characters that are not allowed, or that of the invoice it corrects.")),
    ("BR-FR-03", N_("A date is not between 2000 and 2099.")),
    ("BR-FR-04", N_("The type of document is not one of those allowed.")),
    ("BR-FR-05", N_("A compulsory legal mention is missing: late payment, recovery costs or early payment.")),
    ("BR-FR-06", N_("A legal mention appears twice.")),
    ("BR-FR-08", N_("The kind of billing (services, goods) is missing or unknown.")),
    ("BR-FR-09", N_("A SIRET number has not 14 digits or does not start with its SIREN.")),
    ("BR-FR-10", N_("The SIREN number of the seller is missing or has not 9 digits.")),
    ("BR-FR-15", N_("A VAT category is not used in France.")),
    ("BR-FR-16", N_("A VAT rate is not one of the French rates.")),
    ("BR-FR-17", N_("The kind of an attached document is unknown.")),
    ("BR-FR-18", N_("Only one attached document may be the readable copy (LISIBLE).")),
    ("BR-FR-20", N_("The mention of scope (BAR) has an unknown value.")),
    ("BR-FR-21", N_("The electronic invoicing address of the buyer must start with its SIREN number.")),
    ("BR-FR-22", N_("The electronic invoicing address of the seller must start with its SIREN number.")),
    ("BR-FR-23", N_("An electronic invoicing address has characters that are not allowed.")),
    ("BR-FR-24", N_("An identifier has characters that are not allowed.")),
    ("BR-FR-25", N_("An electronic invoicing address is too long.")),
    ("BR-FR-26", N_("%(what)s: the identifier is over 100 characters.")),
    ("BR-FR-27", N_("%(what)s: an attribute needs a name.")),
    ("BR-FR-28", N_("%(what)s: an attribute needs one value, as text or as a measure, not both.")),
    ("BR-FR-29", N_("%(what)s: the object of the invoice is named twice, or is empty.")),
    ("BR-FR-30", N_("%(what)s: the object of the line is named twice, or is empty.")),
    ("BR-FR-31", N_("The mention of scope (BAR) appears with two values.")),
    ("BR-FR-32", N_("%(what)s: a SIREN number has 9 digits.")),
    ("BR-FR-DEC", N_("An amount, a quantity, a price or a rate has too many decimals.")),
    ("BR-FR-CO-03", N_("A global discount note names its contract and its period.")),
    ("BR-FR-CO-04", N_("A corrective invoice names exactly one invoice and its date.")),
    ("BR-FR-CO-05", N_("A credit note names the invoice it corrects and its date.")),
    ("BR-FR-CO-07", N_("The due date is before the date of issue.")),
    (
        "BR-FR-CO-08",
        N_("A final invoice after deposit is no deposit invoice: the type and the kind of billing don't agree."),
    ),
    ("BR-FR-CO-09", N_("An invoice said to be paid must have nothing left to pay.")),
    ("BR-FR-CO-10", N_("%(what)s: each identifier has its scheme, and a scheme is used once.")),
    ("BR-FR-CO-12", N_("An invoice in another currency also says its VAT in euros.")),
    ("BR-FR-CO-14", N_("A member of a VAT group says so in its mentions, and names the group.")),
    ("BR-FR-CO-15", N_("A member of a VAT group says so in its mentions, and names the group.")),
    ("BR-FR-BD", N_("An invoice both ways (S9, B9, M9) has the lines and the type that this kind of billing wants.")),
    (
        "BR-FR-MV",
        N_("An invoice of several sellers (S8, B8, M8) has the lines and the numbers that this kind of billing wants."),
    ),
    ("BR-DEC", N_("%(what)s: two decimals at most.")),
    ("UBL-DT-01", N_("%(what)s: two decimals at most.")),
    ("UBL-CR", N_("%(place)s: the norm has no place for this; it may be left out.")),
    ("UBL-SR", N_("%(what)s: it appears more than once, or without what must go with it.")),
    ("UBL-DT", N_("%(place)s: an attribute is too many or missing.")),
    ("CII-SR", N_("%(what)s: it appears more than once, or without what must go with it.")),
    ("CII-DT", N_("%(place)s: an attribute is too many or missing.")),
    ("BR-B", N_("Split payment of VAT exists in Italy only.")),
)
"""Longest prefixes first."""

_LISTS: Final = {
    "BR-CL-01": "UNTDID 1001", "BR-CL-03": "ISO 4217", "BR-CL-04": "ISO 4217", "BR-CL-05": "ISO 4217",
    "BR-CL-06": "UNTDID 2005", "BR-CL-07": "UNTDID 1153", "BR-CL-08": "UNTDID 4451", "BR-CL-10": "ISO 6523",
    "BR-CL-11": "ISO 6523", "BR-CL-13": "UNTDID 7143", "BR-CL-14": "ISO 3166-1", "BR-CL-15": "ISO 3166-1",
    "BR-CL-16": "UNTDID 4461", "BR-CL-17": "UNTDID 5305", "BR-CL-18": "UNTDID 5305", "BR-CL-19": "UNTDID 5189",
    "BR-CL-20": "UNTDID 7161", "BR-CL-21": "ISO 6523", "BR-CL-22": "VATEX", "BR-CL-23": "UN/ECE rec. 20",
    "BR-CL-24": "MIME", "BR-CL-25": "EAS", "BR-CL-26": "ISO 6523",
}  # fmt: skip
_OF_A_LIST: Final = N_("%(what)s: the code does not belong to its official list (%(list)s).")
_MISSING: Final = N_("%(what)s: it is missing.")

_CATEGORIES: Final = {
    "S": N_("taxed (S)"),
    "Z": N_("taxed at zero (Z)"),
    "E": N_("exempt (E)"),
    "AE": N_("reverse charge (AE)"),
    "IC": N_("delivery inside the European Union (K)"),
    "G": N_("export (G)"),
    "O": N_("outside VAT (O)"),
    "AF": N_("Canary Islands (L)"),
    "AG": N_("Ceuta and Melilla (M)"),
}
_VAT_RULE: Final = re.compile(r"BR-(?:FXEXT-|FREXT-)?(S|Z|E|AE|IC|G|O|AF|AG)-?(\d\d)")
_SELLER_NUMBER: Final = N_("%(what)s, %(category)s: the VAT number of the seller is missing, or its tax number.")
_BOTH_NUMBERS: Final = N_("%(what)s, %(category)s: the VAT numbers of the seller and of the buyer are both needed.")
_NO_NUMBER: Final = N_("%(what)s, %(category)s: no VAT number may stand on the invoice.")
_RATE_ABOVE: Final = N_("%(what)s, %(category)s: the rate must be above zero.")
_RATE_ZERO: Final = N_("%(what)s, %(category)s: the rate must be zero.")
_NO_RATE: Final = N_("%(what)s, %(category)s: there must be no rate at all.")
_VAT_ROW: Final = N_("%(what)s, %(category)s: the VAT breakdown needs one row for this category.")
_VAT_BASE: Final = N_("%(what)s, %(category)s: the base is not the sum of its lines, allowances and charges.")
_VAT_SUM: Final = N_("%(what)s, %(category)s: the VAT is not the base times the rate.")
_VAT_NONE: Final = N_("%(what)s, %(category)s: there must be no VAT.")
_REASON: Final = N_("%(what)s, %(category)s: the reason is missing, as a text or as a code (VATEX).")
_NO_REASON: Final = N_("%(what)s, %(category)s: no reason of exemption may be given.")
_ALONE: Final = N_("%(what)s, %(category)s: nothing of another category may stand on the same invoice.")

_FX_ONCE: Final = N_("%(what)s: it must stand exactly once (%(element)s).")
_FX_AT_MOST: Final = N_("%(what)s: it may stand only once (%(element)s).")
_FX_SOME: Final = N_("%(what)s: it is missing (%(element)s).")
_FX_VALUE: Final = N_("%(what)s: the value does not belong to its official list (%(element)s).")
_FX_ATTRIBUTE: Final = N_("%(what)s: the attribute %(element)s is missing.")
_FX_NOT_USED: Final = N_("%(what)s: this profile has no place for %(element)s.")
_FX: Final = (
    (re.compile(r"Element (?:variant )?'([^']+)' must occur exactly"), _FX_ONCE),
    (re.compile(r"Element (?:variant )?'([^']+)' may occur at maximum"), _FX_AT_MOST),
    (re.compile(r"Element (?:variant )?'([^']+)' must occur at least"), _FX_SOME),
    (re.compile(r"Value of '([^']+)' is not allowed"), _FX_VALUE),
    (re.compile(r"Attribute '?([^' ]+)'? is required"), _FX_ATTRIBUTE),
    (re.compile(r"(?:Element|Attribute)[^']*'([^']+)' (?:is )?marked as not used"), _FX_NOT_USED),
)

_XSD_UNEXPECTED: Final = N_("%(what)s: %(element)s is not expected here; look at the order of the elements.")
_XSD_MISSING: Final = N_("%(what)s: something is missing in %(element)s.")
_XSD_VALUE: Final = N_("%(what)s: “%(value)s” is not a value of its kind.")
_XSD_OTHER: Final = N_("%(what)s: the schema of the format is not met.")
_XSD: Final = (
    (re.compile(r"Element '(?:\{[^}]*\})?([^']+)': This element is not expected"), "element", _XSD_UNEXPECTED),
    (re.compile(r"Element '(?:\{[^}]*\})?([^']+)': Missing child"), "element", _XSD_MISSING),
    (re.compile(r": '([^']*)' is not"), "value", _XSD_VALUE),
    (re.compile(r"The value '([^']*)'"), "value", _XSD_VALUE),
)
_UNKNOWN: Final = N_("A rule of electronic invoicing is not met: the message of the rule says which.")
_QUOTED: Final = N_("%(what)s: a rule is not met, which says “%(official)s”.")


def explain(rule: str, *, official: str = "", term: str = "", place: str = "") -> Sentence:
    """The sentence for a failed official rule; never empty. `official` are the rule's own words, `term` the field to mend."""
    field = f"{name_of(term)} ({term})" if term else place or "?"
    return _known(rule, official, field, place) or _quoted(official, field)


def explain_schema(official: str, *, term: str = "", place: str = "") -> Sentence:
    """The sentence for what the schema refuses; `official` is libxml2's message."""
    field = f"{name_of(term)} ({term})" if term else place or "?"
    for pattern, name, msgid in _XSD:
        if found := pattern.search(official):
            return Sentence(msgid, {"what": field, name: found[1][:60]})
    return Sentence(_XSD_OTHER, {"what": field})


def _known(rule: str, official: str, field: str, place: str) -> Sentence | None:
    if rule.startswith("BR-FR-05") and (note := _NOTE_CODE.search(f"{rule} {official}".replace("_", " "))):
        return Sentence(_NOTE_MISSING[note[1]])
    if vat := _VAT_RULE.match(rule):
        msgid = _BY_RULE.get(rule) or _vat(vat[1], vat[2])
        return Sentence(msgid, {"what": field, "category": Sentence(_CATEGORIES[vat[1]])})
    msgid = _BY_RULE.get(rule) or (_MISSING if rule in MISSING else "") or (_OF_A_LIST if rule in _LISTS else "")
    msgid = msgid or next((one for prefix, one in _BY_FAMILY if rule.startswith(prefix)), "")
    if msgid:
        return Sentence(
            msgid, {"what": field, "place": place.rpartition("/")[2] or field, "list": _LISTS.get(rule, "")}
        )
    return _by_message(official, field)


def _by_message(official: str, field: str) -> Sentence | None:
    for pattern, msgid in _FX:
        if found := pattern.search(official):
            return Sentence(msgid, {"what": field, "element": found[1].partition("[")[0]})
    return None


def _quoted(official: str, field: str) -> Sentence:
    return Sentence(_QUOTED, {"what": field, "official": official}) if official else Sentence(_UNKNOWN)


def _vat(category: str, number: str) -> str:
    """The sentence of `BR-<category>-<number>`: each category has the same ten rules, said its own way."""
    numbers = _NO_NUMBER if category == "O" else _BOTH_NUMBERS if category in ("AE", "IC") else _SELLER_NUMBER
    rate = _NO_RATE if category == "O" else _RATE_ABOVE if category == "S" else _RATE_ZERO
    taxed = category in ("S", "AF", "AG")
    said = {
        "01": _VAT_ROW,
        **dict.fromkeys(("02", "03", "04"), numbers),
        **dict.fromkeys(("05", "06", "07"), rate),
        "08": _VAT_BASE,
        "09": _VAT_SUM if taxed else _VAT_NONE,
        "10": _NO_REASON if taxed or category == "Z" else _REASON,
    }
    return said.get(number, _ALONE)
