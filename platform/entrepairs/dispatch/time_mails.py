"""The letters about another time suggested: to the office, to who asked, to who suggested, to the others asked."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.demands.models import Demand
from entrepairs.demands.queries import dates_sentence, title_of
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import OFFERABLE, SessionState
from entrepairs.dispatch.models import Offer, OfferState, OtherTime, OtherTimeState
from entrepairs.dispatch.rules import link_days
from entrepairs.dispatch.slots import Slot, moved
from entrepairs.identity.models import Account, TokenPurpose
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import Period
from entrepairs.kernel.errors import DomainError
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.messages.content import Links, MailContent
from entrepairs.messages.models import Message
from entrepairs.messages.queueing import queue_mail


def ask_requester(session: Session, row: OtherTime, to: Account, *, clock: Clock) -> None:
    """Queue the question to who asked for the demand."""
    _queue(session, "dispatch.other_time_asked", row, to, clock)


def tell_suggester(session: Session, kind: str, row: OtherTime, *, clock: Clock) -> None:
    """Queue the answer to the peer who suggested."""
    _queue(session, kind, row, row.offer.peer.account, clock)


def _queue(session: Session, kind: str, row: OtherTime, to: Account, clock: Clock) -> None:
    queue_mail(
        session,
        kind,
        to_ref=to.ref,
        address=to.email,
        subject_kind="other_time",
        subject_ref=row.ref,
        clock=clock,
        dedup=f"{kind}:{row.ref}:{row.state.value}",
    )


def other_time_suggested(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`dispatch.other_time_suggested`: to the coordination; the demand's page says who and when."""
    demand = session.scalar(select(Demand).where(Demand.ref == message.subject_ref))
    to = session.scalar(select(Account).where(Account.ref == message.to_ref, Account.disabled_at.is_(None)))
    if demand is None or to is None or demand.state not in OFFERABLE:
        return None
    return MailContent(
        subject=say("Another time is suggested"),
        name=to.name,
        paragraphs=(say("Somebody asked would come at another time. You can ask the structure, or thank kindly."),),
        details=((say("What"), title_of(demand)),),
        action=(say("See the demand"), links.page(f"/a/demandes/{demand.ref}")),
    )


def other_time_asked(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`dispatch.other_time_asked`: to who asked; two answers behind the link. Nobody is named."""
    row, to = _of(session, message)
    if row is None or to is None or row.state is not OtherTimeState.ASKED or not _open(row.offer, clock):
        return None
    days = link_days(clock.now(), row.offer.deadline)
    demand = row.offer.demand
    return MailContent(
        subject=say("Another time is suggested to you"),
        name=to.name,
        paragraphs=(
            say("Somebody of the team would gladly come, at another time than the one you asked."),
            say("Does it suit you? If not, we go on looking at your own time."),
        ),
        details=(
            (say("What"), title_of(demand)),
            (say("Asked for"), dates_sentence(demand, _planned(demand))),
            (say("Another time"), dates_sentence(demand, _there(row, clock))),
        ),
        action=(
            say("See and answer"),
            links.action(TokenPurpose.OTHER_TIME, row.ref, "/h/{token}", account_id=to.id, days=days),
        ),
        note=say("Opening the page changes nothing; a no costs nothing."),
    )


def other_time_agreed(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`dispatch.other_time_agreed`: to who suggested; their yes is still to be given."""
    row, to = _of(session, message)
    if row is None or to is None or not _open(row.offer, clock):
        return None
    return MailContent(
        subject=say("The time you suggested suits"),
        name=row.offer.peer.first_name,
        paragraphs=(say("The structure agrees. The proposal now stands at your time: say yes and it is yours."),),
        details=_what(row.offer),
        action=(say("See the proposal and answer"), _offer_link(row.offer, links, clock)),
        note=say("Saying no changes nothing for what follows. No reason to give."),
    )


def other_time_kept(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`dispatch.other_time_kept`: to who suggested; the offer goes on at its own time."""
    row, to = _of(session, message)
    if row is None or to is None or not _open(row.offer, clock):
        return None
    return MailContent(
        subject=say("About the time you suggested"),
        name=row.offer.peer.first_name,
        paragraphs=(
            say(
                "Thank you for your suggestion. It is not possible this time, and it changes nothing for what follows."
            ),
            say("The proposal stays open at its own time: answer when you can."),
        ),
        details=_what(row.offer),
        action=(say("See the proposal and answer"), _offer_link(row.offer, links, clock)),
        note=say("Saying no changes nothing for what follows. No reason to give."),
    )


def offer_moved(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`dispatch.offer_moved`: to another peer asked; the time has changed under their proposal."""
    offer = session.scalar(select(Offer).where(Offer.ref == message.subject_ref))
    if offer is None or offer.state not in (OfferState.SENT, OfferState.WITHDRAWN):
        return None
    if offer.state is OfferState.WITHDRAWN:
        return MailContent(
            subject=say("A proposal is closed"),
            name=offer.peer.first_name,
            paragraphs=(
                say("Its time has changed, and it no longer fits with your hours. Thank you."),
                say("You have nothing to do, and it changes nothing for what follows."),
            ),
            details=((say("What"), title_of(offer.demand)),),
            action=(say("See my proposals"), links.page("/p/propositions")),
        )
    if not _open(offer, clock):
        return None
    return MailContent(
        subject=say("A proposal has another time"),
        name=offer.peer.first_name,
        paragraphs=(say("The time of this proposal has changed. Here it is as it stands now."),),
        details=_what(offer),
        action=(say("See the proposal and answer"), _offer_link(offer, links, clock)),
        note=say("Saying no changes nothing for what follows. No reason to give."),
    )


def _of(session: Session, message: Message) -> tuple[OtherTime | None, Account | None]:
    return (
        session.scalar(select(OtherTime).where(OtherTime.ref == message.subject_ref)),
        session.scalar(select(Account).where(Account.ref == message.to_ref, Account.disabled_at.is_(None))),
    )


def _open(offer: Offer, clock: Clock) -> bool:
    return offer.state is OfferState.SENT and clock.now() < offer.deadline and offer.demand.state in OFFERABLE


def _offer_link(offer: Offer, links: Links, clock: Clock) -> str:
    days = link_days(clock.now(), offer.deadline)
    return links.action(TokenPurpose.OFFER, offer.ref, "/o/{token}", account_id=offer.peer.account_id, days=days)


def _what(offer: Offer) -> tuple[tuple[Sentence, object], ...]:
    return (
        (say("What"), title_of(offer.demand)),
        (say("When"), dates_sentence(offer.demand, _planned(offer.demand))),
        (say("Answer before"), offer.deadline),
    )


def _planned(demand: Demand) -> list[Period]:
    return sorted(period_of(row) for row in demand.sessions if row.state is SessionState.PLANNED)


def _there(row: OtherTime, clock: Clock) -> list[Period]:
    """Where the sessions would go; nothing to say once they have begun."""
    demand = row.offer.demand
    ahead = [one for one in _planned(demand) if one.start > clock.now()]
    slot = Slot(row.starts, day=row.day, weekday=row.weekday)
    try:
        return list(moved(ahead, slot, now=clock.now(), skip_holidays=False))
    except DomainError:
        return ahead
