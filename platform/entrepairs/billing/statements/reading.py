"""Telling what a bank's file is by what it holds, never by its name."""

from typing import Final

from entrepairs.billing.statements.camt import read_camt
from entrepairs.billing.statements.cfonb import LENGTH, read_cfonb
from entrepairs.billing.statements.csv_french import Columns, read_csv
from entrepairs.billing.statements.values import ReadStatement, UnreadableStatement
from entrepairs.kernel.i18n import N_

MAX_FILE: Final = 10_000_000
"""Bytes."""
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def read_file(content: bytes, account: str, columns: Columns | None = None) -> tuple[ReadStatement, ...]:
    """The statements of a file, checked. `account` (an IBAN) is used for a CSV that does not tell its own.

    Raises UnreadableStatement with one sentence, ColumnsNeeded for a CSV whose header says nothing.
    """
    if len(content) > MAX_FILE:
        raise UnreadableStatement(
            "file_huge", N_("This file is over %(most)s MB."), field="file", most=MAX_FILE // 1_000_000
        )
    start = content.removeprefix(_MARKS[0]).lstrip()
    if not start.strip(b"\x00"):
        raise UnreadableStatement("file_blank", N_("This file is empty."), field="file")
    if start.startswith((b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UnreadableStatement(
            "not_for_machines",
            N_("This is a PDF or a spreadsheet. From the bank, download CAMT.053, CFONB 120 or CSV."),
            field="file",
        )
    if start.startswith(b"<") or content.startswith(_MARKS[1:]):
        return read_camt(content)
    first = start.splitlines()[0] if start.splitlines() else start
    if first.startswith(b"01") and len(first.rstrip()) > LENGTH - 30 and not {b";", b"\t"} & {first[2:3], first[7:8]}:
        return read_cfonb(content)
    return read_csv(content, account, columns)
