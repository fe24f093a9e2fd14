"""`/p/mes-heures`: one's own hours beside one's own wish; the association sees the same, and nothing more."""

from flask import render_template

from entrepairs.extensions import db
from entrepairs.fairness.shares import share_of, thresholds_on
from entrepairs.identity.permissions import Permission
from entrepairs.network.rhythm import current_pause
from entrepairs.web import fairness_words as fw
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock
from entrepairs.web.hour_pictures import hours_picture
from entrepairs.web.peers import bp
from entrepairs.web.peers.acting import acting_peer


@bp.get("/mes-heures")
@requires(Permission.PEER)
def my_hours() -> str:
    """Twelve months, this one and the two next."""
    peer, today = acting_peer(), business_clock().today()
    one, thresholds = share_of(db.session(), peer, today, own=True), thresholds_on(today)
    return render_template(
        "peers/my_hours.html",
        share=one.share,
        line=fw.person_row(one, thresholds),
        picture=hours_picture(one.share),
        rows=fw.month_rows(one.share),
        label=fw.picture_label(one.share, thresholds),
        lead=fw.own_lead(one.share, thresholds),
        said="" if current_pause(peer, today) else fw.own_sentence(one, thresholds),
        pause=current_pause(peer, today),
    )
