"""A form whose token or session is no longer good: log in if need be, read what was typed, send it."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from entrepairs.identity.permissions import Permission
from entrepairs.web import unsent
from entrepairs.web.access import ACCESS, public
from entrepairs.web.errors import answer_http_error
from entrepairs.web.public import bp
from entrepairs.web.public.login import show_login
from entrepairs.web.unsent import KEPT, WITH_A_PASSWORD, SignedOut, Unsent

Answer = str | Response | tuple[str, int]


@bp.app_errorhandler(SignedOut)
def ask_to_log_in(_error: SignedOut) -> Answer:
    """The session has ended while the form was being filled."""
    waiting = unsent.of_request()
    if waiting is None:
        return redirect(url_for("public.login"), code=303)
    return show_login(unsent.pack(waiting)), 401


@bp.app_errorhandler(CSRFError)
def give_back(error: CSRFError) -> Answer:
    """The page was open for too long, or somebody has logged in from another tab."""
    if request.endpoint in {"public.login", "public.take_up"} and unsent.from_our_page():
        return _again() if KEPT in request.form else _log_in_again()
    if request.endpoint in WITH_A_PASSWORD and unsent.from_our_page():
        flash(_("The page had been open for a long time. Please write it again."), "info")
        reads = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
        return redirect(request.full_path if reads else url_for("public.sessions"), code=303)
    waiting = unsent.of_request()
    if waiting is None:
        return answer_http_error(error)
    needs_login = isinstance(getattr(current_app.view_functions[request.endpoint or ""], ACCESS, None), Permission)
    if needs_login and not current_user.is_authenticated:
        return show_login(unsent.pack(waiting)), 401
    return show_unsent(waiting), 400


@bp.post("/connexion/reprise")
@public
def take_up() -> Answer:
    """Somebody without a password has logged in from another tab, by a link, and comes back to what waits."""
    return _again()


def show_unsent(waiting: Unsent) -> str:
    """What was typed, and the button that sends it."""
    return render_template("public/unsent.html", waiting=waiting)


def _again() -> Answer:
    waiting = unsent.unpack(request.form.get(KEPT, ""))
    if waiting is None:
        return redirect(url_for("public.login"), code=303)
    return show_unsent(waiting) if current_user.is_authenticated else (show_login(unsent.pack(waiting)), 401)


def _log_in_again() -> Answer:
    """Said on the page itself: a browser that keeps no cookie would lose it on the way."""
    said = _(
        "The page had been open for a long time. Please write your password again. If this comes back, allow "
        "this site’s cookies."
    )
    return show_login(said=said), 400
