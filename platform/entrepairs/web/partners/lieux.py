"""`/s/lieux`: the services of the structure, who welcomes there, and their welcome pages."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.network.finding import find_site
from entrepairs.network.models import Site
from entrepairs.network.queries import sites_of
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, viewer
from entrepairs.web.network_views import (
    new_site_page,
    remove_welcomer,
    site_form_page,
    welcome_form_page,
    welcomer_form_page,
    welcomers,
)
from entrepairs.web.partners import bp
from entrepairs.web.partners.acting import acting_partner

Page = str | Response | tuple[str, int]
DOOR = "partners"


@bp.get("/lieux")
@requires(Permission.PARTNER_VIEW)
def sites() -> str:
    """The services, with who welcomes and what is missing."""
    return render_template(
        "partners/sites.html",
        sites=sites_of(db.session(), acting_partner()),
        today=business_clock().today(),
        welcomers=welcomers,
        manages=Permission.PARTNER_ADMIN in viewer().permissions,
    )


@bp.get("/lieux/<ref:ref>")
@requires(Permission.PARTNER_VIEW)
def site(ref: str) -> str:
    """One service."""
    return render_template(
        "partners/site.html",
        site=_own(ref),
        today=business_clock().today(),
        welcomers=welcomers,
        writes=Permission.FILE_DEMAND in viewer().permissions,
        manages=Permission.PARTNER_ADMIN in viewer().permissions,
    )


@bp.route("/lieux/nouveau", methods=["GET", "POST"])
@requires(Permission.PARTNER_ADMIN)
def new_site() -> Page:
    """Add a service."""
    return new_site_page(DOOR, acting_partner())


@bp.route("/lieux/<ref:ref>/modifier", methods=["GET", "POST"])
@requires(Permission.PARTNER_ADMIN)
def edit_site(ref: str) -> Page:
    """Where the service is."""
    return site_form_page(DOOR, _own(ref))


@bp.route("/lieux/<ref:ref>/interlocuteur", methods=["GET", "POST"])
@requires(Permission.FILE_DEMAND)
def name_welcomer(ref: str) -> Page:
    """Name who welcomes, or the deputy: the ward knows, so whoever files demands may say it."""
    return welcomer_form_page(DOOR, _own(ref))


@bp.post("/lieux/<ref:ref>/interlocuteur/<int:number>/fin")
@requires(Permission.FILE_DEMAND)
def end_welcomer(ref: str, number: int) -> Response:
    """The person no longer welcomes."""
    remove_welcomer(_own(ref), number)
    return redirect(url_for(".site", ref=ref), code=303)


@bp.route("/lieux/<ref:ref>/accueil", methods=["GET", "POST"])
@requires(Permission.FILE_DEMAND)
def welcome(ref: str) -> Page:
    """Write the welcome page."""
    return welcome_form_page(DOOR, _own(ref))


def _own(ref: str) -> Site:
    return find_site(db.session(), ref, partner=acting_partner())
