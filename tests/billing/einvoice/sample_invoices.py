"""Invoices that may be issued, one by case of law; tests bend a copy with `replace`."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from entrepairs.billing.einvoice.mentions import (
    FRANCHISE,
    OUT_OF_SCOPE,
    SERVICES,
    SOCIAL,
    TRAINING,
    Note,
    NoteCode,
    Treatment,
    payment_notes,
    standard,
)
from entrepairs.billing.einvoice.model import (
    Address,
    Allowance,
    Attachment,
    AttachmentKind,
    Delivery,
    DocumentType,
    EInvoice,
    InvoiceLine,
    Party,
    Preceding,
    PublicRouting,
)
from entrepairs.kernel.money import Money

VAT_20 = standard(Decimal(20))
SELLER = Party(
    "Entrepairs Provence",
    "900000001",
    Address(("12 rue des Amandiers",), "13001", "Marseille"),
    siret="90000000100017",
    legal_form="Association loi 1901",
    rna="W131009876",
    email="contact@entrepairs.example",
    phone="+33491000000",
)
LIABLE_SELLER = replace(SELLER, vat_number="FR68900000001")
CLINIC = Party(
    "Clinique Les Tamaris",
    "732829320",
    Address(("48 avenue de la Durance",), "13100", "Aix-en-Provence"),
    siret="73282932000074",
)
HOSPITAL = Party(
    "EPSM de la Durance", "130005481", Address(("Route de Pertuis",), "84120", "Pertuis"), "13000548100010"
)
PRIVATE_NOTES = payment_notes(public=False, late_points=Decimal(10), indemnity=Money(4000))
PUBLIC_NOTES = payment_notes(public=True, late_points=Decimal(8), indemnity=Money(4000))
BUSINESS = Note(NoteCode.SCOPE, "B2B")


def line(treatment: Treatment = SOCIAL, quantity: str = "8", cents: int = 24_000, unit: str = "séance") -> InvoiceLine:
    """Eight WRAP sessions at 240 €."""
    return InvoiceLine(
        "Groupe WRAP", Decimal(quantity), Money(cents), treatment, unit=unit, detail="pavillon Les Glycines"
    )


PRIVATE = EInvoice(
    type=DocumentType.INVOICE,
    number="FA2027-00042",
    issued_on=date(2027, 3, 12),
    due_on=date(2027, 4, 11),
    first_day=date(2027, 1, 21),
    last_day=date(2027, 3, 11),
    seller=SELLER,
    buyer=CLINIC,
    lines=(line(),),
    notes=(*PRIVATE_NOTES, SERVICES),
    iban="FR7630006000011234567890189",
    bic="AGRIFRPP",
)
PUBLIC = replace(
    PRIVATE,
    buyer=HOSPITAL,
    notes=(*PUBLIC_NOTES, SERVICES),
    due_on=date(2027, 5, 1),
    public=PublicRouting(service_required=True, engagement_required=True),
    service_code="FACT-PSY",
    engagement="4500123456",
    agreement_number="CV2027-00003",
    delivery=Delivery("CMP Les Tamaris", Address(("3 place du Marché",), "84120", "Pertuis"), "13000548100010"),
)
CREDIT_NOTE = replace(
    PRIVATE,
    type=DocumentType.CREDIT_NOTE,
    number="AV2027-00003",
    issued_on=date(2027, 3, 20),
    preceding=Preceding("FA2027-00042", date(2027, 3, 12)),
    reason="Séance du 4 mars annulée par l'association",
    lines=(line(quantity="1"),),
)
MIXED = replace(PRIVATE, seller=LIABLE_SELLER, lines=(line(), line(VAT_20, "1.5", 115_033, "jour")), vat_on_debits=True)
DEPOSIT = replace(
    PRIVATE,
    type=DocumentType.DEPOSIT,
    number="FA2027-00041",
    first_day=date(2027, 4, 1),
    last_day=date(2027, 6, 30),
    lines=(replace(line(quantity="1", cents=57_600, unit="acompte"), label="Acompte de 30 %", detail=""),),
)
AFTER_DEPOSIT = replace(
    PRIVATE,
    deposits=(Preceding("FA2027-00041", date(2027, 3, 1)),),
    lines=(
        line(),
        replace(line(quantity="-1", cents=57_600, unit="acompte"), label="Acompte déduit", detail="", deducts=True),
    ),
)
DISCOUNTED = replace(
    MIXED,
    lines=(replace(MIXED.lines[0], discount=Money(1_000), discount_reason="Tarif solidaire"), MIXED.lines[1]),
    allowances=(Allowance(Money(5_025), VAT_20, "Geste commercial"),),
    project="PRJ-7",
    attachments=(Attachment("RIB-1", AttachmentKind.BANK_DETAILS, "rib.pdf", "application/pdf", b"%PDF-1.7 rib"),),
)
CASES = {
    "private, exempt 261-7-1": PRIVATE,
    "private, exempt training": replace(PRIVATE, lines=(line(TRAINING),)),
    "franchise 293 B": replace(PRIVATE, lines=(line(FRANCHISE),)),
    "out of scope": replace(PRIVATE, lines=(line(OUT_OF_SCOPE),)),
    "taxed at 20 %": replace(PRIVATE, seller=LIABLE_SELLER, lines=(line(VAT_20),)),
    "exempt and taxed": MIXED,
    "announced as B2B": replace(PRIVATE, notes=(*PRIVATE.notes, BUSINESS)),
    "partly paid": replace(PRIVATE, paid=Money(50_000)),
    "public buyer": PUBLIC,
    "credit note": CREDIT_NOTE,
    "credit note to a public buyer": replace(
        PUBLIC,
        type=DocumentType.CREDIT_NOTE,
        number="AV2027-00004",
        preceding=CREDIT_NOTE.preceding,
        reason="Heures corrigées",
    ),
    "deposit": DEPOSIT,
    "after a deposit": AFTER_DEPOSIT,
    "credit note of an invoice after a deposit": replace(CREDIT_NOTE, lines=AFTER_DEPOSIT.lines),
    "paid already": replace(PRIVATE, paid=Money(192_000), paid_on=date(2027, 3, 10)),
    "discounts, project and attachment": DISCOUNTED,
    "forty lines": replace(PRIVATE, lines=tuple(line(quantity=f"{n}.25", cents=1_111 * n) for n in range(1, 41))),
}
