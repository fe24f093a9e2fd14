"""The channel of a structure: its default for what it is, or what the office set; read and written here."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.models import Invoice
from entrepairs.billing.transmission import approved_platform, chorus_pro
from entrepairs.billing.transmission.carriers import Carrier
from entrepairs.billing.transmission.channels import (
    CHOICES,
    Accounts,
    Channel,
    Missing,
    Recipient,
    Route,
    Wanted,
    missing_for,
    route_for,
)
from entrepairs.billing.transmission.models import PayerChannel, Transmission
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.parameters import figures
from entrepairs.network.models import MemberRole, Partner
from entrepairs.settings.decisions import decision_or

PUBLIC_CHANNEL: Final = "governance.chorus_channel"
"""Decision: `direct` to Chorus Pro, or `platform`."""


def accounts_of(config: Mapping[str, Any]) -> Accounts:
    """Which outside accounts are set up."""
    return Accounts(
        chorus=not chorus_pro.missing_settings(config), platform=not approved_platform.missing_settings(config)
    )


def carrier_of(channel: Channel, config: Mapping[str, Any]) -> Carrier:
    """The adapter of a channel that answers. Raises NotSet."""
    if channel is Channel.PLATFORM:
        return approved_platform.ApprovedPlatform.of(config)
    return chorus_pro.ChorusPro.of(config)


def chosen_channel(session: Session, partner: Partner) -> PayerChannel | None:
    """What the office set for a structure."""
    return session.scalars(select(PayerChannel).where(PayerChannel.partner_id == partner.id)).one_or_none()


def route_of(session: Session, partner: Partner, accounts: Accounts, clock: Clock) -> Route:
    """How the invoices of a structure leave today, and why."""
    chosen = chosen_channel(session, partner)
    today = clock.today()
    by_platform = decision_or(session, PUBLIC_CHANNEL, today, "direct") == "platform"
    return route_for(
        partner.payer_kind,
        chosen.channel if chosen else None,
        accounts,
        figures(),
        today,
        public_by_platform=by_platform,
    )


def set_channel(session: Session, partner: Partner, channel: Channel | None, *, clock: Clock, actor: Actor) -> None:
    """Set the channel of a structure; None gives the default back. Raises InvalidInput("channel_unknown")."""
    known = chosen_channel(session, partner)
    if channel is not None and channel not in CHOICES:
        raise InvalidInput("channel_unknown", N_("Choose one of these channels."), field="channel")
    if channel is None:
        if known is not None:
            session.delete(known)
    elif known is None:
        session.add(PayerChannel(partner_id=partner.id, channel=channel, set_at=clock.now(), set_by=actor.label))
    else:
        known.channel, known.set_at, known.set_by = channel, clock.now(), actor.label
    record(
        session,
        "partner.invoice_channel",
        "partner",
        partner.ref,
        actor=actor,
        clock=clock,
        channel=channel or "default",
    )
    session.flush()


def recipient_of(invoice: Invoice, sending: Transmission | None = None) -> Recipient:
    """Whom a sending is for: what was mended for it, else what the invoice froze."""
    buyer = invoice.buyer
    return Recipient(
        siret=(sending and sending.siret) or buyer["siret"] or "",
        service_code=(sending and sending.service_code) or invoice.service_code or "",
        engagement=(sending and sending.engagement) or invoice.engagement or "",
        electronic_address=(sending and sending.electronic_address) or buyer.get("electronic_address") or "",
        email=billing_address(invoice.partner) or "",
    )


def missing_of(invoice: Invoice, channel: Channel, sending: Transmission | None = None) -> tuple[Missing, ...]:
    """What must be given before this invoice can leave; the structure's wishes are those of today."""
    wanted = Wanted(service=invoice.partner.requires_service_code, engagement=invoice.partner.requires_engagement)
    return missing_for(channel, recipient_of(invoice, sending), wanted)


def billing_address(partner: Partner) -> str | None:
    """Its billing address, else its accountant's, else an administrator's; None when nobody reads its mail."""
    if partner.billing_email:
        return partner.billing_email
    readers = {row.role: row.account.email for row in partner.members if row.account.disabled_at is None}
    return readers.get(MemberRole.ACCOUNTANT) or readers.get(MemberRole.ADMIN)
