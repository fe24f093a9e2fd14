"""CFONB 120 (« relevé de compte sur support informatique »): records of 120 signs, 01 and 07 the balances, 04 a movement,
05 what completes it. Amounts have 14 signs, the last of which holds the sign too; the number of decimals is in the record.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from entrepairs.billing.statements import values
from entrepairs.billing.statements.values import ReadLine, ReadStatement, StatementFormat, UnreadableStatement
from entrepairs.kernel.i18n import N_

LENGTH: Final = 120
LAST_SIGN: Final = {
    **{sign: (1, str(digit)) for digit, sign in enumerate("{ABCDEFGHI")},
    **{sign: (-1, str(digit)) for digit, sign in enumerate("}JKLMNOPQR")},
    "é": (1, "0"),  # the braces of the French set of signs (ISO 646-FR)
    "è": (-1, "0"),
}
NAME: Final = frozenset({"NPY", "NBE"})
IBAN: Final = frozenset({"CPY", "CBE"})
TEXTS: Final = frozenset({"LIB", "LCC", "LC2", "LCS", "NPO", "NBU"})
_LETTERS: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")


@dataclass(slots=True)
class _Move:
    """A movement while its continuation records are read."""

    booked_on: date
    value_on: date | None
    cents: int
    texts: list[str]
    references: list[str]
    names: list[str] = field(default_factory=list)
    iban: str = ""
    end_to_end: str = ""
    reversal: bool = False

    def line(self) -> ReadLine:
        return ReadLine(
            self.booked_on,
            self.value_on,
            self.cents,
            values.joined(self.texts),
            values.joined(self.references)[:140],
            values.joined(self.names)[:140],
            self.iban,
            self.end_to_end,
            self.reversal,
        )


@dataclass(slots=True)
class _Open:
    """A statement while it is read."""

    holder: str
    account: str
    opening: int
    opened_on: date
    moves: list[_Move] = field(default_factory=list)

    def closed(self, cents: int, day: date) -> ReadStatement:
        lines = tuple(move.line() for move in self.moves)
        number = day.isoformat()
        return values.sealed(
            ReadStatement(
                StatementFormat.CFONB120, self.account, number, self.opening, cents, self.opened_on, day, lines
            )
        )


def read_cfonb(content: bytes) -> tuple[ReadStatement, ...]:
    """Every statement of the file. Raises UnreadableStatement."""
    done: list[ReadStatement] = []
    current: _Open | None = None
    for number, record in enumerate(_records(content), 1):
        kind, holder = record[:2], record[2:7] + record[11:16] + record[21:32]
        if kind == "01" and current is None:
            current = _Open(
                holder, iban_of(record[2:7], record[11:16], record[21:32]), _cents(record), _day(record[34:40])
            )
        elif kind == "04" and current is not None and holder == current.holder:
            current.moves.append(_move(record))
        elif kind == "05" and current is not None and current.moves and holder == current.holder:
            _complete(current.moves[-1], record[45:48].strip(), record[48:118])
        elif kind == "07" and current is not None and holder == current.holder:
            done.append(current.closed(_cents(record), _day(record[34:40])))
            current = None
        else:
            raise _disordered(number)
    if current is not None or not done:
        raise UnreadableStatement(
            "cfonb_cut",
            N_("This file stops before its closing balance: download it again from the bank."),
            field="file",
        )
    return values.fingerprinted(done)


def _records(content: bytes) -> list[str]:
    text = _decoded(content)
    rows = [row for row in text.replace("\x1a", "").splitlines() if row.strip()]
    if len(rows) == 1 and len(rows[0].rstrip()) > LENGTH:  # some banks write no end of line
        whole = rows[0]
        rows = [whole[start : start + LENGTH] for start in range(0, len(whole), LENGTH)]
        rows = [row for row in rows if row.strip()]
    for number, row in enumerate(rows, 1):
        if len(row.rstrip()) > LENGTH:
            raise _disordered(number)
    return [row.ljust(LENGTH)[:LENGTH] for row in rows]


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("iso-8859-1")


def _move(record: str) -> _Move:
    value = record[42:48]
    rejected = record[40:42].strip() not in {"", "00"}
    return _Move(
        _day(record[34:40]),
        _day(value) if value.strip("0 ") else None,
        _cents(record),
        [record[48:79]],
        [record[104:120], record[81:88].strip("0 ")],
        reversal=rejected,
    )


def _complete(move: _Move, qualifier: str, said: str) -> None:
    if qualifier in NAME:
        move.names.append(said)
    elif qualifier in IBAN:
        move.iban = said.replace(" ", "").upper()[:34]
    elif qualifier == "RCN":  # the payer's reference, then what the transfer is for
        told = said[:35].strip()
        move.end_to_end = "" if values.plain(told) in {"NOTPROVIDED", "NONE"} else told
        move.texts.append(said[35:])
    elif qualifier == "REF":
        move.references.insert(0, said)
    elif qualifier in TEXTS or not qualifier:
        move.texts.append(said)


def _cents(record: str) -> int:
    """The amount in signs 91 to 104, by the currency and decimals of the record."""
    currency, decimals, told = record[16:19].strip(), record[19].strip() or "2", record[90:104]
    if currency not in {"", "EUR"}:
        raise values.foreign_money(currency)
    sign, digit = LAST_SIGN.get(told[-1:], (0, ""))
    digits = told[:-1].replace(" ", "0") + digit
    if not sign or not digits.isascii() or not digits.isdigit() or decimals not in "0123":
        raise values.unclear_amount(told.strip())
    scaled = int(digits) * 10 ** (3 - int(decimals))
    if scaled % 10:
        raise values.unclear_amount(told.strip())
    return sign * values.in_bounds(scaled // 10, told)


def _day(told: str) -> date:
    if not (told.isascii() and told.isdigit() and len(told) == 6):
        raise values.unclear_date(told)
    try:
        return date(2000 + int(told[4:]), int(told[2:4]), int(told[:2]))
    except ValueError as problem:
        raise values.unclear_date(told) from problem


def _disordered(number: int) -> UnreadableStatement:
    return UnreadableStatement(
        "cfonb_disordered",
        N_(
            "Line %(number)s is not in its place in a CFONB file: it is cut or changed. Download it again from the bank."
        ),
        field="file",
        number=number,
    )


def iban_of(bank: str, branch: str, account: str) -> str:
    """The French IBAN of an account: its RIB key (97 less the remainder), then the two check digits of the IBAN."""
    told = (bank + branch + account).replace(" ", "0").upper()
    digits = told.translate(_LETTERS)
    if len(told) != 21 or not (digits.isascii() and digits.isdigit()):
        raise UnreadableStatement("account_unclear", N_("The account of this file can't be read."), field="file")
    key = 97 - (89 * int(digits[:5]) + 15 * int(digits[5:10]) + 3 * int(digits[10:])) % 97
    rib = f"{told}{key:02d}"
    check = 98 - int("".join(str(int(sign, 36)) for sign in f"{rib}FR00")) % 97
    return f"FR{check:02d}{rib}"
