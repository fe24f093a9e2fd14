"""Who may act for a structure: inviting a colleague, changing what they may do, taking them out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.identity.accounts import create_account, find_account
from entrepairs.identity.mails import send_invitation
from entrepairs.identity.models import Account
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.messages.queueing import queue_mail
from entrepairs.network.emails import parse_email
from entrepairs.network.finding import find_partner
from entrepairs.network.models import MemberRole, Partner, PartnerMember
from entrepairs.network.partners import PUBLIC_PAYERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What a member may do. `delegation` is the reference of the act that lets a signatory commit the structure."""

    roles: frozenset[MemberRole]
    function: str = ""
    delegation: str | None = None
    delegation_since: date | None = None


NO_ROLE: Final = N_("Please choose at least one thing this person may do.")


def invite_member(
    session: Session, partner_ref: str, *, email: str, name: str, rights: Rights, clock: Clock, actor: Actor
) -> Account:
    """Give a person rights in the structure; a new person receives a link to choose a password.

    Somebody who has an account already (a peer, a member of another structure) keeps it and is told by mail.
    Raises NotFound, InvalidInput("email", "name_missing", "role_missing", "delegation_missing"), Conflict("member_known").
    """
    partner = find_partner(session, partner_ref, lock=True)
    address = parse_email(email, field="email")
    _ensure_rights(partner, rights)
    account = find_account(session, address)
    if account is None:
        if not name.strip():
            raise InvalidInput("name_missing", N_("Please give the name of this person."), field="name")
        account = create_account(session, email=address, name=name, actor=actor, clock=clock)
        send_invitation(session, account, clock=clock, dedup=partner.ref)
    elif _rows(session, partner, account):
        raise Conflict(
            "member_known", N_("%(name)s is already in the team of this structure."), field="email", name=account.name
        )
    else:
        _tell(session, partner, account, clock=clock)
    _write(session, partner, account, rights)
    record(
        session, "partner.invite_member", "partner", partner.ref, actor=actor, clock=clock,
        account=account.ref, roles=sorted(rights.roles),
    )  # fmt: skip
    return account


def change_member(
    session: Session, partner_ref: str, account_ref: str, rights: Rights, *, clock: Clock, actor: Actor
) -> None:
    """Replace what a member may do. Holds from their next page, open sessions included.

    Raises NotFound, InvalidInput, Conflict("last_admin").
    """
    partner = find_partner(session, partner_ref, lock=True)
    _ensure_rights(partner, rights)
    account, rows = _member(session, partner, account_ref)
    if MemberRole.ADMIN not in rights.roles:
        _ensure_admin_left(session, partner, account)
    for row in rows:
        if row.role not in rights.roles:
            session.delete(row)
    session.flush()
    _write(session, partner, account, rights)
    record(
        session, "partner.change_member", "partner", partner.ref, actor=actor, clock=clock,
        account=account_ref, roles=sorted(rights.roles),
    )  # fmt: skip


def remove_member(session: Session, partner_ref: str, account_ref: str, *, clock: Clock, actor: Actor) -> None:
    """Take a person out of the structure; their account stays theirs. Holds from their next page.

    Raises NotFound, Conflict("last_admin").
    """
    partner = find_partner(session, partner_ref, lock=True)
    account, rows = _member(session, partner, account_ref)
    _ensure_admin_left(session, partner, account)
    for row in rows:
        session.delete(row)
    session.flush()
    session.expire(partner, ["members"])
    record(session, "partner.remove_member", "partner", partner.ref, actor=actor, clock=clock, account=account_ref)


def delegation_needed(partner: Partner, roles: Collection[MemberRole]) -> bool:
    """A signatory of a public body holds a named delegation (CSP D6143-33 for hospitals, CGCT L2122-18 for towns)."""
    return MemberRole.SIGNATORY in roles and partner.payer_kind in PUBLIC_PAYERS


def _ensure_rights(partner: Partner, rights: Rights) -> None:
    if not rights.roles:
        raise InvalidInput("role_missing", NO_ROLE, field="roles")
    if delegation_needed(partner, rights.roles) and not (rights.delegation or "").strip():
        raise InvalidInput(
            "delegation_missing",
            N_("Who signs for a public body holds a delegation: please give its reference, such as « DEC-2026-14 »."),
            field="delegation",
        )


def _member(session: Session, partner: Partner, account_ref: str) -> tuple[Account, list[PartnerMember]]:
    account = session.scalar(select(Account).where(Account.ref == account_ref))
    rows = _rows(session, partner, account) if account else []
    if account is None or not rows:
        raise NotFound("member", N_("This person is not in the team of this structure."))
    return account, rows


def _rows(session: Session, partner: Partner, account: Account) -> list[PartnerMember]:
    statement = select(PartnerMember).where(
        PartnerMember.partner_id == partner.id, PartnerMember.account_id == account.id
    )
    return list(session.scalars(statement).unique())


def _ensure_admin_left(session: Session, partner: Partner, leaving: Account) -> None:
    """The partner's row is locked, so that two administrators can't take each other out at the same instant."""
    statement = select(PartnerMember.account_id).where(
        PartnerMember.partner_id == partner.id, PartnerMember.role == MemberRole.ADMIN
    )
    admins = set(session.scalars(statement))
    if admins == {leaving.id}:
        raise Conflict(
            "last_admin",
            N_("%(name)s is the only one who manages this team. Give this right to a colleague first."),
            name=leaving.name,
        )


def _write(session: Session, partner: Partner, account: Account, rights: Rights) -> None:
    held = {row.role: row for row in _rows(session, partner, account)}
    for role in _ordered(rights.roles):
        signs = role is MemberRole.SIGNATORY
        row = held.get(role) or PartnerMember(partner_id=partner.id, account_id=account.id, role=role)
        row.function = rights.function.strip()
        row.delegation = (rights.delegation or "").strip() or None if signs else None
        row.delegation_since = rights.delegation_since if signs else None
        session.add(row)
    session.flush()
    session.expire(partner, ["members"])


def _ordered(roles: Iterable[MemberRole]) -> list[MemberRole]:
    return [role for role in MemberRole if role in set(roles)]


def _tell(session: Session, partner: Partner, account: Account, *, clock: Clock) -> None:
    queue_mail(
        session,
        "network.member_added",
        to_ref=account.ref,
        address=account.email,
        subject_kind="partner",
        subject_ref=partner.ref,
        clock=clock,
        dedup=f"member_added:{partner.ref}:{account.ref}:{clock.today().isoformat()}",
    )
