"""The printed page of an e-invoice: the same values as the XML, in French. Nothing is typed twice."""

from collections.abc import Iterator
from typing import Final

from entrepairs.billing.einvoice.facturx import all_notes
from entrepairs.billing.einvoice.mentions import NoteCode, seller_note
from entrepairs.billing.einvoice.model import Address, DocumentType, EInvoice, InvoiceLine, Party, VatBreakdown
from entrepairs.documents.french import french_date, french_money, french_period, french_quantity, spaced
from entrepairs.documents.papers import Invoice, PartyBlock, PaymentBlock, PricedLine, VatRow
from entrepairs.kernel.identifiers import format_phone, format_siren, format_siret
from entrepairs.kernel.money import Money

_MACHINE_ONLY = (NoteCode.SCOPE, NoteCode.LEGAL)
"""Notes for the tax platform, and the seller's identity, which is already in its block."""


HEADINGS: Final = {
    DocumentType.INVOICE: "Facture",
    DocumentType.DEPOSIT: "Facture d’acompte",
    DocumentType.CREDIT_NOTE: "Avoir",
}


def paper_of(invoice: EInvoice) -> Invoice:
    """Data of `invoice.typ`."""
    return {
        "number": invoice.number,
        "dated": f"Émis{'' if invoice.is_credit_note else 'e'} le {french_date(invoice.issued_on)}",
        "notice": invoice.notice,
        "credit": invoice.is_credit_note,
        "heading": HEADINGS[invoice.type],
        "issuer": {
            "name": invoice.seller.name,
            "lines": _address(invoice.seller.address),
            "details": _identity(invoice.seller),
            "footer": _footer(invoice.seller),
        },
        "buyer": _block(invoice.buyer),
        "references": list(_references(invoice)),
        "delivery": _delivery(invoice),
        "lines": list(_lines(invoice)),
        "totals": _totals(invoice),
        "due": ("Montant de l’avoir TTC" if invoice.is_credit_note else "Net à payer TTC", french_money(invoice.due)),
        "vat_breakdown": [_vat_row(row) for row in invoice.breakdown],
        "payment": _payment(invoice),
        "legal": [note.text for note in all_notes(invoice) if note.code not in _MACHINE_ONLY],
    }


def title_of(invoice: EInvoice) -> str:
    """`Facture FA2027-00042`."""
    return f"{HEADINGS[invoice.type]} {invoice.number}"


def _address(address: Address) -> list[str]:
    return [*address.lines, f"{address.postcode} {address.town}"]


def _block(party: Party) -> PartyBlock:
    return {"name": party.name, "lines": _address(party.address), "details": _identity(party)}


def _identity(party: Party) -> list[tuple[str, str | None]]:
    return [
        ("SIREN", format_siren(party.siren)),
        ("SIRET", format_siret(party.siret) if party.siret else None),
        ("RNA", party.rna),
        ("TVA", party.vat_number),
        ("Courriel", party.email),
        ("Téléphone", format_phone(party.phone) if party.phone else None),
    ]


def _footer(seller: Party) -> str:
    identity = seller_note(legal_form=seller.legal_form or "", siren=format_siren(seller.siren), rna=seller.rna).text
    return f"{seller.name} · {identity.lstrip(', ').rstrip('.')}"


def _references(invoice: EInvoice) -> Iterator[tuple[str, str | None]]:
    yield "N° d’engagement", invoice.engagement
    yield "Code service", invoice.service_code
    yield "Convention", invoice.agreement_number
    yield "Projet", invoice.project
    if invoice.preceding:
        yield "Facture corrigée", f"{invoice.preceding.number} du {french_date(invoice.preceding.issued_on)}"
    yield "Motif", invoice.reason or None
    deposits = "\n".join(f"{one.number} du {french_date(one.issued_on)}" for one in invoice.deposits)
    yield "Acompte déduit" if len(invoice.deposits) < 2 else "Acomptes déduits", deposits or None
    names = "\n".join(one.filename for one in invoice.attachments)
    yield "Pièce jointe" if len(invoice.attachments) < 2 else "Pièces jointes", names or None
    yield "Période", french_period(invoice.first_day, invoice.last_day)


def _delivery(invoice: EInvoice) -> PartyBlock | None:
    place = invoice.delivery
    if place is None:
        return None
    details = [("SIRET", format_siret(place.siret))] if place.siret else []
    return {"name": place.name, "lines": _address(place.address), "details": details}


def _lines(invoice: EInvoice) -> Iterator[PricedLine]:
    """Each line, with the sum so far: a page that ends carries it to the next."""
    so_far = Money(0)
    for line in invoice.lines:
        so_far += line.net
        yield {**_line(line), "carried": french_money(so_far)}


def _line(line: InvoiceLine) -> PricedLine:
    detail = line.detail
    if line.discount:
        told = f"Remise de {french_money(line.discount)} : {line.discount_reason}"
        detail = f"{detail}\n{told}" if detail else told
    return {
        "name": line.label,
        "detail": detail or None,
        "quantity": french_quantity(line.quantity, line.unit),
        "unit_price": french_money(line.unit_price),
        "vat": line.treatment.short,
        "net": french_money(line.net),
    }


def _totals(invoice: EInvoice) -> list[tuple[str, str]]:
    rows = [("Total HT", french_money(invoice.net)), ("Total TVA", french_money(invoice.vat))]
    if invoice.allowances:
        taken = [(f"Remise : {one.reason}", french_money(-one.amount)) for one in invoice.allowances]
        rows = [("Total des lignes HT", french_money(invoice.lines_net)), *taken, *rows]
    if invoice.paid:
        rows += [("Total TTC", french_money(invoice.gross)), ("Déjà réglé", french_money(-invoice.paid))]
    return rows


def _vat_row(row: VatBreakdown) -> VatRow:
    return {
        "text": row.treatment.text,
        "rate": row.treatment.short,
        "base": french_money(row.base),
        "amount": french_money(row.vat),
    }


def _payment(invoice: EInvoice) -> PaymentBlock:
    if invoice.is_credit_note:
        text = "Cet avoir vient en déduction de la facture corrigée ; il est remboursé si elle est déjà réglée."
        return {"title": "Rien à régler", "text": text, "details": []}
    if invoice.paid and not invoice.due:
        day = french_date(invoice.paid_on or invoice.due_on)
        return {"title": f"Déjà réglée le {day}", "text": "Rien à payer : merci.", "details": []}
    return {
        "title": f"À régler au plus tard le {french_date(invoice.due_on)}",
        "text": f"Par virement, avec la référence {invoice.number}.",
        "details": [("IBAN", spaced(invoice.iban, 4)), ("BIC", invoice.bic), ("Titulaire", invoice.seller.name)],
    }
