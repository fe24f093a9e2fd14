"""`/p/propositions/<ref>/horaire`: « je propose un autre horaire ». No reason, and yes and no stay open meanwhile."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from entrepairs.dispatch.holding import find_offer
from entrepairs.dispatch.other_times import suggest_time
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.offer_words import is_open
from entrepairs.web.other_times import OtherTimeForm, form_page, stands_of, try_to_suggest
from entrepairs.web.peers import bp
from entrepairs.web.peers.acting import acting_peer
from entrepairs.web.retrying import committed


@bp.get("/propositions/<ref:ref>/horaire")
@requires(Permission.PEER)
def other_time(ref: str) -> str | Response:
    """Times that fit, to tap; and a day and an hour to choose."""
    row = find_offer(db.session(), ref, peer_id=acting_peer().id)
    if not is_open(row, business_clock()):
        return redirect(url_for(".offer", ref=ref), code=303)
    return render_template("peers/other_time.html", **form_page(row))


@bp.post("/propositions/<ref:ref>/horaire")
@requires(Permission.PEER)
def suggest_other_time(ref: str) -> Response | tuple[str, int]:
    """Send it: the office asks the structure."""
    peer, actor, clock = acting_peer(), current_actor(), business_clock()
    row = find_offer(db.session(), ref, peer_id=peer.id)
    if not is_open(row, clock):
        return redirect(url_for(".offer", ref=ref), code=303)
    form = OtherTimeForm.of(stands_of(row, clock))
    peer_id = peer.id
    problem = try_to_suggest(
        row,
        form,
        lambda slot: committed(
            db.session(), lambda s: suggest_time(s, ref, slot, peer_id=peer_id, actor=actor, clock=clock)
        ),
    )
    if not problem:
        return redirect(url_for(".offer", ref=ref), code=303)
    found = find_offer(db.session(), ref, peer_id=peer_id)
    return render_template("peers/other_time.html", **form_page(found, form, problem)), 422
