"""Help, accessibility, personal data, legal notice: plain pages."""

from flask import render_template

from entrepairs.extensions import db
from entrepairs.settings.models import Association
from entrepairs.web.access import public
from entrepairs.web.public import bp


@bp.get("/aide")
@public
def help() -> str:  # noqa: A001 - the endpoint's name
    """Where to ask."""
    return _page("help")


@bp.get("/accessibilite")
@public
def accessibility() -> str:
    """What was checked, what was not, whom to write to: the honest declaration."""
    return _page("accessibility")


@bp.get("/confidentialite")
@public
def privacy() -> str:
    """What is kept, why, how long, and whom to ask."""
    return _page("privacy")


@bp.get("/mentions")
@public
def legal() -> str:
    """Who publishes and hosts."""
    return _page("legal")


def _page(name: str) -> str:
    return render_template(f"public/{name}.html", association=db.session.get(Association, 1))
