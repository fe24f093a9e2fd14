"""Entering and leaving: password, mail link, choosing a password."""

import secrets
from urllib.parse import urlsplit

from flask import flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField
from wtforms.validators import DataRequired, Length

from entrepairs.extensions import db, limiter
from entrepairs.identity import accounts, mails, sessions, tokens
from entrepairs.identity.models import Account, ActionToken, TokenPurpose
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import DomainError, NotAllowed
from entrepairs.web.access import by_token, public, requires
from entrepairs.web.context import LoggedIn, business_clock
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach, mail_address
from entrepairs.web.limits import typed_address, typed_here, went_wrong
from entrepairs.web.public import bp
from entrepairs.web.unsent import KEPT, unpack


def _without_spaces(typed: str | None) -> str | None:
    """What is pasted often brings a space along."""
    return typed.strip() if typed else typed


class LoginForm(FlaskForm):  # type: ignore[misc]
    """Address and password."""

    email = EmailField(
        _l("E-mail address"),
        validators=[DataRequired(_l("Write your e-mail address.")), Length(max=254)],
        filters=[_without_spaces],
    )
    password = PasswordField(_l("Password"), validators=[Length(max=256)])


class LinkForm(FlaskForm):  # type: ignore[misc]
    """The address a link is sent to."""

    email = EmailField(
        _l("E-mail address"),
        validators=[
            DataRequired(_l("Write your e-mail address.")),
            mail_address,
        ],
        filters=[_without_spaces],
    )


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password."""

    password = PasswordField(_l("New password"), validators=[DataRequired(_l("Write a password."))])


@bp.route("/connexion", methods=["GET", "POST"])
@public
@limiter.limit("10/5minutes", key_func=typed_here, methods=["POST"], deduct_when=went_wrong)
@limiter.limit("100/5minutes", methods=["POST"], deduct_when=went_wrong)
def login() -> str | Response | tuple[str, int]:
    """Log in by password; the same sentence whether the account exists or not."""
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(_next() or url_for(".home"), code=303)
    form, kept = LoginForm(), request.form.get(KEPT)
    if not form.validate_on_submit():
        return show_login(kept, form), 422 if form.is_submitted() else 200
    try:
        account = accounts.authenticate(db.session(), form.email.data, form.password.data or "")
    except NotAllowed as error:
        form.password.errors = [sentence(error)]
        return show_login(kept, form), 422
    answer = _enter(account)
    waiting = unpack(kept) if kept else None
    return render_template("public/unsent.html", waiting=waiting) if waiting else answer


def show_login(kept: str | None = None, form: LoginForm | None = None, said: str | None = None) -> str:
    """The login page. `kept`: a form that waits, as `unsent.pack` wrote it; `said`: a sentence above the fields."""
    return render_template("public/login.html", form=form or LoginForm(), next=_next(), kept=kept, said=said)


@bp.route("/connexion/lien", methods=["GET", "POST"])
@public
@limiter.limit("5/hour", key_func=typed_address, methods=["POST"])
@limiter.limit("100/hour", methods=["POST"])
def ask_link() -> str | Response | tuple[str, int]:
    """Ask for a link by e-mail; the same answer whether the account exists or not."""
    form = LinkForm()
    if not form.validate_on_submit():
        return render_template("public/ask_link.html", form=form), 422 if form.is_submitted() else 200
    account = accounts.find_account(db.session(), form.email.data)
    if account is not None and account.disabled_at is None:
        mails.send_login_link(db.session(), account, clock=business_clock(), dedup=secrets.token_hex(8))
        db.session.commit()
    flash(_("If this address has an account, a link is on its way. It works once, until tomorrow."), "info")
    return redirect(url_for(".login"), code=303)


@bp.get("/connexion/lien/<token>")
@by_token
def show_link(token: str) -> str:
    """The page behind the mail: a button, so that a mail scanner that opens links logs nobody in."""
    tokens.peek_token(db.session(), TokenPurpose.LOGIN, token)
    return render_template("public/use_link.html", token=token)


@bp.post("/connexion/lien/<token>")
@by_token
def use_link(token: str) -> Response:
    """Log in by the link, once."""
    return _enter(_account_of(tokens.use_token(db.session(), TokenPurpose.LOGIN, token)))


@bp.route("/mot-de-passe/<token>", methods=["GET", "POST"])
@by_token
@limiter.limit("20/hour", methods=["POST"])
def choose_password(token: str) -> str | Response | tuple[str, int]:
    """Choose a password behind an invitation, then enter."""
    form = PasswordForm()
    found = tokens.peek_token(db.session(), TokenPurpose.SET_PASSWORD, token)
    if not form.validate_on_submit():
        return render_template("public/choose_password.html", form=form), 422 if form.is_submitted() else 200
    account = _account_of(found)
    try:
        accounts.set_password(db.session(), account, form.password.data, clock=business_clock())
    except DomainError as error:
        attach(form, error)
        return render_template("public/choose_password.html", form=form), 422
    tokens.use_token(db.session(), TokenPurpose.SET_PASSWORD, token)
    flash(_("Your password is set."), "success")
    return _enter(account)


@bp.post("/deconnexion")
@requires(Permission.ACCOUNT)
def logout() -> Response:
    """End this browser's session, on the server too."""
    sessions.close_session(db.session(), current_user.get_id())
    db.session.commit()
    logout_user()
    session.clear()
    return redirect(url_for(".home"), code=303)


def _account_of(token: ActionToken) -> Account:
    return db.session.scalars(
        select(Account).where(Account.id == token.account_id, Account.disabled_at.is_(None))
    ).one()


def _enter(account: Account) -> Response:
    target = _next()
    session.clear()  # a new session at each login: what an attacker planted before is gone
    g.pop("csrf_token", None)  # made from the session that has just ended: a form of this answer needs its own
    secret = sessions.open_session(db.session(), account, user_agent=request.user_agent.string)
    db.session.commit()
    login_user(LoggedIn(secret, account))
    return redirect(target or url_for("public.home"), code=303)


def _next() -> str | None:
    """The page asked before, when it is one of ours."""
    target = request.values.get("next", "")
    parts = urlsplit(target)
    ours = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return target if ours and "\\" not in target else None
