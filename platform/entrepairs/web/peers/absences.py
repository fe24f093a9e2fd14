"""`/p/absences` and `/p/pause`: days away and a pause, without reason, told to nobody."""

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.errors import InvalidInput
from entrepairs.network.models import Absence
from entrepairs.network.queries import coming_absences
from entrepairs.network.rhythm import current_pause, declare_absence, end_pause, remove_absence, take_pause
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock
from entrepairs.web.demand_words import _
from entrepairs.web.filters import date_range, long_date
from entrepairs.web.forms import attach
from entrepairs.web.peers import bp
from entrepairs.web.peers.acting import acting_peer
from entrepairs.web.peers.forms.moi import AbsenceForm, PauseForm

Page = str | Response | tuple[str, int]


@bp.route("/absences", methods=["GET", "POST"])
@requires(Permission.PEER)
def absences() -> Page:
    """The list of days away, and one more."""
    peer, form = acting_peer(), AbsenceForm()
    if form.validate_on_submit():
        first, last = form.first.data, form.last.data or form.first.data
        try:
            declare_absence(db.session(), peer.ref, first, last, clock=business_clock())
            db.session.commit()
            flash(_("Noted: away %(days)s. Nobody is told why.", days=date_range(first, last)), "success")
            return redirect(url_for(".absences"), code=303)
        except InvalidInput as error:
            db.session.rollback()
            attach(form, error)
    coming = coming_absences(db.session(), peer, today=business_clock().today())
    page = render_template("peers/absences.html", form=form, absences=[(one.id, *_days(one)) for one in coming])
    return (page, 422) if form.is_submitted() else page


@bp.post("/absences/<int:number>/retirer")
@requires(Permission.PEER)
def give_back_absence(number: int) -> Response:
    """The person is there after all."""
    remove_absence(db.session(), acting_peer().ref, number)
    db.session.commit()
    flash(_("These days are free again."), "success")
    return redirect(url_for(".absences"), code=303)


@bp.route("/pause", methods=["GET", "POST"])
@requires(Permission.PEER)
def pause() -> Page:
    """Take a pause, or give it another end."""
    peer, form, clock = acting_peer(), PauseForm(), business_clock()
    if form.validate_on_submit():
        try:
            taken = take_pause(db.session(), peer.ref, back_on=form.back_on.data, clock=clock)
            db.session.commit()
            until = _("until %(day)s", day=long_date(taken.until)) if taken.until else _("until you say so")
            flash(_("You are taking a pause %(until)s. Nobody is told.", until=until), "success")
            return redirect(url_for(".pause"), code=303)
        except InvalidInput as error:
            db.session.rollback()
            attach(form, error)
    current = current_pause(peer, clock.today())
    if current and not form.is_submitted():
        form.back_on.data = current.until
    page = render_template("peers/pause.html", form=form, pause=current)
    return (page, 422) if form.is_submitted() else page


@bp.post("/pause/fin")
@requires(Permission.PEER)
def come_back() -> Response:
    """The pause is over."""
    end_pause(db.session(), acting_peer().ref, clock=business_clock())
    db.session.commit()
    flash(_("Welcome back. You will receive proposals again."), "success")
    return redirect(url_for(".me"), code=303)


def _days(absence: Absence) -> tuple[object, object]:
    """First and last day of the absence, in Paris."""
    assert absence.during.lower  # noqa: S101 - declared with both ends
    assert absence.during.upper  # noqa: S101
    return paris_day(absence.during.lower), paris_day(absence.during.upper - timedelta(minutes=1))
