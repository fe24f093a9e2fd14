"""« Besoin aujourd'hui »: a service, an hour, send; then a page that says who is asked and who comes, as it happens."""

import hashlib
from datetime import time

from flask import Response as JsonResponse
from flask import flash, jsonify, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from entrepairs.catalogue.models import OfferingKind
from entrepairs.demands import emergencies
from entrepairs.demands.models import Demand
from entrepairs.demands.scopes import find_demand
from entrepairs.demands.states import DemandState
from entrepairs.dispatch.following import Following, follow_need
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.errors import InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.network.models import Site
from entrepairs.settings.models import Association
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor, viewer
from entrepairs.web.demand_words import _
from entrepairs.web.errors import sentence
from entrepairs.web.filters import clock_time
from entrepairs.web.forms import attach
from entrepairs.web.need_words import need_sentence, need_steps
from entrepairs.web.partners import bp
from entrepairs.web.partners.acting import acting_partner, own_scope
from entrepairs.web.partners.demandes import demand_panel
from entrepairs.web.partners.forms.demandes import NeedForm
from entrepairs.web.todo import Panel


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
    flash(_("It has left."), "success")
    return redirect(url_for(".need", ref=demand.ref), code=303)


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


@bp.get("/besoin/<ref:ref>")
@requires(Permission.PARTNER_VIEW)
def need(ref: str) -> str:
    """The live picture of a need of today. It reads itself again, with or without JavaScript."""
    return render_template("partners/need.html", **_picture(_followed(ref)))


@bp.get("/besoin/<ref:ref>/suite")
@requires(Permission.PARTNER_VIEW)
def need_news(ref: str) -> JsonResponse:
    """The same picture, for the open page: it changes only when something has happened."""
    given = _picture(_followed(ref))
    html = render_template("partners/need_picture.html", **given)
    mark = hashlib.sha256(html.encode()).hexdigest()[:16]
    return jsonify(mark=mark, html=html, at=given["at"], settled=given["settled"])


def _followed(ref: str) -> Following:
    demand = find_demand(db.session(), ref, own_scope())
    if demand.kind is not OfferingKind.EMERGENCY or demand.state is DemandState.DRAFT:
        raise NotFound("demand", N_("This demand does not exist."))
    return follow_need(db.session(), demand, clock=business_clock())


def _picture(found: Following) -> dict[str, object]:
    """What the page shows."""
    return {
        "demand": found.demand,
        "sentence": need_sentence(found),
        "steps": need_steps(found),
        "found": found,
        "period": found.period,
        "association": db.session.get(Association, 1),
        "engagement": found.demand.state is DemandState.AWAITING_ENGAGEMENT,
        "settled": found.settled,
        "at": clock_time(business_clock().now()),
    }


@demand_panel
def _follow(row: Demand) -> Panel | None:
    """From the demand's page to the live one, while it lives."""
    if row.kind is not OfferingKind.EMERGENCY or row.state is DemandState.DRAFT:
        return None
    found = follow_need(db.session(), row, clock=business_clock())
    if found.over:
        return None
    return Panel("partners/need_panel.html", {"ref": row.ref, "sentence": need_sentence(found)}, rank=1)
