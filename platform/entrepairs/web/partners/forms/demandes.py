"""Forms of a demand, step by step. What can't be kept is said by the use case, on the field at fault."""

from datetime import time

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
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from entrepairs.catalogue.models import OfferingKind
from entrepairs.demands.drafting import DatesAnswer, PeopleAnswer, PlaceAnswer
from entrepairs.demands.models import Demand, PersonWish, PlaceKind
from entrepairs.demands.rhythms import HALF_DAYS
from entrepairs.network.models import Site
from entrepairs.network.vocabulary import LANGUAGES, THEMES
from entrepairs.web.day_fields import DateField
from entrepairs.web.demand_words import PLACES, WISHES, _, half_day_name

WEEKDAY_HALVES = HALF_DAYS[:10]
"""Monday to Friday; a week-end is asked by word of mouth."""


class PlaceForm(FlaskForm):  # type: ignore[misc]
    """Where the sessions are."""

    kind = RadioField(_l("Where"), validators=[InputRequired(_l("Choose where."))])
    site = SelectField(_l("Service"), validators=[Optional()])
    commune = StringField(_l("Commune"), validators=[Length(max=80)])
    place_detail = StringField(_l("Place"), validators=[Length(max=200)])

    def offer(self, sites: list[Site]) -> None:
        """Give the choices."""
        self.kind.choices = [(kind.value, _(label)) for kind, label in PLACES.items()]
        self.site.flags.required = True
        self.site.choices = [(site.ref, site.name) for site in sites]
        if len(sites) != 1:
            self.site.choices.insert(0, ("", _("Choose a service")))

    def fill(self, demand: Demand) -> None:
        """Start from the draft."""
        self.kind.data = demand.place_kind.value
        self.site.data = demand.site.ref if demand.site else ""
        self.commune.data = demand.commune.name if demand.commune and demand.place_kind is not PlaceKind.SITE else ""
        self.place_detail.data = demand.place_detail

    def answer(self) -> PlaceAnswer:
        """What was typed."""
        return PlaceAnswer(
            PlaceKind(self.kind.data), self.site.data or None, self.commune.data or "", self.place_detail.data or ""
        )


class DatesForm(FlaskForm):  # type: ignore[misc]
    """When the sessions are."""

    first_day = DateField(_l("From day"), validators=[DataRequired(_l("From which day?"))])
    start_time = TimeField(_l("Starting at"), validators=[Optional()])
    session_minutes = IntegerField(_l("Length in minutes"), validators=[Optional()])
    sessions_count = IntegerField(_l("Number of sessions"), validators=[InputRequired(_l("How many?"))])
    half_days = SelectMultipleField(_l("Half-days of each week"))
    skip_holidays = BooleanField(_l("Leave out public holidays"))

    def offer(self, demand: Demand) -> None:
        """Give the choices, and the word that fits the kind."""
        words = {OfferingKind.PRESENCE: _("Number of weeks"), OfferingKind.TRAINING: _("Number of days")}
        for needed in (self.start_time, self.session_minutes, self.half_days):
            needed.flags.required = True
        self.sessions_count.label.text = words.get(demand.kind, self.sessions_count.label.text)
        self.half_days.choices = [(code, half_day_name(code)) for code in WEEKDAY_HALVES]

    def fill(self, demand: Demand) -> None:
        """Start from the draft."""
        self.first_day.data, self.start_time.data = demand.first_day, demand.start_time
        self.session_minutes.data, self.sessions_count.data = demand.session_minutes, demand.sessions_count
        self.half_days.data, self.skip_holidays.data = list(demand.half_days), demand.skip_holidays

    def answer(self) -> DatesAnswer:
        """What was typed."""
        return DatesAnswer(
            first_day=self.first_day.data,
            start_time=self.start_time.data or time(9),
            session_minutes=self.session_minutes.data,
            sessions_count=self.sessions_count.data,
            half_days=[code for code in HALF_DAYS if code in (self.half_days.data or ())],
            skip_holidays=bool(self.skip_holidays.data),
        )


class PeopleForm(FlaskForm):  # type: ignore[misc]
    """For whom and what for."""

    participants = IntegerField(_l("How many people, roughly"), validators=[Optional()])
    audience = StringField(_l("For whom"), validators=[Length(max=200)])
    person_wish = RadioField(_l("Does the person wish it?"), validators=[Optional()], validate_choice=False)
    goals = SelectMultipleField(_l("What it is for"))
    colleague_function = StringField(_l("The professional who takes part"), validators=[Length(max=120)])
    context = TextAreaField(_l("Something to know"), validators=[Length(max=800)])
    language = SelectField(_l("Language"), validators=[Optional()])
    themes = SelectMultipleField(_l("An experience to share"))

    def offer(self, demand: Demand) -> None:
        """Give the choices; a goal typed long ago and gone from the catalogue stays ticked."""
        goals = dict.fromkeys([*demand.offering.goals, *demand.goals])
        self.goals.choices = [(goal, goal) for goal in goals]
        self.person_wish.flags.required = True
        self.person_wish.choices = [(wish.value, _(label)) for wish, label in WISHES.items()]
        spoken = sorted((_(label), code) for code, label in LANGUAGES.items() if code != "fr")
        self.language.choices = [("", _("French")), *((code, label) for label, code in spoken)]
        self.themes.choices = [(code, _(label)) for code, label in THEMES.items()]

    def fill(self, demand: Demand) -> None:
        """Start from the draft."""
        self.participants.data, self.audience.data = demand.participants, demand.audience
        self.person_wish.data = demand.person_wish.value if demand.person_wish else None
        self.goals.data, self.themes.data = list(demand.goals), list(demand.themes)
        self.colleague_function.data, self.context.data = demand.colleague_function, demand.context
        self.language.data = demand.language or ""

    def answer(self) -> PeopleAnswer:
        """What was typed."""
        wish = self.person_wish.data if self.person_wish.data in set(PersonWish) else None
        return PeopleAnswer(
            participants=self.participants.data,
            audience=self.audience.data or "",
            context=self.context.data or "",
            goals=self.goals.data or (),
            person_wish=PersonWish(wish) if wish else None,
            colleague_function=self.colleague_function.data or "",
            language=self.language.data or None,
            themes=self.themes.data or (),
        )


class SendForm(FlaskForm):  # type: ignore[misc]
    """The last step: who gives the agreement, when it is needed."""

    signatory = RadioField(_l("Who gives the agreement?"), validators=[Optional()], validate_choice=False)


class NeedForm(FlaskForm):  # type: ignore[misc]
    """« Besoin aujourd'hui »."""

    site = SelectField(_l("Service"), validators=[InputRequired(_l("Which service?"))])
    start = SelectField(_l("From hour"), validators=[InputRequired(_l("From which hour?"))])
    context = TextAreaField(_l("Something to know"), validators=[Length(max=400)])


class WordForm(FlaskForm):  # type: ignore[misc]
    """A word that goes with a sending back or a cancellation."""

    note = TextAreaField(_l("A word, if you wish"), validators=[Length(max=400)])
