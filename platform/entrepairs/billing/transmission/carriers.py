"""The port: what every channel can be asked, as values. Adapters stand behind it; nothing of theirs leaves them.

A call either succeeds, is refused (`Refused`: the other end said no, and why), surely did not arrive (`NotReached`), or is
in doubt (`InDoubt`: it may have arrived, its answer was lost). After a doubt, one asks (`find`) before sending again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol

from entrepairs.billing.transmission.channels import Channel, Recipient
from entrepairs.kernel.errors import Conflict, Unavailable
from entrepairs.kernel.i18n import N_

LONGEST_SAID: Final = 500
"""Characters kept of what the other end says."""


class NotReached(Unavailable):
    """The other end was surely not reached, or surely did nothing: to be tried again."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "carrier_unavailable",
            N_("The other end does not answer for now (%(why)s). Nothing was sent twice; it is tried again by itself."),
            why=why,
        )


class InDoubt(Unavailable):
    """The call may have been done and its answer lost: the other end is asked before anything is sent again."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "carrier_in_doubt",
            N_("We do not know whether the other end received it (%(why)s): we ask before sending anything again."),
            why=why,
        )


class Refused(Conflict):
    """The other end answered no. `said` are its words."""

    def __init__(self, said: str) -> None:
        super().__init__("carrier_refused", N_("The other end refuses: %(said)s"), said=said[:LONGEST_SAID])
        self.said = said[:LONGEST_SAID]


class NotSet(Unavailable):
    """The account of this channel is not set up."""

    def __init__(self, channel: Channel) -> None:
        super().__init__("carrier_not_set", N_("The account of this channel is not set up: see the settings guide."))
        self.channel = channel


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent: the exact issued bytes and whom for. `ref` is ours, the same at each attempt."""

    ref: str
    number: str
    issued_on: date
    recipient: Recipient
    content: bytes = field(repr=False)
    filename: str
    media: str
    attempted_at: datetime | None = None
    """When a former attempt was begun, whose answer is not known."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other end gave back: the number of the deposit, and of the invoice once it has one."""

    remote_ref: str
    document_ref: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """One event as the other end tells it. `key` is its own, the same each time it is told."""

    key: str
    code: int
    at: datetime | None
    reason: str | None = None
    text: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer to « what became of it? ». `receipt` may know more than before."""

    receipt: Receipt
    news: tuple[News, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A document for a suspended invoice."""

    name: str
    media: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Own:
    """An event of ours to tell: `amounts` by VAT rate, in cents with VAT."""

    ref: str
    code: int
    at: datetime
    amounts: Sequence[Mapping[str, str | int]] = ()


class Carrier(Protocol):
    """A channel that answers. Every method may raise NotReached; those that change something, InDoubt and Refused."""

    channel: Channel
    settles: timedelta
    """After a doubt, how long the other end may take before « not found » means « never arrived »."""

    def deposit(self, parcel: Parcel) -> Receipt:
        """Send it."""
        ...

    def find(self, parcel: Parcel) -> Receipt | None:
        """What a former attempt left there; None when the other end knows nothing of it."""
        ...

    def hear(self, receipt: Receipt, parcel: Parcel) -> Heard:
        """All that was said of it so far."""
        ...

    def recycle(self, receipt: Receipt, parcel: Parcel) -> Receipt:
        """Send the same invoice again to a mended recipient."""
        ...

    def complete(self, receipt: Receipt, pieces: Sequence[Piece], comment: str) -> None:
        """Give the documents that a suspended invoice waits for."""
        ...

    def tell(self, receipt: Receipt, own: Own) -> None:
        """Tell an event of ours; twice with one `ref` is once."""
        ...
