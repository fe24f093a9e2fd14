"""The letters of identity: the login link, the invitation, the password."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.identity.models import Account, TokenPurpose
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.i18n import say
from entrepairs.messages.content import Links, MailContent
from entrepairs.messages.models import Message
from entrepairs.messages.queueing import queue_mail


def send_login_link(session: Session, account: Account, *, clock: Clock, dedup: str) -> None:
    """Queue the mail that lets its owner in without password."""
    _queue(session, "identity.login_link", account, clock=clock, dedup=f"login:{account.ref}:{dedup}")


def send_invitation(session: Session, account: Account, *, clock: Clock, dedup: str) -> None:
    """Queue the mail that welcomes a new account and lets its owner choose a password."""
    _queue(session, "identity.invitation", account, clock=clock, dedup=f"invitation:{account.ref}:{dedup}")


def _queue(session: Session, kind: str, account: Account, *, clock: Clock, dedup: str) -> None:
    queue_mail(
        session,
        kind,
        to_ref=account.ref,
        address=account.email,
        subject_kind="account",
        subject_ref=account.ref,
        clock=clock,
        dedup=dedup,
    )


def login_link(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """Builder of `identity.login_link`."""
    account = _account(session, message)
    if account is None:
        return None
    url = links.action(TokenPurpose.LOGIN, account.ref, "/connexion/lien/{token}", account_id=account.id, days=1)
    return MailContent(
        subject=say("Your link to log in"),
        name=account.name,
        paragraphs=(
            say("You asked for a link to log in. It works once, until tomorrow."),
            say("If it was not you, there is nothing to do: nobody enters without this e-mail."),
        ),
        action=(say("Log in"), url),
    )


def invitation(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """Builder of `identity.invitation`."""
    account = _account(session, message)
    if account is None:
        return None
    url = links.action(TokenPurpose.SET_PASSWORD, account.ref, "/mot-de-passe/{token}", account_id=account.id, days=14)
    return MailContent(
        subject=say("Your access to Entrepairs"),
        name=account.name,
        paragraphs=(
            say("An access has been opened for you on Entrepairs."),
            say("Choose a password, or simply ask for a link by e-mail each time you log in."),
        ),
        action=(say("Choose my password"), url),
    )


def _account(session: Session, message: Message) -> Account | None:
    account = session.scalars(select(Account).where(Account.ref == message.subject_ref)).one_or_none()
    return None if account is None or account.disabled_at is not None else account
