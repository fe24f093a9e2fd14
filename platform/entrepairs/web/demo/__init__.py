"""The demo's own pages: choose an account, move the clock. Registered only when DEMO is set, which production refuses."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import login_user, logout_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from entrepairs.extensions import db
from entrepairs.identity import sessions
from entrepairs.identity.models import Account
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.settings import demo_clock
from entrepairs.settings.decisions import decision_or
from entrepairs.web.access import public
from entrepairs.web.context import LoggedIn
from entrepairs.web.filters import full_day

bp = Blueprint("demo", __name__, url_prefix="/demo")

LEAPS = (1, 7)
"""Days one click may move the clock by."""


@bp.get("/comptes")
@public
def accounts() -> str:
    """The fictitious people one can be, grouped by front door."""
    chosen = decision_or(db.session(), "demo.accounts", demo_clock.START.date(), [])
    people = {
        account.ref: account
        for account in db.session.scalars(select(Account).where(Account.ref.in_([row["ref"] for row in chosen])))
    }
    return render_template("public/demo_accounts.html", chosen=chosen, people=people)


@bp.post("/comptes/<ref:ref>")
@public
def enter(ref: str) -> Response:
    """Become this person."""
    account = db.session.scalars(select(Account).where(Account.ref == ref)).one_or_none()
    if account is None:
        raise NotFound("account", N_("This account does not exist."))
    logout_user()
    session.clear()
    secret = sessions.open_session(db.session(), account, user_agent=request.user_agent.string)
    db.session.commit()
    login_user(LoggedIn(secret, account))
    return redirect(url_for("public.home"), code=303)


@bp.post("/avancer")
@public
def advance() -> Response:
    """Move business time forward by a day or a week; effects that fall due are done by the workers."""
    days = request.form.get("days", type=int)
    if days not in LEAPS:
        days = LEAPS[0]
    now = demo_clock.advance(db.session(), timedelta(days=days), real_now=datetime.now(UTC))
    db.session.commit()
    flash(_("Today is %(day)s.", day=full_day(now)), "info")
    return redirect(request.referrer or url_for("public.home"), code=303)
