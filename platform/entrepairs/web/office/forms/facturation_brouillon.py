"""Forms of what is added to a draft of invoice."""

from collections.abc import Sequence
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DecimalField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from entrepairs.billing.drafts.attachments import KINDS
from entrepairs.billing.drafts.rules import Discount
from entrepairs.billing.einvoice.model import AttachmentKind
from entrepairs.billing.models import InvoiceLine
from entrepairs.web.invoice_words import ATTACHMENTS, DISCOUNTS
from entrepairs.web.office.forms.facturation import euros


class DiscountForm(FlaskForm):  # type: ignore[misc]
    """On what, how much, why."""

    position = SelectField(_l("On what"), coerce=int)
    amount = StringField(_l("Amount without VAT"), validators=[Optional(), Length(max=20)])
    percent = DecimalField(_l("Or a percentage"), use_locale=False, places=2, validators=[Optional()])
    code = RadioField(_l("Why"), validators=[InputRequired(_l("Choose why the discount is given: it is printed."))])
    more = StringField(_l("A few words more"), validators=[Length(max=60)])

    def offer(self, lines: Sequence[InvoiceLine]) -> "DiscountForm":
        """Give the choices."""
        self.position.choices = [
            (0, _("The whole invoice")),
            *((line.position, f"{line.position}. {line.label}"[:80]) for line in lines),
        ]
        self.code.choices = [(code, _(label)) for code, label in DISCOUNTS.items()]
        return self

    def given(self) -> Discount:
        """What was typed. Raises InvalidInput("amount")."""
        amount = euros(self.amount.data, field="amount") if self.amount.data else None
        percent = self.percent.data
        return Discount(self.code.data, amount, None if percent is None else Decimal(percent), self.more.data or "")


class AttachmentForm(FlaskForm):  # type: ignore[misc]
    """A file, and what it is."""

    file = FileField(_l("The file"), validators=[FileRequired(_l("Choose a file."))])
    kind = RadioField(
        _l("What the file is"),
        default=AttachmentKind.SUPPORTING.value,
        validators=[InputRequired(_l("Say what the file is."))],
    )

    def offer(self) -> "AttachmentForm":
        """Give the choices."""
        self.kind.choices = [(one.value, _(ATTACHMENTS[one])) for one in KINDS]
        return self
