"""The terms of EN 16931 (BT-1, BG-25…): their French names, and where both syntaxes write them.

`terms.tsv` is the one table: a place in a document becomes the term to mend, and a term of a document is read, in CII
(D16B, Factur-X) and in UBL 2.1 alike. Paths are XPath 1.0.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, cast

from lxml import etree

CII: Final = "cii"
UBL_INVOICE: Final = "ubl-invoice"
UBL_CREDIT_NOTE: Final = "ubl-creditnote"

NAMESPACES: Final = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
ROOTS: Final = {
    f"{{{NAMESPACES['rsm']}}}CrossIndustryInvoice": CII,
    "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice": UBL_INVOICE,
    "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote": UBL_CREDIT_NOTE,
}
"""The elements an invoice may start with, and the syntax each announces."""

_TRADE: Final = "/rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction"
_SETTLEMENT: Final = f"{_TRADE}/ram:ApplicableHeaderTradeSettlement"
_AGREEMENT: Final = f"{_TRADE}/ram:ApplicableHeaderTradeAgreement"
_LINE: Final = f"{_TRADE}/ram:IncludedSupplyChainTradeLineItem"
_LINE_SETTLEMENT: Final = f"{_LINE}/ram:SpecifiedLineTradeSettlement"
_CHARGE: Final = "[normalize-space(ram:ChargeIndicator/udt:Indicator)='true']"
_ALLOWANCE: Final = "[normalize-space(ram:ChargeIndicator/udt:Indicator)='false']"
_NAMES_ONLY: Final = re.compile(r"/(?:\*|rsm:CrossIndustryInvoice)(?:/[a-z]+:\w+)+")
_STATUS: Final = "//ram:LineStatusReasonCode"
_SUBLINE: Final = frozenset({"GROUP", "INFORMATION"})
_UBL_ATTACHED: Final = "[not(cbc:DocumentTypeCode='130' or cbc:DocumentTypeCode='50')]"
_SHORT: Final = {
    "N": "/rsm:CrossIndustryInvoice/rsm:ExchangedDocument/ram:IncludedNote",
    "A": _AGREEMENT,
    "D": f"{_TRADE}/ram:ApplicableHeaderTradeDelivery",
    "S": _SETTLEMENT,
    "M": f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation",
    "P": f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementPaymentMeans",
    "R": f"{_SETTLEMENT}/ram:SpecifiedTradeAllowanceCharge{_ALLOWANCE}",
    "C": f"{_SETTLEMENT}/ram:SpecifiedTradeAllowanceCharge{_CHARGE}",
    "V": f"{_AGREEMENT}/ram:SellerTradeParty",
    "B": f"{_AGREEMENT}/ram:BuyerTradeParty",
    "F": f"{_AGREEMENT}/ram:SellerTaxRepresentativeTradeParty",
    "J": f"{_AGREEMENT}/ram:AdditionalReferencedDocument[ram:TypeCode='916']",
    "L": _LINE,
    "LS": _LINE_SETTLEMENT,
    "LR": f"{_LINE_SETTLEMENT}/ram:SpecifiedTradeAllowanceCharge{_ALLOWANCE}",
    "LC": f"{_LINE_SETTLEMENT}/ram:SpecifiedTradeAllowanceCharge{_CHARGE}",
    "UV": "/*/cac:AccountingSupplierParty/cac:Party",
    "UB": "/*/cac:AccountingCustomerParty/cac:Party",
    "UR": "/*/cac:AllowanceCharge[normalize-space(cbc:ChargeIndicator)='false']",
    "UC": "/*/cac:AllowanceCharge[normalize-space(cbc:ChargeIndicator)='true']",
    "UJ": f"/*/cac:AdditionalDocumentReference{_UBL_ATTACHED}",
    "UL": "/*/*[self::cac:InvoiceLine or self::cac:CreditNoteLine]",
}


@dataclass(frozen=True, slots=True)
class Term:
    """A term or group: `ref` as `BT-1`, its French name, its path in each syntax (None where it has no place)."""

    ref: str
    name: str
    cii: str | None
    ubl: str | None

    def path(self, syntax: str) -> str | None:
        """Where `syntax` writes it."""
        return self.cii if syntax == CII else self.ubl


@lru_cache(maxsize=1)
def terms() -> dict[str, Term]:
    """Every term by its number, groups included."""
    table = Path(__file__).with_name("terms.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return {ref: Term(ref, name, _path(cii), _path(ubl)) for ref, name, cii, ubl in rows}


def _path(text: str) -> str | None:
    if text == "-":
        return None
    for short, path in _SHORT.items():
        text = text.replace(f"{{{short}}}", path)
    return text


def name_of(ref: str) -> str:
    """The French name of a term, or its number when the table has none (a French extension)."""
    known = terms().get(ref)
    return known.name if known else ref


@lru_cache(maxsize=2048)
def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path, namespaces=NAMESPACES)


def elements(path: str, node: etree._Element) -> list[etree._Element]:
    """The elements that an XPath selects from `node`; attributes and texts are left out."""
    selected = cast("Iterable[etree._Element]", _compiled(path)(node))  # noqa: SLF001 - the stubs' name of an element
    return [one for one in selected if etree.iselement(one)]


@lru_cache(maxsize=2048)
def _plain(path: str) -> tuple[str, ...]:
    """The names below the root on a path that has names only, as lxml writes them; none for a richer path."""
    if not _NAMES_ONLY.fullmatch(path):
        return ()
    steps = (step.partition(":") for step in path.split("/")[2:])
    return tuple(f"{{{NAMESPACES[prefix]}}}{name}" for prefix, _, name in steps)


class Reading:
    """The terms of one document. `root` is the element of the invoice, `syntax` one of this module's."""

    def __init__(self, root: etree._Element, syntax: str) -> None:
        self.root = root
        self.syntax = syntax
        self.everything = list(root.iter())
        """Each element, held: what the library shows of an element lives as long as somebody has it."""
        self._at = _by_names(self.everything)
        self._owners: dict[str, str] | None = None
        self._known: dict[str, list[etree._Element]] = {}
        self._inside: dict[tuple[str, str], dict[etree._Element, list[etree._Element]]] = {}
        self._lines: list[etree._Element] | None = None

    def nodes(self, ref: str) -> list[etree._Element]:
        """The elements that hold a term, in the order of the document."""
        if ref not in self._known:  # many rules ask for the same terms, and nobody changes the document
            path = terms()[ref].path(self.syntax) or ""
            names = _plain(path)
            self._known[ref] = self._at.get(names, []) if names or not path else elements(path, self.root)
        return self._known[ref]

    def value(self, ref: str) -> str:
        """The first value of a term, as it is written; empty when it has none."""
        found = self.nodes(ref)
        return text_of(found[0]) if found else ""

    def first(self, ref: str) -> etree._Element | None:
        """The first element of a term."""
        found = self.nodes(ref)
        return found[0] if found else None

    def within(self, group: etree._Element, group_ref: str, ref: str) -> list[etree._Element]:
        """The elements of a term inside one element of its group."""
        key = group_ref, ref
        if key not in self._inside:
            self._inside[key] = self._by_group(group_ref, ref)
        return self._inside[key].get(group, [])

    def _by_group(self, group_ref: str, ref: str) -> dict[etree._Element, list[etree._Element]]:
        groups = set(self.nodes(group_ref))
        found: dict[etree._Element, list[etree._Element]] = {}
        for node in self.nodes(ref):
            holder: etree._Element | None = node
            while holder is not None and holder not in groups:
                holder = holder.getparent()
            if holder is not None:
                found.setdefault(holder, []).append(node)
        return found

    def value_within(self, group: etree._Element, group_ref: str, ref: str) -> str:
        """The first value of a term inside one element of its group; empty when it has none."""
        found = self.within(group, group_ref, ref)
        return text_of(found[0]) if found else ""

    def lines(self) -> list[etree._Element]:
        """The lines that count (BG-25): not the headings and remarks of the extended profiles."""
        if self._lines is None:
            told = (one for one in elements(_STATUS, self.root) if text_of(one).strip() in _SUBLINE)
            aside = {above for one in told for above in one.iterancestors()}
            self._lines = [line for line in self.nodes("BG-25") if line not in aside]
        return self._lines

    def notes(self) -> list[tuple[etree._Element, str, str]]:
        """Each note (BG-1) with its subject code and its text. In UBL the code stands in front: `#PMD#text`."""
        found = []
        for node in self.nodes("BG-1"):
            if self.syntax == CII:
                found.append(
                    (node, self.value_within(node, "BG-1", "BT-21").strip(), self.value_within(node, "BG-1", "BT-22"))
                )
                continue
            written = text_of(node)
            parts = written.split("#", 2)
            coded = len(parts) == 3 and not parts[0].strip() and parts[1].isalnum()
            found.append((node, parts[1] if coded else "", parts[2] if coded else written))
        return found

    def owner(self, node: etree._Element, attribute: str = "") -> str:
        """The most precise term whose place is this element, or an ancestor's; empty for none."""
        owners = self._all_owners()
        tree = self.root.getroottree()
        if attribute and (found := owners.get(f"{tree.getpath(node)}/@{attribute}")):
            return found
        while node is not None:
            if found := owners.get(tree.getpath(node)):
                return found
            parent = node.getparent()
            if parent is None:
                break
            node = parent
        return ""

    def _all_owners(self) -> dict[str, str]:
        if self._owners is None:
            self._owners = {}
            tree = self.root.getroottree()
            for ref, term in terms().items():
                path = term.path(self.syntax)
                if path is None:
                    continue
                holder, at, attribute = path.rpartition("/@")
                for node in elements(holder if at else path, self.root):
                    key = tree.getpath(node) + (f"/@{attribute}" if at else "")
                    # A term is more precise than the group at the same place.
                    if key not in self._owners or ref.startswith("BT"):
                        self._owners[key] = ref
        return self._owners


def _by_names(everything: Iterable[etree._Element]) -> dict[tuple[str, ...], list[etree._Element]]:
    """Elements, parents first, by the names that lead to them from the root, its own left out."""
    names: dict[etree._Element, tuple[str, ...]] = {}
    found: dict[tuple[str, ...], list[etree._Element]] = {}
    for node in everything:
        parent = node.getparent()
        names[node] = way = () if parent is None else (*names[parent], str(node.tag))
        found.setdefault(way, []).append(node)
    return found


def text_of(node: etree._Element) -> str:
    """The text of an element, its children's included, as written."""
    if len(node) == 0:
        return node.text or ""
    return "".join(str(part) for part in node.itertext())


def place_of(node: etree._Element) -> str:
    """Where an element stands, for a reader: `/rsm:CrossIndustryInvoice/…/ram:ID`, numbered among its like."""
    steps: list[str] = []
    current: etree._Element | None = node
    while current is not None:
        parent = current.getparent()
        alike = [] if parent is None else [one for one in parent if one.tag == current.tag]
        steps.append(_prefixed(current) + (f"[{alike.index(current) + 1}]" if len(alike) > 1 else ""))
        current = parent
    return "/" + "/".join(reversed(steps))


_PREFIXES: Final = {uri: prefix for prefix, uri in NAMESPACES.items()}


def _prefixed(node: etree._Element) -> str:
    name = etree.QName(node)
    prefix = _PREFIXES.get(name.namespace or "")
    return f"{prefix}:{name.localname}" if prefix else name.localname
