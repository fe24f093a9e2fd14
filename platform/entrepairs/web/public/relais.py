"""`/r/<token>`: « une autre personne pourrait-elle y aller ? », from the mail, without login. Opening changes nothing."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from entrepairs.demands.queries import dates_sentence, title_of
from entrepairs.dispatch.handover_mails import why_asked
from entrepairs.dispatch.links import answer_handover, handover_of_link
from entrepairs.dispatch.models import Handover
from entrepairs.extensions import db, limiter
from entrepairs.kernel.errors import Conflict
from entrepairs.web.access import by_token
from entrepairs.web.context import business_clock
from entrepairs.web.errors import sentence
from entrepairs.web.filters import instant
from entrepairs.web.public import bp
from entrepairs.web.retrying import committed
from entrepairs.web.words import words


@bp.get("/r/<token>")
@by_token
@limiter.limit("60/minute")
def handover(token: str) -> str:
    """The question and two answers of the same weight; once answered, how it stands."""
    return _page(handover_of_link(db.session(), token), token)


def _page(row: Handover, token: str, problem: str = "") -> str:
    demand = row.assignment.demand
    late = row.state.value == "asked" and business_clock().now() >= row.deadline
    return render_template(
        "public/handover.html",
        token=token,
        state="kept" if late else row.state.value,
        title=title_of(demand),
        dates=words(dates_sentence(demand)),
        why=words(why_asked(db.session(), row)),
        until=instant(row.deadline),
        problem=problem,
    )


@bp.post("/r/<token>/oui")
@by_token
@limiter.limit("20/minute")
def make_room(token: str) -> Response | tuple[str, int]:
    """« Je peux laisser la place »."""
    return _answer(token, yes=True)


@bp.post("/r/<token>/non")
@by_token
@limiter.limit("20/minute")
def keep_seat(token: str) -> Response | tuple[str, int]:
    """« Je garde »: no reason, nothing counted."""
    return _answer(token, yes=False)


def _answer(token: str, *, yes: bool) -> Response | tuple[str, int]:
    clock = business_clock()
    try:
        committed(db.session(), lambda session: answer_handover(session, token, yes=yes, clock=clock))
    except Conflict as refusal:
        if refusal.code == "link_expired":
            raise
        return _page(handover_of_link(db.session(), token), token, sentence(refusal)), refusal.status
    return redirect(url_for(".handover", token=token), code=303)
