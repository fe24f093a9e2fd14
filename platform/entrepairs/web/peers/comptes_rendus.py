"""The report of a session: one page, filled in already, under three minutes on a phone."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from entrepairs.demands.models import Booking
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import SessionState
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.missions import reports, rules
from entrepairs.missions.activities import activity_names
from entrepairs.missions.models import Handover, ReportState
from entrepairs.missions.queries import mission_of
from entrepairs.missions.reports import ReportAnswer
from entrepairs.network.models import Peer
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.demand_words import _, place_phrase
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach
from entrepairs.web.mission_words import HANDOVERS, length_choices, told_hours
from entrepairs.web.peers import bp
from entrepairs.web.peers.acting import acting_peer

Page = str | Response | tuple[str, int]
_PREFIX = "minutes_"


class ReportForm(FlaskForm):  # type: ignore[misc]
    """What is asked besides the hours; `of` adds a field by activity."""

    headcount = IntegerField(
        _l("How many people came?"),
        validators=[Optional(), NumberRange(0, rules.LARGEST_GROUP, _l("How many people came? Between 0 and 500."))],
    )
    something_else = BooleanField(_l("I did something else than planned: it counts"))
    note = TextAreaField(_l("Something to say?"), validators=[Length(max=400)])
    handover = RadioField(_l("Did you hand something over?"), validators=[Optional()])

    @classmethod
    def of(cls, hours: dict[str, int]) -> "ReportForm":
        """A form with a length by activity of the closed list, starting from `hours`."""
        choices = length_choices(*hours.values())
        fields = {
            f"{_PREFIX}{code}": SelectField(name, choices=choices, default="0")
            for code, name in activity_names().items()
        }
        form: ReportForm = type("ReportFormWithHours", (cls,), fields)()
        form.handover.flags.required = True  # to send; a draft may do without, so no validator
        form.handover.choices = [SelectChoice(one.value, _(label)) for one, label in HANDOVERS.items()]
        return form

    def fill(self, answer: ReportAnswer) -> None:
        """Start from what is known."""
        self.headcount.data, self.note.data = answer.headcount, answer.note
        self.something_else.data = answer.did_something_else
        self.handover.data = answer.handover.value if answer.handover else None
        for code in activity_names():
            self[_PREFIX + code].data = str(answer.hours.get(code, 0))

    def answer(self, *, names_checked: bool) -> ReportAnswer:
        """What was typed."""
        return ReportAnswer(
            {code: int(self[_PREFIX + code].data or 0) for code in activity_names()},
            self.headcount.data,
            bool(self.something_else.data),
            self.note.data or "",
            Handover(self.handover.data) if self.handover.data else None,
            names_checked,
        )


@bp.get("/missions/<ref:ref>/compte-rendu")
@requires(Permission.PEER)
def next_report(ref: str) -> Response:
    """The oldest report to write of a mission, else the mission."""
    found, now = mission_of(db.session(), acting_peer(), ref), business_clock().now()
    for row in found.sessions:
        waits = row.state is SessionState.PLANNED and row.id not in found.sent
        if waits and rules.may_report(period_of(row).start, now):
            return redirect(url_for(".report", ref=ref, session_ref=row.ref), code=303)
    return redirect(url_for(".mission", ref=ref), code=303)


@bp.get("/missions/<ref:ref>/compte-rendu/<ref:session_ref>")
@requires(Permission.PEER)
def report(ref: str, session_ref: str) -> str:
    """The form, or what was sent. Opening it writes nothing."""
    booking = _booking(acting_peer(), ref, session_ref)
    start = reports.answer_to_start_from(db.session(), booking)
    form = ReportForm.of(dict(start.hours))
    form.fill(start)
    return _page(booking, form)


@bp.post("/missions/<ref:ref>/compte-rendu/<ref:session_ref>")
@requires(Permission.PEER)
def send_report(ref: str, session_ref: str) -> Page:
    """Send it, or keep it for later; a refusal comes back on its field with everything that was typed."""
    booking = _booking(acting_peer(), ref, session_ref)
    form = ReportForm.of(_typed_lengths())
    if not form.validate():
        return _page(booking, form), 422
    keep = "keep" in request.form
    act = reports.save_report if keep else reports.submit_report
    answer = form.answer(names_checked=request.form.get("names_checked") == "1")
    try:
        act(db.session(), acting_peer(), session_ref, answer, actor=current_actor(), clock=business_clock())
        db.session.commit()
    except (InvalidInput, Conflict) as error:
        db.session.rollback()
        return _refused(_booking(acting_peer(), ref, session_ref), form, error)
    flash(_("It is kept. You can finish it whenever you like.") if keep else _("It is noted. Thank you."), "success")
    return redirect(url_for(".home"), code=303)


@bp.post("/missions/<ref:ref>/compte-rendu/<ref:session_ref>/absence")
@requires(Permission.PEER)
def not_there(ref: str, session_ref: str) -> Response:
    """« Je n'y étais pas »: no reason is asked."""
    booking = _booking(acting_peer(), ref, session_ref)
    reports.say_absent(db.session(), booking, actor=current_actor(), clock=business_clock())
    db.session.commit()
    flash(_("It is noted. No reason is kept."), "success")
    return redirect(url_for(".home"), code=303)


def _typed_lengths() -> dict[str, int]:
    """Lengths that are not in the usual choices come back as choices too."""
    typed = {code: request.form.get(_PREFIX + code, "0") for code in activity_names()}
    return {code: int(text) for code, text in typed.items() if text.isdecimal() and int(text) <= rules.LONGEST_DAY}


def _booking(peer: Peer, ref: str, session_ref: str) -> Booking:
    booking = reports.find_booking(db.session(), peer, session_ref)
    if booking.assignment.ref != ref:
        raise NotFound("session", N_("This session does not exist."))
    return booking


def _refused(booking: Booking, form: ReportForm, error: InvalidInput | Conflict) -> tuple[str, int]:
    if error.field == "hours":
        first = form[_PREFIX + rules.main_activity(reports.work_of(booking.session))]
        first.errors = [*first.errors, sentence(error)]
    elif not attach(form, error):
        flash(sentence(error), "error")
    return _page(booking, form, doubt=error.code == "name_to_check"), error.status


def _page(booking: Booking, form: ReportForm, *, doubt: bool = False) -> str:
    row, clock = booking.session, business_clock()
    sent = reports.report_of(db.session(), booking)
    shown = [code for code in activity_names() if form[_PREFIX + code].data not in {None, "0"}]
    names = [code for code in activity_names() if form[_PREFIX + code].errors]
    first = [*shown, *(code for code in names if code not in shown)] or [rules.main_activity(reports.work_of(row))]
    return render_template(
        "peers/report.html",
        booking=booking,
        demand=row.demand,
        period=period_of(row),
        place=place_phrase(row.demand),
        form=form,
        doubt=doubt,
        first=[form[_PREFIX + code] for code in first],
        others=[form[_PREFIX + code] for code in activity_names() if code not in first],
        sent=sent if sent is not None and sent.state is not ReportState.DRAFT else None,
        told=told_hours({one.activity: one.minutes for one in sent.activities}, activity_names()) if sent else [],
        handovers=HANDOVERS,
        begun=rules.may_report(period_of(row).start, clock.now()),
        group=row.demand.offering.group_max is not None,
    )
