"""The association's front door, `/a`."""

from flask import Blueprint
from flask_babel import gettext as _

from entrepairs.web.access import openable
from entrepairs.web.shell import NavItem

bp = Blueprint("office", __name__, url_prefix="/a")

PAGES: tuple[str, ...] = (
    "courriers",
    "demandes",
    "demandes_actions",
    "appels",
    "catalogue",
    "devis",
    "contrats",
    "facturation",
    "facturation_suites",
    "facturation_corrections",
    "facturation_acomptes",
    "facturation_brouillon",
    "envois",
    "mois",
    "releves",
    "stripe",
    "relances",
    "suivi_paiement",
    "prevision",
    "paiements",
    "ledger",
    "ledger_entries",
    "ledger_closing",
    "equipe",
    "formations",
    "supervision",
    "structures",
    "imports",
    "appariement",
    "horaires",
    "elargir",
    "poids",
    "planification",
    "missions",
    "accueil",
    "pilotage",
    "equite",
    "subventions",
    "financement",
    "decisions",
    "association",
    "utilisateurs",
    "taches",
)
"""Page modules of this folder, imported by `entrepairs.web.init_web`."""


@bp.context_processor
def _nav() -> dict[str, object]:
    return {
        "nav": openable(
            [
                NavItem("office.home", _("Home"), "house"),
                NavItem("office.demands", _("Demands"), "chat-square-text"),
                NavItem("office.missions", _("Missions"), "calendar-check"),
                NavItem("office.peers", _("Team"), "people"),
                NavItem("office.partners", _("Structures"), "building"),
                NavItem("office.catalogue", _("Catalogue"), "journal-text"),
                NavItem("office.billing", _("Billing"), "receipt"),
                NavItem("office.steering", _("Steering"), "graph-up"),
            ]
        )
    }
