"""Forms of an answer to a quote and of an engagement number."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

_TOO_LONG = _l("50 characters at most.")


class SignForm(FlaskForm):  # type: ignore[misc]
    """« Bon pour accord »: who, in what function, entitled to. `version` is the one before the reader's eyes."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    name = StringField(
        _l("Your name"), validators=[InputRequired(_l("Write your name and your function.")), Length(max=120)]
    )
    function = StringField(
        _l("Your function"), validators=[InputRequired(_l("Write your name and your function.")), Length(max=120)]
    )
    engagement = StringField(_l("Engagement number"), validators=[Length(max=50, message=_TOO_LONG)])
    entitled = BooleanField(
        _l("I am entitled to commit my establishment"),
        validators=[InputRequired(_l("Tick the box: without it, the agreement would commit nobody."))],
    )


class NumberForm(FlaskForm):  # type: ignore[misc]
    """A public buyer's engagement number."""

    engagement = StringField(
        _l("Engagement number"), validators=[InputRequired(_l("Write the number.")), Length(max=50, message=_TOO_LONG)]
    )
    service_code = StringField(_l("Service code"), validators=[Length(max=40)])


class ForwardForm(FlaskForm):  # type: ignore[misc]
    """Whom a quote is passed on to."""

    signatory = RadioField(_l("Who gives the agreement?"), validators=[InputRequired()], validate_choice=False)
