"""The ways a service may stand towards VAT: `[[regime]]` tables of `config/parameters/vat.toml`.

Which one applies to the association's interventions is a decision a human takes before go-live; this file only says
what each implies for an invoice: category (EN 16931), rate, text to print, exemption code.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from entrepairs.kernel.parameters import FLAGS, ParameterFileError, Parameters, figures
from entrepairs.paths import resource

# UNCL 5305, the part we use: S standard rate, E exempt, O outside the scope of VAT.
CATEGORIES: Final = frozenset({"S", "E", "O"})
_FIELDS: Final = frozenset(
    {"code", "name", "category", "rate_parameter", "legal_text", "short", "vatex", "source", "flag", "conditions"}
)


@dataclass(frozen=True, slots=True)
class VatRegime:
    """One regime. `legal_text`, `short` (in a column; both French, printed) and `vatex` are empty for the standard rate.

    Category O forbids any VAT number and any mix with other categories on one invoice (BR-O-02).
    """

    code: str
    name: str
    category: str
    rate_parameter: str
    legal_text: str
    short: str
    vatex: str
    source: str
    flag: str
    conditions: str

    def rate_percent(self, parameters: Parameters, on: date) -> Decimal:
        """20 for 20 %; zero when exempt or out of scope. Raises ParameterUnknown."""
        return parameters.number(self.rate_parameter, on) if self.rate_parameter else Decimal(0)


@cache
def regimes() -> Mapping[str, VatRegime]:
    """The regimes shipped in `config/parameters/vat.toml` by code, read once by process."""
    return load_vat_regimes(resource("config") / "parameters" / "vat.toml")


def rate_of(code: str, on: date) -> Decimal:
    """The rate in percent of a regime on a day; zero when exempt or out of scope. Raises KeyError, ParameterUnknown."""
    return regimes()[code].rate_percent(figures(), on)


def load_vat_regimes(path: Path) -> dict[str, VatRegime]:
    """Read the regimes by code, in the file's order. Raises ParameterFileError naming what to mend."""
    tables = tomllib.loads(path.read_text(encoding="utf-8")).get("regime", [])
    found: dict[str, VatRegime] = {}
    for table in tables:
        regime = _regime(path.name, table)
        if regime.code in found:
            msg = f"{path.name}: the regime {regime.code} is there twice"
            raise ParameterFileError(msg)
        found[regime.code] = regime
    return found


def _regime(file: str, table: dict[str, Any]) -> VatRegime:
    where = f"{file}, regime {table.get('code', 'without code')}"
    if table.keys() != _FIELDS:
        msg = f"{where}: missing {sorted(_FIELDS - table.keys())}, unknown {sorted(table.keys() - _FIELDS)}"
        raise ParameterFileError(msg)
    regime = VatRegime(**table)
    exempt = regime.category != "S"
    if regime.category not in CATEGORIES or regime.flag not in FLAGS:
        msg = f"{where}: the category is S, E or O and the flag V, S, U or F"
        raise ParameterFileError(msg)
    if exempt != bool(regime.legal_text and regime.short and regime.vatex) or exempt == bool(regime.rate_parameter):
        msg = f"{where}: an exempt regime has a legal text, a short one and a code, the standard one has a rate"
        raise ParameterFileError(msg)
    return regime
