"""Accounts: creating, finding, disabling; logging in by password."""

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.identity import passwords
from entrepairs.identity.models import Account, OfficeRole, OfficeRoleKind
from entrepairs.identity.sessions import revoke_sessions
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, NotAllowed, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import new_reference


def actor_of(account: Account) -> Actor:
    """The account as an actor of the trail."""
    return Actor(account.ref, account.name)


def find_account(session: Session, email: str) -> Account | None:
    """The account of an address, without case."""
    return session.scalars(select(Account).where(func.lower(Account.email) == email.strip().lower())).one_or_none()


def create_account(
    session: Session, *, email: str, name: str, password: str | None = None, actor: Actor, clock: Clock
) -> Account:
    """A new account; without password, its owner enters by a mail link. Raises Conflict("email_taken")."""
    if find_account(session, email) is not None:
        raise Conflict("email_taken", N_("Somebody already uses this e-mail address here."), field="email")
    account = Account(
        ref=new_reference("CPT"),
        email=email.strip(),
        name=name.strip(),
        password_hash=passwords.hash_password(password) if password else None,
        created_at=clock.now(),
    )
    session.add(account)
    session.flush()
    record(session, "account.create", "account", account.ref, actor=actor, clock=clock)
    return account


def grant_office_role(
    session: Session, account: Account, role: OfficeRoleKind, *, actor: Actor, clock: Clock
) -> OfficeRole:
    """Give a role in the association; idempotent."""
    existing = next((row for row in account.office_roles if row.role == role), None)
    if existing is not None:
        return existing
    row = OfficeRole(account=account, role=role)
    session.add(row)
    session.flush()
    record(session, "account.grant_office_role", "account", account.ref, actor=actor, clock=clock, role=role)
    return row


def authenticate(session: Session, email: str, password: str) -> Account:
    """The account whose password this is. Raises NotAllowed("bad_credentials"), the same for all causes."""
    account = find_account(session, email)
    right = passwords.verify(account.password_hash if account else None, password)
    if account is None or not right or account.disabled_at is not None:
        raise NotAllowed(
            "bad_credentials",
            N_("This address and this password do not go together. You can also receive a link by e-mail."),
        )
    if account.password_hash and passwords.needs_rehash(account.password_hash):
        account.password_hash = passwords.hash_password(password)
    return account


def set_password(session: Session, account: Account, password: str, *, clock: Clock) -> None:
    """Change the password; every open session of the account ends."""
    account.password_hash = passwords.hash_password(password)
    revoke_sessions(session, account, now=datetime.now(UTC))
    record(session, "account.set_password", "account", account.ref, actor=actor_of(account), clock=clock)


def disable_account(session: Session, ref: str, *, actor: Actor, clock: Clock) -> Account:
    """Close an account: its sessions end at once. Raises NotFound."""
    account = session.scalars(select(Account).where(Account.ref == ref)).one_or_none()
    if account is None:
        raise NotFound("account", N_("This account does not exist."))
    account.disabled_at = clock.now()
    revoke_sessions(session, account, now=datetime.now(UTC))
    record(session, "account.disable", "account", ref, actor=actor, clock=clock)
    return account
