"""Forms of grants, of the association's identity, of its team and of its decisions."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    Field,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from entrepairs.cooperative.answers import parts_of
from entrepairs.cooperative.shapes import Matter, Shape
from entrepairs.identity.models import OfficeRoleKind
from entrepairs.kernel.i18n import N_
from entrepairs.web.day_fields import DateField
from entrepairs.web.demand_words import _
from entrepairs.web.forms import mail_address

ROLE_WORDS = {
    OfficeRoleKind.COORDINATOR: N_("Coordination"),
    OfficeRoleKind.BILLING: N_("Billing"),
    OfficeRoleKind.ADMIN: N_("Governance (everything)"),
    OfficeRoleKind.AUDITOR: N_("Reading only"),
}
HALF_DAY_WORDS = {
    "am_start": N_("Morning from"),
    "am_end": N_("to (morning)"),
    "pm_start": N_("Afternoon from"),
    "pm_end": N_("to (afternoon)"),
}


class GrantForm(FlaskForm):  # type: ignore[misc]
    """A grant asked for."""

    funder = StringField(_l("Funder"), validators=[InputRequired(_l("Who funds?")), Length(max=120)])
    purpose = StringField(_l("What for"), validators=[InputRequired(_l("What is it for?")), Length(max=200)])
    amount = StringField(_l("Amount"), validators=[InputRequired(_l("How much?"))])
    first = DateField(_l("First day"), validators=[DataRequired(_l("From which day?"))])
    last = DateField(_l("Last day"), validators=[DataRequired(_l("Until which day?"))])
    report_due_on = DateField(_l("Report due on"), validators=[Optional()])


class NotifyForm(FlaskForm):  # type: ignore[misc]
    """The funder's decision."""

    on = DateField(_l("Date of the letter"), validators=[DataRequired(_l("Which day?"))])
    amount = StringField(_l("Amount granted"), validators=[InputRequired(_l("How much?"))])


class CountedForm(FlaskForm):  # type: ignore[misc]
    """A demand done under a grant."""

    demand = SelectField(_l("A demand that something else finances"))

    def offer(self, demands: list[tuple[str, str]]) -> "CountedForm":
        """Give the choices: reference and title."""
        self.demand.choices = demands
        return self


class ReceiveForm(FlaskForm):  # type: ignore[misc]
    """Money of a grant arrived."""

    on = DateField(_l("Received on"), validators=[DataRequired(_l("Which day?"))])
    amount = StringField(_l("Amount received"), validators=[InputRequired(_l("How much?"))])


class AssociationForm(FlaskForm):  # type: ignore[misc]
    """The seller of every invoice."""

    name = StringField(_l("Name"), validators=[InputRequired(_l("Write the name.")), Length(max=120)])
    legal_form = StringField(_l("Legal form"), validators=[InputRequired(_l("Write the form.")), Length(max=120)])
    siret = StringField(_l("SIRET"), validators=[InputRequired(_l("Write the SIRET."))])
    rna = StringField(_l("RNA number"), validators=[Optional()])
    vat_number = StringField(_l("VAT number"), validators=[Optional()])
    address = StringField(_l("Address"), validators=[InputRequired(_l("Write the address.")), Length(max=200)])
    postcode = StringField(_l("Postcode"), validators=[InputRequired(_l("Write the postcode."))])
    town = StringField(_l("Town"), validators=[InputRequired(_l("Write the town.")), Length(max=80)])
    email = EmailField(
        _l("E-mail address"),
        validators=[
            InputRequired(_l("Write your e-mail address.")),
            mail_address,
        ],
    )
    phone = StringField(_l("Telephone"), validators=[InputRequired(_l("Write the number."))])
    opening_hours = StringField(_l("Opening hours"), validators=[InputRequired(_l("When?")), Length(max=200)])
    iban = StringField(_l("IBAN"), validators=[InputRequired(_l("Write the IBAN."))])
    bic = StringField(_l("BIC"), validators=[Optional()])
    signatory_name = StringField(_l("Who signs"), validators=[InputRequired(_l("Who?")), Length(max=120)])
    signatory_function = StringField(_l("As"), validators=[InputRequired(_l("As what?")), Length(max=120)])


class RolesForm(FlaskForm):  # type: ignore[misc]
    """What a colleague does."""

    roles = SelectMultipleField(_l("Roles"), validators=[InputRequired(_l("Choose at least one role."))])

    def offer(self) -> None:
        """Give the choices."""
        self.roles.choices = [SelectChoice(role.value, _(label)) for role, label in ROLE_WORDS.items()]

    @property
    def chosen(self) -> list[OfficeRoleKind]:
        """The roles ticked."""
        return [OfficeRoleKind(code) for code in self.roles.data or ()]


class InviteForm(RolesForm):
    """A new colleague."""

    name = StringField(_l("First name and name"), validators=[InputRequired(_l("Write the name.")), Length(max=120)])
    email = EmailField(
        _l("E-mail address"),
        validators=[
            InputRequired(_l("Write your e-mail address.")),
            mail_address,
        ],
    )


class VoteForm(FlaskForm):  # type: ignore[misc]
    """Where and when a matter was decided; `answer_form` adds what was decided."""

    since = DateField(_l("Holds from"), validators=[DataRequired(_l("From which day?"))])
    voted_on = DateField(_l("Decided on"), validators=[DataRequired(_l("Which day?"))])
    source = StringField(
        _l("Where it was decided"), validators=[InputRequired(_l("Say where it was decided.")), Length(max=200)]
    )


def answer_form(matter: Matter) -> type[VoteForm]:
    """The form of one matter: its own parts, then when and where."""
    fields = {part: _part(matter, part) for part in parts_of(matter)}
    return type("AnswerForm", (VoteForm,), fields)


def _part(matter: Matter, part: str) -> Field:
    choices = [SelectChoice(code, _(label)) for code, label in matter.options.items()]
    if matter.shape is Shape.CHOICES:
        return SelectMultipleField(
            _l("Our decision"),
            choices=choices,
            validators=[InputRequired(_l("Choose at least one of the answers."))],
        )
    if matter.shape is Shape.CHOICE:
        return RadioField(
            _l("Our decision"), choices=choices, validators=[InputRequired(_l("Choose one of the answers."))]
        )
    if matter.shape is Shape.YES_NO:
        answers = [SelectChoice("yes", _("Yes")), SelectChoice("no", _("No"))]
        return RadioField(
            _l("Our decision"), choices=answers, validators=[InputRequired(_l("Choose one of the answers."))]
        )
    if matter.shape is Shape.TEXT:
        return TextAreaField(_l("Our words"), validators=[InputRequired(_l("Write the text.")), Length(max=1200)])
    if matter.shape is Shape.HALF_DAYS:
        return TimeField(_l(HALF_DAY_WORDS[part]), validators=[DataRequired(_l("From which hour?"))])
    label: Any = _l(matter.options[part]) if matter.shape is Shape.WEIGHTS else _l("Our decision")
    return StringField(label, validators=[InputRequired(_l("Write a number."))])
