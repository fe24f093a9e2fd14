"""The peer who is logged in."""

from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.network.models import Peer
from entrepairs.web.context import viewer


def acting_peer() -> Peer:
    """The peer of the request. Call it behind `Permission.PEER`. Raises NotFound."""
    peer = viewer().peer
    if peer is None:
        raise NotFound("page", N_("This page does not exist, or is not for you."))
    return peer
