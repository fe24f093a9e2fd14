"""Web sessions held by the server, so that they can be ended. Real time. The cookie holds the secret, the row its hash."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from entrepairs.identity.models import Account, WebSession
from entrepairs.identity.secrets import hash_of, new_secret

LONGEST: Final = timedelta(days=30)
IDLE: Final = timedelta(hours=12)
"""A ward's PC is shared: half a day without a click ends the session."""
SEEN_EVERY: Final = timedelta(minutes=5)


def open_session(session: Session, account: Account, *, user_agent: str) -> str:
    """A fresh session; returns the secret for the cookie."""
    secret, now = new_secret(), datetime.now(UTC)
    session.add(
        WebSession(
            account_id=account.id,
            token_hash=hash_of(secret),
            created_at=now,
            seen_at=now,
            user_agent=user_agent[:200],
        )
    )
    session.flush()
    return secret


def live_session(session: Session, secret: str) -> WebSession | None:
    """The session of a cookie when it is neither revoked, nor too old, nor of a disabled account."""
    row = session.scalars(select(WebSession).where(WebSession.token_hash == hash_of(secret))).one_or_none()
    now = datetime.now(UTC)
    if row is None or row.revoked_at is not None or row.account.disabled_at is not None:
        return None
    if now - row.created_at > LONGEST or now - row.seen_at > IDLE:
        return None
    return row


def note_seen(row: WebSession) -> bool:
    """Keep the last sign of life, at most every five minutes; True when it was written."""
    now = datetime.now(UTC)
    if now - row.seen_at < SEEN_EVERY:
        return False
    row.seen_at = now
    return True


def close_session(session: Session, secret: str) -> None:
    """Log out this browser."""
    session.execute(
        update(WebSession)
        .where(WebSession.token_hash == hash_of(secret), WebSession.revoked_at.is_(None))
        .values(revoked_at=datetime.now(UTC))
    )


def revoke_sessions(session: Session, account: Account, *, now: datetime) -> None:
    """Log out every browser of an account."""
    session.execute(
        update(WebSession)
        .where(WebSession.account_id == account.id, WebSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )
