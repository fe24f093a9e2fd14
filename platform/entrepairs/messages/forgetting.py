"""The address of a mail that left long ago is erased: what it was about, to whom by reference, and when, stays."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from entrepairs.kernel.clock import Clock
from entrepairs.kernel.parameters import figures
from entrepairs.messages.models import Message, MessageState

ADDRESS_DAYS: Final = "retention.mail_address_days"
OVER: Final = (MessageState.SENT, MessageState.WITHDRAWN)
"""What failed or is in doubt keeps its address: it may have to leave again."""
MOST: Final = 20_000


def forget_addresses(session: Session, *, clock: Clock) -> int:
    """Recurring job: erase the addresses of mails over for `retention.mail_address_days`; gives how many."""
    before = clock.now() - timedelta(days=figures().whole(ADDRESS_DAYS, clock.today()))
    old = (
        select(Message.id)
        .where(Message.state.in_(OVER), Message.created_at < before, Message.address != "")
        .order_by(Message.created_at)
        .limit(MOST)
    )
    gone = session.scalars(
        update(Message)
        .where(Message.id.in_(old))
        .values(address="", last_error=None)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())
