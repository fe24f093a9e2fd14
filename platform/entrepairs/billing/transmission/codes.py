"""The life cycle of an electronic invoice in France: its codes, and the reasons the norm asks for.

Codes 200 to 228 and 501, and which reasons each may carry: FNFE's rules of the life-cycle message (BR-FR-CDV-15 and
BR-FR-CDV-CL-09, « Tableau des motifs de statuts »).
"""

from enum import IntEnum
from types import MappingProxyType
from typing import Final

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_


class LifeCode(IntEnum):
    """What may be said of an invoice."""

    DEPOSITED = 200
    ISSUED = 201
    RECEIVED = 202
    MADE_AVAILABLE = 203
    TAKEN_IN_HAND = 204
    APPROVED = 205
    PARTLY_APPROVED = 206
    DISPUTED = 207
    SUSPENDED = 208
    COMPLETED = 209
    REFUSED = 210
    PAYMENT_SENT = 211
    COLLECTED = 212
    REJECTED = 213
    STAMPED = 214
    CANCELLED = 220
    ROUTING_ERROR = 221
    FACTORED = 224
    FACTORED_CONFIDENTIALLY = 225
    ACCOUNT_CHANGED = 226
    NOT_FACTORED = 227
    PAID_DIRECTLY = 228
    INADMISSIBLE = 501


LABELS: Final = MappingProxyType(
    {
        LifeCode.DEPOSITED: N_("Deposited"),
        LifeCode.ISSUED: N_("Issued by the platform"),
        LifeCode.RECEIVED: N_("Received by the platform"),
        LifeCode.MADE_AVAILABLE: N_("Made available to the payer"),
        LifeCode.TAKEN_IN_HAND: N_("Taken in hand"),
        LifeCode.APPROVED: N_("Approved"),
        LifeCode.PARTLY_APPROVED: N_("Approved in part"),
        LifeCode.DISPUTED: N_("Disputed"),
        LifeCode.SUSPENDED: N_("Suspended: a document is awaited"),
        LifeCode.COMPLETED: N_("Completed"),
        LifeCode.REFUSED: N_("Refused by the payer"),
        LifeCode.PAYMENT_SENT: N_("Payment sent"),
        LifeCode.COLLECTED: N_("Collected"),
        LifeCode.REJECTED: N_("Rejected by the platform"),
        LifeCode.STAMPED: N_("Checked by the public accountant"),
        LifeCode.CANCELLED: N_("Cancelled"),
        LifeCode.ROUTING_ERROR: N_("The recipient was not found"),
        LifeCode.FACTORED: N_("Debt ceded (factoring)"),
        LifeCode.FACTORED_CONFIDENTIALLY: N_("Debt ceded in confidence (factoring)"),
        LifeCode.ACCOUNT_CHANGED: N_("Bank account of the payment changed"),
        LifeCode.NOT_FACTORED: N_("Debt not ceded"),
        LifeCode.PAID_DIRECTLY: N_("Direct payment asked for"),
        LifeCode.INADMISSIBLE: N_("Not admissible: the file could not be read"),
    }
)

COMPULSORY: Final = frozenset({LifeCode.DEPOSITED, LifeCode.REFUSED, LifeCode.COLLECTED, LifeCode.REJECTED})
"""Every platform must carry these four; the others are the partners' choice."""

UNSAID: Final = "NON_DIT"
"""Ours, in place of a compulsory reason that the sender of an event left out: the news is kept, and said to be incomplete."""

_ROUTING: Final = frozenset({"CMD_ERR", "SIRET_ERR", "CODE_ROUTAGE_ERR", "REF_CT_ABSENT", "REF_ERR"})
_GOODS: Final = frozenset(
    {"PU_ERR", "REM_ERR", "QTE_ERR", "ART_ERR", "MODPAI_ERR", "QUALITE_ERR", "LIVR_INCOMP"}
)  # fmt: skip
_REFUSALS: Final = frozenset(
    {
        "TX_TVA_ERR", "MONTANTTOTAL_ERR", "CALCUL_ERR", "NON_CONFORME", "DOUBLON", "DEST_ERR", "TRANSAC_INC",
        "EMMET_INC", "CONTRAT_TERM", "DOUBLE_FACT", "CMD_ERR", "ADR_ERR", "REF_CT_ABSENT",
    }
)  # fmt: skip
_CHECKS: Final = frozenset(
    {"REJ_SEMAN", "REJ_UNI", "REJ_COH", "REJ_ADR", "REJ_CONT_B2G", "REJ_REF_PJ", "REJ_ASS_PJ"}
)  # fmt: skip
_FILES: Final = frozenset(
    {
        "IRR_VIDE_F", "IRR_TYPE_F", "IRR_SYNTAX", "IRR_TAILLE_PJ", "IRR_NOM_PJ", "IRR_VID_PJ", "IRR_EXT_DOC",
        "IRR_TAILLE_F", "IRR_ANTIVIRUS",
    }
)  # fmt: skip

REASONS: Final = MappingProxyType(
    {
        LifeCode.PARTLY_APPROVED: _ROUTING | _GOODS | {"AUTRE"},
        LifeCode.DISPUTED: _REFUSALS | _ROUTING | _GOODS | {"AUTRE", "COORD_BANC_ERR"},
        LifeCode.SUSPENDED: _ROUTING | {"JUSTIF_ABS", "COORD_BANC_ERR"},
        LifeCode.REFUSED: _REFUSALS,
        LifeCode.REJECTED: _CHECKS | {"MONTANTTOTAL_ERR", "CALCUL_ERR", "DOUBLON", "ADR_ERR"},
        LifeCode.INADMISSIBLE: _FILES,
    }
)
"""The reasons a code may carry: one of them is compulsory for each code named here."""

REASON_LABELS: Final = MappingProxyType(
    {
        "AUTRE": N_("another reason"),
        "COORD_BANC_ERR": N_("the bank account is wrong"),
        "JUSTIF_ABS": N_("a supporting document is missing"),
        "TX_TVA_ERR": N_("the VAT rate is wrong"),
        "MONTANTTOTAL_ERR": N_("the total is wrong"),
        "CALCUL_ERR": N_("a calculation is wrong"),
        "NON_CONFORME": N_("a legal mention is missing"),
        "DOUBLON": N_("this invoice was received already"),
        "DEST_ERR": N_("it was sent to the wrong recipient"),
        "TRANSAC_INC": N_("the payer does not know this service"),
        "EMMET_INC": N_("the payer does not know us"),
        "CONTRAT_TERM": N_("the contract has ended"),
        "DOUBLE_FACT": N_("the service was billed twice"),
        "CMD_ERR": N_("the commitment or order number is wrong or missing"),
        "ADR_ERR": N_("the electronic address is wrong"),
        "SIRET_ERR": N_("the SIRET number is wrong or missing"),
        "CODE_ROUTAGE_ERR": N_("the service code is wrong or missing"),
        "REF_CT_ABSENT": N_("a reference that the contract asks for is missing"),
        "REF_ERR": N_("a reference is wrong"),
        "PU_ERR": N_("a unit price is wrong"),
        "REM_ERR": N_("a discount is wrong"),
        "QTE_ERR": N_("a quantity is wrong"),
        "ART_ERR": N_("a line is not what was ordered"),
        "MODPAI_ERR": N_("the payment terms are wrong"),
        "QUALITE_ERR": N_("the service was not as agreed"),
        "LIVR_INCOMP": N_("the service is not complete"),
        "REJ_SEMAN": N_("a value of the file breaks a rule"),
        "REJ_UNI": N_("an invoice with this number exists already"),
        "REJ_COH": N_("some values contradict each other"),
        "REJ_ADR": N_("the address of the recipient does not hold"),
        "REJ_CONT_B2G": N_("a check for public payers failed (commitment, service)"),
        "REJ_REF_PJ": N_("an attachment is not the one announced"),
        "REJ_ASS_PJ": N_("an attachment belongs to nothing"),
        "IRR_VIDE_F": N_("the file is empty"),
        "IRR_TYPE_F": N_("this kind of file is not taken"),
        "IRR_SYNTAX": N_("the file could not be read"),
        "IRR_TAILLE_PJ": N_("an attachment is too large"),
        "IRR_NOM_PJ": N_("the name of an attachment is not taken"),
        "IRR_VID_PJ": N_("an attachment is empty"),
        "IRR_EXT_DOC": N_("this kind of attachment is not taken"),
        "IRR_TAILLE_F": N_("the file is too large"),
        "IRR_ANTIVIRUS": N_("the file was held for safety"),
        UNSAID: N_("no reason was given"),
    }
)


def code_of(number: int) -> LifeCode | None:
    """The code known under a number; None for one that is not of this version of the norm."""
    try:
        return LifeCode(number)
    except ValueError:
        return None


def ensure_reason(code: LifeCode, reason: str | None) -> None:
    """For an event of ours. Raises InvalidInput("reason_missing", "reason_unknown") when the norm would refuse it."""
    allowed = REASONS.get(code)
    if allowed is None:
        return
    if not reason:
        raise InvalidInput("reason_missing", N_("This news needs a reason: choose one."), field="reason")
    if reason not in allowed:
        raise InvalidInput("reason_unknown", N_("This reason does not go with this news."), field="reason")


def kept_reason(number: int, reason: str | None) -> str | None:
    """The reason to keep of somebody else's event: what was said, or that a compulsory one was not."""
    code = code_of(number)
    return reason or (UNSAID if code in REASONS else None)
