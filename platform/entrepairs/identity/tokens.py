"""Single-use rights behind mail links. Reading a link changes nothing; a POST uses it. Real time."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from entrepairs.db import locked
from entrepairs.identity.models import ActionToken, TokenPurpose
from entrepairs.identity.secrets import hash_of, new_secret
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_

TO_ENTER: Final = frozenset({TokenPurpose.LOGIN, TokenPurpose.SET_PASSWORD})
USED_TO_ENTER: Final = N_("This link works once, and it has been used. Log in, or ask for a new one.")
USED_TO_ANSWER: Final = N_("This link has been used already: your answer is noted.")


def mint(
    session: Session,
    purpose: TokenPurpose,
    subject_ref: str,
    *,
    days: int,
    account_id: int | None = None,
    message_ref: str | None = None,
) -> str:
    """A fresh token; returns the secret, which only the mail will hold."""
    secret, now = new_secret(), datetime.now(UTC)
    session.add(
        ActionToken(
            purpose=purpose,
            subject_ref=subject_ref,
            account_id=account_id,
            hash=hash_of(secret),
            message_ref=message_ref,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    session.flush()
    return secret


def peek_token(session: Session, purpose: TokenPurpose, secret: str) -> ActionToken:
    """The live token of a link, for showing the page.

    Raises NotFound("link_unknown"), Conflict("link_used"), Conflict("link_expired").
    """
    return _live(session.scalars(_of(purpose, secret)).one_or_none())


def use_token(session: Session, purpose: TokenPurpose, secret: str) -> ActionToken:
    """Use the token, under its lock: of two clicks, one uses it. Raises as `peek_token`."""
    token = _live(locked(session, _of(purpose, secret)))
    token.used_at = datetime.now(UTC)
    return token


def revoke_tokens_of(session: Session, message_ref: str) -> None:
    """The mail leaves again: the rights of the earlier copy end."""
    session.execute(
        update(ActionToken)
        .where(ActionToken.message_ref == message_ref, ActionToken.used_at.is_(None), ActionToken.revoked_at.is_(None))
        .values(revoked_at=datetime.now(UTC))
    )


def _of(purpose: TokenPurpose, secret: str) -> Select[ActionToken]:
    return select(ActionToken).where(ActionToken.hash == hash_of(secret), ActionToken.purpose == purpose)


def _live(token: ActionToken | None) -> ActionToken:
    if token is None or token.revoked_at is not None:
        raise NotFound(
            "link_unknown", N_("This link is not valid. The latest e-mail on the subject has the right one.")
        )
    if token.used_at is not None:
        raise Conflict("link_used", USED_TO_ENTER if token.purpose in TO_ENTER else USED_TO_ANSWER)
    if token.expires_at <= datetime.now(UTC):
        raise Conflict("link_expired", N_("This link is too old. Log in, or ask for a new one."))
    return token
