"""The identity of the association: the seller on every invoice from then on; issued papers keep their own copy."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.identifiers import (
    parse_iban,
    parse_phone,
    parse_postcode,
    parse_rna,
    parse_siret,
    parse_vat_number,
    siren_of,
)
from entrepairs.kernel.names import ensure_function, ensure_name
from entrepairs.settings.models import Association

NEEDED: Final = (
    "name",
    "legal_form",
    "address",
    "town",
    "email",
    "opening_hours",
    "signatory_name",
    "signatory_function",
)
OPTIONAL: Final = ("rna", "vat_number", "bic")
FIELDS: Final = (*NEEDED, "siret", "postcode", "phone", "iban", *OPTIONAL)


def set_identity(session: Session, typed: Mapping[str, str], *, actor: Actor, clock: Clock) -> Association:
    """Write the identity from what was typed, by field of the table. Raises InvalidInput naming the field."""
    values = read_identity(typed)
    row = session.get(Association, 1, with_for_update=True)
    if row is None:
        row = Association(id=1, **values)
        session.add(row)
        changed = sorted(values)
    else:
        changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
        for name in changed:
            setattr(row, name, values[name])
    session.flush()
    record(session, "association.set_identity", "association", "1", actor=actor, clock=clock, fields=changed)
    return row


def read_identity(typed: Mapping[str, str]) -> dict[str, str | None]:
    """Each field in its canonical form. Raises InvalidInput naming the first one at fault."""
    values: dict[str, str | None] = {}
    for name in NEEDED:
        values[name] = _needed(typed, name)
    ensure_name(_needed(typed, "signatory_name"), field="signatory_name")
    ensure_function(_needed(typed, "signatory_function"), field="signatory_function")
    siret = parse_siret(_needed(typed, "siret"), field="siret")
    values["siret"] = siret
    values["postcode"] = parse_postcode(_needed(typed, "postcode"), field="postcode")
    values["phone"] = parse_phone(_needed(typed, "phone"), field="phone")
    values["iban"] = parse_iban(_needed(typed, "iban"), field="iban")
    rna, vat, bic = (typed.get(name, "").strip() for name in OPTIONAL)
    values["rna"] = parse_rna(rna, field="rna") if rna else None
    values["vat_number"] = parse_vat_number(vat, siren=siren_of(siret), field="vat_number") if vat else None
    values["bic"] = _bic(bic) if bic else None
    return values


def _needed(typed: Mapping[str, str], name: str) -> str:
    text = typed.get(name, "").strip()
    if not text:
        raise InvalidInput("identity_incomplete", N_("This is printed on invoices: it is needed."), field=name)
    return text


def _bic(text: str) -> str:
    compact = "".join(text.split()).upper()
    if len(compact) not in {8, 11} or not compact.isalnum():
        raise InvalidInput("bic", N_("A BIC has 8 or 11 letters and figures."), field="bic")
    return compact
