"""A person calls: the demand is opened under a code that is read to them."""

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from entrepairs.catalogue.models import OfferingKind
from entrepairs.catalogue.queries import palette
from entrepairs.demands import calling
from entrepairs.demands.models import PlaceKind
from entrepairs.demands.scheduling import suggested_first_day
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import DomainError
from entrepairs.network.models import Partner
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.demand_words import _
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach
from entrepairs.web.office import bp
from entrepairs.web.office.forms.demandes import CallForm

FOR_A_PERSON = {OfferingKind.ACCOMPANIMENT, OfferingKind.ONE_OFF}


@bp.get("/demandes/appel")
@requires(Permission.COORDINATE)
def call() -> str:
    """The form to fill while on the telephone."""
    form = _form()
    form.first_day.data = form.first_day.data or suggested_first_day(business_clock().today())
    return _page(form)


@bp.post("/demandes/appel")
@requires(Permission.COORDINATE)
def note_call() -> Response | tuple[str, int]:
    """Open the demand under a code."""
    form = _form()
    if not form.validate():
        return _page(form), 422
    asked = calling.Call(
        offering_code=form.offering.data,
        commune=form.commune.data,
        first_day=form.first_day.data,
        start_time=form.start_time.data,
        sessions_count=form.sessions_count.data,
        place_kind=PlaceKind(form.place_kind.data),
        context=form.context.data or "",
        financed_by=form.financed_by.data or "",
        partner_ref=form.partner.data or None,
    )
    try:
        demand = calling.open_for_caller(
            db.session(),
            asked,
            names_checked=request.form.get("names_checked") == "1",
            actor=current_actor(),
            clock=business_clock(),
        )
    except DomainError as error:
        db.session.rollback()
        if not attach(form, error):
            flash(sentence(error), "error")
        return _page(form, doubt=error.code == "name_to_check"), 422
    db.session.commit()
    flash(_("The code to give: %(code)s.", code=demand.caller_code), "success")
    return redirect(url_for(".demand", ref=demand.ref), code=303)


def _form() -> CallForm:
    form = CallForm()
    offerings = [
        (one.offering.code, one.offering.name)
        for one in palette(db.session(), business_clock().today())
        if one.offering.kind in FOR_A_PERSON
    ]
    partners = db.session.execute(
        select(Partner.ref, Partner.name).where(Partner.archived_at.is_(None)).order_by(Partner.name)
    )
    form.offer(offerings, [(ref, name) for ref, name in partners])
    return form


def _page(form: CallForm, *, doubt: bool = False) -> str:
    return render_template("office/call.html", form=form, doubt=doubt)
