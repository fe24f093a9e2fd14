"""What the form macros need from Python: the attributes that tie a control to its hint, count and error."""

from flask import Flask
from flask_wtf import FlaskForm
from wtforms import Field, ValidationError

from entrepairs.kernel.errors import DomainError, InvalidInput
from entrepairs.network.emails import parse_email
from entrepairs.web.errors import sentence


def field_attributes(
    field: Field,
    hint: str | None = None,
    autocomplete: str | None = None,
    inputmode: str | None = None,
    count: int | None = None,
) -> dict[str, str]:
    """Attributes of a WTForms control, in WTForms' spelling (`aria_describedby` is written `aria-describedby`).

    The ids match what `components/forms.html` writes: `<id>-hint`, `<id>-count`, `<id>-error`.
    """
    parts = (("hint", hint), ("count", count), ("error", field.errors))
    described = " ".join(f"{field.id}-{name}" for name, present in parts if present)
    given = {
        "aria_describedby": described,
        "aria_invalid": "true" if field.errors else "",
        "autocomplete": autocomplete,
        "inputmode": inputmode,
    }
    return {name: value for name, value in given.items() if value}


def init_forms(app: Flask) -> None:
    """Give `field_attributes` to the macros."""
    app.jinja_env.globals["field_attributes"] = field_attributes


def attach(form: FlaskForm, error: DomainError) -> bool:
    """Put a refusal on the field it names, so that the form comes back with what was typed. False: no such field."""
    field = getattr(form, error.field, None) if error.field else None
    if field is None:
        return False
    field.errors = [*field.errors, sentence(error)]
    return True


def mail_address(form: FlaskForm, field: Field) -> None:
    """A validator: an e-mail address by its form, as the rooms read it (the demo's end with `.test`)."""
    try:
        parse_email(field.data or "")
    except InvalidInput as error:
        raise ValidationError(sentence(error)) from error
