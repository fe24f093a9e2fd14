"""Forms of the accounts."""

from collections.abc import Sequence
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FieldList, Form, FormField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from entrepairs.billing.spreading import PEER_AXIS
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import is_reference
from entrepairs.ledger.chart import JOURNALS
from entrepairs.ledger.hand import BY_HAND, Written
from entrepairs.ledger.models import BooksForm, Entry, LedgerAccount
from entrepairs.ledger.posting import Posting
from entrepairs.web.day_fields import DateField
from entrepairs.web.office.forms.facturation import euros

LINES: Final = 6
MOST_LINES: Final = 40
AXES: Final = {"offering": _l("offering"), "territory": _l("territory"), "peer": _l("peer"), "grant": _l("grant")}


class LineForm(Form):  # type: ignore[misc]
    """One line of an entry; one without an account is left out."""

    account = SelectField(
        _l("Account"), choices=[], validate_choice=False
    )  # the chart of the day is asked when it is written
    party = StringField(_l("Third party"), validators=[Length(max=160)])
    debit = StringField(_l("Debit"), validators=[Length(max=20)])
    credit = StringField(_l("Credit"), validators=[Length(max=20)])
    axis = SelectField(
        _l("Axis"),
        choices=[SelectChoice("", ""), *(SelectChoice(code, word) for code, word in AXES.items())],
        validate_choice=False,
    )
    axis_code = StringField(_l("Value on this axis"), validators=[Length(max=40)])


class EntryForm(FlaskForm):  # type: ignore[misc]
    """An entry written by hand."""

    day = DateField(_l("Day"), validators=[DataRequired(_l("Enter the day."))])
    journal = SelectField(_l("Journal"), choices=[SelectChoice(code.value, JOURNALS[code]) for code in BY_HAND])
    piece_ref = StringField(
        _l("Reference of the piece"),
        validators=[DataRequired(_l("Write the reference: a bill's number, a minute's date.")), Length(max=40)],
    )
    label = StringField(_l("Label"), validators=[DataRequired(_l("Say what it is.")), Length(max=160)])
    lines = FieldList(FormField(LineForm), min_entries=LINES, max_entries=MOST_LINES)

    def offer(self, accounts: Sequence[LedgerAccount], at_least: int = 0) -> None:
        """Give every line the chart, and enough lines."""
        while len(self.lines) < min(max(LINES, at_least), MOST_LINES):
            self.lines.append_entry()
        choices = [SelectChoice("", "—"), *(SelectChoice(each.code, f"{each.code} {each.label}") for each in accounts)]
        for line in self.lines:
            line.form.account.choices = choices


class ReasonForm(FlaskForm):  # type: ignore[misc]
    """Why an entry is cancelled."""

    reason = StringField(
        _l("Why"), validators=[DataRequired(_l("Say why, in a few words: it stays in the accounts.")), Length(max=100)]
    )


class CloseForm(FlaskForm):  # type: ignore[misc]
    """Through which day the accounts close."""

    through = DateField(_l("Close through"), validators=[DataRequired(_l("Enter the day."))])


class ExerciseForm(FlaskForm):  # type: ignore[misc]
    """The days of an exercise. Only the very first says when it begins: the others follow."""

    first_day = DateField(_l("First day"), validators=[Optional()])
    last_day = DateField(_l("Last day"), validators=[DataRequired(_l("Enter the day."))])


FORM_WORDS: Final = {
    BooksForm.ASSOCIATION: _l("association"),
    BooksForm.SCIC: _l("cooperative of collective interest (SCIC)"),
    BooksForm.SCOP: _l("workers' cooperative (SCOP)"),
}


class BecomeForm(FlaskForm):  # type: ignore[misc]
    """Which form, from which day."""

    form = SelectField(
        _l("New form"),
        choices=[SelectChoice(form.value, FORM_WORDS[form]) for form in (BooksForm.SCIC, BooksForm.SCOP)],
    )
    since = DateField(_l("From"), validators=[DataRequired(_l("Enter the day."))])


def written_of(form: EntryForm) -> Written:
    """What was typed. Raises InvalidInput."""
    lines = [_posting(line.form, f"lines-{place}-") for place, line in enumerate(form.lines) if line.form.account.data]
    return Written(form.journal.data, form.day.data, form.piece_ref.data, form.label.data, lines)


def _posting(line: LineForm, prefix: str) -> Posting:
    party = (line.party.data or "").strip()
    code, _, name = party.partition(" ")
    if party and not name.strip():
        raise InvalidInput(
            "third_party", N_("Write a third party by its code, a space, then its name."), field=f"{prefix}party"
        )
    axis, value = line.axis.data, (line.axis_code.data or "").strip()
    if axis == PEER_AXIS and value and not is_reference(value):
        raise InvalidInput(
            "axis_peer",
            N_("Write the reference of the person (PAI-…), not a name: what is validated is never taken back."),
            field=f"{prefix}axis_code",
        )
    return Posting(
        line.account.data,
        _amount(line.debit.data, f"{prefix}debit"),
        _amount(line.credit.data, f"{prefix}credit"),
        code[:40] or None,
        name.strip()[:120] or None,
        axes={axis: value} if axis in AXES and value else {},
    )


def _amount(text: str | None, field: str) -> Money:
    return euros(text, field=field) if text and text.strip() else Money(0)


def filled_from(entry: Entry) -> EntryForm:
    """The form of a draft, as it was written."""
    lines: list[dict[str, Any]] = []
    for line in entry.lines:
        axis = next(((each.value.axis, each.value.code) for each in line.axes), ("", ""))
        lines.append(
            {
                "account": line.account_code,
                "party": f"{line.aux_code} {line.aux_label}" if line.aux_code else "",
                "debit": _typed(line.debit),
                "credit": _typed(line.credit),
                "axis": axis[0],
                "axis_code": axis[1],
            }
        )
    return EntryForm(
        day=entry.entry_date, journal=entry.journal_code, piece_ref=entry.piece_ref, label=entry.label, lines=lines
    )


def _typed(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d}" if cents else ""
