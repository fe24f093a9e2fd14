"""VAT of a quote: the rate of a regime on a day, its words on paper."""

from datetime import date
from decimal import Decimal
from functools import cache

from entrepairs.kernel.parameters import figures
from entrepairs.kernel.vat_regimes import VatRegime, load_vat_regimes
from entrepairs.paths import resource


@cache
def regimes() -> dict[str, VatRegime]:
    """The regimes by code."""
    return load_vat_regimes(resource("config") / "parameters" / "vat.toml")


def rate_of(code: str, on: date) -> Decimal:
    """The rate in percent; zero when exempt or out of scope. Raises KeyError for an unknown regime."""
    return regimes()[code].rate_percent(figures(), on)
