"""Forms of billing."""

import re
from decimal import Decimal, InvalidOperation

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.web.day_fields import DateField


class PaymentForm(FlaskForm):  # type: ignore[misc]
    """A transfer received, or money given back."""

    amount = StringField(_l("Amount"), validators=[DataRequired(_l("Enter the amount."))])
    received_on = DateField(_l("Day on the bank statement"), validators=[DataRequired(_l("Enter the day."))])
    reference = StringField(_l("Reference on the statement"), validators=[Length(max=120)])
    keep_surplus = BooleanField(_l("Keep the surplus on the structure's account"))


class AmountForm(FlaskForm):  # type: ignore[misc]
    """An amount alone."""

    amount = StringField(_l("Amount"), validators=[DataRequired(_l("Enter the amount."))])


class ReverseForm(FlaskForm):  # type: ignore[misc]
    """Why a payment recorded here is undone."""

    reason = StringField(
        _l("Why"), validators=[DataRequired(_l("Say why, in a few words: it stays in the accounts.")), Length(max=200)]
    )


class OnlineRefundForm(FlaskForm):  # type: ignore[misc]
    """How much goes back online, and why."""

    amount = StringField(_l("Amount"), validators=[DataRequired(_l("Enter the amount."))])
    reason = StringField(
        _l("Why"), validators=[DataRequired(_l("Say why, in a few words: it stays in the accounts.")), Length(max=200)]
    )


class MoveForm(FlaskForm):  # type: ignore[misc]
    """Where a surplus goes, how much of it, and why."""

    target = SelectField(_l("Towards which invoice"), validators=[DataRequired(_l("Choose an invoice."))])
    amount = StringField(_l("Amount"), validators=[DataRequired(_l("Enter the amount."))])
    reason = StringField(
        _l("Why"), validators=[DataRequired(_l("Say why, in a few words: it stays in the accounts.")), Length(max=200)]
    )


class CreditForm(FlaskForm):  # type: ignore[misc]
    """Why, and which lines (none chosen: all)."""

    reason = TextAreaField(
        _l("Why"), validators=[DataRequired(_l("Say why, in a few words: it is printed.")), Length(max=200)]
    )
    positions = SelectMultipleField(_l("Lines to take back"), coerce=int)
    bill_again = BooleanField(_l("These sessions are to be billed again"))


class DepositForm(FlaskForm):  # type: ignore[misc]
    """A deposit on Chorus Pro, made by hand."""

    note = StringField(_l("Number of the deposit"), validators=[Length(max=200)])


def euros(text: str, *, field: str = "amount") -> Money:
    """« 1 234,50 € » as typed. Raises InvalidInput("amount")."""
    plain = re.sub(r"[\s\u00a0\u202f€]", "", text).replace(",", ".")
    try:
        return Money.of(Decimal(plain))
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise InvalidInput(
            "amount", N_("Write the amount in euros and cents, such as 1234,50."), field=field
        ) from error
