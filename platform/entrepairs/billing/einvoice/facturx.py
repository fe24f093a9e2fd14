"""The XML (UN/CEFACT CII or UBL 2.1, profile EN 16931) and its embedding in the PDF, through the factur-x library.

The library stamps the hour of the embedding, a random identifier and the level « B » in the file. We put the legal
date and a hash instead, so that the same invoice gives the same bytes, and « A », which the page was printed as.
"""

import hashlib
import re
import tempfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from entrepairs.billing.einvoice.mentions import VAT_ON_DEBITS, Category, Note, seller_note
from entrepairs.billing.einvoice.model import Address, Allowance, Attachment, EInvoice, InvoiceLine, Party, VatBreakdown
from entrepairs.kernel.money import Money

LEVEL = "en16931"
ENDPOINT_SCHEME = "0225"
SIREN_SCHEME = "0002"
SIRET_SCHEME = "0009"
CREDIT_TRANSFER = "30"

# As pypdf writes them: the punctuation of a date is escaped, the file identifier is two random strings.
_PDF_INSTANT = re.compile(rb"D\\072\d{14}\\05300\\04700\\047")
_XMP_INSTANT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")
_XMP_LEVEL = re.compile(rb"<pdfaid:conformance>B</pdfaid:conformance>")
_FILE_ID = re.compile(rb"/ID \[ <[0-9a-f]{48}> <[0-9a-f]{48}> \]")


class EmbeddingError(RuntimeError):
    """The library made a file that we don't recognise: its version changed under us."""


def build_xml(invoice: EInvoice) -> bytes:
    """The CII document, checked against its XSD. Raises what factur-x raises on a document the schema refuses."""
    from facturx import generate_xml

    xml: bytes = generate_xml(_terms(invoice), flavor="factur-x", level=LEVEL, check_xsd=True, check_schematron=False)
    return xml


def build_ubl(invoice: EInvoice) -> bytes:
    """The same invoice in UBL 2.1 (Invoice or CreditNote), from the same terms as the CII, checked against its XSD."""
    from facturx import generate_xml

    xml: bytes = generate_xml(_terms(invoice), flavor="ubl-2.1", level=LEVEL, check_xsd=True, check_schematron=False)
    return xml


def build_facturx(pdf: bytes, xml: bytes, *, on: date, title: str, author: str) -> bytes:
    """`pdf` (PDF/A-3a) carrying `xml` as `factur-x.xml`; dated `on`. The same input gives the same bytes."""
    from facturx import generate_from_file

    # By paths: given a file object, the library writes after what it read and leaves the old page in front.
    with tempfile.TemporaryDirectory(prefix="facturx-") as folder:
        page, result = Path(folder, "page.pdf"), Path(folder, "facturx.pdf")
        page.write_bytes(pdf)
        generate_from_file(
            str(page),
            xml,
            flavor="factur-x",
            level=LEVEL,
            check_xsd=False,
            pdf_metadata={"author": author, "title": title, "subject": title},
            lang="fr-FR",
            output_pdf_file=str(result),
            afrelationship="data",
            xmp_compression=False,
        )
        return _repeatable(result.read_bytes(), on, hashlib.sha256(pdf + xml).hexdigest()[:48])


def _repeatable(content: bytes, on: date, identifier: str) -> bytes:
    """The file with the legal date and an identifier made from its content. Lengths stay, so its offsets stay right."""
    content = _replace(_PDF_INSTANT, rf"D\072{on:%Y%m%d}000000\05300\04700\047".encode(), content)
    content = _replace(_XMP_INSTANT, f"{on:%Y-%m-%d}T00:00:00+00:00".encode(), content)
    content = _replace(_FILE_ID, f"/ID [ <{identifier}> <{identifier}> ]".encode(), content)
    return _replace(_XMP_LEVEL, b"<pdfaid:conformance>A</pdfaid:conformance>", content)


def _replace(pattern: re.Pattern[bytes], by: bytes, content: bytes) -> bytes:
    found = pattern.findall(content)
    if not found or any(len(one) != len(by) for one in found):
        msg = f"no {pattern.pattern!r} of {len(by)} bytes in the Factur-X file"
        raise EmbeddingError(msg)
    return pattern.sub(lambda _: by, content)


def all_notes(invoice: EInvoice) -> tuple[Note, ...]:
    """The notes given, and those that follow from the invoice itself."""
    derived = []
    if invoice.vat_on_debits and _is_taxed(invoice):
        derived.append(VAT_ON_DEBITS)
    return (*invoice.notes, *derived)


def _terms(invoice: EInvoice) -> dict[str, Any]:
    terms = {
        "BT-1": invoice.number,
        "BT-2": invoice.issued_on,
        "BT-3": invoice.type.value,
        "BT-5": "EUR",
        # Nothing is due on a credit note, and UBL has no place for the day without a means of payment.
        "BT-9": None if invoice.is_credit_note else invoice.paid_on or invoice.due_on,
        "BT-10": invoice.service_code,
        "BT-11": invoice.project,
        "BT-12": invoice.agreement_number,
        "BT-13": invoice.engagement,
        "BT-20": invoice.reason or None,
        "BT-23": invoice.frame,
        "BT-72": invoice.last_day,  # the day the service was completed
        "BT-73": invoice.first_day,
        "BT-74": invoice.last_day,
        "BT-106": amount(invoice.lines_net),
        "BT-107": amount(invoice.allowed) if invoice.allowances else None,
        "BT-109": amount(invoice.net),
        "BT-110": amount(invoice.vat),
        "BT-112": amount(invoice.gross),
        "BT-113": amount(invoice.paid) if invoice.paid else None,
        "BT-115": amount(invoice.due),
        "BG-1": [{"BT-21": note.code.value, "BT-22": note.text} for note in all_notes(invoice)],
        "BG-4": _seller(invoice.seller),
        "BG-7": _buyer(invoice.buyer),
        "BG-20": [_allowance(one) for one in invoice.allowances] or None,
        "BG-24": [_attachment(one) for one in invoice.attachments] or None,
        "BG-23": [_vat_row(row) for row in invoice.breakdown],
        "BG-25": [_line(index, line) for index, line in enumerate(invoice.lines, start=1)],
    }
    if invoice.vat_on_debits and _is_taxed(invoice):
        terms["BT-8"] = "invoice"  # each syntax has its own code for it: 5 in CII, 3 in UBL
    if invoice.delivery:
        delivery = invoice.delivery
        terms["BG-13"] = {"name": delivery.name, "identifiers": _siret(delivery.siret), **_address(delivery.address)}
    if invoice.references:
        terms["BG-3"] = [{"BT-25": one.number, "BT-26": one.issued_on} for one in invoice.references]
    if not invoice.is_credit_note:
        # Chorus Pro refuses a bank account on a credit note.
        terms |= {
            "BT-81": CREDIT_TRANSFER,
            "BT-83": invoice.number,
            "BT-84": invoice.iban,
            "BT-85": invoice.seller.name,
            "BT-86": invoice.bic,
        }
    return _without_blanks(terms)


def _is_taxed(invoice: EInvoice) -> bool:
    return any(line.treatment.category is Category.STANDARD for line in invoice.lines)


def _party(party: Party) -> dict[str, Any]:
    return {
        "name": party.name,
        "identifiers": _siret(party.siret),
        "legal_identifier": party.siren,
        "legal_identifier_schemeid": SIREN_SCHEME,
        "einvoicing_addr": party.endpoint,
        "einvoicing_addr_schemeid": ENDPOINT_SCHEME,
        "vat_identifier": party.vat_number,
        **_address(party.address),
    }


def _seller(party: Party) -> dict[str, Any]:
    terms = _party(party)
    if not party.vat_number:
        # BT-32: an exempt seller without a VAT number is known to the tax office by its SIREN (BR-E-02, BR-CO-26).
        terms["tax_identifier"] = party.siren
    if party.legal_form:
        terms["legal_info"] = seller_note(legal_form=party.legal_form, siren=party.siren, rna=party.rna).text
    if party.email or party.phone:
        terms["contacts"] = [_without_blanks({"name": party.name, "email": party.email, "phone": party.phone})]
    return _without_blanks(terms)


def _buyer(party: Party) -> dict[str, Any]:
    return _without_blanks(_party(party))


def _siret(siret: str | None) -> dict[str, str] | None:
    return {SIRET_SCHEME: siret} if siret else None


def _address(address: Address) -> dict[str, str]:
    streets = dict(zip(("addr_l1", "addr_l2", "addr_l3"), address.lines, strict=False))
    return {**streets, "postcode": address.postcode, "city": address.town, "country_code": address.country}


def _vat_row(row: VatBreakdown) -> dict[str, Any]:
    kind = row.treatment
    terms = {
        "BT-116": amount(row.base),
        "BT-117": amount(row.vat),
        "BT-118": kind.category.value,
        "BT-119": _rate(kind.rate) if kind.category is not Category.OUT_OF_SCOPE else None,
        "BT-120": kind.text if kind.vatex else None,
        "BT-121": kind.vatex,
    }
    return _without_blanks(terms)


def _line(index: int, line: InvoiceLine) -> dict[str, Any]:
    kind = line.treatment
    terms = {
        "BT-126": str(index),
        "BT-129": number(line.quantity),
        "BT-130": line.unit_code,
        "BT-131": amount(line.net),
        "BG-27": [{"amount": amount(line.discount), "reason": line.discount_reason}] if line.discount else None,
        "BT-134": line.first_day,
        "BT-135": line.last_day,
        "BT-146": amount(line.unit_price),
        "BT-151": kind.category.value,
        "BT-152": _rate(kind.rate) if kind.category is not Category.OUT_OF_SCOPE else None,
        "BT-153": line.label,
        "BT-154": line.detail or None,
    }
    return _without_blanks(terms)


def _allowance(one: Allowance) -> dict[str, Any]:
    kind = one.treatment
    terms = {
        "amount": amount(one.amount),
        "reason": one.reason,
        "vat_category_code": kind.category.value,
        "vat_rate": _rate(kind.rate) if kind.category is not Category.OUT_OF_SCOPE else None,
    }
    return _without_blanks(terms)


def _attachment(one: Attachment) -> dict[str, Any]:
    return {
        "BT-122": one.reference,
        "BT-123": one.kind.value,
        "BT-125": one.content,
        "BT-125-1": one.media,
        "BT-125-2": one.filename,
    }


def amount(value: Money) -> str:
    """`1234.50`: two decimals and a point, as the norm writes amounts."""
    return str(value.euros)


def number(value: Decimal) -> str:
    """A quantity without useless zeros and without an exponent."""
    return f"{value.normalize():f}"


_rate: Callable[[Decimal], str] = number


def _without_blanks(terms: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in terms.items() if value is not None}
