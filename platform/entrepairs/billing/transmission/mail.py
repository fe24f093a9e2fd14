"""Mail as a channel: the letter is queued with the invoice attached, and its own state says what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.transmission.carriers import Heard, News, Own, Parcel, Piece, Receipt, Refused
from entrepairs.billing.transmission.channels import Channel
from entrepairs.billing.transmission.codes import LifeCode
from entrepairs.kernel.clock import Clock
from entrepairs.messages.models import Message, MessageState
from entrepairs.messages.queueing import queue_mail

CODES = {
    MessageState.SENT: LifeCode.ISSUED,
    MessageState.FAILED: LifeCode.ROUTING_ERROR,
}
"""What a letter's state says of the invoice; a letter nobody knows the end of says nothing."""


@dataclass
class Mail:
    """The port in the transaction of the caller: nothing leaves before its commit, and then through the outbox."""

    session: Session
    clock: Clock
    subject_ref: str
    """Reference of the invoice."""
    to_ref: str
    channel: Channel = Channel.EMAIL
    settles: timedelta = timedelta(0)

    def deposit(self, parcel: Parcel) -> Receipt:
        """Queue the letter, once by sending."""
        found = self.find(parcel)
        if found is not None:
            return found
        message = queue_mail(
            self.session,
            "billing.invoice",
            to_ref=self.to_ref,
            address=parcel.recipient.email,
            subject_kind="invoice",
            subject_ref=self.subject_ref,
            clock=self.clock,
            dedup=f"invoice:{parcel.ref}",
        )
        if message is None:
            raise Refused("queued already")
        return Receipt(message.ref)

    def find(self, parcel: Parcel) -> Receipt | None:
        """The unique key of the letter already keeps it from being queued twice."""
        return None

    def hear(self, receipt: Receipt, parcel: Parcel) -> Heard:
        """Whether the letter left."""
        row = self.session.scalars(select(Message).where(Message.ref == receipt.remote_ref)).one_or_none()
        code = CODES.get(row.state) if row is not None else None
        if row is None or code is None:
            return Heard(receipt)
        news = News(f"{row.ref}:{row.state}", int(code), row.sent_at, text=row.last_error or "")
        return Heard(receipt, (news,))

    def recycle(self, receipt: Receipt, parcel: Parcel) -> Receipt:
        """A letter to the mended address."""
        return self.deposit(parcel)

    def complete(self, receipt: Receipt, pieces: Sequence[Piece], comment: str) -> None:
        """Nobody suspends a letter."""
        raise Refused("a letter is never suspended")

    def tell(self, receipt: Receipt, own: Own) -> None:
        """Nothing is told by mail."""
