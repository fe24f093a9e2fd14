"""The peers' front door, `/p`: phone first."""

from flask import Blueprint
from flask_babel import gettext as _

from entrepairs.web.access import openable
from entrepairs.web.shell import NavItem

bp = Blueprint("peers", __name__, url_prefix="/p")

PAGES: tuple[str, ...] = (
    "moi",
    "disponibilites",
    "absences",
    "lieux",
    "collegues",
    "competences",
    "propositions",
    "horaires",
    "aujourdhui",
    "sur_place",
    "agenda",
    "mes_heures",
    "mon_compte",
    "missions",
    "comptes_rendus",
)
"""Page modules of this folder, imported by `entrepairs.web.init_web`."""


@bp.context_processor
def _nav() -> dict[str, object]:
    return {
        "nav": openable(
            [
                NavItem("peers.home", _("Today"), "house"),
                NavItem("peers.offers", _("Proposals"), "envelope"),
                NavItem("peers.diary", _("Diary"), "calendar3"),
                NavItem("peers.me", _("Me"), "person"),
            ]
        )
    }
