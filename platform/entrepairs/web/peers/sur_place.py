"""« Je suis sur place » on the day of a mission: one tap, taken back in one; the office reads it, the ward never."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from entrepairs.demands.models import Booking, PlaceKind
from entrepairs.demands.scheduling import period_of
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import Conflict
from entrepairs.missions.models import OnSite
from entrepairs.missions.on_site import may_say_back, may_say_here, said_of, say_back, say_here, take_back
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock
from entrepairs.web.demand_words import _
from entrepairs.web.errors import sentence
from entrepairs.web.filters import clock_time
from entrepairs.web.peers import bp
from entrepairs.web.peers.acting import acting_peer
from entrepairs.web.retrying import committed


@dataclass(frozen=True, slots=True)
class OnSiteCard:
    """What a card offers for one session: to say it, or to take back what was said (`said`)."""

    said: str
    here_url: str
    back_url: str
    undo_url: str


def on_site_of(booking: Booking, now: datetime) -> OnSiteCard | None:
    """The card of a session; None when it is not the day."""
    period, at_home = period_of(booking), booking.session.demand.place_kind is PlaceKind.HOME
    here, back = may_say_here(period, now), at_home and may_say_back(period, now)
    row = said_of(db.session(), [booking.id]).get(booking.id)
    remote = booking.session.demand.place_kind is PlaceKind.REMOTE
    if remote or not (here or back or row):
        return None

    def address(endpoint: str) -> str:
        return url_for(endpoint, ref=booking.assignment.ref, session_ref=booking.session.ref)

    return OnSiteCard(
        said=_said(row),
        here_url=address("peers.say_on_site") if here and row is None else "",
        back_url=address("peers.say_back_home") if back and (row is None or row.back_at is None) else "",
        undo_url=address("peers.take_back_on_site") if row else "",
    )


def _said(row: OnSite | None) -> str:
    if row is None:
        return ""
    if row.back_at is not None:
        return _("Noted at %(hour)s: you are back safely.", hour=clock_time(row.back_at))
    return _("Noted at %(hour)s: you are there.", hour=clock_time(row.here_at))


@bp.post("/missions/<ref:ref>/<ref:session_ref>/sur-place")
@requires(Permission.PEER)
def say_on_site(ref: str, session_ref: str) -> Response:
    """« Je suis sur place »."""
    peer, clock = acting_peer(), business_clock()
    return _noted(
        lambda: committed(db.session(), lambda s: say_here(s, ref, session_ref, peer_id=peer.id, clock=clock))
    )


@bp.post("/missions/<ref:ref>/<ref:session_ref>/bien-rentre")
@requires(Permission.PEER)
def say_back_home(ref: str, session_ref: str) -> Response:
    """« Bien rentré·e »."""
    peer, clock = acting_peer(), business_clock()
    return _noted(
        lambda: committed(db.session(), lambda s: say_back(s, ref, session_ref, peer_id=peer.id, clock=clock))
    )


@bp.post("/missions/<ref:ref>/<ref:session_ref>/sur-place/annuler")
@requires(Permission.PEER)
def take_back_on_site(ref: str, session_ref: str) -> Response:
    """It was a slip."""
    peer = acting_peer()
    committed(db.session(), lambda s: take_back(s, ref, session_ref, peer_id=peer.id))
    flash(_("It is taken back: nothing is kept."), "success")
    return redirect(url_for(".home"), code=303)


def _noted(act: Callable[[], object]) -> Response:
    try:
        act()
        flash(_("It is noted. Only the association sees it."), "success")
    except Conflict as refusal:
        flash(sentence(refusal), "info")
    return redirect(url_for(".home"), code=303)
