"""« Pour accord », from the mail: opening the page changes nothing; the two answers are posted, once."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from entrepairs.audit.actors import Actor
from entrepairs.demands import submitting
from entrepairs.demands.queries import title_of
from entrepairs.demands.scheduling import wished_plan
from entrepairs.demands.scopes import OFFICE, find_demand
from entrepairs.demands.states import DemandState
from entrepairs.extensions import db
from entrepairs.identity.models import Account, ActionToken, TokenPurpose
from entrepairs.identity.tokens import peek_token, use_token
from entrepairs.kernel.errors import InvalidInput
from entrepairs.web.access import by_token, public
from entrepairs.web.context import business_clock
from entrepairs.web.demand_words import COMPANY, WISHES, _, place_phrase, rhythm_phrase
from entrepairs.web.forms import attach
from entrepairs.web.partners.forms.demandes import WordForm
from entrepairs.web.public import bp


@bp.get("/accord/<token>")
@by_token
def approval(token: str) -> str:
    """The demand and two buttons."""
    return _page(peek_token(db.session(), TokenPurpose.APPROVAL, token), token, WordForm())


def _page(found: ActionToken, token: str, form: WordForm, *, doubt: bool = False) -> str:
    demand = find_demand(db.session(), found.subject_ref, OFFICE)
    waits = demand.state is DemandState.AWAITING_APPROVAL
    plan = wished_plan(db.session(), demand)
    return render_template(
        "public/approval.html",
        demand=demand,
        token=token,
        waits=waits,
        title=title_of(demand),
        phrase=rhythm_phrase(demand, plan.periods),
        place=place_phrase(demand),
        company=_(COMPANY[demand.facilitation]),
        wish=_(WISHES[demand.person_wish]) if demand.person_wish else "",
        who=demand.requester.name if demand.requester else demand.partner.name,
        form=form,
        doubt=doubt,
    )


@bp.post("/accord/<token>/oui")
@by_token
def approve(token: str) -> Response:
    """The signatory agrees: the demand leaves."""
    used, account = _used(token)
    actor = Actor.by_link("approval", used.subject_ref, account.name)
    submitting.approve(db.session(), used.subject_ref, account_id=account.id, actor=actor, clock=business_clock())
    db.session.commit()
    return redirect(url_for(".approval_done", answer="oui"), code=303)


@bp.post("/accord/<token>/renvoyer")
@by_token
def return_for_change(token: str) -> Response | tuple[str, int]:
    """The signatory would like something changed; the token is kept when their word can't be."""
    form = WordForm()
    if not form.validate():
        return _page(peek_token(db.session(), TokenPurpose.APPROVAL, token), token, form), 422
    used, account = _used(token)
    try:
        submitting.send_back(
            db.session(),
            used.subject_ref,
            account_id=account.id,
            note=form.note.data or "",
            names_checked=request.form.get("names_checked") == "1",
            actor=Actor.by_link("approval", used.subject_ref, account.name),
            clock=business_clock(),
        )
    except InvalidInput as error:
        db.session.rollback()
        attach(form, error)
        found = peek_token(db.session(), TokenPurpose.APPROVAL, token)
        return _page(found, token, form, doubt=error.code == "name_to_check"), 422
    db.session.commit()
    return redirect(url_for(".approval_done", answer="renvoi"), code=303)


@bp.get("/accord/merci/<any(oui, renvoi):answer>")
@public
def approval_done(answer: str) -> str:
    """It is noted."""
    return render_template("public/approval_done.html", agreed=answer == "oui")


def _used(token: str) -> tuple[ActionToken, Account]:
    used = use_token(db.session(), TokenPurpose.APPROVAL, token)
    return used, db.session.get_one(Account, used.account_id)
