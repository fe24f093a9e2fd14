"""The public page with its three doors; a logged-in person goes straight to theirs."""

from flask import redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.settings.models import Association
from entrepairs.web.access import public
from entrepairs.web.context import viewer
from entrepairs.web.public import bp

DOORS = (
    (Permission.OFFICE_VIEW, "office.home"),
    (Permission.PEER, "peers.home"),
    (Permission.PARTNER_VIEW, "partners.home"),
)
"""Front doors in the order a person with several hats is sent to."""


@bp.get("/")
@public
def home() -> str | Response:
    """Three doors: structures, peers, « je cherche un soutien / j'oriente une personne »."""
    if current_user.is_authenticated:
        for permission, endpoint in DOORS:
            if permission in viewer().permissions:
                return redirect(url_for(endpoint), code=303)
    return render_template("public/home.html", association=db.session.get(Association, 1))


@bp.get("/soutien")
@public
def support() -> str:
    """Telephone, hours, and what happens next: no form, nothing to write about oneself."""
    return render_template("public/support.html", association=db.session.get(Association, 1))
