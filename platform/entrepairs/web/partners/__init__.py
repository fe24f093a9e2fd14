"""The structures' front door, `/s`."""

from flask import Blueprint
from flask_babel import gettext as _

from entrepairs.web.access import openable
from entrepairs.web.shell import NavItem

bp = Blueprint("partners", __name__, url_prefix="/s")

PAGES: tuple[str, ...] = (
    "home",
    "demandes",
    "nouvelle_demande",
    "besoin",
    "horaires",
    "contrats",
    "factures",
    "equipe",
    "lieux",
    "services_faits",
)
"""Page modules of this folder, imported by `entrepairs.web.init_web`."""


@bp.context_processor
def _nav() -> dict[str, object]:
    return {
        "nav": openable(
            [
                NavItem("partners.home", _("Home"), "house"),
                NavItem("partners.demands", _("Demands"), "chat-square-text"),
                NavItem("partners.contracts", _("Quotes and agreements"), "file-earmark-text"),
                NavItem("partners.invoices", _("Invoices"), "receipt"),
                NavItem("partners.team", _("Team"), "people"),
            ]
        )
    }
