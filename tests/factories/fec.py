"""Tax files of entries for tests: a right one, to be spoilt in one place."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from entrepairs.ledger.fec.columns import COLUMNS

NAME = "443061841FEC20261231.txt"

Row = dict[str, str]


def a_line(num: int, account: str, label: str, debit: str = "0,00", credit: str = "0,00", **values: str) -> Row:
    """One line of an entry of the sales' journal, dated by its number."""
    day = f"2026{num:02d}15"
    row = dict.fromkeys(COLUMNS, "")
    row |= {"JournalCode": "VE", "JournalLib": "Ventes", "EcritureNum": str(num), "EcritureDate": day}
    row |= {"CompteNum": account, "CompteLib": label, "PieceRef": f"FA2026-{num:05d}", "PieceDate": day}
    row |= {"EcritureLib": f"Facture {num}, Hôpital", "Debit": debit, "Credit": credit, "ValidDate": day}
    return row | values


def some_lines(entries: int = 3) -> list[Row]:
    """Balanced sales, one a month, each on three lines."""
    rows = []
    for num in range(1, entries + 1):
        client = {"CompAuxNum": f"C{num}", "CompAuxLib": "CH de l'Étang", "EcritureLet": "AA", "DateLet": "20261201"}
        rows.append(a_line(num, "411000", "Clients", debit="1200,00", **client))
        rows.append(a_line(num, "706100", "Interventions", credit="1000,00"))
        rows.append(a_line(num, "445710", "TVA collectée", credit="200,00"))
    return rows


def an_opening(num: str = "1") -> list[Row]:
    """Balances brought forward on the first of January."""
    values = {"JournalCode": "AN", "JournalLib": "À-nouveaux", "EcritureNum": num, "EcritureDate": "20260101"}
    values |= {"PieceRef": "AN2026", "PieceDate": "20260101", "ValidDate": "20260401", "EcritureLib": "À-nouveaux"}
    return [
        a_line(1, "512000", "Banque", debit="50,00", **values),
        a_line(1, "110000", "Report à nouveau", credit="50,00", **values),
    ]


def written(
    rows: Sequence[Mapping[str, str]], *, header: Sequence[str] = COLUMNS, separator: str = "\t", end: str = "\r\n"
) -> str:
    """The text of the file."""
    lines = [separator.join(header)]
    lines += [separator.join(row[name] for name in header) for row in rows]
    return "".join(line + end for line in lines)


def a_file(folder: Path, content: str | bytes | None = None, *, name: str = NAME, encoding: str = "utf-8") -> Path:
    """Write it (a right one by default) and say where."""
    path = folder / name
    text = written(some_lines()) if content is None else content
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path
