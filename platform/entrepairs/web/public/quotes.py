"""A quote from its mail: reading commits to nothing; the two answers are posted, once."""

from typing import TypeAlias

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from entrepairs.audit.actors import Actor
from entrepairs.contracting import queries, quotes
from entrepairs.contracting.models import QuoteVersion
from entrepairs.demands.scopes import OFFICE
from entrepairs.demands.states import DemandState
from entrepairs.extensions import db
from entrepairs.identity.models import Account, ActionToken, TokenPurpose
from entrepairs.identity.tokens import peek_token, use_token
from entrepairs.kernel.errors import Conflict, InvalidInput, NotAllowed
from entrepairs.kernel.i18n import N_
from entrepairs.web.access import by_token
from entrepairs.web.context import business_clock
from entrepairs.web.contract_words import file_download
from entrepairs.web.demand_words import _
from entrepairs.web.forms import attach
from entrepairs.web.partners.contrats import quote_facts, sign_form, signature_of
from entrepairs.web.partners.forms.contrats import SignForm
from entrepairs.web.public import bp

Page: TypeAlias = str | Response | tuple[str, int]


@bp.get("/q/<token>")
@by_token
def quote(token: str) -> str:
    """The quote of the link, what was asked, two answers; after an answer, a word of thanks."""
    try:
        found = peek_token(db.session(), TokenPurpose.QUOTE, token)
    except Conflict as error:
        if error.code != "link_used":
            raise
        return render_template("public/quote_done.html")
    version = _version(found)
    return _page(version, token, sign_form(version, _account(found)))


def _version(found: ActionToken) -> QuoteVersion:
    """The one version the link was made for."""
    ref, _slash, number = found.subject_ref.partition("/")
    return queries.find_version(db.session(), ref, OFFICE, number=int(number))


def _account(found: ActionToken) -> Account:
    """Who received the link. Raises NotAllowed when their account was closed since."""
    account = db.session.get_one(Account, found.account_id)
    if account.disabled_at is not None:
        raise NotAllowed("account_closed", N_("This account is closed: the link no longer commits."))
    return account


def _page(version: QuoteVersion, token: str, form: SignForm) -> str:
    partner = version.quote.demand.partner
    return render_template("public/quote.html", token=token, form=form, partner=partner, **quote_facts(version))


@bp.get("/q/<token>/devis.pdf")
@by_token
def quote_pdf(token: str) -> Response:
    """The PDF, with the right of the same link."""
    return file_download(db.session(), _version(peek_token(db.session(), TokenPurpose.QUOTE, token)).file)


@bp.post("/q/<token>/accord")
@by_token
def accept_quote(token: str) -> Page:
    """« Bon pour accord »: the link is used in the transaction that keeps the signature."""
    form = SignForm()
    if not form.validate():
        return _page(_version(peek_token(db.session(), TokenPurpose.QUOTE, token)), token, form), 422
    used = use_token(db.session(), TokenPurpose.QUOTE, token)
    version, account = _version(used), _account(used)
    try:
        quotes.accept_quote(
            db.session(),
            version.quote.ref,
            signature_of(form, account),
            version=version.number,
            engagement=form.engagement.data,
            actor=Actor.by_link("quote", version.quote.ref, account.name),
            clock=business_clock(),
        )
    except InvalidInput as error:
        db.session.rollback()
        attach(form, error)
        return _page(_version(peek_token(db.session(), TokenPurpose.QUOTE, token)), token, form), 422
    awaited = version.quote.demand.state is DemandState.AWAITING_ENGAGEMENT
    db.session.commit()
    flash(
        _("Your agreement is kept. An e-mail asks for the engagement number.")
        if awaited
        else _("Your agreement is kept. We look for who can come."),
        "success",
    )
    return redirect(url_for(".quote", token=token), code=303)


@bp.post("/q/<token>/refus")
@by_token
def refuse_quote(token: str) -> Response:
    """Not this one. No reason is asked."""
    used = use_token(db.session(), TokenPurpose.QUOTE, token)
    version, account = _version(used), _account(used)
    quotes.refuse_quote(
        db.session(),
        version.quote.ref,
        version=version.number,
        account_id=account.id,
        actor=Actor.by_link("quote", version.quote.ref, account.name),
        clock=business_clock(),
    )
    db.session.commit()
    flash(_("It is noted. We call you to see what would suit you."), "success")
    return redirect(url_for(".quote", token=token), code=303)
