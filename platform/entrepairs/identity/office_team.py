"""Who works for the association: inviting, giving and taking back roles, closing and reopening an account."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.db import locked
from entrepairs.identity.accounts import create_account, disable_account, find_account, grant_office_role
from entrepairs.identity.mails import send_invitation
from entrepairs.identity.models import Account, OfficeRole, OfficeRoleKind, WebSession
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_


def office_accounts(session: Session) -> Sequence[Account]:
    """Everybody with a role in the association, those at work first, by name."""
    return session.scalars(
        select(Account)
        .where(Account.office_roles.any())
        .order_by(Account.disabled_at.is_not(None), func.lower(Account.name), Account.id)
    ).all()


def last_seen(session: Session, accounts: Iterable[Account]) -> dict[int, datetime]:
    """The last click of each account, by id; real time."""
    ids = [account.id for account in accounts]
    rows = session.execute(
        select(WebSession.account_id, func.max(WebSession.seen_at))
        .where(WebSession.account_id.in_(ids))
        .group_by(WebSession.account_id)
    )
    return {row[0]: row[1] for row in rows}


def office_account(session: Session, ref: str) -> Account:
    """A person of the association. Raises NotFound for anybody else."""
    account = session.scalars(select(Account).where(Account.ref == ref, Account.office_roles.any())).one_or_none()
    if account is None:
        raise NotFound("account", N_("This account does not exist."))
    return account


def invite_colleague(
    session: Session, *, email: str, name: str, roles: Iterable[OfficeRoleKind], actor: Actor, clock: Clock
) -> Account:
    """Open an access and write to the person; somebody known already receives the roles and no letter.

    Raises InvalidInput("roles_missing"), Conflict("account_closed").
    """
    wanted = list(roles)
    if not wanted:
        raise InvalidInput("roles_missing", N_("Choose at least one role."), field="roles")
    account = find_account(session, email)
    if account is not None and account.disabled_at is not None:
        raise Conflict("account_closed", N_("This person's account is closed: open it again first."), field="email")
    if account is None:
        account = create_account(session, email=email, name=name, actor=actor, clock=clock)
        send_invitation(session, account, clock=clock, dedup="first")
    for role in wanted:
        grant_office_role(session, account, role, actor=actor, clock=clock)
    return account


def set_office_roles(
    session: Session, ref: str, roles: Iterable[OfficeRoleKind], *, actor: Actor, clock: Clock
) -> Account:
    """Give exactly these roles. Raises NotFound, InvalidInput("roles_missing"), Conflict("last_admin")."""
    wanted = set(roles)
    if not wanted:
        raise InvalidInput("roles_missing", N_("Choose at least one role."), field="roles")
    account = _account_for_update(session, ref)
    if OfficeRoleKind.ADMIN not in wanted:
        _ensure_another_admin(session, account)
    for row in [row for row in account.office_roles if row.role not in wanted]:
        account.office_roles.remove(row)
        session.delete(row)
        record(session, "account.revoke_office_role", "account", ref, actor=actor, clock=clock, role=row.role)
    session.flush()
    for role in sorted(wanted):
        grant_office_role(session, account, role, actor=actor, clock=clock)
    return account


def close_account(session: Session, ref: str, *, actor: Actor, clock: Clock) -> Account:
    """Close a colleague's access; their sessions end at once. Raises NotFound, Conflict("last_admin")."""
    account = _account_for_update(session, ref)
    _ensure_another_admin(session, account)
    return disable_account(session, ref, actor=actor, clock=clock)


def reopen_account(session: Session, ref: str, *, actor: Actor, clock: Clock) -> Account:
    """Let a colleague in again, with the roles they had. Raises NotFound."""
    account = _account_for_update(session, ref)
    if account.disabled_at is not None:
        account.disabled_at = None
        record(session, "account.enable", "account", ref, actor=actor, clock=clock)
    return account


def _account_for_update(session: Session, ref: str) -> Account:
    # Every admin's row is locked first: two admins who close each other's access are served in turn.
    session.scalars(
        select(Account.id)
        .join(OfficeRole)
        .where(OfficeRole.role == OfficeRoleKind.ADMIN)
        .order_by(Account.id)
        .with_for_update(of=Account)
    ).all()
    account = locked(session, select(Account).where(Account.ref == ref, Account.office_roles.any()))
    if account is None:
        raise NotFound("account", N_("This account does not exist."))
    return account


def _ensure_another_admin(session: Session, account: Account) -> None:
    if not any(row.role is OfficeRoleKind.ADMIN for row in account.office_roles):
        return
    others = session.scalar(
        select(func.count())
        .select_from(OfficeRole)
        .join(Account)
        .where(OfficeRole.role == OfficeRoleKind.ADMIN, Account.disabled_at.is_(None), Account.id != account.id)
    )
    if not others:
        raise Conflict(
            "last_admin", N_("This person is the only one who governs: give the role to somebody else first.")
        )
