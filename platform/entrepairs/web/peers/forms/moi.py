"""What a peer sets for themselves: terms, usual week, days away, pause, themes."""

from collections.abc import Iterable
from datetime import time
from typing import Final, NamedTuple

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TimeField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from entrepairs.kernel.identifiers import format_phone
from entrepairs.network.models import HomeWish, PairWish, Peer
from entrepairs.network.peers import PeerTerms, terms_of
from entrepairs.network.rules import END_OF_DAY, WeeklySlot
from entrepairs.network.vocabulary import HOME_WISHES, LANGUAGES, PAIR_WISHES, THEMES, WEEKDAYS, WORDINGS
from entrepairs.web.day_fields import DateField
from entrepairs.web.demand_words import _

MOST_OWN_HOURS: Final = 24
"""Most lines of free hours on the page of the usual week."""


class Part(NamedTuple):
    """A part of the day one ticks: Paris wall times."""

    code: str
    starts: time
    ends: time


PARTS: Final = (Part("am", time(8), time(13)), Part("pm", time(13), time(18)), Part("eve", time(18), time(21)))


_AS_THEY_ARE: Final = (
    *("wording", "radius_km", "wished_hours", "weekly_max_hours", "outside_hours"),
    *("monthly_max_hours", "rests_on_holidays", "waits_for_supervision"),
)


class TermsForm(FlaskForm):  # type: ignore[misc]
    """Hours, distance, languages and how one wishes to be called."""

    wording = SelectField(_l("I wish to be called"))
    phone = StringField(_l("My telephone"), validators=[Optional(), Length(max=30)])
    commune = StringField(
        _l("I live in or near"), validators=[InputRequired(_l("Give a commune, such as 04100 Manosque."))]
    )
    radius_km = IntegerField(_l("I travel up to"), validators=[InputRequired(_l("Give a number of kilometres."))])
    wished_hours = IntegerField(_l("Hours I wish a month"), validators=[InputRequired(_l("Give a number of hours."))])
    weekly_max_hours = IntegerField(_l("At most, a week"), validators=[InputRequired(_l("Give a number of hours."))])
    outside_hours = IntegerField(_l("Hours I work elsewhere, a week"), validators=[Optional()])
    asks_missions = SelectField(_l("Proposals of missions"))
    languages = SelectMultipleField(_l("I speak"))
    monthly_max_hours = IntegerField(_l("At most, a month"), validators=[Optional()])
    rests_on_holidays = BooleanField(_l("I keep public holidays free"))
    waits_for_supervision = BooleanField(_l("I wait for my supervision before a new mission when it is late"))
    pair_wish = SelectField(_l("Coming with another peer"), default=PairWish.EITHER.value)
    home_wish = SelectField(_l("Going to somebody's home"), default=HomeWish.AS_ALL.value)

    def offer(self, peer: Peer) -> None:
        """Give the choices."""
        wordings = dict.fromkeys((*WORDINGS, peer.wording))
        self.wording.choices = [SelectChoice(word, word) for word in wordings]
        self.asks_missions.choices = [
            SelectChoice("yes", _("Yes, send me some")),
            SelectChoice("no", _("No, I am a member without missions")),
        ]
        self.languages.choices = [SelectChoice(code, _(label)) for code, label in LANGUAGES.items()]
        self.pair_wish.choices = [SelectChoice(wish.value, _(label)) for wish, label in PAIR_WISHES.items()]
        self.home_wish.choices = [SelectChoice(wish.value, _(label)) for wish, label in HOME_WISHES.items()]

    def fill(self, peer: Peer) -> None:
        """Start from what is set."""
        terms = terms_of(peer)
        for name in _AS_THEY_ARE:
            getattr(self, name).data = getattr(terms, name)
        self.pair_wish.data = terms.pair_wish.value
        self.home_wish.data = terms.home_wish.value
        self.phone.data = format_phone(terms.phone) if terms.phone else ""
        self.commune.data = f"{peer.commune.postcodes[0]} {peer.commune.name}"
        self.asks_missions.data = "yes" if terms.asks_missions else "no"
        self.languages.data = sorted(terms.languages)

    def answer(self, commune_insee: str) -> PeerTerms:
        """What was typed."""
        return PeerTerms(
            commune_insee=commune_insee,
            radius_km=self.radius_km.data,
            wished_hours=self.wished_hours.data,
            weekly_max_hours=self.weekly_max_hours.data,
            outside_hours=self.outside_hours.data or 0,
            languages=frozenset(self.languages.data or ()),
            wording=self.wording.data,
            phone=self.phone.data or None,
            asks_missions=self.asks_missions.data == "yes",
            monthly_max_hours=self.monthly_max_hours.data,
            rests_on_holidays=bool(self.rests_on_holidays.data),
            waits_for_supervision=bool(self.waits_for_supervision.data),
            pair_wish=PairWish(self.pair_wish.data),
            home_wish=HomeWish(self.home_wish.data),
        )


class OwnHours(Form):  # type: ignore[misc]
    """Hours of one's own: days, from, until. A line without hours counts for nothing."""

    days = SelectMultipleField(_l("Days"), coerce=int, choices=[SelectChoice(day, "") for day in range(7)])
    starts = TimeField(_l("From"), validators=[Optional()])
    ends = TimeField(_l("Until"), validators=[Optional()])

    @property
    def whole(self) -> bool:
        """Whether the line says days and both hours."""
        return bool(self.days.data) and self.starts.data is not None and self.ends.data is not None


class WeekForm(FlaskForm):  # type: ignore[misc]
    """The usual week: parts of the day one ticks, and hours of one's own."""

    parts = SelectMultipleField(_l("Parts of the day"))
    own = FieldList(FormField(OwnHours), max_entries=MOST_OWN_HOURS)

    def offer(self) -> None:
        """Give the choices."""
        self.parts.choices = [SelectChoice(f"{day}_{part.code}", "") for day in range(7) for part in PARTS]
        for line in self.own:
            line.form.days.choices = [SelectChoice(number, _(name)) for number, name in enumerate(WEEKDAYS)]

    def fill(self, week: Iterable[WeeklySlot]) -> None:
        """Tick the parts that the week holds whole, and write the rest as hours of one's own; one line stays empty."""
        self.parts.data, rest = ticks_of(week)
        for starts, ends, days in rest:
            self.own.append_entry({"starts": starts, "ends": ends, "days": days})
        if len(rest) < MOST_OWN_HOURS:
            self.own.append_entry()
        self.offer()

    def answer(self) -> list[WeeklySlot]:
        """What was ticked and typed, as slots."""
        spans = {part.code: part for part in PARTS}
        slots = []
        for code in self.parts.data or ():
            day, part = code.split("_")
            slots.append(WeeklySlot(int(day), spans[part].starts, spans[part].ends))
        for line in self.own:
            if line.form.whole:
                starts, ends = line.form.starts.data, line.form.ends.data
                until = END_OF_DAY if ends == time(0) else ends
                slots += [WeeklySlot(day, starts, until) for day in line.form.days.data]
        return slots


def ticks_of(week: Iterable[WeeklySlot]) -> tuple[list[str], list[tuple[time, time, list[int]]]]:
    """The parts of the day a week holds whole; then what ticks can't say, as hours and the days that share them."""
    ticked: list[str] = []
    rest: dict[tuple[time, time], list[int]] = {}
    for slot in week:
        begin = slot.starts
        for part in PARTS:
            if slot.starts <= part.starts and part.ends <= slot.ends:
                ticked.append(f"{slot.weekday}_{part.code}")
                if begin < part.starts:
                    rest.setdefault((begin, part.starts), []).append(slot.weekday)
                begin = part.ends
        if begin < slot.ends:
            rest.setdefault((begin, slot.ends), []).append(slot.weekday)
    return ticked, [(starts, ends, days) for (starts, ends), days in sorted(rest.items())]


class AbsenceForm(FlaskForm):  # type: ignore[misc]
    """Days away, without reason."""

    first = DateField(_l("First day"), validators=[InputRequired(_l("From which day?"))])
    last = DateField(_l("Last day"), validators=[Optional()])


class PauseForm(FlaskForm):  # type: ignore[misc]
    """Until when, if one knows."""

    back_on = DateField(_l("I am back on"), validators=[Optional()])


class ThemesForm(FlaskForm):  # type: ignore[misc]
    """What one accepts to speak of."""

    themes = SelectMultipleField(_l("I accept to speak of"))

    def offer(self) -> None:
        """Give the choices."""
        self.themes.choices = [SelectChoice(code, _(label)) for code, label in THEMES.items()]


class EvidenceForm(FlaskForm):  # type: ignore[misc]
    """The paper of a qualification."""

    file = FileField(_l("The paper"), validators=[FileRequired(_l("Choose a file."))])
