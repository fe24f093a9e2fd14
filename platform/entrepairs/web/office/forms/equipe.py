"""Forms on a peer, for the association."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from entrepairs.network.models import ClearanceKind, Employment, Peer
from entrepairs.network.peers import PeerSheet, PeerTerms
from entrepairs.network.vocabulary import CLEARANCES, EMPLOYMENTS, QUALIFICATIONS
from entrepairs.web.day_fields import DateField
from entrepairs.web.demand_words import _


class BondForm(FlaskForm):  # type: ignore[misc]
    """Name, and how the person is bound to the association."""

    first_name = StringField(_l("First name"), validators=[InputRequired(_l("Give a first name.")), Length(max=60)])
    last_name = StringField(_l("Last name"), validators=[InputRequired(_l("Give a last name.")), Length(max=60)])
    employment = SelectField(_l("Bond"))
    joined_on = DateField(_l("In the team since"), validators=[InputRequired(_l("Give a day."))])
    left_on = DateField(_l("Last day in the team"), validators=[Optional()])
    full_time = BooleanField(_l("Full-time contract"))

    def offer(self) -> None:
        """Give the choices."""
        self.employment.choices = [SelectChoice(bond.value, _(label)) for bond, label in EMPLOYMENTS.items()]

    def fill(self, peer: Peer) -> None:
        """Start from what is known."""
        self.first_name.data, self.last_name.data = peer.first_name, peer.last_name
        self.employment.data = peer.employment.value
        self.joined_on.data, self.left_on.data = peer.joined_on, peer.left_on
        self.full_time.data = peer.full_time

    def answer(self) -> dict[str, Any]:
        """What was typed, by argument of `edit_bond`."""
        return {
            "first_name": self.first_name.data,
            "last_name": self.last_name.data,
            "employment": Employment(self.employment.data),
            "joined_on": self.joined_on.data,
            "left_on": self.left_on.data,
            "full_time": bool(self.full_time.data),
        }


class PeerForm(FlaskForm):  # type: ignore[misc]
    """Welcoming somebody in the team. The rest is theirs to set."""

    first_name = StringField(_l("First name"), validators=[InputRequired(_l("Give a first name.")), Length(max=60)])
    last_name = StringField(_l("Last name"), validators=[InputRequired(_l("Give a last name.")), Length(max=60)])
    email = StringField(_l("E-mail"), validators=[InputRequired(_l("Give an e-mail address.")), Length(max=254)])
    phone = StringField(_l("Telephone"), validators=[Optional(), Length(max=30)])
    employment = SelectField(_l("Bond"))
    commune = StringField(_l("Commune"), validators=[InputRequired(_l("Give a commune, such as 04100 Manosque."))])
    joined_on = DateField(_l("In the team since"), validators=[InputRequired(_l("Give a day."))])

    def offer(self) -> None:
        """Give the choices."""
        self.employment.choices = [SelectChoice(bond.value, _(label)) for bond, label in EMPLOYMENTS.items()]

    def answer(self, commune_insee: str) -> PeerSheet:
        """What was typed."""
        bond = Employment(self.employment.data)
        return PeerSheet(
            email=self.email.data,
            first_name=self.first_name.data,
            last_name=self.last_name.data,
            employment=bond,
            joined_on=self.joined_on.data,
            terms=PeerTerms(
                commune_insee=commune_insee,
                phone=self.phone.data or None,
                asks_missions=bond is not Employment.EMPLOYED_ELSEWHERE,
            ),
        )


class QualificationForm(FlaskForm):  # type: ignore[misc]
    """A qualification and its paper."""

    kind = SelectField(_l("Qualification"))
    since = DateField(_l("From"), validators=[InputRequired(_l("From which day?"))])
    last_day = DateField(_l("Last day"), validators=[Optional()])
    file = FileField(_l("The paper"))

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.kind.choices = [SelectChoice(code, _(label)) for code, label in QUALIFICATIONS.items()]


class ClearanceForm(FlaskForm):  # type: ignore[misc]
    """A paper checked."""

    checked = SelectField(_l("Paper checked"))
    checked_on = DateField(_l("Checked on"), validators=[InputRequired(_l("Give a day."))])
    valid_until = DateField(_l("Good until"), validators=[Optional()])

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.checked.choices = [SelectChoice(paper.value, _(label)) for paper, label in CLEARANCES.items()]

    def paper(self) -> ClearanceKind:
        """Which one."""
        return ClearanceKind(self.checked.data)


class LearningForm(FlaskForm):  # type: ignore[misc]
    """A qualification being prepared."""

    learned = SelectField(_l("Qualification being prepared"))
    starts = DateField(_l("From"), validators=[InputRequired(_l("From which day?"))])
    ends = DateField(_l("Last day of the course"), validators=[InputRequired(_l("Give a day."))])

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.learned.choices = [SelectChoice(code, _(label)) for code, label in QUALIFICATIONS.items()]


class TrainingForm(FlaskForm):  # type: ignore[misc]
    """Days at school or in training."""

    training_first = DateField(_l("First day in training"), validators=[InputRequired(_l("From which day?"))])
    training_last = DateField(_l("Last day in training"), validators=[InputRequired(_l("Give a day."))])
