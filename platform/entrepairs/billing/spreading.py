"""For whom and what a line is counted in the analytic accounts: the offering, the territory, the peers who did it.

A line is one session for who pays, and may be two people's work: its axis `peer` carries the cents of each, which add
up to the line. The session's price pays their presence together, so each counts for the same; the cents that do not
divide go one by one in the order of references. A code is the peer's reference: the name stays in the network's room.
Nobody did what was cancelled, asked ahead (a deposit) or owed for being late: those lines have no peer.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.models import InvoiceLine
from entrepairs.demands.models import Booking, Demand
from entrepairs.kernel.money import Money
from entrepairs.network.models import Peer

OFFERING_AXIS: Final = "offering"
TERRITORY_AXIS: Final = "territory"
PEER_AXIS: Final = "peer"


def allotted(amount: Money, weights: Mapping[str, int]) -> dict[str, Money]:
    """An amount shared in proportion to weights (not negative, one at least above zero), to the cent.

    Each gets the whole cents of its part; those left go one by one to the largest remainders, then in the order of the
    names. Nobody gets more than its part rounded up, so that sharing what is left of given parts never goes beyond them.
    """
    size, total = abs(amount.cents), sum(weights.values())
    parts = {name: divmod(size * weight, total) for name, weight in weights.items()}
    left = size - sum(whole for whole, _ in parts.values())
    first = sorted(parts, key=lambda name: (-parts[name][1], name))[:left]
    sign = -1 if amount.cents < 0 else 1
    return {name: Money(sign * (parts[name][0] + (name in first))) for name in sorted(parts)}


def axes_of(demand: Demand, net: Money, peers: Collection[str] = ()) -> dict[str, Any]:
    """What a line of a demand is counted for; `peers` are the references of those who came."""
    axes: dict[str, Any] = {OFFERING_AXIS: demand.offering.code}
    commune = demand.site.commune if demand.site else demand.commune
    if commune is not None:
        axes[TERRITORY_AXIS] = commune.departement
    if peers:
        axes[PEER_AXIS] = _in_equal_parts(net, peers)
    return axes


def axes_again(axes: Mapping[str, Any], net: Money) -> dict[str, Any]:
    """The axes of a draft's line whose amount has changed: its peers share what it is now."""
    peers = axes.get(PEER_AXIS)
    return {**axes, PEER_AXIS: _in_equal_parts(net, peers)} if peers else dict(axes)


def _in_equal_parts(net: Money, peers: Collection[str]) -> dict[str, int]:
    return {ref: part.cents for ref, part in allotted(net, dict.fromkeys(peers, 1)).items()}


def who_came(session: Session, session_ids: Collection[int]) -> dict[int, list[str]]:
    """The references of the peers who hold each session: whoever gave their place is no longer among them."""
    found: dict[int, list[str]] = {}
    rows = session.execute(
        select(Booking.session_id, Peer.ref)
        .join(Peer, Peer.id == Booking.peer_id)
        .where(Booking.session_id.in_(session_ids), Booking.active)
        .order_by(Peer.ref)
    )
    for session_id, ref in rows:
        found.setdefault(session_id, []).append(ref)
    return found


def spread(line: InvoiceLine) -> Iterator[tuple[dict[str, str], Money]]:
    """What the ledger writes of a line: its codes by axis and its amount, once by peer."""
    codes = {axis: code for axis, code in line.axes.items() if axis != PEER_AXIS}
    peers: dict[str, int] = line.axes.get(PEER_AXIS) or {}
    if not peers:
        yield codes, Money(line.net)
    for ref, cents in sorted(peers.items()):
        yield {**codes, PEER_AXIS: ref}, Money(cents)


def peers_left(session: Session, lines: Collection[InvoiceLine]) -> dict[int, dict[str, int]]:
    """What credit notes, those that wait included, have left of each peer's part, by line; the lines that have none aside."""
    left: dict[int, dict[str, int]] = {
        line.id: dict(line.axes[PEER_AXIS]) for line in lines if line.axes.get(PEER_AXIS)
    }
    for taken in session.scalars(select(InvoiceLine).where(InvoiceLine.credited_id.in_(left))) if left else ():
        for ref, cents in taken.axes.get(PEER_AXIS, {}).items():
            left[taken.credited_id or 0][ref] -= cents
    return left


def axes_taken(line: InvoiceLine, net: Money, left: Mapping[str, int]) -> dict[str, Any]:
    """The axes of what a credit note takes back of a line: of each peer, in proportion to what is `left` of its part.

    Taken back piece by piece, a line ends at nothing for each of them.
    """
    if not any(left.values()):
        return dict(line.axes)
    parts = allotted(net, left)
    return {**line.axes, PEER_AXIS: {ref: part.cents for ref, part in parts.items()}}
