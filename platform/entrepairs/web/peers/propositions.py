"""`/p/propositions`: what is proposed to a peer, and their answer. Yes and no weigh the same."""

from collections.abc import Iterable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from entrepairs.demands.states import AssignmentState
from entrepairs.dispatch import queries
from entrepairs.dispatch.answering import accept_offer, decline_offer, mark_seen
from entrepairs.dispatch.cards import offer_card
from entrepairs.dispatch.holding import find_offer
from entrepairs.dispatch.models import Offer
from entrepairs.dispatch.relays import give_back
from entrepairs.dispatch.rules import sessions_mark
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_, say
from entrepairs.matching.looking import weights_on
from entrepairs.web.access import requires
from entrepairs.web.context import Viewer, business_clock, current_actor
from entrepairs.web.demand_words import _, place_phrase
from entrepairs.web.errors import sentence
from entrepairs.web.filters import instant
from entrepairs.web.matching_words import weight_lines
from entrepairs.web.offer_words import chip_of_offer, is_open, lines_of, offer_title, over_state, title_of_offer
from entrepairs.web.other_times import may_suggest, suggested_words
from entrepairs.web.peers import bp
from entrepairs.web.peers.acting import acting_peer
from entrepairs.web.retrying import committed
from entrepairs.web.todo import TodoItem, waiting
from entrepairs.web.words import words


@bp.get("/propositions")
@requires(Permission.PEER)
def offers() -> str:
    """What waits for an answer first, then what is over."""
    peer, clock = acting_peer(), business_clock()
    return render_template(
        "peers/offers.html",
        waiting=queries.open_offers_of(db.session(), peer.id, clock=clock),
        past=queries.past_offers_of(db.session(), peer.id, clock=clock),
        title_of_offer=title_of_offer,
        place_phrase=place_phrase,
        chip_of=lambda offer: chip_of_offer(offer, clock),
        weights=weight_lines(weights_on(db.session(), clock.today())),
    )


@bp.get("/propositions/<ref:ref>")
@requires(Permission.PEER)
def offer(ref: str) -> str:
    """One offer: six lines and two buttons of the same weight."""
    return render_template("peers/offer.html", **shown(find_offer(db.session(), ref, peer_id=acting_peer().id)))


def shown(row: Offer, problem: str = "") -> dict[str, object]:
    """What the page of an offer is given, behind the login or behind a mail link."""
    clock = business_clock()
    card = offer_card(db.session(), row, clock=clock)
    held = row.assignment is not None and row.assignment.state is AssignmentState.CONFIRMED
    return {
        "offer": row,
        "title": offer_title(row.demand, card.sessions),
        "lines": lines_of(card),
        "why": [words(each) for each in card.why],
        "short_notice": words(card.short_notice) if card.short_notice else "",
        "weights": weight_lines(weights_on(db.session(), clock.today())),
        "chip": chip_of_offer(row, clock),
        "open": is_open(row, clock),
        "over": over_state(row).value,
        "held": held,
        "until": instant(row.deadline),
        "problem": problem,
        "read": sessions_mark(card.sessions),
        "may_suggest": is_open(row, clock) and may_suggest(row, clock),
        "suggested": suggested_words(row, clock) if is_open(row, clock) else "",
    }


@bp.post("/propositions/<ref:ref>/oui")
@requires(Permission.PEER)
def accept(ref: str) -> Response | tuple[str, int]:
    """« J'accepte »: the first valid yes holds the seat; a later one reads a kind page."""
    peer, actor, clock, read = acting_peer(), current_actor(), business_clock(), request.form.get("read", "")
    try:
        committed(db.session(), lambda s: accept_offer(s, ref, peer_id=peer.id, read=read, actor=actor, clock=clock))
    except Conflict as refusal:
        row = find_offer(db.session(), ref, peer_id=acting_peer().id)
        return render_template("peers/offer.html", **shown(row, sentence(refusal))), refusal.status
    return redirect(url_for(".offer", ref=ref), code=303)


@bp.post("/propositions/<ref:ref>/non")
@requires(Permission.PEER)
def decline(ref: str) -> Response | tuple[str, int]:
    """« Je ne peux pas »: no reason, nothing counted."""
    peer, actor, clock = acting_peer(), current_actor(), business_clock()
    try:
        committed(db.session(), lambda s: decline_offer(s, ref, peer_id=peer.id, actor=actor, clock=clock))
    except Conflict as refusal:
        row = find_offer(db.session(), ref, peer_id=acting_peer().id)
        return render_template("peers/offer.html", **shown(row, sentence(refusal))), refusal.status
    flash(_("It is noted. Thank you for your answer."), "success")
    return redirect(url_for(".offers"), code=303)


@bp.post("/propositions/<ref:ref>/vue")
@requires(Permission.PEER)
def seen(ref: str) -> tuple[str, int]:
    """Posted by the opened page."""
    mark_seen(db.session(), ref, peer_id=acting_peer().id, clock=business_clock())
    db.session.commit()
    return "", 204


@bp.post("/propositions/<ref:ref>/relais")
@requires(Permission.PEER)
def hand_over(ref: str) -> Response:
    """« Je ne peux finalement pas »: the seat is given back, the office looks for a relay."""
    peer, actor, clock = acting_peer(), current_actor(), business_clock()
    row = find_offer(db.session(), ref, peer_id=peer.id)
    if row.assignment is None:
        raise NotFound("assignment", N_("This mission is not one of yours."))
    held = row.assignment.ref
    committed(db.session(), lambda s: give_back(s, held, peer_id=peer.id, actor=actor, clock=clock))
    flash(_("It is noted. We look for a relay; you have nothing to explain."), "success")
    return redirect(url_for(".offers"), code=303)


@waiting("peers")
def _proposals(person: Viewer) -> Iterable[TodoItem]:
    """The offers that wait for an answer."""
    if person.peer is None:
        return
    for row in queries.open_offers_of(db.session(), person.peer.id, clock=business_clock()):
        yield TodoItem(
            chip=say("Proposal"),
            title=title_of_offer(row),
            url=url_for("peers.offer", ref=row.ref),
            action=say("See and answer"),
            detail=say("answer before %(when)s", when=row.deadline),
            tone="prop",
            rank=30,
        )
