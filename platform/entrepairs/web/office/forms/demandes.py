"""Forms of the office's work on a demand."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from entrepairs.demands.drafting import AFTERNOON
from entrepairs.demands.models import PlaceKind
from entrepairs.demands.qualifying import REFUSAL_REASONS
from entrepairs.network.vocabulary import LANGUAGES, THEMES
from entrepairs.web.day_fields import DateField
from entrepairs.web.demand_words import PLACES, _
from entrepairs.web.words import words


class QualifyForm(FlaskForm):  # type: ignore[misc]
    """What refines who is asked."""

    language = SelectField(_l("Language"), validators=[Optional()])
    themes = SelectMultipleField(_l("An experience to share"))

    def offer(self) -> None:
        """Give the choices."""
        spoken = sorted((_(label), code) for code, label in LANGUAGES.items() if code != "fr")
        self.language.choices = [("", _("French")), *((code, label) for label, code in spoken)]
        self.themes.choices = [(code, _(label)) for code, label in THEMES.items()]


class RefuseForm(FlaskForm):  # type: ignore[misc]
    """A kind reason, and words of one's own."""

    reason = RadioField(_l("What we tell them"), validators=[InputRequired(_l("Choose what we tell them."))])
    note = TextAreaField(_l("A word of yours"), validators=[Length(max=400)])

    def offer(self) -> None:
        """Give the choices."""
        self.reason.choices = [(code, words(sentence)) for code, sentence in REFUSAL_REASONS.items()]


class CancelForm(FlaskForm):  # type: ignore[misc]
    """A word that goes with a cancellation."""

    note = TextAreaField(_l("A word of yours"), validators=[Length(max=400)])
    asked_by_structure = BooleanField(_l("The structure asked for it"))


class FinancedForm(FlaskForm):  # type: ignore[misc]
    """Who finances a demand nobody is invoiced for."""

    grant = SelectField(_l("Under a grant"), validators=[Optional()])
    financed_by = StringField(_l("Financed by something else"), validators=[Length(max=120)])

    def offer(self, grants: list[tuple[str, str]]) -> "FinancedForm":
        """Give the choices: reference and name of each grant."""
        self.grant.choices = [("", _("None: something else pays for it")), *grants]
        return self


class UnderGrantForm(FlaskForm):  # type: ignore[misc]
    """Which grant finances a demand."""

    grant = SelectField(_l("Grant"), validators=[Optional()])

    def offer(self, grants: list[tuple[str, str]]) -> "UnderGrantForm":
        """Give the choices: reference and name of each grant."""
        self.grant.choices = [("", _("None")), *grants]
        return self


class MoveForm(FlaskForm):  # type: ignore[misc]
    """Another day and hour for one session."""

    day = DateField(_l("Day"), validators=[DataRequired(_l("Which day?"))])
    start = TimeField(_l("Starting at"), validators=[DataRequired(_l("From which hour?"))])


class CallForm(FlaskForm):  # type: ignore[misc]
    """What is noted of a call: nothing that says who."""

    offering = SelectField(_l("What would help"), validators=[InputRequired(_l("Choose what would help."))])
    commune = StringField(_l("Commune"), validators=[InputRequired(_l("In which commune?")), Length(max=80)])
    place_kind = RadioField(_l("Where"), default=PlaceKind.IN_TOWN.value)
    first_day = DateField(_l("From day"), validators=[DataRequired(_l("From which day?"))])
    start_time = TimeField(_l("Starting at"), default=AFTERNOON, validators=[DataRequired(_l("From which hour?"))])
    sessions_count = IntegerField(
        _l("Number of meetings"), default=1, validators=[InputRequired(_l("How many?")), NumberRange(1, 52)]
    )
    partner = SelectField(_l("Referred by"), validators=[Optional()])
    financed_by = StringField(_l("Financed by"), validators=[Length(max=120)])
    context = TextAreaField(_l("What the person hopes for"), validators=[Length(max=800)])

    def offer(self, offerings: list[tuple[str, str]], partners: list[tuple[str, str]]) -> None:
        """Give the choices."""
        self.offering.choices = offerings
        self.partner.choices = [("", _("Nobody: the person called")), *partners]
        kinds = (PlaceKind.IN_TOWN, PlaceKind.HOME, PlaceKind.REMOTE)
        self.place_kind.choices = [(kind.value, _(PLACES[kind])) for kind in kinds]


class PriceForm(FlaskForm):  # type: ignore[misc]
    """A voted price."""

    price = StringField(_l("Price without VAT"), validators=[InputRequired(_l("Which price?"))])
    since = DateField(_l("From day"), validators=[DataRequired(_l("From which day?"))])
    source = StringField(_l("Decided by"), validators=[InputRequired(_l("Say where it was decided.")), Length(max=200)])
