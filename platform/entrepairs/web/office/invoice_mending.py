"""From what stands in the way of an invoice to the page where it is mended.

The gate before issue names a field of ours (`buyer.siret`) or a term of the norm (`BT-47`); each belongs to one page. What
only an administrator may change is said to everybody: they know whom to ask.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from flask import url_for
from flask_babel import gettext as _

from entrepairs.billing.issuing import demand_of
from entrepairs.billing.models import Invoice
from entrepairs.demands.models import Demand


@dataclass(frozen=True, slots=True)
class Mending:
    """The page that mends, and the words of its link."""

    url: str
    label: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence about what is wrong, and where to mend it when there is one place."""

    text: str
    mending: Mending | None = None


def _terms(*ranges: tuple[int, int], groups: Sequence[int] = ()) -> frozenset[str]:
    numbers = {f"BT-{n}" for first, last in ranges for n in range(first, last + 1)}
    return frozenset(numbers | {f"BG-{n}" for n in groups})


_SELLER: Final = _terms((27, 43), (59, 69), (84, 86), (162, 162), groups=(4, 5, 6, 10, 11, 12, 16, 17)) | {"iban"}
_BUYER: Final = _terms((44, 58), (163, 163), (70, 71), (75, 80), (165, 165), groups=(7, 8, 9, 13, 15))
_SERVICE: Final = frozenset({"BT-10", "service_code"})
_ENGAGEMENT: Final = frozenset({"BT-13", "engagement"})
_AGREEMENT: Final = frozenset({"BT-12", "agreement_number"})
_CORRECTED: Final = frozenset({"BT-25", "BT-26", "BG-3", "preceding", "reason", "BT-20"})
_VAT: Final = _terms((95, 96), (102, 103), (116, 121), (151, 152), groups=(23, 30))
_DEMAND: Final = _terms((72, 74), (126, 161), groups=(14, *range(25, 33))) | {"lines", "period", "dates"}


def mending_of(row: Invoice, field: str | None) -> Mending | None:
    """Where `field` of this invoice is mended; None when no page does."""
    name = (field or "").split(" ")[0]
    start = name.partition(".")[0]
    for known, page in _PAGES:
        if name in known or start in known:
            return page(row)
    return None


def _association(row: Invoice) -> Mending:
    return Mending(url_for("office.association"), _("Mend it in the identity of the association"))


def _structure(row: Invoice) -> Mending:
    return Mending(url_for("office.edit_sheet", ref=row.partner.ref), _("Mend it on the page of the structure"))


def _first_demand(row: Invoice) -> Demand | None:
    found = (demand_of(line) for line in row.lines)
    return next((one for one in found if one is not None), None)


def _engagement(row: Invoice) -> Mending | None:
    demand = _first_demand(row)
    if demand is None:
        return None
    return Mending(url_for("office.engagement", ref=demand.ref), _("Write the commitment number"))


def _demand(row: Invoice) -> Mending | None:
    demand = _first_demand(row)
    return None if demand is None else Mending(url_for("office.demand", ref=demand.ref), _("Look at the demand"))


def _corrected(row: Invoice) -> Mending | None:
    if row.corrected is None:
        return None
    return Mending(url_for("office.bill", ref=row.corrected.ref), _("Look at the invoice corrected"))


def _catalogue(row: Invoice) -> Mending:
    return Mending(url_for("office.catalogue"), _("Look at the VAT regimes of the catalogue"))


_PAGES: Final[tuple[tuple[frozenset[str], Callable[[Invoice], Mending | None]], ...]] = (
    (_SELLER | {"seller"}, _association),
    (_BUYER | {"buyer"} | _SERVICE, _structure),
    (_ENGAGEMENT | _AGREEMENT, _engagement),
    (_CORRECTED, _corrected),
    (_VAT, _catalogue),
    (_DEMAND, _demand),
)
