"""An invoice or credit note as values: what the XML and the printed page are both made from.

Amounts are `Money` (integer cents, EUR). A credit note has positive amounts and type 381, as EN 16931 wants.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Final

from entrepairs.billing.einvoice.mentions import Note, Treatment
from entrepairs.kernel.money import Money, vat_of

NOTHING: Final = Money(0)
TO_BE_PAID: Final = "S1"
ALREADY_PAID: Final = "S2"
AFTER_DEPOSIT: Final = "S4"


class DocumentType(StrEnum):
    """BT-3, UNTDID 1001."""

    INVOICE = "380"
    DEPOSIT = "386"
    """« Facture d'acompte »: asked before the service is done."""
    CREDIT_NOTE = "381"


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; `lines` are at most three."""

    lines: tuple[str, ...]
    postcode: str
    town: str
    country: str = "FR"


@dataclass(frozen=True, slots=True)
class Party:
    """Seller or buyer, copied at issue. `siren` 9 digits, `siret` 14, both compact.

    `electronic_address` (scheme 0225) is the SIREN unless the directory says `SIREN_suffix`; `legal_form` and `rna`
    are printed and travel in BT-33 for the seller.
    """

    name: str
    siren: str
    address: Address
    siret: str | None = None
    vat_number: str | None = None
    electronic_address: str | None = None
    legal_form: str | None = None
    rna: str | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def endpoint(self) -> str:
        """BT-34 or BT-49, in scheme 0225."""
        return self.electronic_address or self.siren


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where the service took place, when it is not the buyer's address (BG-13)."""

    name: str
    address: Address
    siret: str | None = None


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A line. `unit` is printed (« séance »), `unit_code` is UN/ECE rec. 20 (C62: one, HUR: hour, DAY: day).

    `discount` is taken off the line, with its reason and its code of UNTDID 5189 (BG-27). `deducts` says that the line
    takes off a deposit billed before: its quantity is negative, its price never is.
    """

    label: str
    quantity: Decimal
    unit_price: Money
    treatment: Treatment
    unit: str = ""
    unit_code: str = "C62"
    detail: str = ""
    first_day: date | None = None
    last_day: date | None = None
    discount: Money = NOTHING
    discount_reason: str = ""
    discount_code: str | None = None
    deducts: bool = False

    @property
    def before_discount(self) -> Money:
        """Price times quantity, rounded half up by line."""
        return self.unit_price * self.quantity

    @property
    def net(self) -> Money:
        """BT-131."""
        return self.before_discount - self.discount


@dataclass(frozen=True, slots=True)
class Allowance:
    """A discount on the whole invoice (BG-20), positive; it lowers the base of its treatment."""

    amount: Money
    treatment: Treatment
    reason: str
    code: str | None = None


class AttachmentKind(StrEnum):
    """BT-123: what an attached file is, in the words of BR-FR-17."""

    BANK_DETAILS = "RIB"
    READABLE = "LISIBLE"
    SUPPORTING = "PJA"
    ORDER = "BON_COMMANDE"
    DELIVERY_NOTE = "BON_LIVRAISON"
    DEPOSITS = "ETAT_ACOMPTE"
    ANNEX = "DOCUMENT_ANNEXE"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels inside the XML (BG-24). `reference` is what the invoice calls it."""

    reference: str
    kind: AttachmentKind
    filename: str
    media: str
    content: bytes


@dataclass(frozen=True, slots=True)
class VatBreakdown:
    """BG-23: one row by category and rate. The VAT is computed on the row's base, rounded half up."""

    treatment: Treatment
    base: Money
    vat: Money


@dataclass(frozen=True, slots=True)
class Preceding:
    """An invoice named by this document (BT-25, BT-26): the one a credit note corrects, a deposit that is deducted."""

    number: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class PublicRouting:
    """What a public buyer wants, by structure and service in Chorus Pro's directory."""

    service_required: bool = False
    engagement_required: bool = False


@dataclass(frozen=True)
class EInvoice:
    """Everything an issued document says.

    Dates are legal dates in Paris; `first_day` and `last_day` are the period of service, both included.
    `service_code` is BT-10, `project` BT-11, `agreement_number` BT-12, `engagement` BT-13. `public` is None for a
    private buyer. `deposits` are the deposit invoices whose amounts some lines take off. `paid_on` is the day of the
    payment, when all is paid before the issue.
    `vat_on_debits` is the seller's option; `reason` says why a credit note exists; `notice` prints a chip.
    """

    type: DocumentType
    number: str
    issued_on: date
    due_on: date
    first_day: date
    last_day: date
    seller: Party
    buyer: Party
    lines: tuple[InvoiceLine, ...]
    notes: tuple[Note, ...]
    iban: str
    bic: str | None = None
    public: PublicRouting | None = None
    service_code: str | None = None
    engagement: str | None = None
    agreement_number: str | None = None
    delivery: Delivery | None = None
    preceding: Preceding | None = None
    vat_rows: tuple[VatBreakdown, ...] = ()
    """The breakdown as it was frozen; empty, it is computed from the lines."""
    paid: Money = NOTHING
    vat_on_debits: bool = False
    reason: str = ""
    notice: str | None = None
    allowances: tuple[Allowance, ...] = ()
    deposits: tuple[Preceding, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    project: str | None = None
    paid_on: date | None = None

    @property
    def is_credit_note(self) -> bool:
        """Type 381."""
        return self.type is DocumentType.CREDIT_NOTE

    @property
    def frame(self) -> str:
        """BT-23: a service to be paid (S1), paid already (S2), or billed after a deposit (S4)."""
        if self.deposits:
            return AFTER_DEPOSIT
        return ALREADY_PAID if self.paid and not self.due else TO_BE_PAID

    @property
    def references(self) -> tuple[Preceding, ...]:
        """BG-3."""
        return (*((self.preceding,) if self.preceding else ()), *self.deposits)

    @cached_property
    def lines_net(self) -> Money:
        """BT-106."""
        return Money.sum(line.net for line in self.lines)

    @cached_property
    def allowed(self) -> Money:
        """BT-107."""
        return Money.sum(one.amount for one in self.allowances)

    @property
    def net(self) -> Money:
        """BT-109."""
        return self.lines_net - self.allowed

    @cached_property
    def breakdown(self) -> tuple[VatBreakdown, ...]:
        """BG-23, in order of first use."""
        return self.vat_rows or tuple(_breakdown(self.lines, self.allowances))

    @cached_property
    def vat(self) -> Money:
        """BT-110."""
        return Money.sum(row.vat for row in self.breakdown)

    @property
    def gross(self) -> Money:
        """BT-112."""
        return self.net + self.vat

    @property
    def due(self) -> Money:
        """BT-115."""
        return self.gross - self.paid


def _breakdown(lines: tuple[InvoiceLine, ...], allowances: tuple[Allowance, ...]) -> Iterator[VatBreakdown]:
    bases: dict[Treatment, Money] = {}
    for line in lines:
        bases[line.treatment] = bases.get(line.treatment, NOTHING) + line.net
    for one in allowances:
        bases[one.treatment] = bases.get(one.treatment, NOTHING) - one.amount
    for treatment, base in bases.items():
        yield VatBreakdown(treatment, base, vat_of(base, treatment.rate))
