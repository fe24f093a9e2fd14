"""Who may open a route. Each view declares it once: `@requires(…)`, `@public` or `@by_token`; a test checks them all."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Final, TypeVar, cast

from flask import Flask, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response

from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import NotAllowed, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import ALPHABET
from entrepairs.web.context import viewer
from entrepairs.web.shell import NavItem
from entrepairs.web.unsent import SignedOut, from_our_page

View = TypeVar("View", bound=Callable[..., Any])
ACCESS: Final = "entrepairs_access"


class ReferenceConverter(BaseConverter):
    """`<ref:ref>`: only a well-formed public reference."""

    regex = rf"[A-Z]{{2,4}}-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}"


def requires(permission: Permission) -> Callable[[View], View]:
    """The route needs a logged-in person who holds `permission`, in the structure they act for.

    Logged out: to the login, and back. Another audience's door: not found. The right door without the right: a
    sentence that says who can.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return _to_login()
            person = viewer()
            if permission not in person.permissions:
                if not person.enters(permission):
                    raise NotFound("page", N_("This page does not exist, or is not for you."))
                raise NotAllowed("permission", N_("Your role does not allow this. Ask a colleague who has the right."))
            return view(*args, **kwargs)

        setattr(guarded, ACCESS, permission)
        return cast(View, guarded)

    return decorate


def openable(items: Sequence[NavItem]) -> list[NavItem]:
    """The sections this person may open: a menu offers no closed door."""
    if not current_user.is_authenticated:
        return []
    held = viewer().permissions
    views = current_app.view_functions
    return [item for item in items if item.endpoint in views and getattr(views[item.endpoint], ACCESS, None) in held]


def public(view: View) -> View:
    """Anyone may open the route."""
    setattr(view, ACCESS, "public")
    return view


def by_token(view: View) -> View:
    """The route is opened by the secret of a mail link, which the view checks with `identity.tokens`."""
    setattr(view, ACCESS, "token")
    return view


def init_access(app: Flask) -> None:
    """Nothing to bind today but the login redirect of Flask-Login itself."""
    from entrepairs.extensions import login_manager

    login_manager.unauthorized_handler(_to_login)


def _to_login() -> Response:
    if request.method == "POST" and from_our_page():
        raise SignedOut  # what was typed is kept
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("public.login", next=target), code=303)
