"""What every page is given: the demo banner, the account menu, the sections of a front door, the footer.

The audiences' blueprints put `nav` (a list of NavItem), and the app puts `demo` and `account`, into the template
context. `init_shell` binds the whole look (icons, filters, forms, pictures, static files, policy, errors).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from flask import Flask, current_app, request, url_for
from flask_babel import gettext as _
from werkzeug.routing import BuildError

from entrepairs.web.errors import init_errors
from entrepairs.web.filters import init_filters
from entrepairs.web.forms import init_forms
from entrepairs.web.icons import init_icons
from entrepairs.web.pictures import init_pictures
from entrepairs.web.security import init_security
from entrepairs.web.static_files import init_static


class NavItem(NamedTuple):
    """A section of a front door: its endpoint, its translated label, its Bootstrap icon."""

    endpoint: str
    label: str
    icon: str


@dataclass(frozen=True, slots=True)
class AccountCard:
    """The account menu. `organisation` is shown beside the initials; `logout_endpoint` is posted to."""

    name: str
    organisation: str = ""
    links: Sequence[NavItem] = field(default_factory=tuple)
    logout_endpoint: str = ""


@dataclass(frozen=True, slots=True)
class DemoBanner:
    """« Données fictives. » `today` is the business date in Paris; `accounts_url` opens the account picker."""

    today: date
    account_label: str = ""
    accounts_url: str = ""
    enabled: bool = True


def init_shell(app: Flask) -> None:
    """Bind the whole look to the app. Call it once, after Babel and CSRF."""
    init_security(app)
    init_errors(app)
    init_filters(app)
    init_icons(app)
    init_forms(app)
    init_pictures(app)
    init_static(app)
    app.jinja_env.globals.update(
        current_nav=current_nav, footer_links=footer_links, home_url=home_url, login_url=login_url
    )


def current_nav(nav: Sequence[NavItem], forced: str | None = None) -> str | None:
    """The endpoint of the section we are in: the longest address the path starts with; a home only when exact."""
    if forced is not None:
        return forced
    best, length = None, 0
    for item in nav:
        address = url_for(item[0]).rstrip("/")
        depth = address.count("/")
        inside = request.path.startswith(f"{address}/") and depth > 1
        if (request.path.rstrip("/") == address or inside) and len(address) >= length:
            best, length = item[0], len(address)
    return best


def home_url() -> str:
    """The public home, which sends a signed-in person to the right door."""
    return _address("public.home") or "/"


def login_url() -> str:
    """Where one signs in, or nothing while that page does not exist."""
    return _address("identity.login") or _address("public.login")


def footer_links() -> list[tuple[str, str]]:
    """The pages the law and good manners want at the foot, those that exist."""
    wanted = [
        ("public.help", _("Help and contact")),
        ("public.accessibility", _("Accessibility: not audited yet")),
        ("public.privacy", _("Your data")),
        ("public.legal", _("Legal notice")),
    ]
    return [(endpoint, label) for endpoint, label in wanted if endpoint in current_app.view_functions]


def _address(endpoint: str) -> str:
    try:
        return url_for(endpoint)
    except BuildError:
        return ""
