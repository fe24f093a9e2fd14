"""« Besoin aujourd'hui »: a service, an hour, send."""

from datetime import time

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from entrepairs.demands import emergencies
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.errors import InvalidInput, NotFound
from entrepairs.network.models import Site
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor, viewer
from entrepairs.web.demand_words import _
from entrepairs.web.errors import sentence
from entrepairs.web.filters import clock_time
from entrepairs.web.forms import attach
from entrepairs.web.partners import bp
from entrepairs.web.partners.acting import acting_partner
from entrepairs.web.partners.forms.demandes import NeedForm


@bp.get("/besoin")
@requires(Permission.FILE_DEMAND)
def need_today() -> str:
    """The form, filled with the emergency service and the next half hour."""
    return _page(_form())


@bp.post("/besoin")
@requires(Permission.FILE_DEMAND)
def file_need() -> Response | tuple[str, int]:
    """Send: who is free today is asked at once."""
    form = _form()
    if not form.validate():
        return _page(form), 422
    try:
        demand = emergencies.file_emergency(
            db.session(),
            acting_partner().id,
            emergencies.NeedToday(form.site.data, time.fromisoformat(form.start.data), form.context.data or ""),
            account_id=viewer().account.id,
            names_checked=request.form.get("names_checked") == "1",
            actor=current_actor(),
            clock=business_clock(),
        )
    except (InvalidInput, NotFound) as error:
        db.session.rollback()
        if not attach(form, error):
            flash(sentence(error), "error")
        return _page(form, doubt=error.code == "name_to_check"), 422
    db.session.commit()
    flash(_("It has left. We ask who is free today."), "success")
    return redirect(url_for(".demand", ref=demand.ref), code=303)


def _form() -> NeedForm:
    form = NeedForm()
    sites = db.session.scalars(
        select(Site)
        .where(Site.partner_id == acting_partner().id, Site.archived_at.is_(None))
        .order_by(Site.emergency.desc(), Site.name)
    ).all()
    form.site.choices = [(site.ref, site.name) for site in sites]
    hours = emergencies.hours_left(business_clock().now())
    form.start.choices = [(hour.strftime("%H:%M"), clock_time(hour)) for hour in hours]
    return form


def _page(form: NeedForm, *, doubt: bool = False) -> str:
    today = paris_day(business_clock().now())
    return render_template("partners/need_today.html", form=form, doubt=doubt, today=today)
