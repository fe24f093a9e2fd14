"""`/p/disponibilites`: the usual week, a few taps on a picture of it; hours of one's own below."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import InvalidInput
from entrepairs.network.rhythm import set_weekly_availability, week_of
from entrepairs.network.rules import weekly_minutes
from entrepairs.network.vocabulary import WEEKDAYS
from entrepairs.web.access import requires
from entrepairs.web.demand_words import _
from entrepairs.web.errors import sentence
from entrepairs.web.peers import bp
from entrepairs.web.peers.acting import acting_peer
from entrepairs.web.peers.forms.moi import PARTS, WeekForm

Page = str | Response | tuple[str, int]


@bp.route("/disponibilites", methods=["GET", "POST"])
@requires(Permission.PEER)
def availability() -> Page:
    """Tick, save: the whole week is replaced."""
    peer, form = acting_peer(), WeekForm()
    form.offer()
    if not form.is_submitted():
        form.fill(week_of(peer))
    elif form.validate():
        try:
            set_weekly_availability(db.session(), peer.ref, form.answer())
            db.session.commit()
            flash(_("Your week is noted. Missions you have accepted stay as they are."), "success")
            return redirect(url_for(".availability"), code=303)
        except InvalidInput as error:
            db.session.rollback()
            form.form_errors.append(sentence(error))
    week = week_of(peer)
    page = render_template(
        "peers/availability.html", form=form, week=week, minutes=weekly_minutes(week), parts=PARTS, weekdays=WEEKDAYS
    )
    return (page, 422) if form.is_submitted() else page
