"""The structure the logged-in person acts for, and what it may see."""

from entrepairs.demands.scopes import Scope
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.network.models import Partner
from entrepairs.web.context import viewer


def acting_partner() -> Partner:
    """The structure of the request. Call it behind a permission of this door. Raises NotFound."""
    partner = viewer().partner
    if partner is None:
        raise NotFound("page", N_("This page does not exist, or is not for you."))
    return partner


def own_scope() -> Scope:
    """What the person may see of demands: their structure's."""
    return Scope(acting_partner().id)
