"""Forms already sent: the row that says so is written with what the form did, so that sending it again does nothing.

The web edge makes the digests and calls `claim` as the first statement of the transaction: a second sending waits
there for the first one's end, before it takes any other lock. Real time.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.identity.models import SentForm
from entrepairs.kernel.clock import Clock

TWIN_WITHIN: Final = timedelta(minutes=10)
"""The same content sent twice running from two openings of a page, so close, is one gesture."""
KEPT: Final = timedelta(days=30)
"""Longer than any page stays open: a form's own token lasts half a day."""


def claim(connection: Connection, digest: str, *, twin: str | None, account_id: int | None) -> bool:
    """Write the form's row; False when it was sent before. Waits for a sending under way to commit or to give up."""
    wanted = (
        insert(SentForm)
        .values(digest=digest, twin=twin, account_id=account_id, at=datetime.now(UTC))
        .on_conflict_do_nothing(index_elements=["digest"])
        .returning(SentForm.id)
    )
    return connection.execute(wanted).first() is not None


def find_sent(session: Session, digest: str) -> SentForm | None:
    """The form of a digest, read afresh."""
    wanted = select(SentForm).where(SentForm.digest == digest).execution_options(populate_existing=True)
    return session.scalars(wanted).one_or_none()


def twin_just_sent(session: Session, account_id: int, twin: str) -> SentForm | None:
    """The person's latest form, when it said exactly the same a few minutes ago."""
    latest = session.scalars(
        select(SentForm).where(SentForm.account_id == account_id).order_by(SentForm.id.desc()).limit(1)
    ).one_or_none()
    if latest is None or latest.twin != twin or latest.at < datetime.now(UTC) - TWIN_WITHIN:
        return None
    return latest


def keep_answer(session: Session, digest: str, location: str) -> None:
    """Where the answer led."""
    session.execute(update(SentForm).where(SentForm.digest == digest).values(location=location))


def forget_sent_forms(session: Session, *, clock: Clock) -> int:
    """Recurring job: forms nobody can send again. Returns how many were forgotten. `clock` is not used: real time."""
    gone = session.execute(delete(SentForm).where(SentForm.at < datetime.now(UTC) - KEPT).returning(SentForm.id))
    return len(gone.all())
