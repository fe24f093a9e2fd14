"""Telling who launched a month end how it ended: done, stopped or failed."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.identity.models import Account
from entrepairs.kernel.clock import Clock
from entrepairs.messages.queueing import queue_mail
from entrepairs.outbox.models import Run

BILLED: Final = "billing.month_billed"


def tell_who_asked(session: Session, run: Run, *, clock: Clock) -> None:
    """Queue the mail of the end, once, in the transaction that ends the run; a command has nobody to write to."""
    to = session.scalars(
        select(Account).where(Account.ref == run.asked_by, Account.disabled_at.is_(None))
    ).one_or_none()
    if to is not None:
        queue_mail(
            session,
            BILLED,
            to_ref=to.ref,
            address=to.email,
            subject_kind="run",
            subject_ref=run.ref,
            clock=clock,
            dedup=f"{BILLED}:{run.ref}",
        )
