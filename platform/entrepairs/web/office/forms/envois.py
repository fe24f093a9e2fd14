"""Forms of how invoices leave."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, StringField
from wtforms.validators import Length

from entrepairs.billing.transmission.channels import CHOICES, Channel, Recipient
from entrepairs.web.transmission_words import CHANNELS


class RecipientForm(FlaskForm):  # type: ignore[misc]
    """Whom an invoice is sent to: what routes it, nothing of what it says."""

    siret = StringField(_l("SIRET"), validators=[Length(max=30)])
    service_code = StringField(_l("Service code"), validators=[Length(max=40)])
    engagement = StringField(_l("Commitment number"), validators=[Length(max=50)])
    electronic_address = StringField(_l("Electronic invoicing address"), validators=[Length(max=125)])

    def fill(self, recipient: Recipient) -> None:
        """Start from what was used last."""
        for name in ("siret", "service_code", "engagement", "electronic_address"):
            getattr(self, name).data = getattr(recipient, name)

    def answer(self) -> Recipient:
        """What was typed."""
        typed = {
            name: (getattr(self, name).data or "").strip()
            for name in ("siret", "service_code", "engagement", "electronic_address")
        }
        return Recipient(**typed)


class PieceForm(FlaskForm):  # type: ignore[misc]
    """A document."""

    file = FileField(_l("The file"), validators=[FileRequired(_l("Choose a file."))])


class ChannelForm(FlaskForm):  # type: ignore[misc]
    """The channel of a structure; empty, the default."""

    channel = RadioField(_l("How its invoices leave"))

    @classmethod
    def of(cls, chosen: Channel | None) -> "ChannelForm":
        """With its choices, the present one ticked."""
        form = cls()
        form.channel.choices = [("", _("As usual for its kind"))] + [(one.value, _(CHANNELS[one])) for one in CHOICES]
        if not form.is_submitted():
            form.channel.data = chosen.value if chosen else ""
        return form
