"""`/a/supervision`: whom the association supported and when, with whom it is late; that it took place, never what was said."""

from collections.abc import Iterable

from flask import flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_, say
from entrepairs.kernel.text_checks import fold
from entrepairs.supervision.holding import record_support
from entrepairs.supervision.models import SupportKind
from entrepairs.supervision.queries import Standing, days_to_propose, standings
from entrepairs.web.access import requires
from entrepairs.web.context import Viewer, business_clock, current_actor, viewer
from entrepairs.web.day_fields import DateField
from entrepairs.web.demand_words import Chip, _, ngettext
from entrepairs.web.forms import attach
from entrepairs.web.office import bp
from entrepairs.web.todo import TodoItem, waiting

KINDS = {
    SupportKind.SUPERVISION: N_("Supervision"),
    SupportKind.PRACTICE_GROUP: N_("Practice-exchange group"),
}


SHOWN = 100
"""People listed at once: those we are late with first; the others are found by their names."""


class SupportForm(FlaskForm):  # type: ignore[misc]
    """What took place and when; who was there is ticked in the list."""

    kind = SelectField(_l("What took place"))
    held_on = DateField(_l("When"), validators=[InputRequired(_l("Give a day."))])

    def offer(self) -> None:
        """Give the choices."""
        self.kind.choices = [SelectChoice(kind.value, _(label)) for kind, label in KINDS.items()]


@bp.get("/supervision")
@requires(Permission.OFFICE_VIEW)
def supports() -> str:
    """The team with the last support and the next one due."""
    form = SupportForm()
    form.offer()
    form.held_on.data = business_clock().today()
    return _page(form)


def _page(form: SupportForm) -> str:
    today = business_clock().today()
    team = standings(db.session(), today=today)
    late = sum(one.late for one in team)
    ticked = set(request.form.getlist("people"))
    text = request.args.get("q", "").strip()
    wanted = (
        [one for one in team if fold(text) in fold(f"{one.peer.first_name} {one.peer.last_name}")]
        if text
        else list(team)
    )
    kept = [one for one in wanted[SHOWN:] if one.peer.ref in ticked]
    return render_template(
        "office/supports.html",
        form=form,
        people=[*wanted[:SHOWN], *kept],
        rest=max(len(wanted) - SHOWN - len(kept), 0),
        empty=not team,
        text=text,
        chip_of=_chip,
        lead=ngettext("We owe a supervision to one person.", "We owe a supervision to %(num)s people.", late)
        if late
        else _("Everybody who works has been supported in time."),
        late=late,
        days=days_to_propose(today),
        ticked=ticked,
        may_write=Permission.COORDINATE in viewer().permissions,
    )


def _chip(one: Standing) -> Chip | None:
    if one.late:
        return Chip("todo", _("we are late"))
    return Chip("prop", _("soon")) if one.soon else None


@bp.post("/supervision")
@requires(Permission.COORDINATE)
def note_support() -> Response | tuple[str, int]:
    """A support took place: who was there."""
    form = SupportForm()
    form.offer()
    if form.validate():
        try:
            count = record_support(
                db.session(),
                request.form.getlist("people"),
                SupportKind(form.kind.data),
                form.held_on.data,
                clock=business_clock(),
                actor=current_actor(),
            )
            db.session.commit()
            flash(ngettext("It is noted for one person.", "It is noted for %(num)s people.", count), "success")
            return redirect(url_for(".supports"), code=303)
        except InvalidInput as error:
            db.session.rollback()
            if not attach(form, error):
                error.field = "held_on"
                attach(form, error)
    return _page(form), 422


@waiting("office")
def _supervisions_owed(person: Viewer) -> Iterable[TodoItem]:
    """The association's debt, in one line."""
    if Permission.COORDINATE not in person.permissions:
        return
    late = [one for one in standings(db.session(), today=business_clock().today()) if one.late]
    if late:
        yield TodoItem(
            chip=say("supervision owed"),
            title=ngettext("We owe a supervision to one person.", "We owe a supervision to %(num)s people.", len(late)),
            url=url_for("office.supports"),
            action=say("Choose days"),
            rank=40,
        )
