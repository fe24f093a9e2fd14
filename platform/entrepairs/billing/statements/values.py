"""What any bank file gives, whatever its format. Amounts are integer cents of euro, positive when money comes in."""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_

MOST_LINES: Final = 20_000
"""Movements in one file: years of an association's account."""
LONGEST_TEXT: Final = 500
MOST_CENTS: Final = 10**13


class StatementFormat(StrEnum):
    """What the file was."""

    CAMT053 = "camt053"
    CFONB120 = "cfonb120"
    CSV = "csv"


class UnreadableStatement(InvalidInput):
    """The file can't be imported; nothing of it is."""


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One movement. Texts are on one line and trimmed; what the file does not tell is empty or None."""

    booked_on: date
    value_on: date | None
    cents: int
    label: str
    reference: str = ""
    """What the bank or the payer calls it."""
    counterparty: str = ""
    counterparty_iban: str = ""
    end_to_end: str = ""
    reversal: bool = False
    """It takes back an earlier movement (a returned transfer, a rejected debit)."""
    charge: bool = False
    """What the bank kept for itself."""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class ReadStatement:
    """One statement of one account. `account` is an IBAN. Balances are None when the file does not tell them."""

    format: StatementFormat
    account: str
    number: str
    opening: int | None
    closing: int | None
    opened_on: date
    closed_on: date
    lines: tuple[ReadLine, ...]


def sealed(statement: ReadStatement) -> ReadStatement:
    """The statement once its balances agree with its lines. Raises UnreadableStatement("balances_differ", "too_many")."""
    if len(statement.lines) > MOST_LINES:
        raise UnreadableStatement(
            "too_many",
            N_("This file has more than %(most)s movements: cut it in parts."),
            field="file",
            most=MOST_LINES,
        )
    total = sum(line.cents for line in statement.lines)
    opening, closing = statement.opening, statement.closing
    if opening is not None and closing is not None and opening + total != closing:
        raise UnreadableStatement(
            "balances_differ",
            N_("The movements do not add up to the balances of this file: it is cut or changed. Download it again."),
            field="file",
        )
    return statement


def fingerprinted(statements: Sequence[ReadStatement]) -> tuple[ReadStatement, ...]:
    """The same statements, each line with its fingerprint: the same movement has the same one in every file.

    It is made of the account, the day, the amount and what is said of it. Movements alike in everything on one day are
    counted, so that two equal transfers stay two; a file holds whole days, so the count is the same in another file.
    A statement repeated word for word in a file is taken once.
    """
    seen: Counter[str] = Counter()
    return tuple(
        replace(one, lines=tuple(_marked(one.account, line, seen) for line in one.lines))
        for one in dict.fromkeys(statements)
    )


def _marked(account: str, line: ReadLine, seen: Counter[str]) -> ReadLine:
    said = (line.label, line.reference, line.counterparty, line.counterparty_iban, line.end_to_end)
    facts = (account, line.booked_on.isoformat(), str(line.cents), *(plain(text) for text in said))
    digest = hashlib.sha256("\x1f".join(facts).encode()).hexdigest()
    seen[digest] += 1
    return replace(line, fingerprint=digest if seen[digest] == 1 else f"{digest}-{seen[digest]}")


def plain(text: str) -> str:
    """Capitals without accents, spaces or signs: « Réf. 12 » is REF12, whatever the file did to it."""
    flat = unicodedata.normalize("NFKD", text.upper())
    return "".join(sign for sign in flat if sign.isascii() and sign.isalnum())


def joined(parts: Iterable[str]) -> str:
    """The texts on one line, each said once."""
    kept: dict[str, None] = {}
    for part in parts:
        text = " ".join("".join(sign if sign.isprintable() else " " for sign in part).split())
        if text:
            kept.setdefault(text)
    return " ".join(kept)[:LONGEST_TEXT]


def in_bounds(cents: int, where: str) -> int:
    """The amount, unless it is more than any account holds."""
    if abs(cents) > MOST_CENTS:
        raise unclear_amount(where)
    return cents


def unclear_amount(text: str) -> UnreadableStatement:
    """An amount that can't be read without guessing."""
    return UnreadableStatement(
        "amount_unclear", N_("The amount “%(text)s” can't be read with certainty."), field="file", text=text[:40]
    )


def unclear_date(text: str) -> UnreadableStatement:
    """A date that can't be read without guessing."""
    return UnreadableStatement(
        "date_unclear", N_("The date “%(text)s” can't be read with certainty."), field="file", text=text[:40]
    )


def foreign_money(currency: str) -> UnreadableStatement:
    """The account is not in euros."""
    return UnreadableStatement(
        "other_currency",
        N_("This account is held in %(currency)s: only accounts in euros are imported."),
        field="file",
        currency=currency[:12],
    )
