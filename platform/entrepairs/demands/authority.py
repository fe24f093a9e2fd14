"""Who may commit a partner: whoever holds a named delegation of signature. The others send « pour accord »."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.identity.models import Account
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.network.models import MemberRole, PartnerMember


def signatories(session: Session, partner_id: int) -> Sequence[PartnerMember]:
    """The members who may sign, with the reference of their delegation and since when, by name."""
    return session.scalars(
        select(PartnerMember)
        .join(PartnerMember.account)
        .where(
            PartnerMember.partner_id == partner_id,
            PartnerMember.role == MemberRole.SIGNATORY,
            Account.disabled_at.is_(None),
        )
        .order_by(Account.name)
    ).all()


def may_commit(session: Session, partner_id: int, account_id: int) -> bool:
    """Whether this member sends alone: they sign, or the partner has named nobody who signs (the quote is then signed)."""
    named = signatories(session, partner_id)
    return not named or any(member.account_id == account_id for member in named)


def signatory_named(session: Session, partner_id: int, account_ref: str) -> PartnerMember:
    """The signatory chosen in the form. Raises InvalidInput("signatory_unknown")."""
    chosen = next((one for one in signatories(session, partner_id) if one.account.ref == account_ref), None)
    if chosen is None:
        raise InvalidInput("signatory_unknown", N_("Choose who gives the agreement."), field="signatory")
    return chosen
