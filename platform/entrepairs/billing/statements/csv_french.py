"""The CSV files of French banks: lines before the header, semicolons, comma decimals, one signed amount or two columns.

Columns are recognised by the words of the header. When they are not, `ColumnsNeeded` carries the first rows, and the
caller reads again with the `Columns` somebody chose. These files tell no balance to check against.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Final

from entrepairs.billing.statements import values
from entrepairs.billing.statements.values import ReadLine, ReadStatement, StatementFormat, UnreadableStatement
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.identifiers import parse_iban

FIRST_ROWS: Final = 30
"""Where the header is looked for."""
LONGEST_CELL: Final = 4000
MOST_COLUMNS: Final = 60
WORDS: Final[dict[str, tuple[str, ...]]] = {
    "booked_on": (
        *("DATE", "DATEOPERATION", "DATEDELOPERATION", "DATECOMPTABLE", "DATEDECOMPTABILISATION", "DATEOP"),
        *("DATECOMPTA", "DATEDECOMPTABILITE", "DATEECRITURE", "DATEMOUVEMENT"),
    ),
    "value_on": ("DATEVALEUR", "DATEDEVALEUR", "DATEVAL", "VALEUR"),
    "label": (
        *("LIBELLE", "LIBELLEOPERATION", "LIBELLEDELOPERATION", "LIBELLESIMPLIFIE", "NATUREDELOPERATION"),
        *("DESIGNATION", "DESCRIPTION", "INTITULE", "OPERATION", "LIBELLEECRITURE", "LIBELLECOMPLET"),
    ),
    "more": (
        "INFORMATIONSCOMPLEMENTAIRES",
        "LIBELLECOMPLEMENTAIRE",
        "DETAIL",
        "DETAILS",
        "MOTIF",
        "COMPLEMENT",
        "COMMENTAIRE",
    ),
    "reference": ("REFERENCE", "REF", "REFERENCEOPERATION", "NUMEROOPERATION", "NDOPERATION", "NUMERODOPERATION"),
    "amount": (
        "MONTANT",
        "MONTANTEUR",
        "MONTANTEUROS",
        "MONTANTENEUROS",
        "MONTANTENEUR",
        "MONTANTOPERATION",
        "MONTANTDELOPERATION",
    ),
    "debit": ("DEBIT", "DEBITEUROS", "DEBITEUR", "DEBITENEUROS", "MONTANTDEBIT", "DEBITE"),
    "credit": ("CREDIT", "CREDITEUROS", "CREDITEUR", "CREDITENEUROS", "MONTANTCREDIT", "CREDITE"),
    "counterparty": ("TIERS", "CONTREPARTIE", "NOMCONTREPARTIE", "EMETTEUR", "DONNEURDORDRE", "NOMDUTIERS"),
    "iban": ("IBANCONTREPARTIE", "IBANTIERS", "COMPTECONTREPARTIE", "IBANDUTIERS"),
    "currency": ("DEVISE", "MONNAIE"),
}
_IBAN: Final = re.compile(r"FR[0-9]{2}[0-9A-Z]{23}")
_DATE: Final = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{2}|[0-9]{4})")
_ISO_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ].*)?")
_FOOT: Final = ("TOTAL", "SOLDE")
_PLAIN: Final = re.compile(r"[0-9]+(?:[.,][0-9]{1,2})?")
_GROUPED: Final = (
    re.compile(r"([0-9]{1,3}(?:\.[0-9]{3})+)(?:,([0-9]{1,2}))?"),
    re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+)\.([0-9]{1,2})"),
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Places of the columns from 0; None for what the file does not hold. A date, and amount or debit and credit."""

    booked_on: int
    label: int | None = None
    amount: int | None = None
    debit: int | None = None
    credit: int | None = None
    value_on: int | None = None
    more: int | None = None
    reference: int | None = None
    counterparty: int | None = None
    iban: int | None = None
    currency: int | None = None
    header: int = 0
    """The row of the header: movements start after it. -1 when they start at once."""


class ColumnsNeeded(UnreadableStatement):
    """The header was not recognised; `rows` are the first ones, blank ones too, to choose from."""

    def __init__(self, rows: Sequence[Sequence[str]]) -> None:
        super().__init__(
            "columns_needed",
            N_("The columns of this file were not recognised: say below what each one holds."),
            field="file",
        )
        self.rows = tuple(tuple(row) for row in rows)


def read_csv(content: bytes, account: str, columns: Columns | None = None) -> tuple[ReadStatement, ...]:
    """The movements; `account` is the IBAN it is when the file does not say. Raises UnreadableStatement, ColumnsNeeded."""
    rows = _rows(content)
    chosen = columns or _recognised(rows)
    if chosen is None:
        raise ColumnsNeeded(rows[:FIRST_ROWS])
    lines: list[ReadLine] = []
    for row in rows[chosen.header + 1 :]:
        _take(row, chosen, lines)
    if not lines:
        raise UnreadableStatement("no_movement", N_("This file holds no movement."), field="file")
    days = [line.booked_on for line in lines]
    first, last = min(days), max(days)
    holder = _own_account(rows[: max(chosen.header, 0)]) or account
    number = f"{first.isoformat()} {last.isoformat()}"
    statement = ReadStatement(StatementFormat.CSV, holder, number, None, None, first, last, tuple(lines))
    return values.fingerprinted([values.sealed(statement)])


def first_rows(content: bytes) -> list[list[str]]:
    """What `ColumnsNeeded` carries. Raises UnreadableStatement."""
    return _rows(content)[:FIRST_ROWS]


def _rows(content: bytes) -> list[list[str]]:
    if b"\x00" in content:
        raise UnreadableStatement(
            "not_text", N_("This is no CSV file. From the bank, download CAMT.053, CFONB 120 or CSV."), field="file"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    try:
        read = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
        rows = [[cell.strip() for cell in row[:MOST_COLUMNS]] for row in read]
    except csv.Error as problem:
        raise UnreadableStatement(
            "csv_broken", N_("This CSV file is damaged: download it again."), field="file"
        ) from problem
    if any(len(cell) > LONGEST_CELL for row in rows for cell in row):
        raise UnreadableStatement("csv_broken", N_("This CSV file is damaged: download it again."), field="file")
    return rows


def _separator(text: str) -> str:
    """The sign that cuts most of the first lines into the same number of cells."""
    head = [line for line in text.splitlines()[: FIRST_ROWS + 20] if line.strip()]
    return max(";\t,", key=lambda sign: sum(min(line.count(sign), 8) for line in head) * (1 if sign == "," else 2))


def _recognised(rows: Sequence[Sequence[str]]) -> Columns | None:
    known = {word: name for name, words in WORDS.items() for word in words}
    for at, row in enumerate(rows[:FIRST_ROWS]):
        found: dict[str, int] = {}
        for place, cell in enumerate(row):
            name = known.get(values.plain(re.sub(r"\(.*?\)", "", cell)))
            if name is not None:
                found.setdefault(name, place)
        if "booked_on" in found and ("amount" in found or {"debit", "credit"} <= found.keys()):
            if "amount" in found and not {"debit", "credit"} <= found.keys():
                found.pop("debit", None), found.pop("credit", None)
            elif {"debit", "credit"} <= found.keys():
                found.pop("amount", None)
            return Columns(**found, header=at)
    return None


def _take(row: Sequence[str], columns: Columns, lines: list[ReadLine]) -> None:
    """Add the movement of a row, or what it adds to the label of the one before; empty rows and totals add nothing."""
    told = {one.name: _cell(row, getattr(columns, one.name)) for one in fields(Columns) if one.name != "header"}
    money = [told["amount"], told["debit"], told["credit"]]
    if not told["booked_on"]:
        if any(values.plain(cell).startswith(_FOOT) for cell in row):
            return
        if any(money):
            raise UnreadableStatement(
                "date_missing", N_("A movement of this file has an amount and no date: “%(text)s”."),
                field="file", text=values.joined(row)[:60],
            )  # fmt: skip
        more = values.joined([told["label"], told["more"]])
        if more and lines:
            last = lines[-1]
            lines[-1] = replace(last, label=values.joined([last.label, more]))
        return
    if values.plain(told["booked_on"]).startswith(_FOOT):
        return
    if told["currency"] and values.plain(told["currency"]) not in {"EUR", "EURO", "EUROS"} and told["currency"] != "€":
        raise values.foreign_money(told["currency"])
    lines.append(
        ReadLine(
            read_date(told["booked_on"]),
            read_date(told["value_on"]) if told["value_on"] else None,
            _cents(*money),
            values.joined([told["label"], told["more"]]),
            told["reference"][:140],
            told["counterparty"][:140],
            "".join(told["iban"].split()).upper()[:34],
        )
    )


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""


def _cents(amount: str, debit: str, credit: str) -> int:
    if amount:
        return read_cents(amount)
    out, into = (read_cents(told) if told.strip("- ") else 0 for told in (debit, credit))
    if (out != 0) == (into != 0):
        raise UnreadableStatement(
            "both_or_none",
            N_("A movement of this file has a debit and a credit at once, or none: “%(text)s”."),
            field="file",
            text=f"{debit} | {credit}"[:60],
        )
    return -abs(out) if out else into


def read_cents(text: str) -> int:
    """« 1 234,56 € », « -12,5 », « 1.234,56 », « 12,00- » as cents. Raises UnreadableStatement("amount_unclear")."""
    told = re.sub(r"\s|€|EUR|['’]", "", text.upper()).replace("−", "-").replace("–", "-")
    sign = 1
    for mark, worth in (("-", -1), ("+", 1)):
        if told.startswith(mark) or told.endswith(mark):
            told, sign = told.removeprefix(mark) if told.startswith(mark) else told.removesuffix(mark), worth
            break
    if _PLAIN.fullmatch(told):
        whole, _, part = told.replace(",", ".").partition(".")
    else:
        found = next((match for match in (form.fullmatch(told) for form in _GROUPED) if match), None)
        if found is None or ("," not in told[-3:] and "." not in told[-3:]):
            raise values.unclear_amount(text)
        whole, part = re.sub(r"[.,]", "", found[1]), found[2] or ""
    return sign * values.in_bounds(int(whole) * 100 + int(part.ljust(2, "0") or 0), text)


def read_date(text: str) -> date:
    """« 31/12/2026 », « 31.12.26 », « 2026-12-31 ». Raises UnreadableStatement("date_unclear")."""
    try:
        if iso := _ISO_DATE.fullmatch(text.strip()):
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if french := _DATE.fullmatch(text.strip()):
            year = int(french[3])
            return date(year + 2000 if year < 100 else year, int(french[2]), int(french[1]))
    except ValueError as problem:
        raise values.unclear_date(text) from problem
    raise values.unclear_date(text)


def _own_account(preamble: Sequence[Sequence[str]]) -> str:
    """An IBAN written above the header, with right keys."""
    for row in preamble:
        for found in _IBAN.findall(" ".join(values.plain(cell) for cell in row)):
            try:
                return parse_iban(found)
            except InvalidInput:
                continue
    return ""
