"""Registering a structure and keeping its sheet right."""

from dataclasses import dataclass, fields, replace
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.identifiers import parse_phone, parse_postcode, parse_siret, parse_vat_number
from entrepairs.kernel.references import new_reference
from entrepairs.network.emails import parse_email
from entrepairs.network.finding import find_partner
from entrepairs.network.models import Partner, PartnerKind, PayerKind

USUAL_PAYER: Final = {
    PartnerKind.PUBLIC_HOSPITAL: PayerKind.PUBLIC_HOSPITAL,
    PartnerKind.TOWN: PayerKind.PUBLIC_LOCAL,
    PartnerKind.USERS_ASSOCIATION: PayerKind.NONE,
    PartnerKind.FAMILIES_ASSOCIATION: PayerKind.NONE,
    PartnerKind.GEM: PayerKind.NONE,
}
"""How each kind usually pays; the others are private."""

PUBLIC_PAYERS: Final = frozenset({PayerKind.PUBLIC_HOSPITAL, PayerKind.PUBLIC_LOCAL, PayerKind.PUBLIC_STATE})


def usual_payer(kind: PartnerKind) -> PayerKind:
    """How a structure of this kind pays unless told otherwise."""
    return USUAL_PAYER.get(kind, PayerKind.PRIVATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerSheet:
    """What is known of a structure, as typed. `read()` gives it checked and compact."""

    name: str
    kind: PartnerKind
    payer_kind: PayerKind
    siret: str | None = None
    vat_number: str | None = None
    finess: str | None = None
    address: str = ""
    postcode: str = ""
    town: str = ""
    billing_email: str | None = None
    billing_address: str | None = None
    billing_postcode: str | None = None
    billing_town: str | None = None
    requires_engagement: bool = False
    requires_service_code: bool = False
    service_code: str | None = None
    electronic_address: str | None = None
    refers_only: bool = False
    phone: str | None = None

    def read(self) -> "PartnerSheet":
        """The same with its numbers checked. Raises InvalidInput naming the field."""
        name = " ".join(self.name.split())
        if not name:
            raise InvalidInput("name_missing", N_("Please give the name of the structure."), field="name")
        siret = parse_siret(self.siret, field="siret") if self.siret else None
        siren = siret[:9] if siret else None
        vat = parse_vat_number(self.vat_number, siren=siren, field="vat_number") if self.vat_number else None
        if self.requires_service_code and not self.service_code:
            raise InvalidInput(
                "service_code_missing",
                N_("This structure asks for a service code on its invoices: please give the usual one."),
                field="service_code",
            )
        return replace(
            self,
            name=name,
            siret=siret,
            vat_number=vat,
            finess=parse_finess(self.finess, field="finess") if self.finess else None,
            postcode=parse_postcode(self.postcode, field="postcode") if self.postcode else "",
            billing_postcode=(
                parse_postcode(self.billing_postcode, field="billing_postcode") if self.billing_postcode else None
            ),
            billing_email=parse_email(self.billing_email, field="billing_email") if self.billing_email else None,
            phone=parse_phone(self.phone, field="phone") if self.phone else None,
            service_code=self.service_code or None,
            electronic_address=self.electronic_address or None,
            refers_only=self.refers_only or self.payer_kind is PayerKind.NONE,
        )


def parse_finess(text: str, *, field: str | None = None) -> str:
    """Nine characters of the national file of health establishments (2A and 2B for Corsica).

    Raises InvalidInput("finess").
    """
    code = "".join(text.split()).upper()
    if len(code) != 9 or not (code[:1].isdigit() and code[2:].isdigit() and code[1:2].isalnum()):
        raise InvalidInput("finess", N_("A FINESS number has 9 digits, such as 130001234."), field=field)
    return code


def register_partner(session: Session, sheet: PartnerSheet, *, clock: Clock, actor: Actor) -> Partner:
    """Add a structure. Raises InvalidInput, Conflict("siret_known" or "finess_known") with the field."""
    read = sheet.read()
    _ensure_new(session, read, None)
    partner = Partner(ref=new_reference("STR"), created_at=clock.now(), **_values(read))
    session.add(partner)
    session.flush()
    record(session, "partner.register", "partner", partner.ref, actor=actor, clock=clock, siret=read.siret)
    return partner


def edit_partner(session: Session, partner_ref: str, sheet: PartnerSheet, *, clock: Clock, actor: Actor) -> Partner:
    """Replace the sheet. Issued papers keep what they said. Raises NotFound, InvalidInput, Conflict."""
    partner = find_partner(session, partner_ref, lock=True)
    read = sheet.read()
    _ensure_new(session, read, partner)
    changed = [name for name, value in _values(read).items() if getattr(partner, name) != value]
    for name in changed:
        setattr(partner, name, getattr(read, name))
    session.flush()
    if changed:
        record(session, "partner.edit", "partner", partner.ref, actor=actor, clock=clock, fields=changed)
    return partner


def sheet_of(partner: Partner) -> PartnerSheet:
    """The sheet of a partner as it stands."""
    return PartnerSheet(**{field.name: getattr(partner, field.name) for field in fields(PartnerSheet)})


def _values(sheet: PartnerSheet) -> dict[str, object]:
    return {field.name: getattr(sheet, field.name) for field in fields(sheet)}


def _ensure_new(session: Session, sheet: PartnerSheet, me: Partner | None) -> None:
    """Refuse a number that another structure holds, naming it, so that one goes there instead of making a double."""
    conditions = []
    if sheet.siret:
        conditions.append(Partner.siret == sheet.siret)
    if sheet.finess:
        conditions.append(Partner.finess == sheet.finess)
    if not conditions:
        return
    other = session.scalar(select(Partner).where(or_(*conditions), Partner.id != (me.id if me else 0)).limit(1))
    if other is None:
        return
    if sheet.siret and other.siret == sheet.siret:
        raise Conflict("siret_known", N_("%(name)s already has this SIRET number."), field="siret", name=other.name)
    raise Conflict("finess_known", N_("%(name)s already has this FINESS number."), field="finess", name=other.name)
