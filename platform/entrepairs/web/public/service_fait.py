"""`/c/<token>`: a service to confirm, from the mail, without login. Opening the page changes nothing; answers are posted."""

from dataclasses import replace

from flask import redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from entrepairs.audit.actors import Actor
from entrepairs.demands.scopes import Scope
from entrepairs.extensions import db
from entrepairs.identity.models import Account, ActionToken, TokenPurpose
from entrepairs.identity.tokens import peek_token, use_token
from entrepairs.kernel.errors import InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.missions import queries, services_done
from entrepairs.missions.asking import people_to_ask
from entrepairs.missions.services_done import Answerer
from entrepairs.network.models import PartnerMember
from entrepairs.web.access import by_token, public
from entrepairs.web.context import business_clock
from entrepairs.web.forms import attach
from entrepairs.web.public import bp
from entrepairs.web.service_forms import ServiceView, post_correction, post_dispute, service_view


@bp.get("/c/<token>")
@by_token
def service(token: str) -> str:
    """What was reported, and three answers."""
    return _page(_view(peek_token(db.session(), TokenPurpose.SERVICE, token)), token)


@bp.post("/c/<token>/valider")
@by_token
def confirm_service(token: str) -> Response:
    """« Valider »."""
    view, scope, who = _used(token)
    services_done.confirm_service(db.session(), view.row.ref, scope, who, clock=business_clock())
    return _done()


@bp.post("/c/<token>/tout")
@by_token
def confirm_all_services(token: str) -> Response:
    """« Tout valider »: this session and the others of the same demand that wait."""
    view, scope, who = _used(token)
    count = services_done.confirm_all(db.session(), view.row.demand.ref, scope, who, clock=business_clock())
    return _done(count)


@bp.post("/c/<token>/corriger")
@by_token
def correct_service(token: str) -> Response | tuple[str, int]:
    """« Corriger »; the token is kept when the figures can't be."""
    view, scope, who = _used(token)
    try:
        if not post_correction(db.session(), view, scope, who, business_clock()):
            return _again(token, view)
    except InvalidInput as error:
        return _again(token, view, error)
    return _done()


@bp.post("/c/<token>/autre")
@by_token
def dispute_service(token: str) -> Response | tuple[str, int]:
    """« Ce n'est pas ce qui s'est passé »; the token is kept when the words can't be."""
    view, scope, who = _used(token)
    try:
        if not post_dispute(db.session(), view, scope, who, business_clock()):
            return _again(token, view)
    except InvalidInput as error:
        return _again(token, view, error)
    return _done(0)


def _used(token: str) -> tuple[ServiceView, Scope, Answerer]:
    used = use_token(db.session(), TokenPurpose.SERVICE, token)
    view = _view(used)
    partner_id = view.row.demand.partner_id
    account = _account(used)
    if account not in people_to_ask(db.session(), view.row.demand, clock=business_clock()):
        raise _unknown()  # they have left the structure since
    held = db.session.scalars(
        select(PartnerMember.function).where(
            PartnerMember.account_id == account.id, PartnerMember.partner_id == partner_id
        )
    ).first()
    label = f"{account.name}, {held}" if held else account.name
    who = Answerer(Actor.by_link("service", used.subject_ref, account.name), label, account.id)
    return view, Scope(partner_id), who


def _account(used: ActionToken) -> Account:
    """Whom the mail was written to, still with us. Raises NotFound."""
    account = db.session.get(Account, used.account_id) if used.account_id else None
    if account is None or account.disabled_at is not None:
        raise _unknown()
    return account


def _unknown() -> NotFound:
    return NotFound("link_unknown", N_("This link is not valid. The latest e-mail on the subject has the right one."))


def _view(found: ActionToken) -> ServiceView:
    row = queries.find_session(db.session(), found.subject_ref, Scope(None))
    return service_view(db.session(), row)


def _again(token: str, tried: ServiceView, error: InvalidInput | None = None) -> tuple[str, int]:
    """Nothing is kept, the link still works, what was typed comes back."""
    db.session.rollback()
    fresh = _view(peek_token(db.session(), TokenPurpose.SERVICE, token))
    view = replace(fresh, correct=tried.correct, dispute=tried.dispute)
    if error is not None and not attach(view.dispute, error):
        attach(view.correct, error)
    return _page(view, token, doubt=error is not None and error.code == "name_to_check"), 422


def _page(view: ServiceView, token: str, *, doubt: bool = False) -> str:
    return render_template("public/service.html", view=view, token=token, doubt=doubt)


def _done(count: int = 1) -> Response:
    db.session.commit()
    return redirect(url_for(".service_noted", answer="oui" if count else "discussion", n=count or None), code=303)


@bp.get("/c/merci/<any(oui, discussion):answer>")
@public
def service_noted(answer: str) -> str:
    """It is noted."""
    count = request.args.get("n", 1, type=int)
    return render_template("public/service_done.html", count=max(1, count), disputed=answer == "discussion")
