"""`/a/missions`: reports awaited, structures asked, discussions to settle, silences that counted."""

from collections.abc import Iterable, Sequence
from typing import Final

from flask import flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from entrepairs.demands.models import Booking, DemandSession
from entrepairs.demands.queries import title_of
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.scopes import OFFICE
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import InvalidInput, NotFound
from entrepairs.kernel.i18n import N_, say
from entrepairs.missions import queries, reports, rules, services_done
from entrepairs.missions.activities import activity_names
from entrepairs.missions.asking import live_reports, service_of, waits_for_partner
from entrepairs.missions.models import Report, ServiceAnswer, ServiceDone
from entrepairs.missions.on_site import said_of
from entrepairs.missions.services_done import Answerer, Facts, facts_of
from entrepairs.settings.decisions import decision_or
from entrepairs.web.access import requires
from entrepairs.web.context import Viewer, business_clock, current_actor, viewer
from entrepairs.web.demand_words import _, place_phrase, session_chip
from entrepairs.web.forms import attach
from entrepairs.web.mission_words import HANDOVERS, answer_chip, length_choices, told_hours
from entrepairs.web.office import bp
from entrepairs.web.todo import TodoItem, waiting

ALERT_DAYS: Final = "missions.report_alert_days"
"""Decision: days after which a missing report is the office's to ask for."""
DEFAULT_ALERT_DAYS: Final = 3
VIEWS: Final = {
    "attendus": ("awaited", N_("Reports awaited")),
    "structures": ("asked", N_("Structures asked")),
    "discussion": ("disputed", N_("Under discussion")),
    "corriges": ("corrected", N_("Corrected sessions")),
    "silence": ("tacit", N_("Sessions confirmed by silence")),
}
ANSWERED: Final = {
    "discussion": ServiceAnswer.DISPUTED,
    "corriges": ServiceAnswer.CORRECTED,
    "silence": ServiceAnswer.TACIT,
}


class SettleForm(FlaskForm):  # type: ignore[misc]
    """How a discussion ends: corrected figures, or not held."""

    minutes = SelectField(_l("How long?"))
    headcount = IntegerField(
        _l("How many people came?"),
        validators=[Optional(), NumberRange(0, rules.LARGEST_GROUP, _l("How many people came? Between 0 and 500."))],
    )
    comment = TextAreaField(_l("What was agreed"), validators=[Length(max=400)])

    @classmethod
    def of(cls, facts: Facts) -> "SettleForm":
        """Starting from what was reported."""
        form = cls()
        not_held = SelectChoice("0", _("The session was not held"))
        form.minutes.choices = [*length_choices(facts.minutes)[1:], not_held]
        if not form.is_submitted():
            form.minutes.data, form.headcount.data = str(facts.minutes), facts.headcount
        return form


@bp.get("/missions")
@requires(Permission.OFFICE_VIEW)
def missions() -> str:
    """One list at a time, what waits first."""
    now = business_clock().now()
    counts = queries.office_counts(db.session(), now)
    shown = request.args.get("vue", "")
    if shown not in VIEWS:
        shown = next((name for name, (key, _label) in VIEWS.items() if counts[key]), "attendus")
    return render_template(
        "office/missions.html",
        shown=shown,
        filters=[
            {"label": _(label), "url": url_for(".missions", vue=name), "active": name == shown, "count": counts[key]}
            for name, (key, label) in VIEWS.items()
        ],
        awaited=_awaited() if shown == "attendus" else (),
        asked=queries.services_to_confirm(db.session(), OFFICE) if shown == "structures" else (),
        answered=_answered(shown),
        title_of=title_of,
        period_of=period_of,
        answer_chip=answer_chip,
        may_act=Permission.COORDINATE in viewer().permissions,
    )


def _awaited() -> list[tuple[Booking, int, bool]]:
    """Each with its age in days, and whether it is the office's to ask for."""
    now = business_clock().now()
    limit = _alert_days()
    found = []
    for row in queries.awaited_reports(db.session(), now):
        age = rules.days_since(period_of(row).end, now)
        found.append((row, age, age >= limit))
    return found


def _answered(shown: str) -> Sequence[ServiceDone]:
    if shown not in ANSWERED:
        return ()
    return queries.services_answered(db.session(), OFFICE, answer=ANSWERED[shown])


def _alert_days() -> int:
    return int(decision_or(db.session(), ALERT_DAYS, business_clock().today(), DEFAULT_ALERT_DAYS))


@bp.get("/missions/<ref:ref>")
@requires(Permission.OFFICE_VIEW)
def mission_session(ref: str) -> str:
    """One session: who came, what was reported, what the structure said."""
    row = queries.find_session(db.session(), ref, OFFICE)
    return _page(row, SettleForm.of(_facts(row)))


@bp.post("/missions/<ref:ref>/accord")
@requires(Permission.COORDINATE)
def settle(ref: str) -> Response | tuple[str, int]:
    """A discussion is settled: corrected, then confirmed."""
    row = queries.find_session(db.session(), ref, OFFICE)
    form = SettleForm.of(_facts(row))
    if not form.validate():
        return _page(row, form), 422
    try:
        services_done.resolve_dispute(
            db.session(),
            ref,
            minutes=int(form.minutes.data),
            headcount=form.headcount.data,
            comment=form.comment.data or "",
            actor=current_actor(),
            clock=business_clock(),
        )
    except InvalidInput as error:
        db.session.rollback()
        attach(form, error)
        return _page(queries.find_session(db.session(), ref, OFFICE), form), 422
    return _noted(ref, _("It is settled. Tell both of them, with a kind word."))


@bp.post("/missions/<ref:ref>/telephone")
@requires(Permission.COORDINATE)
def confirm_by_phone(ref: str) -> Response:
    """The structure confirmed by telephone: who noted it is kept."""
    label = _("By telephone, noted by %(name)s", name=viewer().account.name)
    who = Answerer(current_actor(), label)
    services_done.confirm_service(db.session(), ref, OFFICE, who, clock=business_clock())
    return _noted(ref, _("It is confirmed."))


@bp.post("/missions/<ref:ref>/absence/<int:number>")
@requires(Permission.COORDINATE)
def was_absent(ref: str, number: int) -> Response:
    """Somebody was not there; no reason is kept."""
    row = queries.find_session(db.session(), ref, OFFICE)
    booking = next((one for one in row.bookings if one.id == number and one.active), None)
    if booking is None:
        raise NotFound("session", N_("This session does not exist."))
    reports.say_absent(db.session(), booking, actor=current_actor(), clock=business_clock())
    return _noted(ref, _("It is noted. No reason is kept."))


def _noted(ref: str, said: str) -> Response:
    db.session.commit()
    flash(said, "success")
    return redirect(url_for(".mission_session", ref=ref), code=303)


def _facts(row: DemandSession) -> Facts:
    return facts_of(live_reports(db.session(), row))


def _page(row: DemandSession, form: SettleForm) -> str:
    sent = {one.assignment_id: one for one in live_reports(db.session(), row)}
    names = activity_names()
    return render_template(
        "office/mission_session.html",
        row=row,
        title=title_of(row.demand),
        period=period_of(row),
        place=place_phrase(row.demand),
        chip=session_chip(row.state, over=period_of(row).end <= business_clock().now()),
        people=[
            (one, sent.get(one.assignment_id), _told(sent.get(one.assignment_id), names))
            for one in row.bookings
            if one.active or one.assignment_id in sent
        ],
        said=said_of(db.session(), [one.id for one in row.bookings]),
        handovers=HANDOVERS,
        done=service_of(db.session(), row),
        waits=waits_for_partner(db.session(), row),
        answer_chip=answer_chip,
        form=form,
        may_act=Permission.COORDINATE in viewer().permissions,
        begun=rules.may_report(period_of(row).start, business_clock().now()),
    )


def _told(report: Report | None, names: dict[str, str]) -> list[tuple[str, str]]:
    return told_hours({one.activity: one.minutes for one in report.activities}, names) if report else []


@waiting("office")
def discussions(person: Viewer) -> Iterable[TodoItem]:
    """Sessions a structure disputes."""
    if Permission.COORDINATE not in person.permissions:
        return
    for done in queries.services_answered(db.session(), OFFICE, answer=ServiceAnswer.DISPUTED):
        yield TodoItem(
            chip=say("Under discussion"),
            title=title_of(done.session.demand),
            detail=say("%(period)s: call the structure and the peer.", period=period_of(done.session)),
            url=url_for("office.mission_session", ref=done.session.ref),
            action=say("Look"),
            tone="no",
            rank=15,
        )


@waiting("office")
def late_reports(person: Viewer) -> Iterable[TodoItem]:
    """Reports missing for too long: a call, not a reproach."""
    if Permission.COORDINATE not in person.permissions:
        return
    late = [row for row, _age, overdue in _awaited() if overdue]
    if late:
        yield TodoItem(
            chip=say("Reports awaited"),
            title=say("Reports missing for a few days: %(count)s", count=len(late)),
            detail=say("A call often helps more than another mail."),
            url=url_for("office.missions", vue="attendus"),
            action=say("See"),
            rank=35,
        )
