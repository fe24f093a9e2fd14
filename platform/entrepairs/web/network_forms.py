"""Forms on structures and services, shared by the association's and the structures' doors."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from entrepairs.kernel.identifiers import format_phone
from entrepairs.network.members import Rights
from entrepairs.network.models import MemberRole, Partner, PartnerKind, PayerKind, Site, SiteCard
from entrepairs.network.partners import PartnerSheet, sheet_of
from entrepairs.network.queries import TeamMember
from entrepairs.network.sites import LONGEST_HEADING, SiteSheet, WelcomePage, Welcomer
from entrepairs.network.vocabulary import MEMBER_ROLES, PARTNER_KINDS, PAYER_KINDS
from entrepairs.web.day_fields import DateField
from entrepairs.web.demand_words import _

_TEXTS = ("siret", "vat_number", "finess", "billing_email", "billing_address", "billing_postcode", "billing_town")
_CODES = ("service_code", "electronic_address")
_TICKS = ("requires_engagement", "requires_service_code")


class PartnerSheetForm(FlaskForm):  # type: ignore[misc]
    """The sheet of a structure."""

    name = StringField(_l("Name of the structure"), validators=[InputRequired(_l("Give its name.")), Length(max=160)])
    kind = SelectField(_l("What it is"))
    payer_kind = SelectField(_l("How it pays"))
    siret = StringField(_l("SIRET"), validators=[Optional(), Length(max=30)])
    vat_number = StringField(_l("VAT number"), validators=[Optional(), Length(max=30)])
    finess = StringField(_l("FINESS (legal entity)"), validators=[Optional(), Length(max=20)])
    address = StringField(_l("Address"), validators=[Optional(), Length(max=200)])
    postcode = StringField(_l("Postcode"), validators=[Optional(), Length(max=10)])
    town = StringField(_l("Town"), validators=[Optional(), Length(max=80)])
    phone = StringField(_l("Telephone"), validators=[Optional(), Length(max=30)])
    billing_email = StringField(_l("E-mail for invoices"), validators=[Optional(), Length(max=254)])
    billing_address = StringField(_l("Address for invoices"), validators=[Optional(), Length(max=200)])
    billing_postcode = StringField(_l("Postcode for invoices"), validators=[Optional(), Length(max=10)])
    billing_town = StringField(_l("Town for invoices"), validators=[Optional(), Length(max=80)])
    requires_engagement = BooleanField(_l("Its invoices carry an engagement number"))
    requires_service_code = BooleanField(_l("Its invoices carry a service code"))
    service_code = StringField(_l("Usual service code"), validators=[Optional(), Length(max=40)])
    electronic_address = StringField(_l("Electronic invoicing address"), validators=[Optional(), Length(max=125)])

    def offer(self) -> None:
        """Give the choices."""
        self.kind.choices = [SelectChoice(kind.value, _(label)) for kind, label in PARTNER_KINDS.items()]
        self.payer_kind.choices = [SelectChoice(kind.value, _(label)) for kind, label in PAYER_KINDS.items()]

    def fill(self, partner: Partner) -> None:
        """Start from what is known."""
        sheet = sheet_of(partner)
        self.kind.data, self.payer_kind.data = sheet.kind.value, sheet.payer_kind.value
        for name in ("name", "address", "postcode", "town", *_TEXTS, *_CODES, *_TICKS):
            getattr(self, name).data = getattr(sheet, name)
        self.phone.data = format_phone(sheet.phone) if sheet.phone else ""

    def answer(self) -> PartnerSheet:
        """What was typed."""
        typed: dict[str, Any] = {name: getattr(self, name).data or "" for name in ("address", "postcode", "town")}
        typed |= {name: getattr(self, name).data or None for name in (*_TEXTS, *_CODES)}
        typed |= {name: bool(getattr(self, name).data) for name in _TICKS}
        return PartnerSheet(
            name=self.name.data,
            kind=PartnerKind(self.kind.data),
            payer_kind=PayerKind(self.payer_kind.data),
            phone=self.phone.data or None,
            **typed,
        )


class SiteForm(FlaskForm):  # type: ignore[misc]
    """A service: where it is."""

    name = StringField(_l("Name of the service"), validators=[InputRequired(_l("Give its name.")), Length(max=160)])
    commune = StringField(_l("Commune"), validators=[InputRequired(_l("Give a commune, such as 04100 Manosque."))])
    address = StringField(_l("Address"), validators=[Optional(), Length(max=200)])
    phone = StringField(_l("Telephone"), validators=[Optional(), Length(max=30)])
    service_code = StringField(_l("Service code on invoices"), validators=[Optional(), Length(max=40)])
    emergency = BooleanField(_l("This is an emergency service"))

    def fill(self, site: Site) -> None:
        """Start from what is known."""
        self.name.data, self.address.data, self.emergency.data = site.name, site.address, site.emergency
        self.commune.data = f"{site.postcode or site.commune.postcodes[0]} {site.commune.name}"
        self.phone.data = format_phone(site.phone) if site.phone else ""
        self.service_code.data = site.service_code

    def answer(self, commune_insee: str, site: Site | None = None) -> SiteSheet:
        """What was typed; the postcode is the one written before the commune."""
        first = self.commune.data.split()[0]
        return SiteSheet(
            name=self.name.data,
            commune_insee=commune_insee,
            address=self.address.data or "",
            postcode=first if first.isdigit() and len(first) == 5 and first != commune_insee else "",
            finess=site.finess if site else None,
            phone=self.phone.data or None,
            service_code=self.service_code.data or None,
            emergency=bool(self.emergency.data),
        )


class WelcomerForm(FlaskForm):  # type: ignore[misc]
    """Who welcomes the peer on the service."""

    name = StringField(_l("First name and name"), validators=[InputRequired(_l("Give a name.")), Length(max=120)])
    function = StringField(_l("Function"), validators=[InputRequired(_l("Give a function.")), Length(max=120)])
    email = StringField(_l("E-mail"), validators=[Optional(), Length(max=254)])
    phone = StringField(_l("Telephone"), validators=[Optional(), Length(max=30)])
    deputy = BooleanField(_l("Stands in when the other is away (deputy)"))

    def answer(self) -> Welcomer:
        """What was typed."""
        return Welcomer(
            name=self.name.data,
            function=self.function.data,
            email=self.email.data or None,
            phone=self.phone.data or None,
            deputy=bool(self.deputy.data),
        )


def _heading(label: str) -> TextAreaField:
    return TextAreaField(label, validators=[Optional(), Length(max=LONGEST_HEADING)])


class WelcomePageForm(FlaskForm):  # type: ignore[misc]
    """The welcome and role page of a service."""

    peer_does = _heading(_l("What the peer does here"))
    peer_does_not = _heading(_l("What the peer does not do"))
    with_whom = _heading(_l("With whom"))
    entrance = _heading(_l("The entrance"))
    badge = _heading(_l("The badge"))
    locker = _heading(_l("The locker"))
    alarm = _heading(_l("The alarm"))
    meal = _heading(_l("The meal"))
    danger_contact = _heading(_l("Whom to call if someone is in danger"))

    def fill(self, card: SiteCard | None) -> None:
        """Start from the page as it reads."""
        for name in WelcomePage.__dataclass_fields__:
            getattr(self, name).data = getattr(card, name) if card else ""

    def answer(self) -> WelcomePage:
        """What was typed."""
        return WelcomePage(**{name: getattr(self, name).data or "" for name in WelcomePage.__dataclass_fields__})


class RightsForm(FlaskForm):  # type: ignore[misc]
    """What a member of the team may do."""

    function = StringField(_l("Function"), validators=[Optional(), Length(max=120)])
    roles = SelectMultipleField(
        _l("What this person does here"),
        validators=[InputRequired(_l("Please choose at least one thing this person may do."))],
    )
    delegation = StringField(_l("Reference of the delegation of signature"), validators=[Optional(), Length(max=120)])
    delegation_since = DateField(_l("Since"), validators=[Optional()])

    def offer(self) -> None:
        """Give the choices."""
        self.roles.choices = [SelectChoice(role.value, _(label)) for role, label in MEMBER_ROLES.items()]

    def fill(self, member: TeamMember) -> None:
        """Start from what the person may do."""
        self.function.data, self.delegation.data = member.function, member.delegation
        self.roles.data = [role.value for role in member.roles]
        self.delegation_since.data = member.delegation_since

    def rights(self) -> Rights:
        """What was chosen."""
        since: date | None = self.delegation_since.data
        return Rights(
            roles=frozenset(MemberRole(role) for role in self.roles.data or ()),
            function=self.function.data or "",
            delegation=self.delegation.data or None,
            delegation_since=since,
        )


class InvitationForm(RightsForm):
    """Inviting a colleague."""

    name = StringField(_l("First name and name"), validators=[Optional(), Length(max=120)])
    email = StringField(_l("E-mail"), validators=[InputRequired(_l("Give an e-mail address.")), Length(max=254)])
