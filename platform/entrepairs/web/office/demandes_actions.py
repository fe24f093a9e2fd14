"""What the office does with a demand: qualify, refuse, move a session, cancel."""

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from entrepairs.billing import cancellations
from entrepairs.demands import qualifying, queries, scheduling
from entrepairs.demands.models import DemandSession
from entrepairs.demands.queries import title_of
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.clock import PARIS
from entrepairs.kernel.errors import Conflict, DomainError, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.demand_words import _
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach
from entrepairs.web.office import bp
from entrepairs.web.office.demandes import found
from entrepairs.web.office.forms.demandes import CancelForm, MoveForm, QualifyForm, RefuseForm


def _back(ref: str, said: str) -> Response:
    db.session.commit()
    flash(said, "success")
    return redirect(url_for("office.demand", ref=ref), code=303)


def _say_on(form: FlaskForm, error: DomainError) -> bool:
    """Undo, put the refusal on the form; True when it is only a doubt about a name."""
    db.session.rollback()
    if not attach(form, error):
        flash(sentence(error), "error")
    return error.code == "name_to_check"


@bp.post("/demandes/<ref:ref>/qualifier")
@requires(Permission.COORDINATE)
def qualify_demand(ref: str) -> Response:
    """Read, and it can be done."""
    form = QualifyForm()
    form.offer()
    qualifying.qualify(
        db.session(),
        ref,
        language=form.language.data or None,
        themes=form.themes.data or (),
        actor=current_actor(),
        clock=business_clock(),
    )
    return _back(ref, _("The demand is read: it can go on."))


@bp.get("/demandes/<ref:ref>/refuser")
@requires(Permission.COORDINATE)
def refuse_page(ref: str) -> str:
    """The kind reasons."""
    return _refuse_page(ref, RefuseForm())


def _refuse_page(ref: str, form: RefuseForm, *, doubt: bool = False) -> str:
    row = found(ref)
    form.offer()
    return render_template("office/demand_refuse.html", demand=row, title=title_of(row), form=form, doubt=doubt)


@bp.post("/demandes/<ref:ref>/refuser")
@requires(Permission.COORDINATE)
def refuse_demand(ref: str) -> Response | tuple[str, int]:
    """Say no, kindly."""
    form = RefuseForm()
    form.offer()
    if not form.validate():
        return _refuse_page(ref, form), 422
    try:
        qualifying.refuse(
            db.session(),
            ref,
            reason=form.reason.data,
            note=form.note.data or "",
            names_checked=request.form.get("names_checked") == "1",
            actor=current_actor(),
            clock=business_clock(),
        )
    except InvalidInput as error:
        doubt = _say_on(form, error)
        return _refuse_page(ref, form, doubt=doubt), 422
    return _back(ref, _("They are told, with your words."))


@bp.get("/demandes/<ref:ref>/annuler")
@requires(Permission.COORDINATE)
def cancel_page(ref: str) -> str:
    """What cancelling does, said before."""
    return _cancel_page(ref, CancelForm())


def _cancel_page(ref: str, form: CancelForm, *, doubt: bool = False) -> str:
    row = found(ref)
    coming = queries.who_comes(db.session(), row)
    return render_template(
        "office/demand_cancel.html",
        demand=row,
        title=title_of(row),
        form=form,
        doubt=doubt,
        coming=coming,
        terms=cancellations.terms_of(db.session(), row, clock=business_clock()),
    )


@bp.post("/demandes/<ref:ref>/annuler")
@requires(Permission.COORDINATE)
def cancel_demand(ref: str) -> Response | tuple[str, int]:
    """Cancel; the structure and those who were to come are told."""
    form = CancelForm()
    if not form.validate():
        return _cancel_page(ref, form), 422
    try:
        cancellations.cancel_demand(
            db.session(),
            ref,
            note=form.note.data or "",
            names_checked=request.form.get("names_checked") == "1",
            asked_by_structure=form.asked_by_structure.data,
            actor=current_actor(),
            clock=business_clock(),
        )
    except InvalidInput as error:
        doubt = _say_on(form, error)
        return _cancel_page(ref, form, doubt=doubt), 422
    return _back(ref, _("It is cancelled. Those who were to come are told."))


@bp.get("/seances/<ref:ref>/deplacer")
@requires(Permission.COORDINATE)
def move_page(ref: str) -> str:
    """Another day and hour."""
    row = _session(ref)
    wall = scheduling.period_of(row).start.astimezone(PARIS)
    return _move_page(row, MoveForm(day=wall.date(), start=wall.time()))


def _session(ref: str) -> DemandSession:
    row = db.session.query(DemandSession).filter_by(ref=ref).one_or_none()
    if row is None:
        raise NotFound("session", N_("This session does not exist."))
    return row


def _move_page(row: DemandSession, form: MoveForm) -> str:
    return render_template(
        "office/session_move.html",
        session=row,
        period=scheduling.period_of(row),
        demand=row.demand,
        title=title_of(row.demand),
        form=form,
    )


@bp.post("/seances/<ref:ref>/deplacer")
@requires(Permission.COORDINATE)
def move_session(ref: str) -> Response | tuple[str, int]:
    """Move it; those who come follow."""
    row, form = _session(ref), MoveForm()
    if not form.validate():
        return _move_page(row, form), 422
    try:
        scheduling.reschedule_session(
            db.session(),
            ref,
            day=form.day.data,
            start=form.start.data,
            actor=current_actor(),
            clock=business_clock(),
        )
    except (InvalidInput, Conflict) as error:
        _say_on(form, error)
        return _move_page(_session(ref), form), 422
    return _back(row.demand.ref, _("The session is moved."))
