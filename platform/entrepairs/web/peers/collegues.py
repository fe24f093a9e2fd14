"""`/p/collegues`: with whom a peer does not wish to come. No reason, seen by nobody else."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.network.wishes import accept_colleague, find_colleagues, own_refusals, refuse_colleague
from entrepairs.web.access import requires
from entrepairs.web.demand_words import _
from entrepairs.web.peers import bp
from entrepairs.web.peers.acting import acting_peer


@bp.get("/collegues")
@requires(Permission.PEER)
def refused_colleagues() -> str:
    """One's own list, and a search to add to it."""
    text = request.args.get("q", "").strip()[:80]
    peer = acting_peer()
    return render_template(
        "peers/colleagues.html",
        mine=own_refusals(db.session(), peer.id),
        text=text,
        found=find_colleagues(db.session(), peer.id, text),
    )


@bp.post("/collegues")
@requires(Permission.PEER)
def refuse_a_colleague() -> Response:
    """Never be proposed together again."""
    refuse_colleague(db.session(), acting_peer().ref, request.form.get("colleague", ""))
    db.session.commit()
    flash(_("Noted, for you alone. You will not be proposed together."), "success")
    return redirect(url_for(".refused_colleagues"), code=303)


@bp.post("/collegues/<int:number>/retirer")
@requires(Permission.PEER)
def accept_a_colleague(number: int) -> Response:
    """The person would come with them again."""
    accept_colleague(db.session(), acting_peer().ref, number)
    db.session.commit()
    flash(_("You may be proposed together again."), "success")
    return redirect(url_for(".refused_colleagues"), code=303)
