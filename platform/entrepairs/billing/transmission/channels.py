"""By which channel an invoice leaves, why, and what must be known before it can. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from entrepairs.kernel.i18n import N_, Sentence, say
from entrepairs.kernel.parameters import Parameters
from entrepairs.network.models import PayerKind
from entrepairs.network.partners import PUBLIC_PAYERS


class Channel(StrEnum):
    """How an invoice leaves."""

    EMAIL = "email"
    CHORUS_PRO = "chorus_pro"
    PLATFORM = "platform"
    CHORUS_DEPOSIT = "chorus_deposit"
    """Deposited by hand on Chorus Pro by the office, and noted here."""


CHOICES: Final = (Channel.EMAIL, Channel.CHORUS_PRO, Channel.PLATFORM)
"""What may be set for a payer."""
FOLLOWED: Final = frozenset({Channel.CHORUS_PRO, Channel.PLATFORM})
"""Channels that answer for what they were given, and are asked again."""
PLATFORM_FROM: Final = "einvoicing.issue_by_platform"
"""Dated parameter: 1 from the day a house of our size must issue through a platform."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Which outside accounts are set up."""

    chorus: bool = False
    platform: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """The channel of a payer, and the sentence that says why. `ready` is false while its account is not set up."""

    channel: Channel
    why: Sentence
    ready: bool
    chosen: bool = False


def route_for(
    kind: PayerKind,
    chosen: Channel | None,
    accounts: Accounts,
    figures: Parameters,
    on: date,
    *,
    public_by_platform: bool = False,
) -> Route:
    """How the invoices of a payer leave on a day.

    A public body is reached through Chorus Pro (Ord. 2014-697), directly or through the platform as the association
    decided; a private payer through the platform once the reform binds us, if we have one; everybody else by mail.
    """
    if chosen is not None:
        return Route(chosen, say("Set by hand for this structure."), ready=_ready(chosen, accounts), chosen=True)
    if kind in PUBLIC_PAYERS:
        if public_by_platform and accounts.platform:
            why = say("A public body: Chorus Pro receives it, through our platform, as the association decided.")
            return Route(Channel.PLATFORM, why, ready=True)
        why = say("A public body: the law has its invoices go through Chorus Pro.")
        return Route(Channel.CHORUS_PRO, why, ready=accounts.chorus)
    if kind is PayerKind.PRIVATE:
        return _private(accounts, bound=bool(figures.whole(PLATFORM_FROM, on)))
    return Route(Channel.EMAIL, say("Neither a public body nor a company: by mail."), ready=True)


def _private(accounts: Accounts, *, bound: bool) -> Route:
    if not bound:
        return Route(Channel.EMAIL, say("A private body: by mail until the reform binds us."), ready=True)
    if accounts.platform:
        why = say("A private body: since the reform, its invoices go through an approved platform.")
        return Route(Channel.PLATFORM, why, ready=True)
    why = say("A private body: the reform asks for an approved platform, and none is set up. By mail meanwhile.")
    return Route(Channel.EMAIL, why, ready=True)


def _ready(channel: Channel, accounts: Accounts) -> bool:
    return {Channel.CHORUS_PRO: accounts.chorus, Channel.PLATFORM: accounts.platform}.get(channel, True)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a sending is addressed: what may be mended after the issue, never the invoice itself."""

    siret: str = ""
    service_code: str = ""
    engagement: str = ""
    electronic_address: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the recipient's structure asks for."""

    service: bool = False
    engagement: bool = False


MENDED_HERE: Final = frozenset({"siret", "service_code", "engagement", "electronic_address"})
_SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "siret": N_("Its SIRET number is missing: Chorus Pro finds a public body by it."),
        "service_code": N_("This structure asks for a service code on its invoices: it is missing."),
        "engagement": N_("This structure asks for a commitment number on its invoices: it is missing."),
        "electronic_address": N_("Its electronic invoicing address is missing: the platform finds it by it."),
        "email": N_("Nobody of this structure receives invoices by mail: give an address."),
    }
)


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing to give before an invoice can leave."""

    field: str
    sentence: Sentence


def missing_for(channel: Channel, recipient: Recipient, wanted: Wanted) -> tuple[Missing, ...]:
    """What must be given first, in the order a person would."""
    lacks: list[str] = []
    if channel is Channel.CHORUS_PRO:
        if not recipient.siret:
            lacks.append("siret")
        if wanted.service and not recipient.service_code:
            lacks.append("service_code")
        if wanted.engagement and not recipient.engagement:
            lacks.append("engagement")
    elif channel is Channel.PLATFORM and not (recipient.electronic_address or recipient.siret):
        lacks.append("electronic_address")
    elif channel is Channel.EMAIL and not recipient.email:
        lacks.append("email")
    return tuple(Missing(name, Sentence(_SENTENCES[name])) for name in lacks)
