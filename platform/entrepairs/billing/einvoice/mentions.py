"""Legal mentions: how a line stands towards VAT, and the notes that every invoice must carry.

Texts are French law's own and go on paper and into the XML alike. Rates and amounts that the law changes are
arguments: the caller reads them from the dated parameters.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from entrepairs.documents.french import french_percent
from entrepairs.kernel.money import Money
from entrepairs.kernel.vat_regimes import regimes


class Category(StrEnum):
    """BT-118 and BT-151, the UNTDID 5305 codes in use here."""

    STANDARD = "S"
    EXEMPT = "E"
    OUT_OF_SCOPE = "O"


@dataclass(frozen=True, slots=True)
class Treatment:
    """How a line stands towards VAT.

    `rate` is in percent; `text` is BT-120, `vatex` BT-121 (None when taxed); `short` is printed in a column.
    """

    code: str
    category: Category
    rate: Decimal
    short: str
    text: str
    vatex: str | None = None


def _untaxed(code: str) -> Treatment:
    """The treatment of a regime without VAT, as the dated parameters say it."""
    regime = regimes()[code]
    return Treatment(code, Category(regime.category), Decimal(0), regime.short, regime.legal_text, regime.vatex)


SOCIAL: Final = _untaxed("exempt_261_7_1_b")
"""Services of a non-profit body with disinterested management (CGI art. 261, 7, 1°, a and b)."""
TRAINING: Final = _untaxed("exempt_261_4_4_a")
"""Vocational training with the attestation 3511-SD."""
FRANCHISE: Final = _untaxed("franchise_293_b")
OUT_OF_SCOPE: Final = _untaxed("out_of_scope")

STANDARD_CODE: Final = "standard"
CODES: Final = tuple(regimes())
"""What `vat_regime` may hold on catalogue items, quote lines and invoice lines."""


def standard(rate: Decimal) -> Treatment:
    """Taxed at the normal rate, in percent: a dated parameter (20 since 2014, CGI art. 278)."""
    return Treatment(STANDARD_CODE, Category.STANDARD, rate, french_percent(rate), "Taux normal")


def treatment(code: str, *, standard_rate: Decimal) -> Treatment:
    """The treatment a `vat_regime` code stands for. Raises KeyError on an unknown code."""
    return standard(standard_rate) if code == STANDARD_CODE else _untaxed(code)


class NoteCode(StrEnum):
    """BT-21, UNTDID 4451, with the meaning that BR-FR gives it."""

    RECOVERY = "PMT"
    """Fixed indemnity for recovery costs."""
    LATE_PAYMENT = "PMD"
    """Late payment interest."""
    DISCOUNT = "AAB"
    """Discount for early payment, or none."""
    SCOPE = "BAR"
    """What the tax platform is to do of it: `B2B`, `OUTOFSCOPE`…"""
    TAX = "TXD"
    """A mention about tax (VAT on debits)."""
    GENERAL = "AAI"
    """Anything else worth saying."""
    LEGAL = "REG"
    """Identity of the seller: legal form, register."""


@dataclass(frozen=True, slots=True)
class Note:
    """BG-1: a text and its code."""

    code: NoteCode
    text: str


NO_DISCOUNT: Final = Note(NoteCode.DISCOUNT, "Pas d’escompte pour paiement anticipé.")
VAT_ON_DEBITS: Final = Note(NoteCode.TAX, "Option pour le paiement de la taxe d’après les débits.")
SERVICES: Final = Note(NoteCode.GENERAL, "Nature de l’opération : prestation de services.")
"""The category of operation, printed since the decree 2022-1299; the XML says it by BT-23 = S1."""


def payment_notes(
    *, public: bool, late_points: Decimal, indemnity: Money, agreed: Decimal | None = None
) -> tuple[Note, ...]:
    """The three notes that BR-FR-05 wants once each.

    `late_points` are added to the central bank's main refinancing rate: 8 for a public buyer (CCP R2192-31), 10 by
    default for a private one (C. com. L441-10 II); `indemnity` is 40 € (C. com. D441-5, CCP D2192-35). All three are
    dated parameters. `agreed` is the yearly rate of the agreement, in its place.
    """
    points = f"{late_points.normalize():f}".replace(".", ",")
    euros = f"{indemnity.euros.normalize():f}".replace(".", ",")
    if public:
        law, indemnity_law = "code de la commande publique, art. R2192-31", "art. D2192-35"
    else:
        law, indemnity_law = "code de commerce, art. L441-10", "art. D441-5"
    return (
        Note(
            NoteCode.LATE_PAYMENT,
            "En cas de retard de paiement, intérêts de plein droit au taux de refinancement de la Banque centrale "
            f"européenne majoré de {points} points ({law})."
            if agreed is None
            else f"En cas de retard de paiement, intérêts de plein droit au taux convenu de {french_percent(agreed)} l’an "
            f"({law}).",
        ),
        Note(
            NoteCode.RECOVERY,
            f"Indemnité forfaitaire pour frais de recouvrement en cas de retard : {euros} € ({indemnity_law}).",
        ),
        NO_DISCOUNT,
    )


def seller_note(*, legal_form: str, siren: str, rna: str | None = None) -> Note:
    """Who the seller is in law: « Association loi 1901, RNA W131009876, SIREN 852741965 »."""
    register = f", RNA {rna}" if rna else ""
    return Note(NoteCode.LEGAL, f"{legal_form}{register}, SIREN {siren}.")
