"""What the form macros need from Python: the form's two hidden keys, what ties a control to its hint, count and error."""

import secrets
from typing import Final

from flask import Flask
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from wtforms import Field, ValidationError

from entrepairs.kernel.errors import DomainError, InvalidInput
from entrepairs.network.emails import parse_email
from entrepairs.web.errors import sentence
from entrepairs.web.unsent import FORM_KEY

CREATES: Final = "c."
"""How the key of a form that creates something begins: sent twice running, even from a page opened again, it is one."""


def form_guard(*, creates: bool = False) -> Markup:
    """The hidden fields every posted form starts with: the token against forgery, and the key that makes it count once.

    `creates`: what the form makes must stay one when the person goes back, finds the page made anew and sends the same
    again. Not for a gesture one may repeat (« relancer »).
    """
    key = f"{CREATES if creates else ''}{secrets.token_urlsafe(12)}"
    hidden = Markup('<input type="hidden" name="{}" value="{}">')
    return hidden.format("csrf_token", generate_csrf()) + hidden.format(FORM_KEY, key)


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
    """Give `field_attributes` and `form_guard` to the macros."""
    app.jinja_env.globals.update(field_attributes=field_attributes, form_guard=form_guard)


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
