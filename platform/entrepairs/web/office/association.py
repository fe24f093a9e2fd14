"""`/a/association`: who we are, as printed on every invoice from now on."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from entrepairs.cooperative.association import FIELDS, set_identity
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import InvalidInput
from entrepairs.settings.models import Association
from entrepairs.web import filters
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.demand_words import _
from entrepairs.web.forms import attach
from entrepairs.web.office import bp
from entrepairs.web.office.forms.gouverner import AssociationForm

READABLE = {"siret": filters.siret, "iban": filters.iban, "phone": filters.phone}
"""Fields shown in groups, as people copy them."""


@bp.get("/association")
@requires(Permission.GOVERN)
def association() -> str:
    """The identity, to read and to change."""
    known = db.session.get(Association, 1)
    return _page(AssociationForm(data=_typed(known)), known)


def _typed(known: Association | None) -> dict[str, str]:
    if known is None:
        return {}
    values = {name: getattr(known, name) or "" for name in FIELDS}
    return {name: READABLE[name](value) if name in READABLE else value for name, value in values.items()}


def _page(form: AssociationForm, known: Association | None) -> str:
    return render_template("office/association.html", form=form, known=known)


@bp.post("/association")
@requires(Permission.GOVERN)
def save_association() -> Response | tuple[str, int]:
    """Write it. Issued invoices keep their own copy."""
    form = AssociationForm()
    if form.validate():
        try:
            typed = {name: form[name].data or "" for name in FIELDS}
            set_identity(db.session(), typed, actor=current_actor(), clock=business_clock())
            db.session.commit()
            flash(_("The identity is recorded. The next invoices carry it."), "success")
            return redirect(url_for(".association"), code=303)
        except InvalidInput as error:
            db.session.rollback()
            attach(form, error)
    return _page(form, db.session.get(Association, 1)), 422
