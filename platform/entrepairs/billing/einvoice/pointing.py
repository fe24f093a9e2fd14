"""From a failed official rule to the element it is about, and to the term (BT) that somebody has to mend."""

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from entrepairs.billing.einvoice.checker import RuleFailure
from entrepairs.billing.einvoice.rule_sets import Layer
from entrepairs.billing.einvoice.terms import NAMESPACES, Reading, place_of, terms

_ANY_NAMESPACE: Final = re.compile(r"\*:([\w.-]+)")
_ATTRIBUTE: Final = re.compile(r"/@(?:\*:)?([\w:.-]+)(?:\[[^\]]*\])*$")
_IN_RULE: Final = re.compile(r"_(B[TG]-\d+)")
_IN_MESSAGE: Final = re.compile(r"\b(B[TG]-\d+)\b")
_NAMED_ELEMENT: Final = re.compile(r"Element (?:variant )?'([\w:]+)[^']*'")
_NAMED_ATTRIBUTE: Final = re.compile(r"'[^']*@(\w+)'")
_XSD_MISSING: Final = re.compile(r"Missing child element\(s\)\. Expected is (?:one of )?\( (\{[^}]*\}\w+)")
_STEP: Final = re.compile(r"\[[^\]]*\]")

MISSING: Final = {
    **dict(zip([f"BR-{n:02}" for n in range(1, 16)], (
        "BT-24", "BT-1", "BT-2", "BT-3", "BT-5", "BT-27", "BT-44", "BG-5", "BT-40", "BG-8", "BT-55", "BT-106", "BT-109",
        "BT-112", "BT-115"), strict=True)),
    "BR-16": "BG-25", "BR-17": "BT-59", "BR-18": "BT-62", "BR-19": "BG-12", "BR-20": "BT-69", "BR-21": "BT-126",
    "BR-22": "BT-129", "BR-23": "BT-130", "BR-24": "BT-131", "BR-25": "BT-153", "BR-26": "BT-146", "BR-31": "BT-92",
    "BR-32": "BT-95", "BR-33": "BT-97", "BR-36": "BT-99", "BR-37": "BT-102", "BR-38": "BT-104", "BR-41": "BT-136",
    "BR-42": "BT-139", "BR-43": "BT-141", "BR-44": "BT-144", "BR-45": "BT-116", "BR-46": "BT-117", "BR-47": "BT-118",
    "BR-48": "BT-119", "BR-49": "BT-81", "BR-50": "BT-84", "BR-52": "BT-122", "BR-53": "BT-111", "BR-54": "BT-160",
    "BR-55": "BT-25", "BR-56": "BT-63", "BR-57": "BT-80", "BR-61": "BT-84", "BR-CO-04": "BT-151", "BR-CO-18": "BG-23",
    "BR-CO-19": "BG-14", "BR-CO-20": "BG-26", "BR-CO-21": "BT-97", "BR-CO-22": "BT-104", "BR-CO-23": "BT-139",
    "BR-CO-24": "BT-144", "BR-CO-25": "BT-9", "BR-CO-26": "BT-30", "BR-IC-11": "BT-72", "BR-IC-12": "BT-80",
    "BR-FR-05": "BT-22", "BR-FR-10": "BT-30", "BR-FR-11": "BT-47", "BR-FR-12": "BT-49", "BR-FR-13": "BT-34",
}  # fmt: skip
"""The rules that say that a term is missing, and which."""

_VAT_FAMILY: Final = re.compile(r"BR-(S|Z|E|AE|IC|G|O|AF|AG)-(\d\d)")
_VAT_TERMS: Final = {
    "01": "BG-23", "02": "BT-31", "03": "BT-31", "04": "BT-31", "05": "BT-152", "06": "BT-96", "07": "BT-103",
    "08": "BT-116", "09": "BT-117", "10": "BT-120", "11": "BT-118", "12": "BT-151", "13": "BT-95", "14": "BT-102",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pointed:
    """The term to mend (empty when nobody can tell) and the place, both for a reader."""

    term: str
    place: str


def point(reading: Reading, failure: RuleFailure) -> Pointed:
    """Where a failed rule points. The rule's own word comes first, then the place, then the terms its message names."""
    node, attribute = _node(reading, failure)
    place = failure.place if node is None else place_of(node) + (f"/@{attribute}" if attribute else "")
    return Pointed(_term(reading, failure, node, attribute), place)


def _term(reading: Reading, failure: RuleFailure, node: etree._Element | None, attribute: str) -> str:
    known = terms()
    by_rule = _IN_RULE.search(failure.rule)
    if by_rule and by_rule[1] in known:
        return by_rule[1]
    if (missing := MISSING.get(failure.rule)) or (missing := MISSING.get(failure.rule.split("_")[0])):
        return missing
    vat = _VAT_FAMILY.fullmatch(failure.rule)
    if vat and vat[2] in _VAT_TERMS:
        return _VAT_TERMS[vat[2]]
    if node is not None and (child := _named_child(reading, failure, node)):
        return child
    owner = reading.owner(node, attribute) if node is not None else ""
    named = [one for one in _IN_MESSAGE.findall(failure.message) if one in known]
    if owner.startswith("BT"):
        return owner
    return next((one for one in named if one.startswith("BT")), owner or next(iter(named), ""))


def _node(reading: Reading, failure: RuleFailure) -> tuple[etree._Element | None, str]:
    path = failure.place
    in_message = _NAMED_ATTRIBUTE.search(failure.message)
    attribute = in_message[1] if in_message else ""
    if found := _ATTRIBUTE.search(path):
        path, attribute = path[: found.start()], found[1]
    path = _ANY_NAMESPACE.sub(r"*[local-name()='\1']", path)
    if not path:
        return None, attribute
    prefixes = {**NAMESPACES, **{name: uri for name, uri in reading.root.nsmap.items() if name}}
    try:
        selected = reading.root.getroottree().xpath(path, namespaces=prefixes)
    except etree.XPathError:
        return None, attribute
    elements = [one for one in selected if etree.iselement(one)] if isinstance(selected, list) else []
    return (elements[0] if elements else None), attribute


def _named_child(reading: Reading, failure: RuleFailure, node: etree._Element) -> str:
    """The term of the element that the message says is missing under `node`, when it stands for one term."""
    if failure.layer == Layer.XSD:
        expected = _XSD_MISSING.search(failure.message)
        child = _short(expected[1]) if expected else ""
    else:
        found = _NAMED_ELEMENT.match(failure.message)
        child = found[1] if found else ""
    if not child:
        return ""
    path = f"{_STEP.sub('', place_of(node))}/{child}"
    inside = [
        ref
        for ref, term in terms().items()
        if any(_STEP.sub("", one).startswith(path) for one in (term.path(reading.syntax) or "").split(" | "))
    ]
    return inside[0] if inside else ""


def _short(name: str) -> str:
    """`{urn:…}ID` as `ram:ID`."""
    uri, _, local = name[1:].partition("}")
    prefix = next((short for short, known in NAMESPACES.items() if known == uri), "")
    return f"{prefix}:{local}" if prefix else local
