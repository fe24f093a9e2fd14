"""The checker of a FEC: a file on disk, ours or not, held to every rule of article A47 A-1 (LPF) in one pass."""

from datetime import date, timedelta
from pathlib import Path
from typing import Final

from entrepairs.ledger.fec.findings import Report, Unreadable
from entrepairs.ledger.fec.header import read_header
from entrepairs.ledger.fec.lines import LineRules
from entrepairs.ledger.fec.naming import check_name
from entrepairs.ledger.fec.reading import Reader

STDIN: Final = Path("/dev/stdin")


def check_file(path: Path, *, any_name: bool = False, first_day: date | None = None) -> Report:
    """Everything the file breaks. Never raises for what a file may be.

    `any_name` leaves the name out, and the closing date with it; `-`, the standard input, has none. `first_day` is that of
    the exercise, when it does not last twelve months.
    """
    report, piped = Report(str(path)), str(path) == "-"
    source = STDIN if piped else path
    try:
        _ensure_openable(source)
        if not any_name and not piped:
            check_name(path.name, report)
        with source.open("rb") as stream:
            _read(Reader(stream, report), report, first_day)
    except Unreadable as error:
        report.unreadable, report.unreadable_detail = error.reason, error.detail
    except OSError as error:
        report.unreadable, report.unreadable_detail = "refused", error.strerror or str(error)
    return report


def _ensure_openable(path: Path) -> None:
    if path.is_dir():
        raise Unreadable("folder")
    if not path.exists():
        raise Unreadable("absent")


def _read(reader: Reader, report: Report, first_day: date | None) -> None:
    rules: LineRules | None = None
    before = 0
    for batch in reader.batches():
        lines = batch
        if not before:
            layout = read_header(batch[0], report)
            rules = None if layout is None else LineRules(report, layout, first_of(report.closing, first_day))
            lines = batch[1:]
        if rules is not None:
            rules.take_all(max(before, 1) + 1, lines)
        before += len(batch)
    report.lines = max(before - 1, 0)
    if rules is not None:
        rules.settle()
    elif before:
        report.findings.add("not-checked")


def first_of(closing: date | None, given: date | None) -> date | None:
    """First day of the exercise: the one given, else the day after the closing a year before."""
    if given is not None or closing is None:
        return given
    after = closing + timedelta(days=1)
    return after.replace(year=after.year - 1) if (after.month, after.day) != (2, 29) else date(after.year - 1, 3, 1)
