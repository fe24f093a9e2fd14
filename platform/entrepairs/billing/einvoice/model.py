"""An invoice or credit note as values: what the XML and the printed page are both made from.

Amounts are `Money` (integer cents, EUR). A credit note has positive amounts and type 381, as EN 16931 wants.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from entrepairs.billing.einvoice.mentions import Note, Treatment
from entrepairs.kernel.money import Money, vat_of

NOTHING: Final = Money(0)


class DocumentType(StrEnum):
    """BT-3, UNTDID 1001."""

    INVOICE = "380"
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
    """A line. `unit` is printed (« séance »), `unit_code` is UN/ECE rec. 20 (C62: one, HUR: hour, DAY: day)."""

    label: str
    quantity: Decimal
    unit_price: Money
    treatment: Treatment
    unit: str = ""
    unit_code: str = "C62"
    detail: str = ""
    first_day: date | None = None
    last_day: date | None = None

    @property
    def net(self) -> Money:
        """BT-131, rounded half up by line."""
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class VatBreakdown:
    """BG-23: one row by category and rate. The VAT is computed on the row's base, rounded half up."""

    treatment: Treatment
    base: Money
    vat: Money


@dataclass(frozen=True, slots=True)
class Preceding:
    """The invoice that a credit note corrects (BT-25, BT-26)."""

    number: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class PublicRouting:
    """What a public buyer wants, by structure and service in Chorus Pro's directory."""

    service_required: bool = False
    engagement_required: bool = False


@dataclass(frozen=True, slots=True)
class EInvoice:
    """Everything an issued document says.

    Dates are legal dates in Paris; `first_day` and `last_day` are the period of service, both included.
    `service_code` is BT-10, `engagement` BT-13, `agreement_number` BT-12. `public` is None for a private buyer.
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

    @property
    def is_credit_note(self) -> bool:
        """Type 381."""
        return self.type is DocumentType.CREDIT_NOTE

    @property
    def net(self) -> Money:
        """BT-109."""
        return Money.sum(line.net for line in self.lines)

    @property
    def breakdown(self) -> tuple[VatBreakdown, ...]:
        """BG-23, in order of first use."""
        return self.vat_rows or tuple(_breakdown(self.lines))

    @property
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


def _breakdown(lines: tuple[InvoiceLine, ...]) -> Iterator[VatBreakdown]:
    bases: dict[Treatment, Money] = {}
    for line in lines:
        bases[line.treatment] = bases.get(line.treatment, NOTHING) + line.net
    for treatment, base in bases.items():
        yield VatBreakdown(treatment, base, vat_of(base, treatment.rate))
