"""`/o/<token>`: an offer opened from the mail, without login. Opening changes nothing; the two answers are posted."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from entrepairs.dispatch.links import answer_by_link, offer_of_link, seen_by_link
from entrepairs.dispatch.rules import closed
from entrepairs.extensions import db, limiter
from entrepairs.kernel.errors import Conflict
from entrepairs.web.access import by_token
from entrepairs.web.context import business_clock
from entrepairs.web.errors import sentence
from entrepairs.web.offer_words import is_open, over_state
from entrepairs.web.peers.propositions import shown
from entrepairs.web.public import bp
from entrepairs.web.retrying import committed


@bp.get("/o/<token>")
@by_token
@limiter.limit("60/minute")
def offer(token: str) -> str:
    """Six lines and two buttons; once it is over, the answer given or a kind word."""
    row = offer_of_link(db.session(), token)
    problem = "" if is_open(row, business_clock()) else sentence(closed(over_state(row)))
    return render_template("public/offer.html", token=token, **shown(row, problem))


@bp.post("/o/<token>/oui")
@by_token
@limiter.limit("20/minute")
def accept_offer(token: str) -> Response | tuple[str, int]:
    """« J'accepte »."""
    return _answer(token, yes=True)


@bp.post("/o/<token>/non")
@by_token
@limiter.limit("20/minute")
def decline_offer(token: str) -> Response | tuple[str, int]:
    """« Je ne peux pas »: no reason."""
    return _answer(token, yes=False)


def _answer(token: str, *, yes: bool) -> Response | tuple[str, int]:
    clock, read = business_clock(), request.form.get("read", "")
    try:
        committed(db.session(), lambda session: answer_by_link(session, token, yes=yes, read=read, clock=clock))
    except Conflict as refusal:
        if refusal.code == "link_expired":
            raise
        row = offer_of_link(db.session(), token)
        return render_template("public/offer.html", token=token, **shown(row, sentence(refusal))), refusal.status
    return redirect(url_for(".offer", token=token), code=303)


@bp.post("/o/<token>/vue")
@by_token
@limiter.limit("20/minute")
def offer_seen(token: str) -> tuple[str, int]:
    """Posted by the opened page."""
    seen_by_link(db.session(), token, clock=business_clock())
    db.session.commit()
    return "", 204
