"""`/p/lieux`: places where a peer does not wish to go. No reason, seen by nobody else."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.network.queries import find_places, own_exclusions
from entrepairs.network.wishes import exclude_place, lift_exclusion
from entrepairs.web.access import requires
from entrepairs.web.demand_words import _
from entrepairs.web.peers import bp
from entrepairs.web.peers.acting import acting_peer


@bp.get("/lieux")
@requires(Permission.PEER)
def places() -> str:
    """One's own list, and a search to add to it."""
    text = request.args.get("q", "").strip()[:80]
    mine = own_exclusions(db.session(), acting_peer())
    known = {place.ref for one in mine if (place := one.site or one.partner)}
    found = [place for place in find_places(db.session(), text) if place.ref not in known]
    return render_template("peers/places.html", mine=mine, text=text, found=found)


@bp.post("/lieux")
@requires(Permission.PEER)
def add_place() -> Response:
    """Never be offered that place again."""
    exclude_place(
        db.session(),
        acting_peer().ref,
        partner_ref=request.form.get("partner") or None,
        site_ref=request.form.get("site") or None,
    )
    db.session.commit()
    flash(_("Noted, for you alone. This place will not be proposed to you."), "success")
    return redirect(url_for(".places"), code=303)


@bp.post("/lieux/<int:number>/retirer")
@requires(Permission.PEER)
def lift_place(number: int) -> Response:
    """The person would go there again."""
    lift_exclusion(db.session(), acting_peer().ref, number)
    db.session.commit()
    flash(_("This place may be proposed to you again."), "success")
    return redirect(url_for(".places"), code=303)
