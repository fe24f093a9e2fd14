"""The letters of dispatch: to a peer asked, to one who need not answer any more, to the office that looks further."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.demands.models import Demand
from entrepairs.demands.queries import dates_sentence, title_of
from entrepairs.demands.states import OFFERABLE, DemandState
from entrepairs.dispatch.cards import OfferCard, offer_card
from entrepairs.dispatch.models import Offer, OfferState
from entrepairs.dispatch.rules import TAKEN, link_days
from entrepairs.identity.models import Account, OfficeRole, OfficeRoleKind, TokenPurpose
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.messages.content import Links, MailContent
from entrepairs.messages.models import Message
from entrepairs.messages.queueing import queue_mail

WAITS_FOR_US: Final = frozenset({DemandState.SUBMITTED, DemandState.QUALIFIED})
"""A demand the association has to take in hand before anybody is asked."""
COORDINATION: Final = (OfficeRoleKind.COORDINATOR, OfficeRoleKind.ADMIN)


def tell_peer(session: Session, kind: str, offer: Offer, *, clock: Clock) -> None:
    """Queue a letter about an offer to its peer, once."""
    to = offer.peer.account
    queue_mail(
        session,
        kind,
        to_ref=to.ref,
        address=to.email,
        subject_kind="offer",
        subject_ref=offer.ref,
        clock=clock,
        dedup=f"{kind}:{offer.ref}",
    )


def tell_offices(session: Session, kind: str, demand: Demand, *, since: str, clock: Clock) -> None:
    """Queue a letter about a demand to the coordination, once for what happened (`since`: its reference)."""
    for to in _coordination(session):
        queue_mail(
            session,
            kind,
            to_ref=to.ref,
            address=to.email,
            subject_kind="demand",
            subject_ref=demand.ref,
            clock=clock,
            dedup=f"{kind}:{since}:{to.ref}",
        )


def _coordination(session: Session) -> Sequence[Account]:
    return session.scalars(
        select(Account)
        .where(
            Account.disabled_at.is_(None),
            Account.id.in_(select(OfficeRole.account_id).where(OfficeRole.role.in_(COORDINATION))),
        )
        .order_by(Account.id)
    ).all()


def offer_proposed(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`dispatch.offer`: the six lines and one link; withdrawn when the offer is no longer open."""
    offer = session.scalar(select(Offer).where(Offer.ref == message.subject_ref))
    if offer is None or offer.state is not OfferState.SENT or not offer.needed:
        return None
    card = offer_card(session, offer, clock=clock)
    days = link_days(clock.now(), offer.deadline)
    return MailContent(
        subject=say("A mission is proposed to you"),
        name=offer.peer.first_name,
        paragraphs=(say("Here is what we propose. Answer when you can: yes and no are as welcome."),),
        details=_lines(card),
        action=(
            say("See the proposal and answer"),
            links.action(TokenPurpose.OFFER, offer.ref, "/o/{token}", account_id=offer.peer.account_id, days=days),
        ),
        note=say("Saying no changes nothing for what follows. No reason to give."),
    )


def _lines(card: OfferCard) -> tuple[tuple[Sentence, object], ...]:
    lines: list[tuple[Sentence, object]] = [
        (say("What"), card.title),
        (say("When"), card.dates),
        (say("Where"), card.where if card.km is None else say("%(place)s (%(km)s km)", place=card.where, km=card.km)),
    ]
    if card.companion is not None:
        lines.append((say("With whom"), card.companion))
    lines += [(say("Hours"), card.paid), (say("Answer before"), card.offer.deadline)]
    return tuple(lines)


def offer_closed(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`dispatch.offer_closed`: taken by a colleague, or nobody is needed any more."""
    offer = session.scalar(select(Offer).where(Offer.ref == message.subject_ref))
    if offer is None:
        return None
    told = {
        OfferState.SUPERSEDED: Sentence(TAKEN),
        OfferState.WITHDRAWN: say("Nobody is needed for this one any more. Thank you."),
    }
    if offer.state not in told:
        return None
    return MailContent(
        subject=say("A proposal is closed"),
        name=offer.peer.first_name,
        paragraphs=(told[offer.state], say("You have nothing to do, and it changes nothing for what follows.")),
        details=((say("What"), title_of(offer.demand)),),
        action=(say("See my proposals"), links.page("/p/propositions")),
    )


def still_looking(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`dispatch.still_looking`: nobody is asked any more and somebody is missing."""
    return _to_office(
        session,
        message,
        links,
        subject=say("Somebody is still missing"),
        paragraph=say("The proposals sent are over, and somebody is still missing for this demand."),
    )


def relay_needed(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`dispatch.relay_needed`: somebody can't come in the end."""
    return _to_office(
        session,
        message,
        links,
        subject=say("A relay is to be found"),
        paragraph=say("Somebody can't come in the end. A relay is to be found for the sessions to come."),
    )


def need_today(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`dispatch.need_today`: to the coordination, the moment a structure needs somebody today."""
    demand = session.scalar(select(Demand).where(Demand.ref == message.subject_ref))
    to = session.scalar(select(Account).where(Account.ref == message.to_ref, Account.disabled_at.is_(None)))
    if demand is None or to is None or demand.state not in OFFERABLE | WAITS_FOR_US:
        return None
    if demand.state in WAITS_FOR_US:
        told = say("No agreement covers it: call the structure back before anybody is asked.")
        action = (say("See the demand"), links.page(f"/a/demandes/{demand.ref}"))
    else:
        told = say("It is firm: somebody is to be asked now.")
        action = (say("See who can come"), links.page(f"/a/demandes/{demand.ref}/appariement"))
    phone = demand.partner.phone
    return MailContent(
        subject=say("A need for today"),
        name=to.name,
        paragraphs=(told,),
        details=(
            (say("What"), title_of(demand)),
            (say("When"), dates_sentence(demand)),
            (say("Structure"), f"{demand.partner.name}, {phone}" if phone else demand.partner.name),
        ),
        action=action,
    )


def _to_office(
    session: Session, message: Message, links: Links, *, subject: Sentence, paragraph: Sentence
) -> MailContent | None:
    demand = session.scalar(select(Demand).where(Demand.ref == message.subject_ref))
    to = session.scalar(select(Account).where(Account.ref == message.to_ref, Account.disabled_at.is_(None)))
    if demand is None or to is None or demand.state not in OFFERABLE:
        return None
    return MailContent(
        subject=subject,
        name=to.name,
        paragraphs=(paragraph,),
        details=((say("What"), title_of(demand)),),
        action=(say("See who can come"), links.page(f"/a/demandes/{demand.ref}/appariement")),
    )
