"""What Chorus Pro reads of a flow: the number, who it is for, how much. A Factur-X PDF, or a UBL or CII file."""

import io
from typing import Any

Json = dict[str, Any]


class Unreadable(ValueError):
    """The file is no invoice."""


def read_flow(content: bytes, syntax: str) -> Json:
    """`number`, `siret`, `service`, `engagement`, `cents`. Raises Unreadable."""
    from lxml import etree

    xml = _embedded(content) if syntax.endswith("FACTURX") else content
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable("Le fichier n’est pas un XML.") from error
    return _ubl(root) if etree.QName(root).localname in ("Invoice", "CreditNote") else _cii(root)


def _embedded(content: bytes) -> bytes:
    if not content.startswith(b"%PDF-"):
        raise Unreadable("Le fichier n’est pas un PDF.")
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        attached = PdfReader(io.BytesIO(content)).attachments
    except (PyPdfError, ValueError, KeyError) as error:
        raise Unreadable("Le PDF ne se lit pas.") from error
    found = attached.get("factur-x.xml")
    if not found:
        raise Unreadable("Le PDF ne contient pas de factur-x.xml.")
    return found[0]


def _one(root: Any, *path: str) -> str:
    """The text at a path of local names."""
    steps = "/".join(f"*[local-name()='{name}']" for name in path)
    found = root.xpath(f"./{steps}")
    return (found[0].text or "").strip() if found else ""


def _cii(root: Any) -> Json:
    trade = ("SupplyChainTradeTransaction", "ApplicableHeaderTradeAgreement")
    number = _one(root, "ExchangedDocument", "ID")
    if not number:
        raise Unreadable("La facture n’a pas de numéro.")
    due = _one(
        root,
        "SupplyChainTradeTransaction",
        "ApplicableHeaderTradeSettlement",
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        "DuePayableAmount",
    )
    return {
        "number": number,
        "siret": _one(root, *trade, "BuyerTradeParty", "GlobalID")
        or _one(root, *trade, "BuyerTradeParty", "SpecifiedLegalOrganization", "ID"),
        "service": _one(root, *trade, "BuyerReference"),
        "engagement": _one(root, *trade, "BuyerOrderReferencedDocument", "IssuerAssignedID"),
        "cents": _cents(due),
    }


def _ubl(root: Any) -> Json:
    number = _one(root, "ID")
    if not number:
        raise Unreadable("La facture n’a pas de numéro.")
    return {
        "number": number,
        "siret": _one(root, "AccountingCustomerParty", "Party", "PartyIdentification", "ID"),
        "service": _one(root, "BuyerReference"),
        "engagement": _one(root, "OrderReference", "ID"),
        "cents": _cents(_one(root, "LegalMonetaryTotal", "PayableAmount")),
    }


def _cents(text: str) -> int:
    euros, _, rest = text.partition(".")
    whole = int(euros or 0)
    return whole * 100 + (-1 if whole < 0 else 1) * int((rest + "00")[:2])
