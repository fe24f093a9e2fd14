"""The letters of the network."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.identity.models import Account
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.i18n import say
from entrepairs.messages.content import Links, MailContent
from entrepairs.messages.models import Message
from entrepairs.network.models import Partner, PartnerMember


def member_added(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """Builder of `network.member_added`: somebody who had an account may now act for a structure."""
    account = session.scalar(select(Account).where(Account.ref == message.to_ref))
    partner = session.scalar(select(Partner).where(Partner.ref == message.subject_ref))
    if account is None or partner is None or account.disabled_at is not None:
        return None
    still = select(PartnerMember.id).where(
        PartnerMember.partner_id == partner.id, PartnerMember.account_id == account.id
    )
    if session.scalar(still.limit(1)) is None:
        return None
    return MailContent(
        subject=say("You have joined a team on Entrepairs"),
        name=account.name,
        paragraphs=(
            say("%(structure)s has added you to its team.", structure=partner.name),
            say("You log in as before, with this e-mail address."),
        ),
        action=(say("Open my pages"), links.page("/s/")),
        note=say("If this surprises you, answer this e-mail: we will look into it together."),
    )
