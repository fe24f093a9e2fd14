"""Forms of quotes and agreements, for the office."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DecimalField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from entrepairs.contracting.models import InvoiceGrouping, RecordAccess
from entrepairs.contracting.rules import PricedLine
from entrepairs.demands.models import Demand
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.web.contract_words import ACCESS, GROUPINGS
from entrepairs.web.day_fields import DateField
from entrepairs.web.demand_words import _
from entrepairs.web.office.forms.facturation import euros


class LineForm(Form):  # type: ignore[misc]
    """A line of a quote; its unit is the offering's."""

    label = StringField(_l("What"), validators=[InputRequired(_l("Say what it is."))])
    quantity = StringField(_l("Quantity"), validators=[InputRequired(_l("How many?"))])
    price = StringField(_l("Unit price without VAT"), validators=[InputRequired(_l("Which price?"))])
    vat_regime = SelectField(_l("VAT"), validators=[InputRequired(_l("Choose the VAT of the list."))])


class QuoteForm(FlaskForm):  # type: ignore[misc]
    """The lines of a quote."""

    lines = FieldList(FormField(LineForm))

    def offer(self, choices: Sequence[tuple[str, str]]) -> None:
        """Give the VAT regimes."""
        for entry in self.lines:
            entry.form.vat_regime.choices = list(choices)

    def fill(self, lines: Sequence[PricedLine]) -> None:
        """Start from the draft, or from what is proposed."""
        for line in lines:
            self.lines.append_entry(
                {
                    "label": line.label,
                    "quantity": typed_quantity(line.quantity) if line.quantity else "",
                    "price": typed_money(line.unit_price),
                    "vat_regime": line.vat_regime,
                }
            )

    def answer(self, demand: Demand) -> list[PricedLine]:
        """What was typed. Raises InvalidInput with the place of the line at fault."""
        return [_line(entry.form, place, demand) for place, entry in enumerate(self.lines)]

    def attach(self, error: InvalidInput, said: str) -> bool:
        """Put a refusal on the field of the line it names."""
        place = error.params.get("line")
        if not isinstance(place, int) or error.field is None or place >= len(self.lines):
            place = 0 if error.field == "label" and len(self.lines) else None
        if place is None:
            return False
        field = self.lines[place].form[error.field]
        field.errors = [*field.errors, said]
        return True


def _line(form: LineForm, place: int, demand: Demand) -> PricedLine:
    try:
        quantity = Decimal("".join(form.quantity.data.split()).replace(",", "."))
        finite = quantity.is_finite()
    except InvalidOperation:
        finite = False
    if not finite:
        raise InvalidInput(
            "line_quantity", N_("Write a quantity above zero, with two decimals at most."), field="quantity", line=place
        )
    try:
        price = euros(form.price.data, field="price")
    except InvalidInput as error:
        raise InvalidInput(error.code, error.message, field="price", line=place) from error
    return PricedLine(
        form.label.data, quantity, demand.offering.price_unit.value, price, form.vat_regime.data, Decimal(0)
    )


class AgreementForm(FlaskForm):  # type: ignore[misc]
    """The terms of an agreement. Prices are typed beside each offering, under `price-<code>`."""

    partner = SelectField(_l("Structure"), validators=[InputRequired(_l("Which structure?"))])
    title = StringField(_l("Title"), validators=[InputRequired(_l("Give the agreement a title.")), Length(max=160)])
    first_day = DateField(_l("First day"), validators=[DataRequired(_l("From which day?"))])
    last_day = DateField(_l("Last day"), validators=[DataRequired(_l("Until which day?"))])
    ceiling = StringField(_l("Ceiling without VAT"), validators=[Optional()])
    prices = SelectMultipleField(_l("Offerings and prices"), validate_choice=False)
    record_access = RadioField(
        _l("The care record"),
        default=RecordAccess.OWN_TAB.value,
        validators=[InputRequired(_l("Choose what peers may read and write."))],
    )
    signatory = StringField(_l("Who signs for the structure"), validators=[Length(max=120)])
    signatory_function = StringField(_l("Function"), validators=[Length(max=120)])
    tacit_days = IntegerField(
        _l("Days of silence that confirm a service"),
        validators=[Optional(), NumberRange(1, 365, _l("Write a number of days, or leave it empty."))],
    )
    grouping = RadioField(
        _l("What goes on one invoice"),
        default=InvoiceGrouping.MONTH.value,
        validators=[InputRequired(_l("Choose what goes on one invoice."))],
    )
    yearly_engagement = BooleanField(_l("One commitment number a year, for the whole agreement"))
    cancel_notice_days = IntegerField(
        _l("Cancelling is free until so many days before"),
        validators=[Optional(), NumberRange(0, 365, _l("Write a number of days, or leave it empty."))],
    )
    cancel_percent = DecimalField(
        _l("After that, percentage of the price that is due"),
        use_locale=False,
        validators=[Optional(), NumberRange(0, 100, _l("Write a percentage between 0 and 100."))],
    )
    payment_days = IntegerField(
        _l("Days to pay"),
        validators=[Optional(), NumberRange(1, 60, _l("Write a number of days, or leave it empty."))],
    )
    end_of_month = BooleanField(_l("Then the end of that month"))
    late_rate = DecimalField(
        _l("Late interest, a year"),
        use_locale=False,
        validators=[Optional(), NumberRange(0, 30, _l("Write a percentage, or leave it empty."))],
    )
    procurement_basis = StringField(_l("Procedure of a public buyer"), validators=[Length(max=120)])
    project = StringField(_l("The buyer's reference of its project or convention"), validators=[Length(max=50)])

    FIGURES: ClassVar = (
        "tacit_days",
        "payment_days",
        "end_of_month",
        "late_rate",
        "cancel_notice_days",
        "cancel_percent",
    )
    """Fields named as the term they hold."""

    def figures(self) -> dict[str, Any]:
        """Those terms, as typed."""
        return {name: self[name].data for name in self.FIGURES}

    def offer(self, partners: Sequence[tuple[str, str]]) -> None:
        """Give the choices."""
        self.partner.choices = [("", _("Choose a structure")), *partners]
        self.record_access.choices = [(one.value, _(label)) for one, label in ACCESS.items()]
        self.grouping.choices = [(one.value, _(label)) for one, label in GROUPINGS.items()]


class YearForm(FlaskForm):  # type: ignore[misc]
    """The commitment number of a year of an agreement."""

    year = IntegerField(_l("Year"), validators=[InputRequired(_l("Of which year?"))])
    number = StringField(_l("Commitment number"), validators=[InputRequired(_l("Write the number.")), Length(max=50)])
    service_code = StringField(_l("Service code"), validators=[Length(max=40)])


class SignatureForm(FlaskForm):  # type: ignore[misc]
    """The signature of an agreement, as it came back."""

    signed_on = DateField(_l("Signed on"), validators=[DataRequired(_l("On which day?"))])
    signatory = StringField(
        _l("Signed by"), validators=[InputRequired(_l("Who signed for the structure?")), Length(max=120)]
    )
    signatory_function = StringField(_l("Function"), validators=[Length(max=120)])
    signed_file = FileField(_l("The signed agreement, as a PDF"))


class PaperForm(FlaskForm):  # type: ignore[misc]
    """A quote signed on paper, as it came. `version` is the one that was signed."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    name = StringField(
        _l("Who signed it"), validators=[InputRequired(_l("Who signed for the structure?")), Length(max=120)]
    )
    function = StringField(_l("Function"), validators=[InputRequired(_l("Give their function.")), Length(max=120)])
    signed_on = DateField(_l("Day of the signature"), validators=[DataRequired(_l("On which day?"))])
    file = FileField(
        _l("The scan of the signed quote"), validators=[FileRequired(_l("Join the scan or a photograph."))]
    )


def typed_money(amount: Money) -> str:
    """« 320,00 », as a person types it."""
    return str(amount.euros).replace(".", ",")


def typed_quantity(quantity: Decimal) -> str:
    """« 8 », « 7,5 »."""
    return f"{quantity.normalize():f}".replace(".", ",")
