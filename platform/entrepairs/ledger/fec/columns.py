"""The eighteen columns, in the order of the article (LPF A47 A-1, VII), and the other way to write an amount (VIII)."""

import unicodedata
from typing import Final

COLUMNS: Final = (
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "EcritureLet",
    "DateLet",
    "ValidDate",
    "Montantdevise",
    "Idevise",
)
BY_SENSE: Final = (*COLUMNS[:11], "Montant", "Sens", *COLUMNS[13:])
"""With an amount and its side in place of a debit and a credit."""

CASH: Final = ("DateRglt", "ModeRglt", "NatOp", "IdClient")
"""After the eighteen, for who keeps accounts of receipts and expenses: the first three (VIII, 5°), or the four (7°)."""

COMPULSORY: Final = tuple(COLUMNS.index(name) for name in (
    "JournalCode", "JournalLib", "EcritureNum", "CompteNum", "CompteLib", "PieceRef", "EcritureLib",
))  # fmt: skip
"""Texts that are never blank; the others of the article say « à blanc si non utilisé ». Dates are checked as dates."""

MAY_BE_BLANK_IN_CASH: Final = frozenset({"JournalCode", "JournalLib", "CompteNum"})
"""« À blanc si non utilisé » too, in accounts of receipts and expenses."""

SEPARATORS: Final = ("\t", "|")
SIDES: Final = {"D": 1, "C": -1, "+1": 1, "-1": -1, "1": 1}
"""What « Sens » may hold: +1 if a debit. A bare 1 is what spreadsheets leave of +1."""

OPENING_CODES: Final = frozenset({"AN", "ANO", "ANV", "RAN", "NOU", "OUV", "A-N", "A.N", "A.N."})
_OPENING_WORDS: Final = ("nouveau", "ouverture", "reprise des soldes")


def plain(text: str) -> str:
    """Lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def is_opening(journal_code: str, journal_label: str) -> bool:
    """Whether a journal is the one of the balances brought forward (à-nouveaux)."""
    label = plain(journal_label)
    return journal_code.upper() in OPENING_CODES or any(word in label for word in _OPENING_WORDS)
