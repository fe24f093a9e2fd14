"""`/compte`: where I am logged in, my password, the structure I act for. For anybody with an account."""

from datetime import UTC, datetime
from typing import Final

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import DataRequired, Length

from entrepairs.audit.recording import record
from entrepairs.extensions import db, limiter
from entrepairs.identity import accounts, passwords, sessions
from entrepairs.identity.models import WebSession
from entrepairs.identity.permissions import Permission
from entrepairs.identity.secrets import hash_of
from entrepairs.kernel.errors import DomainError, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.web.access import requires
from entrepairs.web.context import PARTNER_CHOICE, LoggedIn, business_clock, current_actor, viewer
from entrepairs.web.demand_words import _
from entrepairs.web.forms import attach
from entrepairs.web.public import bp

BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


class ChangePasswordForm(FlaskForm):  # type: ignore[misc]
    """The present password, when there is one, and a new one."""

    current = PasswordField(_l("Present password"), validators=[Length(max=256)])
    password = PasswordField(_l("New password"), validators=[DataRequired(_l("Write a password."))])


@bp.get("/compte", endpoint="sessions")
@requires(Permission.ACCOUNT)
def my_account() -> str:
    """My account."""
    return _page(ChangePasswordForm())


def _page(form: ChangePasswordForm) -> str:
    person = viewer()
    return render_template(
        "public/account.html",
        person=person,
        own_sessions=_own_sessions(),
        here=hash_of(current_user.get_id()),
        browser_of=browser_of,
        has_password=person.account.password_hash is not None,
        form=form,
    )


def _own_sessions() -> list[WebSession]:
    now = datetime.now(UTC)
    return list(
        db.session.scalars(
            select(WebSession)
            .where(
                WebSession.account_id == viewer().account.id,
                WebSession.revoked_at.is_(None),
                WebSession.seen_at > now - sessions.IDLE,
                WebSession.created_at > now - sessions.LONGEST,
            )
            .order_by(WebSession.seen_at.desc())
        )
    )


def browser_of(user_agent: str) -> str:
    """« Firefox, Windows », as far as the browser says."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return ", ".join(part for part in (browser, system) if part) or _("A browser")


@bp.post("/compte/sessions/<int:number>/fermer")
@requires(Permission.ACCOUNT)
def close_my_session(number: int) -> Response:
    """Log another browser out."""
    row = db.session.get(WebSession, number)
    if row is None or row.account_id != viewer().account.id:
        raise NotFound("session", N_("This page does not exist, or is not for you."))
    row.revoked_at = row.revoked_at or datetime.now(UTC)
    db.session.commit()
    flash(_("This browser is logged out."), "success")
    return redirect(url_for(".sessions"), code=303)


@bp.post("/compte/sessions/fermer")
@requires(Permission.ACCOUNT)
def close_other_sessions() -> Response:
    """Log every other browser out."""
    here = hash_of(current_user.get_id())
    for row in _own_sessions():
        if row.token_hash != here:
            row.revoked_at = datetime.now(UTC)
    record(
        db.session(),
        "account.close_sessions",
        "account",
        viewer().account.ref,
        actor=current_actor(),
        clock=business_clock(),
    )
    db.session.commit()
    flash(_("The other browsers are logged out."), "success")
    return redirect(url_for(".sessions"), code=303)


@bp.post("/compte/mot-de-passe")
@requires(Permission.ACCOUNT)
@limiter.limit("10/hour")
def change_password() -> Response | tuple[str, int]:
    """Change it: every browser is logged out, this one enters again."""
    form = ChangePasswordForm()
    if form.validate():
        try:
            _set_password(form)
            flash(_("Your password is changed. The other browsers are logged out."), "success")
            return redirect(url_for(".sessions"), code=303)
        except DomainError as error:
            db.session.rollback()
            attach(form, error)
    return _page(form), 422


def _set_password(form: ChangePasswordForm) -> None:
    account = viewer().account
    if account.password_hash is not None and not passwords.verify(account.password_hash, form.current.data or ""):
        raise InvalidInput("password_wrong", N_("This is not your present password."), field="current")
    accounts.set_password(db.session(), account, form.password.data, clock=business_clock())
    secret = sessions.open_session(db.session(), account, user_agent=request.user_agent.string)
    db.session.commit()
    login_user(LoggedIn(secret, account))


@bp.post("/compte/structure")
@requires(Permission.ACCOUNT)
def choose_partner() -> Response:
    """Act for another of my structures, in this browser."""
    wanted = request.form.get("partner", "")
    chosen = next((partner for partner in viewer().partners if partner.ref == wanted), None)
    if chosen is None:
        raise NotFound("partner", N_("This page does not exist, or is not for you."))
    session[PARTNER_CHOICE] = chosen.ref
    flash(_("You now act for %(name)s.", name=chosen.name), "success")
    return redirect(url_for("partners.home"), code=303)
