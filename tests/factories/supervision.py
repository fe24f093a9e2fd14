"""Supports that took place."""

from datetime import UTC, date, datetime
from typing import Any

from entrepairs.network.models import Peer
from entrepairs.supervision.models import Support, SupportKind


def a_support(peer: Peer, held_on: date, **given: Any) -> Support:
    """A supervision of that day."""
    values = {
        "peer_id": peer.id,
        "kind": SupportKind.SUPERVISION,
        "held_on": held_on,
        "recorded_by": "La coordination",
        "recorded_at": datetime(2027, 1, 1, tzinfo=UTC),
    }
    return Support(**(values | given))
