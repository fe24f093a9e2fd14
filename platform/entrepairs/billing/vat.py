"""Which VAT treatment a service has, and whether the association has decided that it may use it."""

from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from entrepairs.billing.einvoice import mentions
from entrepairs.billing.einvoice.mentions import Treatment
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.parameters import figures
from entrepairs.settings.decisions import decision_or

DECISION: Final = "billing.vat_regimes"
"""List of the regime codes that the association decided to use, before go-live, with its accountant."""


def treatment_of(code: str, on: date) -> Treatment:
    """The treatment of a `vat_regime` code on a day. Raises InvalidInput("vat_regime")."""
    if code not in mentions.CODES:
        raise InvalidInput("vat_regime", N_("The VAT regime « %(regime)s » does not exist."), regime=code)
    return mentions.treatment(code, standard_rate=figures().number("vat.standard_rate", on))


def ensure_decided(session: Session, code: str, on: date) -> None:
    """Raise Conflict("vat_undecided") when the association has not decided to bill under this regime on that day."""
    if code not in decision_or(session, DECISION, on, ()):
        raise Conflict(
            "vat_undecided",
            N_("The association has not decided to bill under the VAT regime « %(regime)s » yet: see its settings."),
            regime=code,
        )
