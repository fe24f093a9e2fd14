"""Pages anybody may read: the three doors, logging in, help, the law."""

from flask import Blueprint

bp = Blueprint("public", __name__)

PAGES: tuple[str, ...] = (
    "home",
    "login",
    "unsent",
    "styleguide",
    "texts",
    "accord",
    "quotes",
    "stripe_webhook",
    "offers",
    "horaires",
    "relais",
    "service_fait",
    "account",
)
"""Page modules of this folder, imported by `entrepairs.web.init_web`."""
