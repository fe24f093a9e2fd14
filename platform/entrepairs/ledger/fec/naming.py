"""The name of the file: SIREN, « FEC », closing date (LPF A47 A-1, IX)."""

import re
from datetime import date
from typing import Final

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.identifiers import parse_siren
from entrepairs.ledger.fec.findings import Report
from entrepairs.ledger.fec.values import day_of

_NAME: Final = re.compile(r"([0-9]{9})FEC([0-9]{8})\.txt", re.IGNORECASE)


def file_name(siren: str, closing: date) -> str:
    """The name of an exercise's file."""
    return f"{siren}FEC{closing:%Y%m%d}.txt"


def check_name(name: str, report: Report) -> None:
    """Hold the name to its form; its SIREN and closing date go on the report."""
    match = _NAME.fullmatch(name)
    if match is None:
        report.findings.add("name-form", example=name)
        return
    try:
        report.siren = parse_siren(match[1])
    except InvalidInput:
        report.findings.add("name-siren", example=match[1])
    report.closing = day_of(match[2])
    if report.closing is None:
        report.findings.add("name-date", example=match[2])
