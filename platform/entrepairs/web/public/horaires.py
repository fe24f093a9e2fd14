"""Another time from a mail's link: `/o/<token>/horaire` for the peer who suggests, `/h/<token>` for who asked.

Opening changes nothing. Suggesting leaves the peer's link as it was: yes and no are still theirs to give.
"""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from entrepairs.audit.actors import Actor
from entrepairs.demands.scopes import Scope
from entrepairs.dispatch import queries
from entrepairs.dispatch.links import offer_of_link
from entrepairs.dispatch.models import LIVE_TIMES, OtherTime
from entrepairs.dispatch.other_times import agree_to_time, keep_time, suggest_time
from entrepairs.extensions import db, limiter
from entrepairs.identity.models import Account, ActionToken, TokenPurpose
from entrepairs.identity.tokens import peek_token, use_token
from entrepairs.kernel.errors import Conflict, NotAllowed, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.web.access import by_token, public
from entrepairs.web.context import business_clock
from entrepairs.web.errors import sentence
from entrepairs.web.offer_words import is_open
from entrepairs.web.other_times import OtherTimeForm, form_page, stands_of, time_card, try_to_suggest
from entrepairs.web.public import bp
from entrepairs.web.retrying import committed


@bp.get("/o/<token>/horaire")
@by_token
@limiter.limit("60/minute")
def other_time(token: str) -> str | Response:
    """Times that fit, to tap; and a day and an hour to choose."""
    row = offer_of_link(db.session(), token)
    if not is_open(row, business_clock()):
        return redirect(url_for(".offer", token=token), code=303)
    return render_template("public/other_time.html", token=token, **form_page(row))


@bp.post("/o/<token>/horaire")
@by_token
@limiter.limit("20/minute")
def suggest_other_time(token: str) -> Response | tuple[str, int]:
    """Send it: the office asks the structure."""
    row, clock = offer_of_link(db.session(), token), business_clock()
    if not is_open(row, clock):
        return redirect(url_for(".offer", token=token), code=303)
    form, ref = OtherTimeForm.of(stands_of(row, clock)), row.ref
    actor = Actor.by_link(TokenPurpose.OFFER, ref, row.peer.account.name)
    problem = try_to_suggest(
        row,
        form,
        lambda slot: committed(db.session(), lambda s: suggest_time(s, ref, slot, actor=actor, clock=clock)),
    )
    if not problem:
        return redirect(url_for(".offer", token=token), code=303)
    found = offer_of_link(db.session(), token)
    return render_template("public/other_time.html", token=token, **form_page(found, form, problem)), 422


@bp.get("/h/<token>")
@by_token
def time_asked(token: str) -> str:
    """Both times, and two answers of the same weight."""
    return _page(peek_token(db.session(), TokenPurpose.OTHER_TIME, token), token)


def _page(found: ActionToken, token: str, problem: str = "") -> str:
    row = queries.find_time(db.session(), found.subject_ref)
    if row is None:
        raise _gone()
    clock = business_clock()
    live = row.state in LIVE_TIMES and is_open(row.offer, clock)
    asked = time_card(row, clock) if live else None
    return render_template("public/time_asked.html", token=token, asked=asked, problem=problem)


@bp.post("/h/<token>/oui")
@by_token
@limiter.limit("20/minute")
def agree_to_other_time(token: str) -> Response | tuple[str, int]:
    """« Ce créneau nous convient »."""
    return _answer(token, yes=True)


@bp.post("/h/<token>/non")
@by_token
@limiter.limit("20/minute")
def keep_own_time(token: str) -> Response | tuple[str, int]:
    """« Non, gardons le nôtre »."""
    return _answer(token, yes=False)


def _answer(token: str, *, yes: bool) -> Response | tuple[str, int]:
    clock = business_clock()
    answer = agree_to_time if yes else keep_time
    try:
        used = use_token(db.session(), TokenPurpose.OTHER_TIME, token)
        row, account = _asked(used)
        scope = Scope(row.offer.demand.partner_id)
        actor = Actor.by_link(TokenPurpose.OTHER_TIME, row.ref, account.name)
        answer(db.session(), row.ref, scope=scope, actor=actor, clock=clock)
        db.session.commit()
    except Conflict as refusal:
        if refusal.code in {"link_used", "link_expired"}:
            raise
        db.session.rollback()
        found = peek_token(db.session(), TokenPurpose.OTHER_TIME, token)
        return _page(found, token, sentence(refusal)), refusal.status
    return redirect(url_for(".time_answered", answer="oui" if yes else "non"), code=303)


def _asked(used: ActionToken) -> tuple[OtherTime, Account]:
    """What was asked and of whom. Raises NotFound, NotAllowed when their account was closed since."""
    row = queries.find_time(db.session(), used.subject_ref)
    account = db.session.get(Account, used.account_id) if used.account_id else None
    if row is None or account is None:
        raise _gone()
    if account.disabled_at is not None:
        raise NotAllowed("account_closed", N_("This account is closed: the link no longer commits."))
    return row, account


def _gone() -> NotFound:
    return NotFound("link_unknown", N_("This link is not valid. The latest e-mail on the subject has the right one."))


@bp.get("/h/merci/<any(oui, non):answer>")
@public
def time_answered(answer: str) -> str:
    """It is noted."""
    return render_template("public/time_answered.html", agreed=answer == "oui")
