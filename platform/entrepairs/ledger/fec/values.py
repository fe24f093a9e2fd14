"""One value of a FEC: a date, an amount, an entry's number. Nothing is guessed: what is not written as the text says is None."""

import re
from datetime import date
from fractions import Fraction
from typing import Final

Cents = int | Fraction
"""Cents, exact whatever the number of decimals."""

MOST_DIGITS: Final = 60
_AMOUNT: Final = re.compile(r"([+-]?)([0-9]+)(?:,([0-9]+))?")
_NUMBER: Final = re.compile(r"(.*?)([0-9]{1,18})", re.DOTALL)
_DAY: Final = re.compile(r"[0-9]{8}")
_GROUPED: Final = re.compile(r"[+-]?[0-9]{1,3}(?:[ \u00a0\u202f'’.,][0-9]{3})+(?:[.,][0-9]*)?")


def day_of(text: str) -> date | None:
    """The day of AAAAMMJJ, a real one between 1900 and 2099; None otherwise."""
    if _DAY.fullmatch(text) is None or not "1900" <= text[:4] <= "2099":
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def amount_of(text: str) -> Cents | None:
    """Cents of « 1234,50 »: sign first, comma, no mark for thousands (A47 A-1, XII). An empty one is nil."""
    if not text:
        return 0
    match = _AMOUNT.fullmatch(text)
    if match is None or len(text) > MOST_DIGITS:
        return None
    sign, whole, part = match.groups("")
    cents: Cents = int(whole + (part + "00")[:2])
    if len(part) > 2 and part[2:].strip("0"):
        cents += Fraction(int(part[2:]), 10 ** len(part[2:]))
    return -cents if sign == "-" else cents


def why_no_amount(text: str) -> str:
    """The rule an ill-written amount breaks."""
    if len(text) > MOST_DIGITS:
        return "amount-size"
    grouped = _GROUPED.fullmatch(text) is not None
    if any(mark in text for mark in " \u00a0\u202f'’") or (grouped and ("," in text and "." in text)):
        return "amount-thousands"
    return "amount-point" if re.fullmatch(r"[+-]?[0-9]*\.[0-9]*", text) else "amount-format"


def number_of(text: str) -> tuple[str, int] | None:
    """What stands before the digits at the end of an entry's number, and these digits; None when it ends otherwise."""
    match = _NUMBER.fullmatch(text)
    return None if match is None else (match[1], int(match[2]))


def shown_amount(cents: Cents) -> str:
    """« 1234,50 » as the file writes it; what is finer than a cent is shown to six decimals."""
    sign, cents = ("-", -cents) if cents < 0 else ("", cents)
    if isinstance(cents, Fraction) and cents.denominator != 1:
        return f"{sign}{float(cents) / 100:.6f}".replace(".", ",")
    whole = int(cents)
    return f"{sign}{whole // 100},{whole % 100:02d}"
